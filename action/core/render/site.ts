/** The page that a film is rendered in: the artifact's own modules, by the import map of its share page. */
import { PermaframeError } from '../../contract/errors.ts';
import { artifactPrefix } from '../../contract/keys.ts';
import type { FilmMeta } from '../../contract/meta.ts';
import type { RuntimeManifest } from '../../contract/runtime.ts';

/** A file of the site: where it lies below the site's folder, which is also its key in the store. */
export interface SiteFile {
  key: string;
  sha256: string;
}

export interface RenderSite {
  /** `index.html` */
  page: string;
  files: SiteFile[];
}

/**
 * Prepares what a render needs, without building anything.
 * @throws PermaframeError RUNTIME_INVALID when the artifact's runtime has nothing to render with
 */
export function composeSite(meta: FilmMeta, runtime: RuntimeManifest): RenderSite {
  const engine = runtime.engines[meta.engine];
  const { render } = engine;
  const digests = new Map(runtime.files.map(({ key, sha256 }) => [key, sha256]));
  const files = new Map(
    meta.files.filter(({ key }) => !key.endsWith('/page.html')).map((file) => [file.key, file.sha256]),
  );
  for (const key of [render.key, ...render.requires]) {
    const sha256 = digests.get(key);
    if (sha256 === undefined) throw new PermaframeError('RUNTIME_INVALID', `${meta.runtime} does not list ${key}`);
    files.set(key, sha256);
  }
  const libraries = Object.entries(engine.libraries).filter(([, { key, requires }]) =>
    [key, ...requires].every((part) => files.has(part)),
  );
  const imports: Record<string, string> = { 'permaframe/render': `/${render.key}` };
  for (const [specifier, { key }] of libraries) imports[specifier] = `/${key}`;
  // The modules of a film on the core import it by this name.
  imports['permaframe/film'] = `/${engine.film.key}`;
  return { page: renderHost(meta, imports), files: [...files].map(([key, sha256]) => ({ key, sha256 })) };
}

/** Everything in it is made of ids, digests and numbers: nothing has to be escaped, and no file can end the script. */
function renderHost(meta: FilmMeta, imports: Record<string, string>): string {
  const prefix = artifactPrefix(meta.thread, meta.version);
  return `<!doctype html>
<meta charset="utf-8">
<title>Render</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${prefix}style.css">
<script type="importmap">${JSON.stringify({ imports })}</script>
<body><script type="module">
import { startRender } from 'permaframe/render';
import film from '/${meta.entry}';
const { frames } = JSON.parse(window.remotion_inputProps);
startRender({ film, frames, assetBase: '/${prefix}assets/' });
</script>
`;
}

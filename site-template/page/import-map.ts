/** The import map of one artifact: where its libraries are, and what their bytes hash to. */
import { fromHex, toBase64 } from '../../action/contract/hash.ts';
import type { Meta } from '../../action/contract/meta.ts';
import type { RuntimeManifest } from '../../action/contract/runtime.ts';

export interface ImportMap {
  imports: Record<string, string>;
  /** By address, for every runtime module that the artifact may load. */
  integrity: Record<string, string>;
}

/** Only what the artifact needs: libraries whose modules are all listed in its meta.json, and what starts it. */
export function importMapOf(meta: Meta, runtime: RuntimeManifest): ImportMap {
  const engine = runtime.engines[meta.engine];
  const listed = new Set(meta.files.map((file) => file.key));
  const needed = Object.entries(engine.libraries).filter(([, { key, requires }]) =>
    [key, ...requires].every((part) => listed.has(part)),
  );
  const imports = Object.fromEntries(needed.map(([specifier, { key }]) => [specifier, `/${key}`]));
  if (meta.kind === 'app') imports['permaframe/app'] = `/${engine.app.key}`;
  else imports['permaframe/film'] = `/${engine.film.key}`;
  const modules = runtime.files.filter(({ key }) => listed.has(key) && key.endsWith('.js') && key !== runtime.page.key);
  const integrity = Object.fromEntries(modules.map(({ key, sha256 }) => [`/${key}`, integrityOf(sha256)]));
  return { imports, integrity };
}

/** A hash as subresource integrity wants it. */
export function integrityOf(sha256: string): string {
  return `sha256-${toBase64(fromHex(sha256))}`;
}

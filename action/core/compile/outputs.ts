/** What an esbuild result says: its modules, its styles and their order, what they refer to. */
import type { BuildResult, Metafile } from 'esbuild';
import { PermaframeError } from '../../contract/errors.ts';
import { compareText } from '../../contract/hash.ts';
import { formatExcess, MAX_ARTIFACT_BYTES } from '../../contract/limits.ts';
import { SNAPSHOT_NAMESPACE } from './diagnostics.ts';
import type { OutputModule } from './modules.ts';
import { type buildOptions, OUTPUT_FOLDER } from './options.ts';
import { STYLE_MODULE_NAMESPACE, styleModulePath } from './style-modules.ts';
import { assetName } from './virtual-files.ts';

export type SnapshotResult = BuildResult<ReturnType<typeof buildOptions>>;

/** What esbuild puts before a path in a metafile, where paths are relative to the working directory. */
const METAFILE_FOLDER = `${OUTPUT_FOLDER.slice(1)}/`;

/**
 * Refuses what a few lines of source can blow up to, before it is turned into text.
 * @throws PermaframeError BUNDLE_TOO_LARGE
 */
export function checkOutputSize({ outputFiles }: SnapshotResult): void {
  const bytes = outputFiles.reduce((sum, file) => sum + file.contents.byteLength, 0);
  if (bytes <= MAX_ARTIFACT_BYTES) return;
  throw new PermaframeError('BUNDLE_TOO_LARGE', `the project compiles to ${formatExcess(bytes, MAX_ARTIFACT_BYTES)}`);
}

export function outputModules(result: SnapshotResult): OutputModule[] {
  return Object.entries(result.metafile.outputs)
    .filter(([path]) => path.endsWith('.js'))
    .map(([path, output]) => ({
      path: path.slice(METAFILE_FOLDER.length),
      text: outputText(result, path.slice(METAFILE_FOLDER.length)),
      imports: output.imports
        .filter((target) => !target.external && target.path.startsWith(METAFILE_FOLDER))
        .map((target) => target.path.slice(METAFILE_FOLDER.length)),
    }));
}

/** Empty when there is no such output. */
export function outputText(result: SnapshotResult, path: string): string {
  return result.outputFiles.find((file) => file.path === `${OUTPUT_FOLDER}/${path}`)?.text ?? '';
}

export function exportsOf({ outputs }: Metafile, path: string): readonly string[] {
  return outputs[`${METAFILE_FOLDER}${path}`]?.exports ?? [];
}

/** Specifiers that the modules leave to the import map, sorted. */
export function librariesUsed({ outputs }: Metafile): string[] {
  const imports = Object.entries(outputs)
    .filter(([path]) => path.endsWith('.js'))
    .flatMap(([, output]) => output.imports);
  const external = imports.filter((target) => target.external).map((target) => target.path);
  return [...new Set(external)].sort(compareText);
}

/** Paths of the files whose published names the texts contain, sorted. */
export function assetsUsed(texts: readonly string[], files: ReadonlyMap<string, { sha256: string }>): string[] {
  const names = new Set(texts.flatMap((text) => text.match(/\b[0-9a-f]{64}\.[0-9a-z]+/g) ?? []));
  const used = [...files].filter(([path, file]) => names.has(assetName(path, file)));
  return used.map(([path]) => path).sort(compareText);
}

/**
 * The style files that code imports, in the order of first use: entry after entry, each in the order of its imports.
 * A style that only other styles import is left out: they say where, and under which conditions, it belongs.
 */
export function stylesInOrder({ inputs }: Metafile, entries: readonly string[]): string[] {
  const styles = new Set<string>();
  const seen = new Set<string>();
  const later: string[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { path, kind } of inputs[name]?.imports ?? []) {
      const style = stylePath(path);
      if (style !== null) styles.add(style);
      else if (kind === 'dynamic-import') later.push(path);
      else visit(path);
    }
  };
  for (const entry of entries) {
    visit(`${SNAPSHOT_NAMESPACE}:${entry}`);
    // What is loaded on demand comes after what is always there.
    for (let path = later.shift(); path !== undefined; path = later.shift()) visit(path);
  }
  return [...styles];
}

/** The path of a style in the snapshot; null for anything else, and for a style that is imported as text. */
function stylePath(name: string): string | null {
  const [, namespace, path = ''] = /^([\w-]+):(.*\.css)$/is.exec(name) ?? [];
  if (namespace === STYLE_MODULE_NAMESPACE) return styleModulePath(path);
  return namespace === SNAPSHOT_NAMESPACE ? path : null;
}

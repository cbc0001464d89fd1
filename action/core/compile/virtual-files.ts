/**
 * The file system esbuild sees: the snapshot's files from memory, the runtime's libraries, and nothing else.
 * Every import is resolved here; whatever is not known fails closed, with a reason for the author.
 */
import type { OnLoadArgs, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { ASSET_EXTENSIONS, extensionOf, fileTypeOf } from '../../contract/content-types.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { toBase64 } from '../../contract/hash.ts';
import { INLINE_ASSET_BYTES } from '../../contract/limits.ts';
import { LIBRARY_NAMESPACE, type MessageDetail, SNAPSHOT_NAMESPACE } from './diagnostics.ts';
import { resolveInSnapshot } from './resolve.ts';

/** A file as the compiler needs it. Large assets come without content: only their name gets into the code. */
export interface SourceFile {
  sha256: string;
  bytes: number;
  content?: Uint8Array;
}

/** What may be imported by name. */
export interface Libraries {
  /** Shared by all artifacts, loaded through the import map: specifier → the names it exports. */
  shared: ReadonlyMap<string, readonly string[]>;
  /** Compiled into the modules that use them: specifier → ES module source. */
  inlined: ReadonlyMap<string, () => Promise<string>>;
}

/** What a build has touched, for the caller to collect. */
export interface Usage {
  /** Paths of snapshot files whose URL the code or the styles contain. */
  assets: Set<string>;
}

/**
 * A snapshot is built twice. First to check it: libraries are stand-ins that export the names which the real ones
 * have, so that esbuild itself reports a wrong name at its place, and the order of styles comes out. Then to emit it:
 * libraries are left to the import map, and each module imports the names that it uses and no more.
 */
export type Pass = { kind: 'check' } | { kind: 'emit'; styles: readonly string[] };

/** Starts the path of an entry point, which esbuild would otherwise take for a file on disk. */
export const ENTRY_PREFIX = 'permaframe-entry:';
/** The entry that imports all styles, in the order of first use. */
export const STYLES_ENTRY = `${ENTRY_PREFIX}styles`;

const INLINED_NAMESPACE = 'inlined';
const STYLES_NAMESPACE = 'styles';
const ASSETS_LIBRARY = 'permaframe/assets';
const EVERYTHING = /.*/;

const LOADERS: Readonly<Record<string, 'ts' | 'tsx' | 'js' | 'jsx' | 'css' | 'json'>> = {
  ts: 'ts',
  tsx: 'tsx',
  js: 'jsx',
  mjs: 'jsx',
  jsx: 'jsx',
  css: 'css',
  json: 'json',
};

export function virtualFiles(
  files: ReadonlyMap<string, SourceFile>,
  libraries: Libraries,
  pass: Pass,
  usage: Usage,
): Plugin {
  return {
    name: 'permaframe',
    setup(build) {
      build.onResolve({ filter: EVERYTHING }, (args) => resolve(args, files, libraries, pass, usage));
      build.onLoad({ filter: EVERYTHING }, (args) => load(args, files, libraries, pass, usage));
    },
  };
}

function refuse(code: ErrorCode, text: string): { errors: { text: string; detail: MessageDetail }[] } {
  return { errors: [{ text, detail: { code } }] };
}

function resolve(
  args: OnResolveArgs,
  files: ReadonlyMap<string, SourceFile>,
  libraries: Libraries,
  pass: Pass,
  usage: Usage,
): OnResolveResult {
  const { path, kind, namespace, importer } = args;
  if (kind === 'entry-point') {
    if (path === STYLES_ENTRY) return { path, namespace: STYLES_NAMESPACE };
    return { path: path.slice(ENTRY_PREFIX.length), namespace: SNAPSHOT_NAMESPACE };
  }
  if (namespace === STYLES_NAMESPACE) return { path, namespace: SNAPSHOT_NAMESPACE };
  // A library's stand-in passes its names on to the real one, which the page loads.
  if (namespace === LIBRARY_NAMESPACE && path === importer) return { path, external: true, sideEffects: false };

  const isStyle = kind === 'import-rule' || kind === 'url-token' || kind === 'composes-from';
  if (kind === 'require-call' || kind === 'require-resolve') {
    return refuse('IMPORT_UNSUPPORTED', `require(${JSON.stringify(path)}) is not available; use import`);
  }
  if (isStyle && (path.startsWith('data:') || path.startsWith('#'))) return { path, external: true };
  if (/^(https?:)?\/\//i.test(path)) {
    return refuse('REMOTE_NOT_ALLOWED', `${JSON.stringify(path)} is on another host`);
  }
  if (!isStyle && !path.startsWith('.') && !path.startsWith('/')) return resolveLibrary(path, libraries, pass);

  const found = resolveInSnapshot(path, namespace === SNAPSHOT_NAMESPACE ? importer : '', files, isStyle);
  if (found.kind === 'refused') return refuse(found.code, found.message);
  if (kind !== 'url-token') return { path: found.path, namespace: SNAPSHOT_NAMESPACE };
  const url = styleUrl(found.path, files.get(found.path) as SourceFile, usage);
  return url === null
    ? refuse('FILE_TYPE_NOT_SUPPORTED', `${found.path} cannot be used in url(); these types can: ${assetList()}`)
    : { path: url, external: true };
}

function resolveLibrary(specifier: string, libraries: Libraries, pass: Pass): OnResolveResult {
  if (libraries.shared.has(specifier)) {
    if (pass.kind === 'emit') return { path: specifier, external: true, sideEffects: false };
    return { path: specifier, namespace: LIBRARY_NAMESPACE, sideEffects: false };
  }
  if (libraries.inlined.has(specifier)) return { path: specifier, namespace: INLINED_NAMESPACE, sideEffects: false };
  const known = [...libraries.shared.keys(), ...libraries.inlined.keys()].filter(
    (name) => !name.startsWith('permaframe/') && !name.includes('jsx-'),
  );
  const list = known.sort().join(', ');
  return refuse('IMPORT_NOT_ALLOWED', `${JSON.stringify(specifier)} is not in the runtime, which has: ${list}`);
}

async function load(
  args: OnLoadArgs,
  files: ReadonlyMap<string, SourceFile>,
  libraries: Libraries,
  pass: Pass,
  usage: Usage,
): Promise<OnLoadResult> {
  const attributes = Object.entries(args.with);
  switch (args.namespace) {
    case LIBRARY_NAMESPACE: {
      const names = libraries.shared.get(args.path) ?? [];
      return { contents: `export {${names.join(',')}} from ${JSON.stringify(args.path)};`, loader: 'js' };
    }
    case INLINED_NAMESPACE:
      return { contents: (await libraries.inlined.get(args.path)?.()) ?? '', loader: 'js' };
    case STYLES_NAMESPACE: {
      const styles = pass.kind === 'emit' ? pass.styles : [];
      return { contents: styles.map((path) => `@import ${JSON.stringify(path)};`).join('\n'), loader: 'css' };
    }
    case SNAPSHOT_NAMESPACE: {
      const file = files.get(args.path);
      if (file) return loadFile(args.path, file, attributes, usage);
    }
  }
  return refuse('IMPORT_NOT_FOUND', 'this is not a file of the project');
}

function loadFile(path: string, file: SourceFile, attributes: [string, string][], usage: Usage): OnLoadResult {
  const extension = extensionOf(path);
  const type = fileTypeOf(path);
  const [attribute] = attributes;
  if (attribute) {
    const [key, value] = attribute;
    const wanted = `with { ${key}: ${JSON.stringify(value)} }`;
    const isText = type?.use === 'text' || Object.hasOwn(LOADERS, extension);
    if (attributes.length === 1 && key === 'type' && value === 'text' && isText && file.content) {
      return { contents: file.content, loader: 'text' };
    }
    if (!(attributes.length === 1 && key === 'type' && value === 'json' && extension === 'json')) {
      return refuse('IMPORT_UNSUPPORTED', `${wanted} is not available for ${path}`);
    }
  }
  const loader = LOADERS[extension];
  if (loader && file.content) {
    return { contents: file.content, loader: /\.module\.css$/i.test(path) ? 'local-css' : loader };
  }
  if (type?.use === 'text' && file.content) return { contents: file.content, loader: 'text' };
  if (type?.use !== 'asset') {
    return refuse('FILE_TYPE_NOT_SUPPORTED', `${path} cannot be imported; besides code these can: ${assetList()}`);
  }
  const uri = dataUri(path, file);
  if (uri !== null) return { contents: `export default ${JSON.stringify(uri)};`, loader: 'js' };
  usage.assets.add(path);
  const url = `/* @__PURE__ */ assetUrl(${JSON.stringify(assetName(path, file))})`;
  return {
    contents: `import { assetUrl } from ${JSON.stringify(ASSETS_LIBRARY)};\nexport default ${url};`,
    loader: 'js',
  };
}

/** The name under which a file is published: `{sha256}.{extension}`. */
export function assetName(path: string, file: { sha256: string }): string {
  return `${file.sha256}.${extensionOf(path)}`;
}

/** What a style sheet says for a file: style.css lies beside the folder of assets. */
function styleUrl(path: string, file: SourceFile, usage: Usage): string | null {
  if (fileTypeOf(path)?.use !== 'asset') return null;
  const uri = dataUri(path, file);
  if (uri !== null) return uri;
  usage.assets.add(path);
  return `assets/${assetName(path, file)}`;
}

function dataUri(path: string, file: SourceFile): string | null {
  const contentType = fileTypeOf(path)?.contentType;
  if (file.bytes > INLINE_ASSET_BYTES || !file.content || contentType === undefined) return null;
  return `data:${contentType.replaceAll(' ', '')};base64,${toBase64(file.content)}`;
}

function assetList(): string {
  return ASSET_EXTENSIONS.join(', ');
}

/**
 * The file system esbuild sees: the snapshot's files from memory, the runtime's libraries, and nothing else.
 * Every import is resolved here; whatever is not known fails closed, with a reason for the author.
 */
import type { OnLoadArgs, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { ASSET_EXTENSIONS, extensionOf, fileTypeOf, TEXT_EXTENSIONS } from '../../contract/content-types.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { toBase64 } from '../../contract/hash.ts';
import { formatExcess, INLINE_ASSET_BYTES, MAX_SOURCE_FILE_BYTES } from '../../contract/limits.ts';
import { COMPUTED_IMPORT, LIBRARY_NAMESPACE, type MessageDetail, SNAPSHOT_NAMESPACE } from './diagnostics.ts';
import { quote, resolveInSnapshot } from './resolve.ts';
import { STYLE_MODULE_NAMESPACE, styleModulePath } from './style-modules.ts';

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

/**
 * A snapshot is built twice. First to check it: libraries are stand-ins that export the names which the real ones
 * have, so that esbuild itself reports a wrong name at its place, and the order of styles comes out. Then to emit it:
 * libraries are left to the import map, and each module imports the names that it uses and no more.
 */
export type Pass = { kind: 'check' } | { kind: 'emit'; styles: readonly string[] };

/** The world of one build. */
export interface World {
  pass: Pass;
  files: ReadonlyMap<string, SourceFile>;
  libraries: Libraries;
  /** Path → name of each style module; see style-modules.ts. */
  styleModules: ReadonlyMap<string, string>;
  /** Paths of the entries, as {@link entryName} counts them. */
  entries: readonly string[];
}

/** Starts the name of an entry point, which esbuild would otherwise take for a file on disk. */
const ENTRY_PREFIX = 'permaframe-entry:';
/** The entry that imports all styles, in the order of first use. */
export const STYLES_ENTRY = `${ENTRY_PREFIX}styles`;

const INLINED_NAMESPACE = 'inlined';
const STYLES_NAMESPACE = 'styles';
const ASSETS_LIBRARY = 'permaframe/assets';
const EVERYTHING = /.*/;

const LOADERS: Readonly<Record<string, 'ts' | 'tsx' | 'js' | 'jsx' | 'css' | 'json'>> = {
  ts: 'ts',
  mts: 'ts',
  tsx: 'tsx',
  js: 'jsx',
  mjs: 'jsx',
  jsx: 'jsx',
  css: 'css',
  json: 'json',
};

/** How an entry is named to esbuild: by number, because it searches the disk for a path with a "*". */
export function entryName(index: number): string {
  return `${ENTRY_PREFIX}${index}`;
}

export function virtualFiles(world: World): Plugin {
  return {
    name: 'permaframe',
    setup(build) {
      build.onResolve({ filter: EVERYTHING }, (args) => resolve(args, world));
      build.onLoad({ filter: EVERYTHING }, (args) => load(args, world));
    },
  };
}

function refuse(code: ErrorCode, text: string): { errors: { text: string; detail: MessageDetail }[] } {
  return { errors: [{ text, detail: { code } }] };
}

function resolve(args: OnResolveArgs, world: World): OnResolveResult {
  const { path, kind, namespace, importer } = args;
  if (kind === 'entry-point') {
    if (path === STYLES_ENTRY) return { path, namespace: STYLES_NAMESPACE };
    return snapshotFile(world.entries[Number(path.slice(ENTRY_PREFIX.length))] ?? '', world);
  }
  if (namespace === STYLES_NAMESPACE) return snapshotFile(path, world);
  // A library's stand-in passes its names on to the real one, which the page loads.
  if (namespace === LIBRARY_NAMESPACE && path === importer) return { path, external: true, sideEffects: false };

  const isStyle = kind === 'import-rule' || kind === 'url-token' || kind === 'composes-from';
  if (kind === 'require-call' || kind === 'require-resolve') {
    return refuse('IMPORT_UNSUPPORTED', `require(${quote(path)}) is not available; use import`);
  }
  if (kind === 'url-token' && /^(data:|#)/i.test(path)) return { path, external: true };
  if (/^(https?:)?\/\//i.test(path)) return refuse('REMOTE_NOT_ALLOWED', `${quote(path)} is on another host`);
  const isOfSnapshot = namespace === SNAPSHOT_NAMESPACE || namespace === STYLE_MODULE_NAMESPACE;
  if (!isOfSnapshot || !(isStyle || /^[./]/.test(path))) return resolveLibrary(path, world);

  const found = resolveInSnapshot(path, importerPath(namespace, importer), world.files, isStyle);
  if (found.kind === 'refused') return refuse(found.code, found.message);
  return kind === 'url-token' ? resolveUrl(found.path, world.files) : snapshotFile(found.path, world);
}

function snapshotFile(path: string, { styleModules }: World): OnResolveResult {
  const name = styleModules.get(path);
  return name === undefined
    ? { path, namespace: SNAPSHOT_NAMESPACE }
    : { path: name, namespace: STYLE_MODULE_NAMESPACE };
}

function importerPath(namespace: string, importer: string): string {
  return namespace === STYLE_MODULE_NAMESPACE ? styleModulePath(importer) : importer;
}

function resolveLibrary(specifier: string, { libraries, pass }: World): OnResolveResult {
  if (libraries.shared.has(specifier)) {
    if (pass.kind === 'emit') return { path: specifier, external: true, sideEffects: false };
    return { path: specifier, namespace: LIBRARY_NAMESPACE, sideEffects: false };
  }
  if (libraries.inlined.has(specifier)) return { path: specifier, namespace: INLINED_NAMESPACE, sideEffects: false };
  const known = [...libraries.shared.keys(), ...libraries.inlined.keys()].filter(
    (name) => !name.startsWith('permaframe/') && !name.includes('jsx-'),
  );
  const list = known.sort().join(', ');
  return refuse('IMPORT_NOT_ALLOWED', `${quote(specifier)} is not in the runtime, which has: ${list}`);
}

/** What a style sheet says for a file: style.css lies beside the folder of assets. */
function resolveUrl(path: string, files: World['files']): OnResolveResult {
  const file = files.get(path) as SourceFile;
  if (fileTypeOf(path)?.use !== 'asset') {
    return refuse(
      'FILE_TYPE_NOT_SUPPORTED',
      `${path} cannot be used in url(); these types can: ${ASSET_EXTENSIONS.join(', ')}`,
    );
  }
  return { path: dataUri(path, file) ?? `assets/${assetName(path, file)}`, external: true };
}

async function load({ path, namespace, with: attributes }: OnLoadArgs, world: World): Promise<OnLoadResult> {
  switch (namespace) {
    case LIBRARY_NAMESPACE: {
      const names = world.libraries.shared.get(path) ?? [];
      return { contents: `export {${names.join(',')}} from ${JSON.stringify(path)};`, loader: 'js' };
    }
    case INLINED_NAMESPACE:
      return { contents: (await world.libraries.inlined.get(path)?.()) ?? '', loader: 'js' };
    case STYLES_NAMESPACE: {
      const styles = world.pass.kind === 'emit' ? world.pass.styles : [];
      return { contents: styles.map((style) => `@import ${JSON.stringify(style)};`).join('\n'), loader: 'css' };
    }
    case STYLE_MODULE_NAMESPACE:
      return loadFile(styleModulePath(path), world, attributes);
    case SNAPSHOT_NAMESPACE:
      return loadFile(path, world, attributes);
    default:
      // An import() of a template or a sum makes esbuild search the disk by itself. What it finds ends here.
      return refuse('IMPORT_UNSUPPORTED', COMPUTED_IMPORT);
  }
}

function loadFile(path: string, { files, styleModules }: World, attributes: Record<string, string>): OnLoadResult {
  const file = files.get(path);
  if (!file) return refuse('IMPORT_NOT_FOUND', `${quote(path)} is not a file of the project`);
  const extension = extensionOf(path);
  const isStyleModule = styleModules.has(path);
  const loader = isStyleModule ? 'local-css' : Object.hasOwn(LOADERS, extension) ? LOADERS[extension] : undefined;
  const use = fileTypeOf(path)?.use;
  const isText = loader !== undefined || use === 'text';
  const wanted = Object.entries(attributes).map(([key, value]) => `${key}: ${quote(value)}`);
  const isAsText = attributes.type === 'text' && wanted.length === 1 && isText;
  const isAsJson = attributes.type === 'json' && wanted.length === 1 && extension === 'json';
  if (wanted.length > 0 && !isAsText && !isAsJson) {
    return refuse('IMPORT_UNSUPPORTED', `with { ${wanted.join(', ')} } is not available for ${path}`);
  }
  if (isText) {
    if (!file.content)
      return refuse('SOURCE_FILE_TOO_LARGE', `${path} is ${formatExcess(file.bytes, MAX_SOURCE_FILE_BYTES)}`);
    return { contents: file.content, loader: isAsText ? 'text' : (loader ?? 'text') };
  }
  if (use !== 'asset') {
    return refuse('FILE_TYPE_NOT_SUPPORTED', `${path} cannot be imported; besides code these can: ${importable()}`);
  }
  return { contents: assetModule(path, file), loader: 'js' };
}

function assetModule(path: string, file: SourceFile): string {
  const uri = dataUri(path, file);
  if (uri !== null) return `export default ${JSON.stringify(uri)};`;
  const url = `/* @__PURE__ */ assetUrl(${JSON.stringify(assetName(path, file))})`;
  return `import { assetUrl } from ${JSON.stringify(ASSETS_LIBRARY)};\nexport default ${url};`;
}

/** The name under which a file is published: `{sha256}.{extension}`. */
export function assetName(path: string, file: { sha256: string }): string {
  return `${file.sha256}.${extensionOf(path)}`;
}

function dataUri(path: string, file: SourceFile): string | null {
  const contentType = fileTypeOf(path)?.contentType;
  if (file.bytes > INLINE_ASSET_BYTES || !file.content || contentType === undefined) return null;
  return `data:${contentType.replaceAll(' ', '')};base64,${toBase64(file.content)}`;
}

function importable(): string {
  return [...ASSET_EXTENSIONS, ...TEXT_EXTENSIONS].join(', ');
}

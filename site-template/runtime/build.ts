/** Builds the runtime: every library once per engine, as ES modules named by content, with a manifest. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { minify } from 'terser';
import { compareText, sha256Hex } from '../../action/contract/hash.ts';
import { brotliKey, runtimeFileKey, runtimeManifestKey } from '../../action/contract/keys.ts';
import { ENGINES, type Engine } from '../../action/contract/manifest.ts';
import { type LibraryModule, type RuntimeManifest, runtimeManifestSchema } from '../../action/contract/runtime.ts';
import { type NamedModule, nameModules } from '../../action/core/compile/modules.ts';
import { TARGET } from '../../action/core/compile/options.ts';
import { LIBRARIES, type Library } from './libraries.ts';
import { libraryFixes } from './library-fixes.ts';

/** The finished runtime: keys of the store → content, brotli copies included. */
export interface BuiltRuntime {
  manifest: RuntimeManifest;
  manifestKey: string;
  files: Map<string, Uint8Array>;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUTPUT_FOLDER = 'out';
const FILM = 'permaframe/film';
const APP = 'permaframe/app';
const RENDER = 'permaframe/render';

/** Modules of ours that take part in the build as if they were libraries. */
const OWN_MODULES: Readonly<Record<string, string>> = {
  [FILM]: `${HERE}film.tsx`,
  [APP]: `${HERE}app.tsx`,
  [RENDER]: `${HERE}render.tsx`,
  'permaframe/assets': `${HERE}assets.ts`,
  remotion: `${HERE}remotion.ts`,
};

/** What stands for React on the Preact engine. */
const PREACT: Readonly<Record<string, string>> = {
  react: 'preact/compat',
  'react-dom': 'preact/compat',
  'react-dom/client': 'preact/compat/client',
  'react/jsx-runtime': 'preact/jsx-runtime',
  'react/jsx-dev-runtime': 'preact/jsx-runtime',
};

/**
 * What every film loads, in one module. The first gives the module its default export; no other may have one that
 * differs, which is why `react-dom/client` is not here.
 */
const FILM_CORE = [
  'react',
  'react-dom',
  'react/jsx-runtime',
  'remotion',
  '@remotion/player',
  'permaframe/assets',
  FILM,
];

const compress = promisify(brotliCompress);

interface Part {
  /** By specifier. */
  libraries: Record<string, LibraryModule>;
  modules: NamedModule[];
}

/** @throws when a library of the list is not installed, or exports nothing that can be imported by name */
export async function buildRuntime(libraries: readonly Library[] = LIBRARIES): Promise<BuiltRuntime> {
  const parts = { preact: await buildEngine('preact', libraries), react: await buildEngine('react', libraries) };
  const engines = { preact: toEngine(parts.preact), react: toEngine(parts.react) };
  const inlined = await buildInlined(libraries);
  const page = await buildPage();

  const files = new Map<string, Uint8Array>();
  const store = (sha256: string, text: string): string => {
    const key = runtimeFileKey(sha256, 'js');
    files.set(key, new TextEncoder().encode(text));
    return key;
  };
  for (const part of Object.values(parts)) for (const module of part.modules) store(module.sha256, module.text);
  const inlinedEntries: RuntimeManifest['inlined'] = {};
  for (const [name, text] of inlined) inlinedEntries[name] = { key: store(await sha256Hex(text), text) };
  const pageKey = store(await sha256Hex(page), page);
  const manifest = runtimeManifestSchema.parse({
    schema: 1,
    engines,
    inlined: inlinedEntries,
    page: { key: pageKey },
    files: await listFiles(files),
  });
  const text = new TextEncoder().encode(`${JSON.stringify(manifest)}\n`);
  const manifestKey = runtimeManifestKey(await sha256Hex(text));
  files.set(manifestKey, text);
  await addBrotliCopies(files);
  return { manifest, manifestKey, files };
}

function toEngine({ libraries }: Part): RuntimeManifest['engines'][Engine] {
  const { [FILM]: film, [APP]: app, [RENDER]: render, ...importable } = libraries;
  if (!film || !app || !render) throw new Error('the runtime has no modules to start an artifact with');
  return { libraries: importable, film, app, render };
}

async function listFiles(files: ReadonlyMap<string, Uint8Array>): Promise<RuntimeManifest['files']> {
  const listed = [...files].map(async ([key, body]) => ({
    key,
    bytes: body.byteLength,
    sha256: await sha256Hex(body),
  }));
  return (await Promise.all(listed)).sort((a, b) => compareText(a.key, b.key));
}

async function addBrotliCopies(files: Map<string, Uint8Array>): Promise<void> {
  const copies = [...files].map(async ([key, body]): Promise<[string, Uint8Array]> => {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
    };
    return [brotliKey(key), await compress(body, { params })];
  });
  for (const [key, body] of await Promise.all(copies)) files.set(key, body);
}

async function buildEngine(engine: Engine, libraries: readonly Library[]): Promise<Part> {
  const shared = libraries.filter((library) => !library.inlined && (library.engines ?? ENGINES).includes(engine));
  const specifiers = [...shared.flatMap((library) => library.specifiers), ...Object.keys(OWN_MODULES)];
  const together = engine === 'preact' ? FILM_CORE : [];
  const core = together.length === 0 ? null : await buildCore(engine, together);
  const apart = specifiers.filter((name) => !together.includes(name));
  const rest = await buildApart(engine, [...new Set(apart)].sort(compareText), core);
  return {
    libraries: { ...core?.libraries, ...rest.libraries },
    modules: [...(core ? [core.module] : []), ...rest.modules],
  };
}

interface Core {
  libraries: Record<string, LibraryModule>;
  module: NamedModule;
}

/**
 * Builds libraries into a single module, to which all their specifiers lead: smaller by a tenth than the same
 * libraries in chunks, and one request. Their exports must not clash.
 */
async function buildCore(engine: Engine, specifiers: readonly string[]): Promise<Core> {
  const exportsOf = await Promise.all(specifiers.map((name) => listExports(engine, name)));
  const stars = specifiers.map((name) => `export * from ${JSON.stringify(name)};`);
  const [first] = specifiers;
  const contents = [...stars, `export { default } from ${JSON.stringify(first)};`].join('\n');
  const result = await build({
    ...commonOptions,
    stdin: { contents, resolveDir: HERE, sourcefile: 'core.js' },
    metafile: true,
    outdir: OUTPUT_FOLDER,
    plugins: [entries(engine, []), ...libraryFixes],
  });
  const text = await shrink(result.outputFiles[0]?.text ?? '');
  const sha256 = await sha256Hex(text);
  const module = { path: `${sha256}.js`, text, sha256 };
  const [output] = Object.values(result.metafile.outputs);
  const key = runtimeFileKey(sha256, 'js');
  const libraries = specifiers.map((name, index): [string, LibraryModule] => {
    const exports = exportsOf[index] ?? [];
    const lost = exports.filter((exported) => !output?.exports.includes(exported));
    if (lost.length > 0) throw new Error(`${name} and another library of the core both export ${lost.join(', ')}`);
    return [name, { key, requires: [], exports }];
  });
  return { libraries: Object.fromEntries(libraries), module };
}

async function listExports(engine: Engine, specifier: string): Promise<string[]> {
  const plugins = [entries(engine, []), ...libraryFixes];
  const result = await build({
    ...commonOptions,
    entryPoints: [specifier],
    minify: false,
    metafile: true,
    outdir: OUTPUT_FOLDER,
    plugins,
  });
  return [...(Object.values(result.metafile.outputs)[0]?.exports ?? [])].sort(compareText);
}

/** Builds each library as an entry of its own, with shared chunks. What the core has stays an import by name. */
async function buildApart(engine: Engine, names: readonly string[], core: Core | null): Promise<Part> {
  const known = Object.keys(core?.libraries ?? {});
  const result = await build({
    ...commonOptions,
    entryPoints: names.map((name, index) => ({ in: name, out: `entry-${index}` })),
    splitting: true,
    chunkNames: 'chunk-[hash]',
    metafile: true,
    outdir: OUTPUT_FOLDER,
    plugins: [entries(engine, known), ...libraryFixes],
  });
  const { outputs } = result.metafile;
  const prefix = `${HERE}${OUTPUT_FOLDER}/`;
  const texts = new Map(result.outputFiles.map((file) => [file.path.slice(prefix.length), file.text]));
  const graph = [...texts].map(([path, text]) => ({ path, text, imports: importsOf(outputs, path, known) }));
  const named = await nameModules(graph);
  const keyOf = (path: string): string => runtimeFileKey((named.get(path) as NamedModule).sha256, 'js');
  const libraries = names.map((name, index): [string, LibraryModule] => {
    const path = `entry-${index}.js`;
    const exports = [...(outputs[outputPath(path)]?.exports ?? [])].sort(compareText);
    const modules = [...closure(outputs, path, known)].map(keyOf);
    const requires = core ? [...modules, runtimeFileKey(core.module.sha256, 'js')] : modules;
    return [name, { key: keyOf(path), requires: requires.sort(compareText), exports }];
  });
  return { libraries: Object.fromEntries(libraries), modules: [...named.values()] };
}

const commonOptions = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: TARGET,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.css': 'text' },
  absWorkingDir: HERE,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions;

/** A path in the metafile: relative to the working directory. */
function outputPath(path: string): string {
  return `${OUTPUT_FOLDER}/${path}`;
}

function importsOf(outputs: Metafile['outputs'], path: string, known: readonly string[]): string[] {
  const prefix = outputPath('');
  const imports = outputs[outputPath(path)]?.imports ?? [];
  const outside = imports.find((target) => target.external && !known.includes(target.path));
  if (outside) throw new Error(`the runtime would import ${outside.path}, which no browser has`);
  return imports.filter((target) => !target.external).map((target) => target.path.slice(prefix.length));
}

/** Outputs that a module loads, itself left out. */
function closure(outputs: Metafile['outputs'], path: string, known: readonly string[]): Set<string> {
  const seen = new Set([path]);
  for (const from of seen) for (const target of importsOf(outputs, from, known)) seen.add(target);
  seen.delete(path);
  return seen;
}

/** Finds each entry: modules of ours, Preact's stand-ins, and CommonJS packages with their names spelled out. */
function entries(engine: Engine, known: readonly string[]): Plugin {
  const require = createRequire(import.meta.url);
  const standIns = engine === 'preact' ? PREACT : {};
  return {
    name: 'entries',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData, resolveDir, importer }) => {
        if (pluginData === 'found') return;
        const name = kind === 'entry-point' ? undefined : known.find((it) => it === path || standIns[it] === path);
        if (name !== undefined) return { path: name, external: true };
        const own = OWN_MODULES[path];
        // The module that takes the place of "remotion" imports the package itself.
        if (own !== undefined && importer !== own) return { path: own };
        const target = standIns[path] ?? path;
        const found = await builder.resolve(target, {
          kind: 'import-statement',
          resolveDir: target === path ? resolveDir : HERE,
          pluginData: 'found',
        });
        const isEntry = kind === 'entry-point' || importer.endsWith('core.js');
        if (!isEntry || found.errors.length > 0) return found;
        // esbuild gives a CommonJS entry nothing but a default export, so its names are written out.
        if (await isCommonJs(found.path)) return { path: target, namespace: 'commonjs' };
        return found;
      });
      // A module of ours that the core has is the core's, by whatever path another of ours imports it.
      builder.onResolve({ filter: /^\.\// }, ({ path, resolveDir }) => {
        const name = known.find((it) => OWN_MODULES[it] === join(resolveDir, path));
        return name === undefined ? undefined : { path: name, external: true };
      });
      builder.onLoad({ filter: /.*/, namespace: 'commonjs' }, ({ path }) => {
        const names = Object.keys(require(path) as object).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
        const named = names.filter((name) => name !== 'default' && name !== '__esModule').sort(compareText);
        const contents = `import it from ${JSON.stringify(path)};\nexport default it;\nexport const { ${named.join(', ')} } = it;\n`;
        return { contents, resolveDir: HERE, loader: 'js' };
      });
    },
  };
}

async function isCommonJs(path: string): Promise<boolean> {
  const result = await build({ entryPoints: [path], bundle: true, packages: 'external', metafile: true, write: false });
  return Object.values(result.metafile.inputs).some((input) => input.format === 'cjs');
}

/**
 * Packages whose parts are compiled into the modules that use them: one source each. What they import of other libraries
 * stays an import, shared or inlined in turn.
 */
async function buildInlined(libraries: readonly Library[]): Promise<[string, string][]> {
  const names = libraries.filter((library) => library.inlined).flatMap((library) => library.specifiers);
  const specifiers = libraries.flatMap((library) => library.specifiers);
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const result = await build({
        ...commonOptions,
        entryPoints: [name],
        external: specifiers.filter((other) => other !== name),
        // Whole, because minifying drops the comments that say which calls are pure.
        minify: false,
        outdir: OUTPUT_FOLDER,
        plugins: [...libraryFixes],
      });
      return [name, result.outputFiles[0]?.text ?? ''];
    }),
  );
}

/** The script of the share page, alone in one file. */
async function buildPage(): Promise<string> {
  const result = await build({
    ...commonOptions,
    entryPoints: [fileURLToPath(new URL('../page/boot.ts', import.meta.url))],
    external: [FILM, APP],
    outdir: OUTPUT_FOLDER,
  });
  return shrink(result.outputFiles[0]?.text ?? '');
}

/**
 * Terser's passes take off another 5 %, in ten times the time: worth it for what every viewer of a film loads.
 */
async function shrink(text: string): Promise<string> {
  const result = await minify(text, {
    module: true,
    compress: { passes: 3, ecma: 2020 },
    format: { ecma: 2020, quote_style: 2, comments: false },
  });
  return result.code ?? text;
}

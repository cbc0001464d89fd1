/** From a snapshot's files to modules, styles and assets. The same code runs natively and in a browser. */
import type { build, Message } from 'esbuild';
import { type Diagnostic, formatPlace, type Warning } from '../../contract/diagnostics.ts';
import { PermaframeError } from '../../contract/errors.ts';
import { compareText } from '../../contract/hash.ts';
import { formatBytes, WARN_JAVASCRIPT_BYTES } from '../../contract/limits.ts';
import type { Engine, Manifest } from '../../contract/manifest.ts';
import type { RuntimeManifest } from '../../contract/runtime.ts';
import { type ReadText, toDiagnostics, toWarnings } from './diagnostics.ts';
import { indexModule, type SceneModule } from './film-index.ts';
import { minify } from './minify.ts';
import { type NamedModule, nameModules } from './modules.ts';
import { buildOptions } from './options.ts';
import {
  assetsUsed,
  checkOutputSize,
  exportsOf,
  librariesUsed,
  outputModules,
  outputText,
  type SnapshotResult,
  stylesInOrder,
} from './outputs.ts';
import { styleModuleNames } from './style-modules.ts';
import { entryName, type Libraries, type Pass, type SourceFile, STYLES_ENTRY, virtualFiles } from './virtual-files.ts';

/** The part of esbuild that is used: its native and its WebAssembly package both have it. */
export interface Esbuild {
  build: typeof build;
}

export interface CompileInput {
  manifest: Manifest;
  files: ReadonlyMap<string, SourceFile>;
}

/** The runtime as the compiler sees it. */
export interface CompileRuntime {
  manifest: RuntimeManifest;
  /** The source of an inlined library, by its key. */
  readText(key: string): Promise<string>;
}

export interface CompiledModule {
  /** Path below `projects/{project}/`: `scenes/{scene}/{sha256}.js` or `modules/{sha256}.js`. */
  path: string;
  text: string;
}

export interface Compiled {
  engine: Engine;
  /** Sorted by path. */
  modules: CompiledModule[];
  /** Path of the module to start with: the storyboard index, or the app. */
  entry: string;
  /** Scene id → path of its module. Empty for an app. */
  scenes: Record<string, string>;
  /** All styles of the snapshot; empty when it has none. */
  style: string;
  /** Paths of the snapshot's files whose URL the modules or styles contain, sorted. */
  assets: string[];
  /** Specifiers of the shared libraries that the modules import, sorted. */
  libraries: string[];
  javascriptBytes: number;
  warnings: Warning[];
}

/**
 * Compiles a snapshot.
 * @throws PermaframeError with diagnostics for what is wrong in the sources. Any other error means that esbuild
 * itself gave up.
 */
export async function compile(esbuild: Esbuild, input: CompileInput, runtime: CompileRuntime): Promise<Compiled> {
  const wanted = input.manifest.engine ?? (input.manifest.kind === 'app' ? 'react' : 'preact');
  const first = await compileWith(wanted, esbuild, input, runtime);
  if (first.ok) return first.compiled;
  // What only React has asks for React. What is then still wrong is the author's mistake.
  const isEngineOpen = input.manifest.engine === undefined && wanted === 'preact';
  const isMissing = ({ code }: Diagnostic) => code === 'IMPORT_NOT_ALLOWED' || code === 'EXPORT_NOT_FOUND';
  if (!isEngineOpen || !first.problems.some(isMissing)) return fail(first.problems);
  const second = await compileWith('react', esbuild, input, runtime);
  return second.ok ? second.compiled : fail(second.problems);
}

function fail(problems: Diagnostic[]): never {
  const [first] = problems;
  if (!first) throw new Error('esbuild failed without a message');
  const place = first.file === undefined ? '' : `${formatPlace(first)}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new PermaframeError(first.code, `${place}${first.message}${more}`, { diagnostics: problems });
}

type Attempt = { ok: true; compiled: Compiled } | { ok: false; problems: Diagnostic[] };

async function compileWith(
  engine: Engine,
  esbuild: Esbuild,
  { manifest, files }: CompileInput,
  runtime: CompileRuntime,
): Promise<Attempt> {
  const read = textReader(files);
  const entries = entriesOf(manifest);
  const world = {
    files,
    libraries: librariesOf(runtime, engine),
    styleModules: await styleModuleNames(files.keys()),
    entries: entries.map(({ path }) => path),
  };
  const run = (pass: Pass) => {
    const options = buildOptions(entryPoints(entries, pass), virtualFiles({ ...world, pass }));
    return buildOrProblems(() => esbuild.build(options), read);
  };
  const checked = await run({ kind: 'check' });
  if (!checked.ok) return checked;
  const problems = withoutDefaultExport(checked.result, manifest, entries);
  if (problems.length > 0) return { ok: false, problems };
  const emitted = await run({ kind: 'emit', styles: stylesInOrder(checked.result.metafile, world.entries) });
  if (!emitted.ok) return emitted;
  const { result } = emitted;
  checkOutputSize(result);

  const named = await nameModules(await minify(esbuild, outputModules(result)));
  const shape = manifest.kind === 'app' ? appShape(named) : await filmShape(manifest, files, entries, named);
  const modules = [...new Map(shape.modules.map((module) => [module.path, module])).values()];
  modules.sort((a, b) => compareText(a.path, b.path));
  const encoder = new TextEncoder();
  const javascriptBytes = modules.reduce((sum, module) => sum + encoder.encode(module.text).byteLength, 0);
  const style = outputText(result, 'styles.css');
  const compiled: Compiled = {
    engine,
    ...shape,
    modules,
    style,
    assets: assetsUsed([style, ...[...named.values()].map(({ text }) => text)], files),
    libraries: librariesUsed(result.metafile),
    javascriptBytes,
    warnings: [...toWarnings(result.warnings, read), ...sizeWarnings(javascriptBytes)],
  };
  return { ok: true, compiled };
}

async function buildOrProblems<R>(
  build: () => Promise<R>,
  read: ReadText,
): Promise<{ ok: true; result: R } | { ok: false; problems: Diagnostic[] }> {
  try {
    return { ok: true, result: await build() };
  } catch (error) {
    const messages = (error as { errors?: Message[] }).errors;
    if (!Array.isArray(messages) || messages.length === 0) throw error;
    // What our plugin throws is no mistake of the author.
    const thrown = messages.find(({ detail }) => detail instanceof Error);
    if (thrown) throw thrown.detail;
    return { ok: false, problems: toDiagnostics(messages, read) };
  }
}

function textReader(files: ReadonlyMap<string, SourceFile>): ReadText {
  return (path) => {
    const content = files.get(path)?.content;
    return content && new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  };
}

function librariesOf(runtime: CompileRuntime, engine: Engine): Libraries {
  const { engines, inlined } = runtime.manifest;
  const shared = Object.entries(engines[engine].libraries);
  return {
    shared: new Map(shared.map(([specifier, library]) => [specifier, library.exports])),
    inlined: new Map(Object.entries(inlined).map(([name, { key }]) => [name, () => runtime.readText(key)])),
  };
}

/** A file that esbuild starts with, and where what it makes of it lies, without extension. */
interface Entry {
  path: string;
  output: string;
}

/** Scenes that share an entry share the output of the first. */
function entriesOf(manifest: Manifest): Entry[] {
  if (manifest.kind === 'app') return [{ path: manifest.entry, output: 'modules/app' }];
  const entries = new Map<string, Entry>();
  for (const { id, entry: path } of manifest.scenes) {
    if (!entries.has(path)) entries.set(path, { path, output: `scenes/${id}/scene` });
  }
  return [...entries.values()];
}

function entryPoints(entries: readonly Entry[], pass: Pass): Record<string, string> {
  const points = entries.map(({ output }, index) => [output, entryName(index)]);
  const hasStyles = pass.kind === 'emit' && pass.styles.length > 0;
  return { ...Object.fromEntries(points), ...(hasStyles ? { styles: STYLES_ENTRY } : {}) };
}

function withoutDefaultExport(
  { metafile }: SnapshotResult,
  manifest: Manifest,
  entries: readonly Entry[],
): Diagnostic[] {
  const what = manifest.kind === 'app' ? 'the app' : 'a scene';
  return entries
    .filter(({ output }) => !exportsOf(metafile, `${output}.js`).includes('default'))
    .map(({ path }) => ({
      code: 'ENTRY_WITHOUT_DEFAULT_EXPORT',
      file: path,
      message: `is the entry of ${what}, but has no default export`,
    }));
}

type Shape = Pick<Compiled, 'modules' | 'entry' | 'scenes'>;

function appShape(named: ReadonlyMap<string, NamedModule>): Shape {
  const entry = (named.get('modules/app.js') as NamedModule).path;
  return { modules: [...named.values()].map(({ path, text }) => ({ path, text })), entry, scenes: {} };
}

async function filmShape(
  manifest: Extract<Manifest, { kind: 'storyboard' }>,
  files: ReadonlyMap<string, SourceFile>,
  entries: readonly Entry[],
  named: ReadonlyMap<string, NamedModule>,
): Promise<Shape> {
  const modules: CompiledModule[] = [...named.values()].map(({ path, text }) => ({ path, text }));
  const outputs = new Map(entries.map(({ path, output }) => [path, `${output}.js`]));
  const scenes: SceneModule[] = manifest.scenes.map((scene) => {
    const module = named.get(outputs.get(scene.entry) ?? '') as NamedModule;
    const path = `scenes/${scene.id}/${module.sha256}.js`;
    // Equal depth, equal text: a scene that shares another's entry is the same module under its own name.
    modules.push({ path, text: module.text });
    return { scene, path };
  });
  const index = await indexModule(manifest, scenes, files);
  modules.push(index);
  return {
    modules,
    entry: index.path,
    scenes: Object.fromEntries(scenes.map(({ scene, path }) => [scene.id, path])),
  };
}

function sizeWarnings(bytes: number): Warning[] {
  if (bytes <= WARN_JAVASCRIPT_BYTES) return [];
  const message = `the project compiles to ${formatBytes(bytes)} of JavaScript; over ${formatBytes(WARN_JAVASCRIPT_BYTES)} it is slow to open on a phone`;
  return [{ code: 'JAVASCRIPT_LARGE', message }];
}

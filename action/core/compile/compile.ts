/** From a snapshot's files to modules, styles and assets. The same code runs natively and in a browser. */
import type { BuildResult, Message, Metafile, Plugin } from 'esbuild';
import type { Diagnostic, Warning } from '../../contract/diagnostics.ts';
import { PermaframeError } from '../../contract/errors.ts';
import { formatBytes, INLINE_ASSET_BYTES, WARN_JAVASCRIPT_BYTES } from '../../contract/limits.ts';
import type { Engine, Manifest } from '../../contract/manifest.ts';
import type { RuntimeManifest } from '../../contract/runtime.ts';
import { isSourcePath, type Snapshot } from '../snapshot.ts';
import { type ReadText, SNAPSHOT_NAMESPACE, toDiagnostics, toWarnings } from './diagnostics.ts';
import { indexModule, type SceneModule } from './film-index.ts';
import { type NamedModule, nameModules, type OutputModule } from './modules.ts';
import { buildOptions, OUTPUT_FOLDER } from './options.ts';
import {
  ENTRY_PREFIX,
  type Libraries,
  type Pass,
  type SourceFile,
  STYLES_ENTRY,
  type Usage,
  virtualFiles,
} from './virtual-files.ts';

/** The part of esbuild that is used: its native and its WebAssembly package both have it. */
export interface Esbuild {
  build(options: ReturnType<typeof buildOptions>): Promise<BuildResult<ReturnType<typeof buildOptions>>>;
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

/** What the compiler needs of a snapshot: sources and small assets with content, large assets by name. */
export function toCompileInput(snapshot: Snapshot): CompileInput {
  const files = new Map<string, SourceFile>();
  for (const { path, content, sha256 } of snapshot.files.values()) {
    const bytes = content.byteLength;
    const isNeeded = isSourcePath(path) || bytes <= INLINE_ASSET_BYTES;
    files.set(path, isNeeded ? { sha256, bytes, content } : { sha256, bytes });
  }
  return { manifest: snapshot.manifest, files };
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
  // What only React has asks for React. If that does not help, the mistakes are the author's.
  const isEngineOpen = input.manifest.engine === undefined && wanted === 'preact';
  const isMissing = (problem: Diagnostic) =>
    problem.code === 'IMPORT_NOT_ALLOWED' || problem.code === 'EXPORT_NOT_FOUND';
  if (isEngineOpen && first.problems.every(isMissing)) {
    const second = await compileWith('react', esbuild, input, runtime);
    if (second.ok) return second.compiled;
    return fail(second.problems);
  }
  return fail(first.problems);
}

function fail(problems: Diagnostic[]): never {
  const [first] = problems;
  if (!first) throw new Error('esbuild failed without a message');
  const place = first.file === undefined ? '' : `${[first.file, first.line, first.column].join(':')}: `;
  throw new PermaframeError(first.code, `${place}${first.message}`, { diagnostics: problems });
}

type Attempt = { ok: true; compiled: Compiled } | { ok: false; problems: Diagnostic[] };

async function compileWith(
  engine: Engine,
  esbuild: Esbuild,
  { manifest, files }: CompileInput,
  runtime: CompileRuntime,
): Promise<Attempt> {
  const read = textReader(files);
  const usage: Usage = { assets: new Set() };
  const libraries = librariesOf(runtime, engine);
  const entries = entryPoints(manifest);
  const run = (pass: Pass) => {
    const hasStyles = pass.kind === 'emit' && pass.styles.length > 0;
    const points = hasStyles ? { ...entries, styles: STYLES_ENTRY } : entries;
    const plugin: Plugin = virtualFiles(files, libraries, pass, usage);
    return buildOrProblems(() => esbuild.build(buildOptions(points, plugin)), read);
  };
  const checked = await run({ kind: 'check' });
  if (!checked.ok) return checked;
  const problems = withoutDefaultExport(checked.result.metafile, manifest, entries);
  if (problems.length > 0) return { ok: false, problems };
  const emitted = await run({ kind: 'emit', styles: stylesInOrder(checked.result.metafile, entries) });
  if (!emitted.ok) return emitted;
  const { result } = emitted;

  const named = await nameModules(outputModules(result));
  const shape = manifest.kind === 'app' ? appShape(named) : await filmShape(manifest, files, entries, named);
  const modules = [...new Map(shape.modules.map((module) => [module.path, module])).values()];
  modules.sort((a, b) => (a.path < b.path ? -1 : 1));
  const encoder = new TextEncoder();
  const javascriptBytes = modules.reduce((sum, module) => sum + encoder.encode(module.text).byteLength, 0);
  const compiled: Compiled = {
    engine,
    ...shape,
    modules,
    style: outputText(result, 'styles.css') ?? '',
    assets: [...usage.assets].sort(),
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
    return { ok: false, problems: toDiagnostics(messages, read) };
  }
}

function textReader(files: ReadonlyMap<string, SourceFile>): ReadText {
  return (path) => {
    const content = files.get(path)?.content;
    return content && new TextDecoder().decode(content);
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

/** Output path without extension → input. Scenes that share an entry share the output of the first. */
function entryPoints(manifest: Manifest): Record<string, string> {
  if (manifest.kind === 'app') return { 'modules/app': `${ENTRY_PREFIX}${manifest.entry}` };
  const outputs = new Map<string, string>();
  for (const scene of manifest.scenes) {
    if (!outputs.has(scene.entry)) outputs.set(scene.entry, `scenes/${scene.id}/scene`);
  }
  return Object.fromEntries([...outputs].map(([entry, output]) => [output, `${ENTRY_PREFIX}${entry}`]));
}

type Outputs = Metafile['outputs'];

function outputOf(outputs: Outputs, path: string): Outputs[string] | undefined {
  return outputs[`${OUTPUT_FOLDER.slice(1)}/${path}`];
}

/** Style files in the order in which they are first used: scene after scene, each in the order of its imports. */
function stylesInOrder(metafile: Metafile, entries: Record<string, string>): string[] {
  const styles = new Set<string>();
  for (const output of Object.keys(entries)) {
    for (const input of Object.keys(outputOf(metafile.outputs, `${output}.css`)?.inputs ?? {})) {
      const [namespace, path] = splitOnce(input, ':');
      if (namespace === SNAPSHOT_NAMESPACE) styles.add(path);
    }
  }
  return [...styles];
}

function withoutDefaultExport(metafile: Metafile, manifest: Manifest, entries: Record<string, string>): Diagnostic[] {
  const what = manifest.kind === 'app' ? 'the app' : 'a scene';
  return Object.entries(entries)
    .filter(([output]) => !outputOf(metafile.outputs, `${output}.js`)?.exports.includes('default'))
    .map(([, input]) => ({
      code: 'ENTRY_WITHOUT_DEFAULT_EXPORT',
      file: input.slice(ENTRY_PREFIX.length),
      message: `is the entry of ${what}, but has no default export`,
    }));
}

function outputModules(result: BuildResult<ReturnType<typeof buildOptions>>): OutputModule[] {
  const prefix = `${OUTPUT_FOLDER.slice(1)}/`;
  return Object.entries(result.metafile.outputs)
    .filter(([path]) => path.endsWith('.js'))
    .map(([path, output]) => ({
      path: path.slice(prefix.length),
      text: outputText(result, path.slice(prefix.length)) ?? '',
      imports: output.imports
        .filter((target) => !target.external && target.path.startsWith(prefix))
        .map((target) => target.path.slice(prefix.length)),
    }));
}

function outputText(result: BuildResult<ReturnType<typeof buildOptions>>, path: string): string | undefined {
  return result.outputFiles.find((file) => file.path === `${OUTPUT_FOLDER}/${path}`)?.text;
}

function librariesUsed(metafile: Metafile): string[] {
  const imports = Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith('.js'))
    .flatMap(([, output]) => output.imports);
  const external = imports.filter((target) => target.external).map((target) => target.path);
  return [...new Set(external)].sort();
}

type Shape = Pick<Compiled, 'modules' | 'entry' | 'scenes'>;

function appShape(named: ReadonlyMap<string, NamedModule>): Shape {
  const entry = (named.get('modules/app.js') as NamedModule).path;
  return { modules: [...named.values()].map(({ path, text }) => ({ path, text })), entry, scenes: {} };
}

async function filmShape(
  manifest: Extract<Manifest, { kind: 'storyboard' }>,
  files: ReadonlyMap<string, SourceFile>,
  entries: Record<string, string>,
  named: ReadonlyMap<string, NamedModule>,
): Promise<Shape> {
  const modules: CompiledModule[] = [...named.values()].map(({ path, text }) => ({ path, text }));
  const outputByEntry = new Map(Object.entries(entries).map(([output, input]) => [input, `${output}.js`]));
  const scenes: SceneModule[] = manifest.scenes.map((scene) => {
    const module = named.get(outputByEntry.get(`${ENTRY_PREFIX}${scene.entry}`) ?? '') as NamedModule;
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

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/**
 * esbuild that remembers between builds what it has parsed. A build with the options of an earlier one is a rebuild:
 * only files that have changed are read anew. What is not bundled but only shortened, each file by itself, is not even
 * built again. The result is that of a build from nothing.
 */
import type { BuildContext, BuildOptions, BuildResult, OnLoadArgs, OnResolveArgs, OutputFile, Plugin } from 'esbuild';
import type { Esbuild } from '../../../action/core/compile/compile.ts';

/** The part of esbuild that is used: its native and its WebAssembly package both have it. */
export interface ContextualEsbuild {
  build(options: BuildOptions): Promise<BuildResult>;
  context(options: BuildOptions): Promise<BuildContext>;
}

type Resolve = Parameters<Parameters<Plugin['setup']>[0]['onResolve']>[1];
type Load = Parameters<Parameters<Plugin['setup']>[0]['onLoad']>[1];

interface Hooks {
  resolve: Resolve;
  load: Load;
}

interface Kept {
  context: BuildContext;
  /** Of the plugin of the latest build: it has that build's files. */
  hooks: Hooks;
}

/** Contexts that are kept. A compilation has two; each new scene begins two others. */
const MAX_CONTEXTS = 6;

/** @returns an esbuild for plugins that resolve and load everything, one at a time */
export function createIncremental(esbuild: ContextualEsbuild): Esbuild {
  const kept = new Map<string, Kept>();
  const buildEach = createEachByItself(esbuild);
  const build = async ({ plugins, ...options }: BuildOptions): Promise<BuildResult> => {
    const hooks = await hooksOf(plugins?.[0]);
    if (!options.bundle) return buildEach(options, hooks);
    const key = JSON.stringify(options);
    const known = kept.get(key);
    // The latest is the last to be given up.
    kept.delete(key);
    const entry = known ?? (await openContext(esbuild, options, hooks));
    entry.hooks = hooks;
    kept.set(key, entry);
    const [oldest] = kept;
    if (oldest && kept.size > MAX_CONTEXTS) {
      kept.delete(oldest[0]);
      await oldest[1].context.dispose();
    }
    return entry.context.rebuild();
  };
  return { build: build as Esbuild['build'] };
}

async function openContext(esbuild: ContextualEsbuild, options: BuildOptions, hooks: Hooks): Promise<Kept> {
  const kept: Partial<Kept> & { hooks: Hooks } = { hooks };
  kept.context = await esbuild.context({ ...options, plugins: [pluginOf(() => kept.hooks)] });
  return kept as Kept;
}

function pluginOf(hooks: () => Hooks): Plugin {
  return {
    name: 'permaframe',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args: OnResolveArgs) => hooks().resolve(args));
      build.onLoad({ filter: /.*/ }, (args: OnLoadArgs) => hooks().load(args));
    },
  };
}

/** Without bundling, what an entry becomes depends on nothing but its own text. */
function createEachByItself(esbuild: ContextualEsbuild) {
  /** By options and text; of the latest build. */
  let known = new Map<string, Uint8Array>();
  return async ({ entryPoints, ...options }: BuildOptions, hooks: Hooks): Promise<BuildResult> => {
    const names = Object.entries(entryPoints as Record<string, string>);
    const entries = await Promise.all(
      names.map(async ([output, name]) => ({
        output,
        name,
        key: JSON.stringify([options, await textOf(name, hooks)]),
      })),
    );
    const fresh = entries.filter(({ key }) => !known.has(key));
    const points = Object.fromEntries(fresh.map(({ output, name }) => [output, name]));
    const result = await esbuild.build({ ...options, entryPoints: points, plugins: [pluginOf(() => hooks)] });
    const built = new Map(result.outputFiles?.map(({ path, contents }) => [path, contents]));
    const pathOf = (output: string): string => `${options.outdir}/${output}.js`;
    const contents = entries.map(({ output, key }) => known.get(key) ?? (built.get(pathOf(output)) as Uint8Array));
    known = new Map(entries.map(({ key }, index) => [key, contents[index] as Uint8Array]));
    const outputFiles = entries.map(({ output }, index) => toOutput(pathOf(output), contents[index] as Uint8Array));
    return { ...result, outputFiles };
  };
}

/** What esbuild would read for an entry. */
async function textOf(name: string, { resolve, load }: Hooks): Promise<unknown> {
  const found = await resolve({ path: name, kind: 'entry-point' } as OnResolveArgs);
  const loaded = await load({ path: found?.path, namespace: found?.namespace } as OnLoadArgs);
  return [loaded?.loader, loaded?.contents];
}

function toOutput(path: string, contents: Uint8Array): OutputFile {
  return { path, contents, hash: '', text: new TextDecoder().decode(contents) };
}

/** What a plugin would have registered. */
async function hooksOf(plugin: Plugin | undefined): Promise<Hooks> {
  const hooks: Partial<Hooks> = {};
  const setup = {
    onResolve: (_: unknown, resolve: Resolve) => {
      hooks.resolve = resolve;
    },
    onLoad: (_: unknown, load: Load) => {
      hooks.load = load;
    },
  };
  await plugin?.setup(setup as unknown as Parameters<Plugin['setup']>[0]);
  if (!hooks.resolve || !hooks.load) throw new Error('the plugin does not resolve and load everything');
  return hooks as Hooks;
}

/**
 * esbuild that remembers between builds what it has parsed. A build with the options of an earlier one is a rebuild:
 * only files that have changed are read anew. The result is that of a build from nothing.
 */
import type { BuildContext, BuildOptions, BuildResult, OnLoadArgs, OnResolveArgs, Plugin } from 'esbuild';
import type { Esbuild } from '../../../action/core/compile/compile.ts';

/** The part of esbuild that is used: its native and its WebAssembly package both have it. */
export interface ContextualEsbuild {
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

/** Contexts that are kept. A compilation has three; each new scene begins three others. */
const MAX_CONTEXTS = 9;

/** @returns an esbuild for plugins that resolve and load everything, one at a time */
export function createIncremental(esbuild: ContextualEsbuild): Esbuild {
  const kept = new Map<string, Kept>();
  const build = async ({ plugins, ...options }: BuildOptions): Promise<BuildResult> => {
    const hooks = await hooksOf(plugins?.[0]);
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
  const passOn: Plugin = {
    name: 'permaframe',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args: OnResolveArgs) => kept.hooks.resolve(args));
      build.onLoad({ filter: /.*/ }, (args: OnLoadArgs) => kept.hooks.load(args));
    },
  };
  kept.context = await esbuild.context({ ...options, plugins: [passOn] });
  return kept as Kept;
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

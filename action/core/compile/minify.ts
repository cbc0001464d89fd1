/** Shortens modules once they are bundled, each by itself: what changes in one leaves the others as they are. */
import type { Plugin } from 'esbuild';
import type { Esbuild } from './compile.ts';
import type { OutputModule } from './modules.ts';
import { minifyOptions, OUTPUT_FOLDER } from './options.ts';

/** Starts an entry's name, which esbuild would otherwise take for a file on disk. */
const PREFIX = 'permaframe-output:';

export async function minify(esbuild: Esbuild, modules: readonly OutputModule[]): Promise<OutputModule[]> {
  const inMemory: Plugin = {
    name: 'permaframe-outputs',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path }) => ({ path: path.slice(PREFIX.length), namespace: 'output' }));
      build.onLoad({ filter: /.*/ }, ({ path }) => ({ contents: modules[Number(path)]?.text ?? '', loader: 'js' }));
    },
  };
  const entryPoints = modules.map(({ path }, index) => [path.replace(/\.js$/, ''), `${PREFIX}${index}`]);
  const { outputFiles } = await esbuild.build(minifyOptions(Object.fromEntries(entryPoints), inMemory));
  const texts = new Map(outputFiles.map((file) => [file.path, file.text]));
  return modules.map((module) => ({ ...module, text: texts.get(`${OUTPUT_FOLDER}/${module.path}`) ?? '' }));
}

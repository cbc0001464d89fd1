/** The process that compiles one snapshot and ends. Its parent sets the limits: see esbuild.ts. */
import './esbuild-folder.ts'; // First: esbuild remembers where it was loaded.
import { flushCompileCache } from 'node:module';
import * as esbuild from 'esbuild';
import { isPermaframeError } from '../contract/errors.ts';
import { compile, type Esbuild } from '../core/compile/compile.ts';
import { locate } from '../core/compile/locate.ts';
import type { ChildAnswer, ChildJob } from './esbuild.ts';
import { confineChildren } from './esbuild-confined.ts';
import { removeFolder } from './esbuild-folder.ts';

confineChildren();
// Now, because the parent kills this process as soon as it has its answer. Writes nothing that is there already.
flushCompileCache();
// esbuild's own process starts with the first call: while the snapshot is still being read.
esbuild.transform('').catch(() => {});
process.once('message', (job: ChildJob) => void run(job));
process.once('disconnect', endWithoutParent);
if (!process.connected) endWithoutParent();

async function run({ input, runtime, sources, positions }: ChildJob): Promise<void> {
  let hasGivenUp = false;
  // Whatever is not a mistake in the sources is the end of esbuild's own process.
  const watched = async <R>(work: Promise<R>): Promise<R> => {
    try {
      return await work;
    } catch (error) {
      hasGivenUp = !Array.isArray((error as { errors?: unknown }).errors);
      throw error;
    }
  };
  const build = (options: esbuild.BuildOptions) => watched(esbuild.build(options));
  const confined = { build: build as Esbuild['build'] };
  const libraries = { manifest: runtime, readText: async (key: string) => sources[key] ?? '' };
  try {
    if (positions) answer({ kind: 'located', place: await locate(confined, input, libraries, positions) });
    else answer({ kind: 'compiled', compiled: await compile(confined, input, libraries) });
  } catch (error) {
    if (hasGivenUp) answer({ kind: 'crashed' });
    else if (!isPermaframeError(error)) answer({ kind: 'broken', reason: String(error) });
    else answer({ kind: 'refused', code: error.code, message: error.message, diagnostics: [...error.diagnostics] });
  }
}

function answer(message: ChildAnswer): void {
  process.send?.(message, () => process.exit(0));
}

/** The parent was killed: nobody else would end esbuild, which this process leads. */
function endWithoutParent(): void {
  removeFolder();
  process.kill(-process.pid, 'SIGKILL');
}

/** The pipeline as tests run it: the real compiler and runtime, with a store of the test's choice. */
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { createCompiler } from '../../action/adapters/esbuild.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import type { Compiled } from '../../action/core/compile/compile.ts';
import type { Compiler, ObjectStore, ThreadControlStore } from '../../action/core/ports.ts';
import type { PublishTools } from '../../action/core/publish.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { ensureRuntime } from '../../scripts/runtime-cache.ts';
import { renderPage } from '../../site-template/page/render-page.ts';

export const PLACE = { thread: 'film', project: 'tests', publicUrl: 'https://share.test' };

/** Compiles each snapshot once, however often it is published. */
function cachingCompiler(compiler: Compiler): Compiler {
  const compiled = new Map<string, Promise<Compiled>>();
  return {
    compile(snapshot: Snapshot) {
      const known = compiled.get(snapshot.hash) ?? compiler.compile(snapshot);
      compiled.set(snapshot.hash, known);
      return known;
    },
  };
}

export interface Publishing extends AsyncDisposable {
  /** Tools that store into the given store. */
  into(store: ObjectStore & ThreadControlStore): PublishTools & { controls: ThreadControlStore };
}

export async function startPublishing(): Promise<Publishing> {
  const runtime = await openRuntime(await ensureRuntime(() => {}));
  const native = createCompiler(runtime);
  const compiler = cachingCompiler(native);
  return {
    into: (store) => ({
      compiler,
      runtime,
      renderPage,
      stage: (_name, work) => work(),
      store,
      controls: store,
      encode: encodeBrotli,
    }),
    [Symbol.asyncDispose]: () => native[Symbol.asyncDispose](),
  };
}

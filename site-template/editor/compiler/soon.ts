/**
 * `setTimeout()` without a delay runs right after the present work. Inside a worker, esbuild passes each of some
 * hundred messages of a build to its WebAssembly by such a call, and a browser makes each of them wait 4 ms.
 */

const later = globalThis.setTimeout;

function soon(work: (...args: unknown[]) => void, delay?: number, ...args: unknown[]): unknown {
  if (delay !== undefined) return later(work, delay, ...args);
  queueMicrotask(() => work(...args));
  return 0;
}

Object.assign(globalThis, { setTimeout: soon });

/** Compiles a snapshot with native esbuild, in a child process with limits on time and memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from '../contract/diagnostics.ts';
import { type ErrorCode, PermaframeError } from '../contract/errors.ts';
import { formatBytes, MAX_BUNDLE_MEMORY_BYTES, MAX_BUNDLE_MILLISECONDS } from '../contract/limits.ts';
import { type Compiled, toCompileInput } from '../core/compile/compile.ts';
import type { Compiler, Runtime } from '../core/ports.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { residentBytes } from './process-memory.ts';

/** What the child says before it ends. `crashed`: esbuild gave up without naming a mistake. */
export type ChildAnswer =
  | { kind: 'compiled'; compiled: Compiled }
  | { kind: 'refused'; code: ErrorCode; message: string; diagnostics: Diagnostic[] }
  | { kind: 'crashed' };

type Outcome = ChildAnswer | { kind: 'timeout' } | { kind: 'memory' };

interface CompilerOptions {
  /** Where the runtime lies: the child reads inlined libraries from there. */
  runtimeFolder: string;
  /** Wall-clock limit of one compilation, in milliseconds. */
  timeoutMilliseconds?: number;
  /** Resident memory of the child and of esbuild together, in bytes. */
  memoryBytes?: number;
}

const CHILD = fileURLToPath(new URL('./esbuild-child.ts', import.meta.url));
/** Between two looks at the memory of the processes, in milliseconds. A bomb allocates some 10 MB in that time. */
const WATCH_MILLISECONDS = 20;

/**
 * A compiler that starts its first child at once, so that the process is up by the time the snapshot is read.
 * Dispose of it when nothing more is to be compiled.
 */
export function createCompiler(runtime: Runtime, options: CompilerOptions): Compiler & AsyncDisposable {
  let spare: Promise<Child> | null = startChild();
  const compile = async (snapshot: Snapshot, signal?: AbortSignal): Promise<Compiled> => {
    await using child = await (spare ?? startChild());
    spare = null;
    const outcome = await runJob(child, snapshot, runtime, options, signal);
    switch (outcome.kind) {
      case 'compiled':
        return outcome.compiled;
      case 'refused':
        throw new PermaframeError(outcome.code, outcome.message, { diagnostics: outcome.diagnostics });
      case 'crashed':
        throw await blame(runtime, options, signal);
      case 'timeout': {
        const seconds = (options.timeoutMilliseconds ?? MAX_BUNDLE_MILLISECONDS) / 1000;
        throw new PermaframeError('BUNDLE_TIMEOUT', `compiling took more than ${seconds} seconds, which is the limit`);
      }
      case 'memory': {
        const limit = formatBytes(options.memoryBytes ?? MAX_BUNDLE_MEMORY_BYTES);
        throw new PermaframeError(
          'BUNDLE_TOO_LARGE',
          `compiling took more than ${limit} of memory, which is the limit`,
        );
      }
    }
  };
  return {
    compile,
    async [Symbol.asyncDispose]() {
      await (await spare?.catch(() => null))?.[Symbol.asyncDispose]();
      spare = null;
    },
  };
}

interface Child extends AsyncDisposable {
  process: ChildProcess;
}

async function startChild(): Promise<Child> {
  // An empty working directory, and no variable of ours: there is nothing to find from inside.
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-compile-'));
  const child = spawn(process.execPath, ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning', CHILD], {
    cwd: folder,
    env: compilerEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
  });
  child.on('error', () => {});
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      await kill(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The bundled action names the native binary, because esbuild cannot find it beside its own files there. */
function compilerEnvironment(): Record<string, string> {
  const { ESBUILD_BINARY_PATH } = process.env;
  return ESBUILD_BINARY_PATH === undefined ? {} : { ESBUILD_BINARY_PATH };
}

/** The child leads a process group of its own: esbuild's service ends with it. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function runJob(
  { process: child }: Child,
  snapshot: Snapshot,
  runtime: Runtime,
  options: CompilerOptions,
  signal?: AbortSignal,
): Promise<Outcome> {
  signal?.throwIfAborted();
  const sources = Object.values(runtime.manifest.inlined).map(({ key }) => [key, join(options.runtimeFolder, key)]);
  const job = { input: toCompileInput(snapshot), runtime: runtime.manifest, sources: Object.fromEntries(sources) };
  const limit = options.memoryBytes ?? MAX_BUNDLE_MEMORY_BYTES;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const abort = () => reject(signal?.reason);
  child.once('message', (answer) => resolve(answer as ChildAnswer));
  child.once('exit', () => resolve({ kind: 'crashed' }));
  child.once('error', () => resolve({ kind: 'crashed' }));
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => resolve({ kind: 'timeout' }), options.timeoutMilliseconds ?? MAX_BUNDLE_MILLISECONDS);
  const watch = setInterval(() => {
    if (child.pid !== undefined && residentBytes(child.pid) > limit) resolve({ kind: 'memory' });
  }, WATCH_MILLISECONDS);
  child.send(job, (error) => error && resolve({ kind: 'crashed' }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * Whose fault a crash was. Source that is nested too deeply takes esbuild down with it, and so does a broken
 * installation: if a project of one line compiles, the source was at fault.
 */
async function blame(runtime: Runtime, options: CompilerOptions, signal?: AbortSignal): Promise<PermaframeError> {
  await using child = await startChild();
  const outcome = await runJob(child, await trivialSnapshot(), runtime, options, signal);
  return outcome.kind === 'compiled'
    ? new PermaframeError('BUNDLE_TOO_DEEP', 'the compiler gave up on this source: it is nested too deeply')
    : new PermaframeError('BUNDLE_FAILED', 'the compiler does not run on this machine');
}

async function trivialSnapshot(): Promise<Snapshot> {
  const { createSnapshot } = await import('../core/snapshot.ts');
  const encoder = new TextEncoder();
  const manifest = { title: 'Trivial', kind: 'app', entry: 'app.js' };
  return createSnapshot(
    new Map([
      ['permaframe.json', encoder.encode(JSON.stringify(manifest))],
      ['app.js', encoder.encode('export default () => null;')],
    ]),
  );
}

/** Compiles a snapshot with native esbuild, in a child process with limits on time and memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic, Place } from '../contract/diagnostics.ts';
import { type ErrorCode, PermaframeError } from '../contract/errors.ts';
import { formatBytes, MAX_BUNDLE_MEMORY_BYTES, MAX_BUNDLE_MILLISECONDS } from '../contract/limits.ts';
import type { RuntimeManifest } from '../contract/runtime.ts';
import type { Compiled, CompileInput } from '../core/compile/compile.ts';
import { toCompileInput } from '../core/compile/input.ts';
import { type ModulePosition, positionsInStack } from '../core/compile/locate.ts';
import type { Compiler, Runtime } from '../core/ports.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { residentBytes } from './process-memory.ts';

/**
 * What the child says before it ends. `crashed`: esbuild ended without an answer. `broken`: our own code threw, for
 * which no source is to blame.
 */
export type ChildAnswer =
  | { kind: 'compiled'; compiled: Compiled }
  | { kind: 'located'; place: Place | null }
  | { kind: 'refused'; code: ErrorCode; message: string; diagnostics: Diagnostic[] }
  | { kind: 'crashed' }
  | { kind: 'broken'; reason: string };

/** What the child is sent. */
export interface ChildJob {
  input: CompileInput;
  runtime: RuntimeManifest;
  /** Inlined libraries: key → source. */
  sources: Record<string, string>;
  /** What in the sources these places in modules come from is asked, instead of the modules. */
  positions?: readonly ModulePosition[];
}

type Outcome = ChildAnswer | { kind: 'timeout' } | { kind: 'memory' };

export interface CompilerOptions {
  /** The child's module. Default: the one beside this file; a bundle has its own. */
  childPath?: string;
  /** esbuild's native binary. Default: the one that its package finds; a bundle has no package. */
  esbuildPath?: string;
  /** Wall-clock limit of one compilation, in milliseconds. */
  timeoutMilliseconds?: number;
  /** Resident memory of the child and of esbuild together, in bytes. */
  memoryBytes?: number;
}

const CHILD = fileURLToPath(new URL('./esbuild-child.ts', import.meta.url));
/**
 * Between two looks at the memory of the processes, in milliseconds. The greediest sources that we know allocate some
 * 50 MB in that time: what exceeds the limit is killed within a tenth above it.
 */
const WATCH_MILLISECONDS = 20;

/**
 * A compiler that starts its first child at once, so that the process is up by the time the snapshot is read.
 * Dispose of it when nothing more is to be compiled.
 */
export function createCompiler(runtime: Runtime, options: CompilerOptions = {}): Compiler & AsyncDisposable {
  let spare: Child | null = startChild(options);
  const takeSpare = (): Child | null => {
    const taken = spare;
    spare = null;
    return taken;
  };
  return {
    async compile(snapshot, signal) {
      const timeout = options.timeoutMilliseconds ?? MAX_BUNDLE_MILLISECONDS;
      const job: Job = { runtime, options, deadline: performance.now() + timeout, ...(signal ? { signal } : {}) };
      const first = await attempt(takeSpare() ?? startChild(options), snapshot, job);
      // A process that ended may have been killed by somebody else: only a source that does it again is to blame.
      const outcome = first.kind === 'crashed' ? await attempt(startChild(options), snapshot, job) : first;
      if (outcome.kind === 'compiled') return outcome.compiled;
      throw await toError(outcome, job);
    },
    async [Symbol.asyncDispose]() {
      await takeSpare()?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Where in a snapshot's files an error came from: the innermost frame of its stack trace that lies in a module of the
 * artifact and leads to a file of the snapshot. Both trace and snapshot may be hostile.
 * @param runtime the one that the artifact was compiled with: with another one, its modules have other names
 * @param stack as a browser writes it, with addresses of modules in an artifact
 * @returns null when there is no such frame, or when the snapshot cannot be compiled (any more)
 * @throws the signal's reason when aborted
 */
export async function locateInSnapshot(
  snapshot: Snapshot,
  runtime: Runtime,
  stack: string,
  options: CompilerOptions & { signal?: AbortSignal } = {},
): Promise<Place | null> {
  const positions = positionsInStack(stack);
  if (positions.length === 0) return null;
  const { signal, ...limits } = options;
  const deadline = performance.now() + (limits.timeoutMilliseconds ?? MAX_BUNDLE_MILLISECONDS);
  const job: Job = { runtime, options: limits, deadline, positions, ...(signal ? { signal } : {}) };
  const outcome = await attempt(startChild(limits), snapshot, job);
  return outcome.kind === 'located' ? outcome.place : null;
}

interface Job {
  runtime: Runtime;
  options: CompilerOptions;
  /** When the time is up, on the clock of `performance.now()`. */
  deadline: number;
  positions?: readonly ModulePosition[];
  signal?: AbortSignal;
}

async function attempt(started: Child, snapshot: Snapshot, job: Job): Promise<Outcome> {
  await using child = started;
  // Awaited, or the child would be disposed of while it works.
  return await runJob(child, snapshot, job);
}

async function toError(outcome: Exclude<Outcome, { kind: 'compiled' }>, job: Job): Promise<PermaframeError> {
  const { memoryBytes = MAX_BUNDLE_MEMORY_BYTES, timeoutMilliseconds = MAX_BUNDLE_MILLISECONDS } = job.options;
  switch (outcome.kind) {
    case 'refused':
      return new PermaframeError(outcome.code, outcome.message, { diagnostics: outcome.diagnostics });
    case 'crashed':
      return blame(job);
    case 'located':
      return new PermaframeError('INTERNAL', 'the compiler answered what it was not asked');
    case 'broken': {
      const cause = new Error(outcome.reason);
      return new PermaframeError('BUNDLE_FAILED', 'the compiler failed', { cause });
    }
    case 'timeout': {
      const message = `compiling took more than ${timeoutMilliseconds / 1000} seconds, which is the limit`;
      return new PermaframeError('BUNDLE_TIMEOUT', message);
    }
    case 'memory': {
      const limit = formatBytes(memoryBytes);
      const message = `compiling took more than ${limit} of memory, which is the limit: the source nests or expands too far`;
      return new PermaframeError('BUNDLE_TOO_LARGE', message);
    }
  }
}

interface Child extends AsyncDisposable {
  process: ChildProcess;
}

function startChild({ childPath = CHILD, esbuildPath }: CompilerOptions): Child {
  // An empty working directory, and no variable of ours: there is nothing to find from inside.
  const folder = join(tmpdir(), `permaframe-compile-${randomUUID()}`);
  const flags = ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, childPath, folder], {
    cwd: '/',
    env: compilerEnvironment(esbuildPath),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
  });
  child.on('error', () => {});
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      // First, because were we killed in between, a killed child could not remove it; and again, because a child that
      // has only just started makes it.
      await remove();
      await kill(child);
      await remove();
    },
  };
}

function compilerEnvironment(
  ESBUILD_BINARY_PATH: string | undefined = process.env.ESBUILD_BINARY_PATH,
): Record<string, string> {
  const cache = getCompileCacheDir();
  return {
    ...(ESBUILD_BINARY_PATH === undefined ? {} : { ESBUILD_BINARY_PATH }),
    // Stripping types and compiling these sources takes 80 ms; what came of it is kept where the parent keeps its own.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
  };
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

async function runJob({ process: child }: Child, snapshot: Snapshot, job: Job): Promise<Outcome> {
  const { runtime, options, deadline, positions, signal } = job;
  signal?.throwIfAborted();
  const message: ChildJob = {
    input: toCompileInput(snapshot),
    runtime: runtime.manifest,
    sources: await readSources(runtime),
    ...(positions ? { positions } : {}),
  };
  signal?.throwIfAborted();
  const limit = options.memoryBytes ?? MAX_BUNDLE_MEMORY_BYTES;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const abort = () => reject(signal?.reason);
  child.once('message', (answer) => resolve(answer as ChildAnswer));
  child.once('exit', () => resolve({ kind: 'crashed' }));
  child.once('error', () => resolve({ kind: 'crashed' }));
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => resolve({ kind: 'timeout' }), Math.max(0, deadline - performance.now()));
  const watch = setInterval(() => {
    if (child.pid !== undefined && residentBytes(child.pid) > limit) resolve({ kind: 'memory' });
  }, WATCH_MILLISECONDS);
  child.send(message, (error) => error && resolve({ kind: 'crashed' }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener('abort', abort);
  }
}

async function readSources(runtime: Runtime): Promise<Record<string, string>> {
  const decoder = new TextDecoder();
  const reading = Object.values(runtime.manifest.inlined).map(async ({ key }) => [
    key,
    decoder.decode(await runtime.read(key)),
  ]);
  return Object.fromEntries(await Promise.all(reading));
}

/**
 * Whose fault a crash was. Source that is nested too deeply takes esbuild down with it, and so does a broken
 * installation: if a project of one line compiles, the source was at fault.
 */
async function blame(job: Job): Promise<PermaframeError> {
  const deadline = performance.now() + MAX_BUNDLE_MILLISECONDS;
  const outcome = await attempt(startChild(job.options), await trivialSnapshot(), { ...job, deadline });
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

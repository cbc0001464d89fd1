/** Starts a sandbox's supervisor, watches time and memory, and says how it ended. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { PermaframeError } from '../contract/errors.ts';
import { commandLine, type Isolation, type SandboxedCommand, type SandboxOutcome } from './sandbox-command.ts';
import { createLineReader, type LineReader } from './sandbox-lines.ts';
import { privateBytes, sharedBytes } from './sandbox-memory.ts';
import { READY, TOOL_FOLDERS } from './sandbox-scripts.ts';

/** Kept of standard error: its last part, in characters. */
const MAX_STDERR = 64_000;
/** Between two looks at the memory. */
const WATCH_MILLISECONDS = 200;
/** How long the supervisor may take to end everything; beyond it something is wrong with the machine. */
const END_MILLISECONDS = 20_000;
/** Above all ranges that distributions and systemd give to anybody. */
const USERS = { first: 1_900_000_000, last: 2_100_000_000 };

/**
 * Runs a command in the given way.
 * @throws PermaframeError RENDER_SANDBOX_UNAVAILABLE when the sandbox cannot be built; the signal's reason when aborted
 */
export async function runWith(isolation: Isolation, command: SandboxedCommand): Promise<SandboxOutcome> {
  command.signal?.throwIfAborted();
  // A user for each run: how many processes a user may have is counted over the machine.
  const user = randomInt(USERS.first, USERS.last);
  const nonce = randomUUID();
  const [program = '', ...parameters] = await commandLine(isolation, command, user, nonce);
  command.signal?.throwIfAborted();
  const child = spawn(program, parameters, {
    cwd: '/',
    env: { PATH: TOOL_FOLDERS.join(':') },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own: no terminal, for sudo neither.
    detached: true,
  });
  return await supervise(child, command, nonce);
}

/** @param why from a program's mouth, or ours */
export function unavailable(why: string, cause?: unknown): PermaframeError {
  return new PermaframeError('RENDER_SANDBOX_UNAVAILABLE', `no sandbox can be made here: ${why}`, { cause });
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type End = { by: 'time' } | { by: 'memory' } | { by: 'error'; error: unknown };

async function supervise(child: Child, command: SandboxedCommand, nonce: string): Promise<SandboxOutcome> {
  let end: End | null = null;
  const closed = Promise.withResolvers<void>();
  const timers = new AbortController();
  const endAll = (why: End) => {
    if (end !== null) return;
    end = why;
    // Standard input's end is the order: a root process would not take a signal from us.
    child.stdin.destroy();
    delay(END_MILLISECONDS, undefined, timers).then(closed.resolve, () => {});
  };
  const abort = () => endAll({ by: 'error', error: command.signal?.reason });
  command.signal?.addEventListener('abort', abort, { once: true });
  delay(command.limits.milliseconds, undefined, timers).then(
    () => endAll({ by: 'time' }),
    () => {},
  );
  const output = listen(child, (error) => endAll({ by: 'error', error }), command.onStdoutLine);
  child.once('error', (error) => endAll({ by: 'error', error: unavailable(error.message, error) }));
  child.once('close', () => closed.resolve());
  child.stdin.on('error', () => {});
  child.stdin.write(command.stdin ?? '');
  watchMemory(child.pid, command.limits.memoryBytes, timers.signal).then(
    (isOver) => isOver && endAll({ by: 'memory' }),
    (error) => timers.signal.aborted || endAll({ by: 'error', error }),
  );
  try {
    await closed.promise;
  } finally {
    timers.abort();
    command.signal?.removeEventListener('abort', abort);
  }
  return toOutcome(end, output, nonce);
}

interface Output {
  lines: LineReader;
  isReady: boolean;
  stderr: string;
}

function listen(child: Child, fail: (error: unknown) => void, onLine?: (line: string) => void): Output {
  const take = (line: string) => {
    if (!output.isReady) output.isReady = line === READY;
    else if (onLine) {
      try {
        onLine(line);
      } catch (error) {
        fail(error);
      }
    }
  };
  const output: Output = { lines: createLineReader(take), isReady: false, stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.lines.push(text));
  child.stdout.once('end', () => output.lines.end());
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = (output.stderr + text).slice(-MAX_STDERR);
  });
  return output;
}

function toOutcome(end: End | null, output: Output, nonce: string): SandboxOutcome {
  if (end?.by === 'error') throw end.error;
  const last = new RegExp(`\\n${nonce} (\\d+) ([01])\\n$`).exec(output.stderr);
  const stderr = last ? output.stderr.slice(0, last.index) : output.stderr;
  if (end !== null) {
    if (last) return { kind: 'killed', by: end.by, stderr };
    throw new PermaframeError('RENDER_FAILED', 'the sandbox did not end when it was told to');
  }
  if (!output.isReady) throw unavailable(stderr.trim().slice(-1000));
  if (!last) throw new PermaframeError('RENDER_FAILED', 'the supervisor of the sandbox was killed');
  if (last[2] === '1') return { kind: 'killed', by: 'memory', stderr };
  const code = Number(last[1]);
  return code > 128 ? { kind: 'killed', by: 'signal', stderr } : { kind: 'exited', code, stderr };
}

/** @returns true once the limit is exceeded */
async function watchMemory(pid: number | undefined, limit: number, signal: AbortSignal): Promise<boolean> {
  if (pid === undefined) return false;
  const before = await sharedBytes();
  for (;;) {
    await delay(WATCH_MILLISECONDS, undefined, { signal });
    const shared = Math.max(0, (await sharedBytes()) - before);
    if ((await privateBytes(pid)) + shared > limit) return true;
  }
}

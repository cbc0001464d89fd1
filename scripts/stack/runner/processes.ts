/** Processes of a job: each in a group of its own, ended gently when asked, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** How long output is still read after a process ended that left others holding its pipes, in milliseconds. */
const DRAIN_MILLISECONDS = 500;

/** How a process is asked to end: SIGINT, then SIGTERM, then SIGKILL. In milliseconds from one to the next. */
export interface Grace {
  interrupt: number;
  terminate: number;
}

/** As GitHub has it. */
export const DEFAULT_GRACE: Grace = { interrupt: 7_500, terminate: 2_500 };

export interface ProcessSpec {
  file: string;
  args: readonly string[];
  cwd: string;
  /** All of it: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  onLine(line: string): void;
  /** Ends the process, with grace. */
  signal: AbortSignal;
}

export interface Processes extends AsyncDisposable {
  /** @returns the exit code; 128 and more when a signal ended it. @throws Error when it cannot be started */
  run(spec: ProcessSpec): Promise<number>;
  /** SIGKILL to everything, at once: the machine goes away. */
  killAll(): void;
}

/** Nothing outlives this program, as long as it is not killed itself. */
const killers = new Set<() => void>();
process.on('exit', () => {
  for (const kill of killers) kill();
});

/**
 * @param trackingId value of RUNNER_TRACKING_ID, by which processes are found that left their group (Linux only)
 */
export function createProcesses(trackingId: string, grace: Grace): Processes {
  const groups = new Set<number>();
  let isOver = false;
  const killAll = () => {
    isOver = true;
    for (const group of groups) signalGroup(group, 'SIGKILL');
  };
  killers.add(killAll);
  return {
    async run(spec) {
      if (isOver) throw new Error('The runner has ended.');
      const child = spawn(spec.file, spec.args, {
        cwd: spec.cwd,
        env: { ...spec.env, RUNNER_TRACKING_ID: trackingId },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (child.pid !== undefined) groups.add(child.pid);
      return untilEnded(child, spec, grace);
    },
    killAll,
    async [Symbol.asyncDispose]() {
      killAll();
      killers.delete(killAll);
      await killTracked(trackingId);
    },
  };
}

async function untilEnded(child: ChildProcess, { onLine, signal }: ProcessSpec, grace: Grace): Promise<number> {
  const timers: NodeJS.Timeout[] = [];
  const send = (name: NodeJS.Signals) => child.pid !== undefined && signalGroup(child.pid, name);
  const askToEnd = () => {
    send('SIGINT');
    timers.push(setTimeout(send, grace.interrupt, 'SIGTERM'));
    timers.push(setTimeout(send, grace.interrupt + grace.terminate, 'SIGKILL'));
  };
  const closed = readLines(child, onLine);
  if (signal.aborted) askToEnd();
  else signal.addEventListener('abort', askToEnd);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode, ending) => resolve(exitCode ?? 128 + (ending === 'SIGKILL' ? 9 : 15)));
    });
    const drained = Promise.withResolvers<void>();
    timers.push(setTimeout(drained.resolve, DRAIN_MILLISECONDS));
    await Promise.race([closed, drained.promise]);
    return code;
  } finally {
    signal.removeEventListener('abort', askToEnd);
    for (const timer of timers) clearTimeout(timer);
    child.stdout?.destroy();
    child.stderr?.destroy();
    await closed;
  }
}

async function readLines(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  await Promise.all(streams.map((stream) => splitLines(stream, onLine)));
}

/** At the same ends of lines as GitHub's runner: node:readline knows two more, behind which a command could hide. */
async function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  stream.setEncoding('utf8');
  let rest = '';
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  await new Promise((resolve) => stream.once('close', resolve));
  if (rest !== '') onLine(rest.replace(/\r$/, ''));
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // Nobody is left in the group.
  }
}

async function killTracked(trackingId: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const marker = `RUNNER_TRACKING_ID=${trackingId}`;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const tracked = ids.map(async (id) => {
    const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
    if (id === process.pid || !environment.split('\0').includes(marker)) return;
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  });
  await Promise.all(tracked);
}

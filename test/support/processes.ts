/** Looks for processes by where they work. Linux only, like the runners. */
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

export interface FoundProcess {
  pid: number;
  command: string;
  /** Time that it has computed, in hundredths of a second. */
  ticks: number;
}

/** Processes whose working directory is, or was, below the folder. */
export async function processesIn(folder: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<FoundProcess | null> => {
      try {
        if (!(await readlink(`/proc/${pid}/cwd`)).startsWith(`${folder}/`)) return null;
        const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
        const [user, system] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ').slice(11) ?? [];
        return { pid: Number(pid), command, ticks: Number(user) + Number(system) };
      } catch {
        return null; // Gone meanwhile.
      }
    }),
  );
  return found.filter((process) => process !== null);
}

/** Everything that a process has begun, directly or not, whatever namespaces it lives in. */
export async function descendantsOf(pid: number): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (name) => {
      try {
        const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ');
        const [, parent] = (await readFile(`/proc/${name}/stat`, 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
        return { pid: Number(name), parent: Number(parent), command };
      } catch {
        return null; // Gone meanwhile.
      }
    }),
  );
  const found = new Set([pid]);
  const alive = all.filter((process) => process !== null);
  for (const ancestor of found) {
    for (const process of alive) if (process.parent === ancestor) found.add(process.pid);
  }
  return alive.filter((process) => process.pid !== pid && found.has(process.pid));
}

/**
 * Asks again until there is an answer.
 * @throws after 20 seconds
 */
export async function eventually<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(10);
  }
  throw new Error(`this did not happen: ${what}`);
}

/**
 * Gives a suite a temporary folder of its own, and holds after each test that neither a process nor a file is left in
 * it.
 * @returns its path, once the suite runs
 */
export function ownTemporaryFolder(): () => string {
  const before = process.env.TMPDIR;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
    process.env.TMPDIR = folder;
  });
  afterEach(async () => {
    await eventually('all processes are gone', async () => (await processesIn(folder)).length === 0);
    expect(await readdir(folder)).toEqual([]);
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(folder, { recursive: true, force: true });
  });
  return () => folder;
}

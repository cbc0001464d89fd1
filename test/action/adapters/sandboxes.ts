/** What the tests of the sandbox share: a folder, a command with sensible limits, who is still alive. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SandboxedCommand } from '../../../action/adapters/sandbox.ts';

export const HOSTILE = fileURLToPath(new URL('./sandbox-hostile.mjs', import.meta.url));
export const DRIVER = fileURLToPath(new URL('./sandbox-driver.ts', import.meta.url));
export const NODE_FOLDER = dirname(process.execPath);

export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function sandboxed(
  writable: string,
  command: readonly string[],
  more: Partial<SandboxedCommand> = {},
): SandboxedCommand {
  return {
    command,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/home/sandbox' },
    readable: [NODE_FOLDER],
    writable,
    workingFolder: writable,
    limits: { milliseconds: 60_000, memoryBytes: 1_000_000_000, processes: 100 },
    ...more,
  };
}

export function script(text: string): string[] {
  return [process.execPath, '--input-type=module', '-e', text];
}

/** Processes of the machine whose command line has this in it. */
export async function processesWith(marker: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(marker));
}

/** Mounts of this process's namespace at or below a folder. */
export async function mountsBelow(folder: string): Promise<string[]> {
  return (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(folder));
}

/** Control groups of sandboxes that nobody took away. */
export async function groupsLeft(): Promise<string[]> {
  const groups = await readdir('/sys/fs/cgroup').catch(() => []);
  return groups.filter((name) => name.startsWith('permaframe-'));
}

/** Runs one command of hostile origin on Linux, with nothing of the machine but its programs and what it is given. */
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import type { Isolation, SandboxedCommand, SandboxOutcome } from './sandbox-command.ts';
import { runWith, unavailable } from './sandbox-process.ts';
import { TOOL_FOLDERS, TOOLS } from './sandbox-scripts.ts';

export type { Isolation, SandboxedCommand, SandboxOutcome } from './sandbox-command.ts';

/** The user's home inside: empty, in memory. So is /tmp. */
export const SANDBOX_HOME = '/home/sandbox';

const PROBE_MILLISECONDS = 20_000;
/** Succeeds where a command is somebody else, may write into its folder and has a loopback that is up. */
const PROBE = 'test "$(id -u)" -gt 1000000 && : >probe && ip -o link show up dev lo | grep -q .';

let found: Promise<Isolation> | undefined;

/**
 * Runs a command alone: processes, network (a loopback and nothing else), mounts, host name and user of its own, no
 * capability and no way to more. When this returns, or this process is killed, all that it began is dead and unmounted.
 * What is in the writable folder afterwards is hostile: read it with `readProduced`.
 * @throws PermaframeError RENDER_SANDBOX_UNAVAILABLE with what is missing; the signal's reason when aborted
 */
export async function runInSandbox(command: SandboxedCommand): Promise<SandboxOutcome> {
  command.signal?.throwIfAborted();
  return await runWith(await findIsolation(), command);
}

/**
 * How this machine lets commands be isolated: as root, by sudo without a password, or in a user namespace, in this
 * order; the first in which a command really ran. Remembered.
 * @throws PermaframeError RENDER_SANDBOX_UNAVAILABLE
 */
export function findIsolation(): Promise<Isolation> {
  found ??= tryAll();
  return found;
}

async function tryAll(): Promise<Isolation> {
  if (process.platform !== 'linux') throw unavailable('it takes Linux');
  const missing = (
    await Promise.all(Object.keys(TOOLS).map(async (tool) => ((await hasTool(tool)) ? [] : [tool])))
  ).flat();
  if (missing.length > 0)
    throw unavailable(`missing ${missing.map((tool) => `${tool} (package ${TOOLS[tool]})`).join(', ')}`);
  const failures: string[] = [];
  for (const isolation of await candidates()) {
    const failure = await probe(isolation);
    if (failure === null) return isolation;
    failures.push(`${isolation.kind}: ${failure}`);
  }
  throw unavailable(failures.join('; '));
}

async function candidates(): Promise<Isolation[]> {
  const unshare = ['unshare'];
  const isRoot = process.getuid?.() === 0;
  const asRoot: Isolation = isRoot
    ? { kind: 'root', prefix: [], unshare }
    : { kind: 'sudo', prefix: ['sudo', '-n', '--'], unshare };
  // Newer Ubuntus confine what `unshare` starts, root or not; root may say otherwise.
  const unconfined = { ...asRoot, unshare: ['aa-exec', '-p', 'unconfined', '--', ...unshare] };
  return [
    asRoot,
    ...((await hasTool('aa-exec')) ? [unconfined] : []),
    // Never as root: to the kernel the user inside would still be root, who may write to /proc/sys.
    ...(isRoot ? [] : [{ kind: 'user namespace', prefix: [], unshare } as const]),
  ];
}

/** @returns why not, or null */
async function probe(isolation: Isolation): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-sandbox-'));
  try {
    const outcome = await runWith(isolation, {
      command: ['/bin/sh', '-c', PROBE],
      env: { PATH: TOOL_FOLDERS.join(':') },
      readable: [],
      writable: folder,
      workingFolder: folder,
      limits: { milliseconds: PROBE_MILLISECONDS, memoryBytes: 100_000_000, processes: 20 },
    });
    if (outcome.kind === 'exited' && outcome.code === 0) return null;
    return `a trial ended oddly (${outcome.kind === 'exited' ? outcome.code : outcome.by}) ${outcome.stderr.trim()}`;
  } catch (error) {
    return error instanceof PermaframeError ? error.message.replace(/^[^:]*: /, '') : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hasTool(name: string): Promise<boolean> {
  const tries = TOOL_FOLDERS.map((folder) => access(join(folder, name)).then(() => true));
  return await Promise.any(tries).catch(() => false);
}

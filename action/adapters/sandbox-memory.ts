/** How much memory the processes of a sandbox hold, as far as one can see from outside without a control group. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * Bytes that a process and all its descendants hold and that nothing backs: their private pages. Orphans of a process
 * namespace go to its first process, so they stay descendants. What is shared (tmpfs, memfd) is counted by
 * `sharedBytes`, because pages that many map would be counted many times, and those of an open file nobody maps not at
 * all.
 */
export async function privateBytes(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(pids.map(readStatus));
  const children = Map.groupBy(rows, ({ parent }) => parent);
  const found = rows.filter((row) => row.pid === pid);
  for (const row of found) found.push(...(children.get(row.pid) ?? []));
  return found.reduce((sum, row) => sum + row.bytes, 0);
}

interface Row {
  pid: number;
  parent: number;
  bytes: number;
}

async function readStatus(name: string): Promise<Row> {
  const status = await readFile(`/proc/${name}/status`, 'latin1').catch(() => '');
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? -1);
  return { pid: Number(name), parent, bytes: kilobytes(status, 'RssAnon') * 1024 };
}

/** Shared memory of the whole machine, in bytes: what it grows by, while a sandbox runs, is taken for the sandbox's. */
export async function sharedBytes(): Promise<number> {
  return kilobytes(await readFile('/proc/meminfo', 'latin1'), 'Shmem') * 1024;
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}

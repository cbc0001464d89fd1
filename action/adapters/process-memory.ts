/** How much memory a process and its children hold. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Not every Linux kernel lists children in /proc. */
const HAS_CHILDREN = existsSync(`/proc/self/task/${process.pid}/children`);

/** Resident memory of a process group's leader and all its descendants, in bytes; 0 once it is gone. */
export function residentBytes(pid: number): number {
  return HAS_CHILDREN ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): number {
  try {
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return kilobytes * 1024 + children.reduce((sum, child) => sum + fromProc(Number(child)), 0);
  } catch {
    return 0;
  }
}

/** By process group: the child leads one. */
export function fromPs(pid: number): number {
  try {
    const output = execFileSync('ps', ['-A', '-o', 'pgid=,rss='], { encoding: 'utf8' });
    const rows = output.split('\n').map((row) => row.trim().split(/\s+/));
    return rows
      .filter(([group]) => Number(group) === pid)
      .reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
  } catch {
    return 0;
  }
}

/** How much memory a process and its children hold. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** Resident memory of a process and all its descendants, in bytes; 0 once it is gone. */
export function residentBytes(pid: number): number {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return pages * PAGE_BYTES + children.reduce((sum, child) => sum + fromProc(Number(child)), 0);
  } catch {
    return 0;
  }
}

/** Where there is no /proc (macOS), by process group: the child leads one. */
function fromPs(pid: number): number {
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

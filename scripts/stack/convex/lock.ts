/** One process a state folder: two that append to one journal would give the same ids to different documents. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process that is about to end is waited for, in milliseconds. */
const WAIT_MILLISECONDS = 3_000;

/** @throws Error when another process has the folder and keeps it */
export async function lockFolder(folder: string): Promise<Disposable> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'pid');
  const deadline = Date.now() + WAIT_MILLISECONDS;
  while (!tryLock(file)) {
    const pid = Number(readFileSync(file, 'utf8').trim() || 0);
    if (!isAlive(pid)) rmSync(file, { force: true });
    else if (Date.now() > deadline)
      throw new Error(`process ${pid} uses this state already; if it does not, remove ${file}`);
    else await sleep(50);
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

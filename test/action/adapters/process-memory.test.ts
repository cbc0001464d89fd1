import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { fromPs, residentBytes } from '../../../action/adapters/process-memory.ts';

const CHILD_BYTES = 150_000_000;
/** A parent that holds little, and its child, which holds much. */
const SCRIPT = `
  if (process.argv[1] === 'child') { globalThis.held = Buffer.alloc(${CHILD_BYTES}, 1); console.log('ready'); }
  else require('node:child_process').spawn(process.execPath, ['-e', process.env.SCRIPT, 'child'], { stdio: 'inherit' });
  setInterval(() => {}, 1000);`;

test('the memory of a process is counted with that of its children, however it is asked for', async () => {
  const env = { ...process.env, SCRIPT };
  const parent = spawn(process.execPath, ['-e', SCRIPT, 'parent'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = parent.pid as number;
  try {
    await once(parent.stdout, 'data');
    for (const bytes of [residentBytes(pid), fromPs(pid)]) {
      expect(bytes).toBeGreaterThan(CHILD_BYTES);
      expect(bytes).toBeLessThan(CHILD_BYTES + 250_000_000);
    }
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
  await once(parent, 'exit');
  expect(residentBytes(pid)).toBe(0);
  expect(fromPs(pid)).toBe(0);
});

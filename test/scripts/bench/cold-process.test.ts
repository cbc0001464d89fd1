import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Command, runCold } from '../../../scripts/bench/cold-process.ts';
import type { BenchContext } from '../../../scripts/bench/context.ts';

async function run(script: string, signal = new AbortController().signal) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-cold-'));
  const context: BenchContext = {
    folder: folder.path,
    rounds: undefined,
    signal,
    progress: () => {},
    path: '',
    browser: undefined,
  };
  const command: Command = { file: process.execPath, args: ['-e', script], cwd: folder.path, env: { OWN: 'value' } };
  return await runCold(command, context);
}

it('takes the time of the whole process, and its output', async () => {
  const { milliseconds, stdout } = await run('setTimeout(() => console.log("done"), 100)');
  expect(stdout).toBe('done\n');
  expect(milliseconds).toBeGreaterThan(100);
});

it('gives a command nothing of this environment but a search path and folders of its own', async () => {
  const { stdout } = await run('console.log(Object.keys(process.env).sort().join())');
  expect(stdout.trim()).toBe('HOME,NO_COLOR,OWN,PATH,TMPDIR');
});

it('fails with the last output of a command that fails', async () => {
  await expect(run('console.error("no such folder"); process.exit(3)')).rejects.toThrow(
    /ended with 3:\nno such folder/,
  );
});

it('ends with the interrupt, and ends the command', async () => {
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 200);
  await expect(run('setTimeout(() => {}, 60_000)', interrupt.signal)).rejects.toThrow('aborted');
});

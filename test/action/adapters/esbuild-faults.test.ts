import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCompiler } from '../../../action/adapters/esbuild.ts';
import type { Runtime } from '../../../action/core/ports.ts';
import { eventually, type FoundProcess, ownTemporaryFolder, processesIn } from '../../support/processes.ts';
import { sharedRuntime } from '../../support/runtime.ts';
import { APP, type Files, snapshotOf } from '../../support/snapshots.ts';
import { withCode } from '../../support/store-contract.ts';
import { fan, TIME_BOMB } from './bombs.ts';

const temporary = ownTemporaryFolder();
const GOOD: Files = { 'app.tsx': 'export default () => 1;' };
/** What takes long enough to be caught at work. */
const SLOW = fan(800);

let runtime: Runtime;
beforeAll(async () => {
  runtime = (await sharedRuntime()).runtime;
});

const isEsbuild = ({ command }: FoundProcess) => command.includes('--service=');
/** It starts before there is anything to do; this it only spends on that. */
const isAtWork = (process: FoundProcess) => isEsbuild(process) && process.ticks > 15;
const isNode = ({ command }: FoundProcess) => command.includes('esbuild-child');

const found = (what: string, is: (process: FoundProcess) => boolean) =>
  eventually(what, async () => (await processesIn(temporary())).find(is));

/** A child that does what the script says, in place of ours. */
async function acting(script: string): Promise<{ childPath: string }> {
  const childPath = `${temporary()}-esbuild-child.mjs`;
  await writeFile(childPath, script);
  return { childPath };
}
afterAll(() => rm(`${temporary()}-esbuild-child.mjs`, { force: true }));

describe('a process of the compiler that is killed from outside', () => {
  test.each([
    ['esbuild', isEsbuild],
    ['the process that runs esbuild', isNode],
  ])('is started again: %s', async (_, isVictim) => {
    await using compiler = createCompiler(runtime);
    const compiling = compiler.compile(await snapshotOf(SLOW));
    await found('esbuild works', isAtWork);
    process.kill((await found('the victim works', isVictim)).pid, 'SIGKILL');
    expect((await compiling).modules).toHaveLength(801);
  });

  test('before there is anything to do does no harm', async () => {
    await using compiler = createCompiler(runtime);
    process.kill((await found('the spare is there', isNode)).pid, 'SIGKILL');
    await eventually('the spare is gone', async () => (await processesIn(temporary())).length === 0);
    expect((await compiler.compile(await snapshotOf(GOOD))).modules).toHaveLength(1);
  });

  test('each time is a failure of the system, not of the source', async () => {
    let isOver = false;
    await using compiler = createCompiler(runtime);
    const compiling = compiler.compile(await snapshotOf(GOOD)).finally(() => {
      isOver = true;
    });
    compiling.catch(() => {});
    await eventually('the compiler gives up', async () => {
      for (const { pid } of await processesIn(temporary())) process.kill(pid, 'SIGKILL');
      return isOver;
    });
    await expect(compiling).rejects.toEqual(withCode('BUNDLE_FAILED'));
  });

  test('together with its parent takes esbuild and the temporary folder along', async () => {
    const parent = startParent(TIME_BOMB);
    await found('esbuild works', isAtWork);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await eventually('all processes are gone', async () => (await processesIn(temporary())).length === 0);
  });

  test('by its parent as soon as it has answered leaves nothing either', async () => {
    for (let round = 0; round < 5; round++) {
      const parent = startParent(GOOD);
      // A word for each compilation: killed after the first, it dies while it tidies up and starts again.
      await once(parent.stdout, 'data');
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
    await eventually('all processes are gone', async () => (await processesIn(temporary())).length === 0);
  });
});

/** A process of its own that compiles the files again and again, and says a word each time. */
function startParent(files: Files) {
  const module = (path: string) => JSON.stringify(new URL(`../../../action/${path}`, import.meta.url).href);
  const all = Object.entries({ 'permaframe.json': JSON.stringify(APP), ...files });
  const script = `
    const { createCompiler } = await import(${module('adapters/esbuild.ts')});
    const { createSnapshot } = await import(${module('core/snapshot.ts')});
    const files = ${JSON.stringify(all)}.map(([path, text]) => [path, new TextEncoder().encode(text)]);
    const snapshot = await createSnapshot(new Map(files));
    const runtime = { manifest: { engines: { react: { libraries: {} } }, inlined: {} } };
    for (;;) {
      await using compiler = createCompiler(runtime);
      await compiler.compile(snapshot);
      console.log('compiled');
    }`;
  const parent = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  parent.stdin.end(script);
  return parent;
}

describe('an installation that does not work', () => {
  test.each([
    ['esbuild ends at once', { esbuildPath: '/bin/false' }],
    ['esbuild is another program', { esbuildPath: '/bin/cat' }],
    ['the child is missing', { childPath: fileURLToPath(new URL('./nowhere.ts', import.meta.url)) }],
  ])('is a failure of the system: %s', async (_, options) => {
    await using compiler = createCompiler(runtime, { ...options, timeoutMilliseconds: 10_000 });
    await expect(compiler.compile(await snapshotOf(GOOD))).rejects.toEqual(withCode('BUNDLE_FAILED'));
  });

  test('is one too when the child ends without a word', async () => {
    await using compiler = createCompiler(runtime, await acting("process.once('message', () => process.exit(0))"));
    await expect(compiler.compile(await snapshotOf(GOOD))).rejects.toEqual(withCode('BUNDLE_FAILED'));
  });

  test('is one too when our own code throws, and the cause is kept', async () => {
    const answer = { kind: 'broken', reason: 'a bug' };
    const script = `process.once('message', () => process.send(${JSON.stringify(answer)}))`;
    await using compiler = createCompiler(runtime, await acting(script));
    const error = await compiler.compile(await snapshotOf(GOOD)).catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('BUNDLE_FAILED'));
    expect((error as Error).cause).toEqual(new Error('a bug'));
  });

  test('is one too when there is no room for a temporary folder', async () => {
    process.env.TMPDIR = '/nowhere/at/all';
    const compiler = createCompiler(runtime);
    const compiling = compiler.compile(await snapshotOf(GOOD));
    await expect(compiling).rejects.toEqual(withCode('BUNDLE_FAILED'));
    process.env.TMPDIR = temporary();
    expect((await compiler.compile(await snapshotOf(GOOD))).modules).toHaveLength(1);
  });
});

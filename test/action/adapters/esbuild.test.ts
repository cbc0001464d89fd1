import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCompiler } from '../../../action/adapters/esbuild.ts';
import type { Runtime } from '../../../action/core/ports.ts';
import { formatProblem } from '../../support/compiling.ts';
import { eventually, type FoundProcess, ownTemporaryFolder, processesIn } from '../../support/processes.ts';
import { sharedRuntime } from '../../support/runtime.ts';
import { type Files, snapshotOf } from '../../support/snapshots.ts';
import { withCode } from '../../support/store-contract.ts';
import { enumBomb, HEAVY_PROJECTS, MEMORY_BOMBS, REFUSED_BOMBS, STACK_BOMB, TIME_BOMB } from './bombs.ts';

/** What small projects need, two or three times over. */
const LOW_MEMORY = 300_000_000;
const GOOD: Files = { 'app.tsx': 'export default () => 1;' };

const temporary = ownTemporaryFolder();
let runtime: Runtime;
beforeAll(async () => {
  runtime = (await sharedRuntime()).runtime;
});

const limited = () => createCompiler(runtime, { memoryBytes: LOW_MEMORY });

async function errorOf(files: Files, options: Parameters<typeof createCompiler>[1], signal?: AbortSignal) {
  await using compiler = createCompiler(runtime, options);
  return compiler.compile(await snapshotOf(files), signal).then(
    () => 'it compiles',
    (error: unknown) => error as Error,
  );
}

describe('a bomb', () => {
  test.each(Object.entries(MEMORY_BOMBS))('of %s ends at the limit on memory', async (_, files) => {
    const error = await errorOf(files, { memoryBytes: LOW_MEMORY });
    expect(error).toEqual(withCode('BUNDLE_TOO_LARGE'));
    expect((error as Error).message).toContain('more than 300 MB of memory, which is the limit');
  });

  test.each(Object.entries(REFUSED_BOMBS))('of %s is refused at its place', async (_, { files, code, place }) => {
    const error = await errorOf(files, {});
    expect(error).toEqual(withCode(code));
    expect((error as Error).message).toMatch(new RegExp(`^${place}`));
  });

  test('that takes too long ends at the limit on time', async () => {
    const error = await errorOf(TIME_BOMB, { timeoutMilliseconds: 1500 });
    expect(error).toEqual(withCode('BUNDLE_TIMEOUT'));
    expect((error as Error).message).toBe('compiling took more than 1.5 seconds, which is the limit');
  });

  test('that overflows the stack of esbuild is told to be too deep', async () => {
    expect(await errorOf(STACK_BOMB, { memoryBytes: 4e9 })).toEqual(withCode('BUNDLE_TOO_DEEP'));
  });

  test('does not keep the next project, or one beside it, from being compiled', async () => {
    await using compiler = limited();
    const bomb = await snapshotOf(enumBomb(26));
    const good = await snapshotOf(GOOD);
    const [one, two] = await Promise.allSettled([compiler.compile(bomb), compiler.compile(good)]);
    expect([one.status, two.status]).toEqual(['rejected', 'fulfilled']);
    expect((await compiler.compile(good)).modules).toHaveLength(1);
  });
});

describe('a heavy project', () => {
  test.each(Object.entries(HEAVY_PROJECTS))('of %s compiles', async (_, { files, modules }) => {
    await using compiler = createCompiler(runtime);
    expect((await compiler.compile(await snapshotOf(files))).modules).toHaveLength(modules);
  });
});

describe('a compiler', () => {
  test('compiles two snapshots at once, each in a process of its own', async () => {
    await using compiler = limited();
    const texts = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const { modules } = await compiler.compile(await snapshotOf({ 'app.tsx': `export default () => ${n};` }));
        return modules[0]?.text;
      }),
    );
    expect(texts).toEqual([1, 2, 3].map((n) => expect.stringContaining(`()=>${n};`)));
  });

  test('reports what is wrong in the sources as it does in one process', async () => {
    const error = await errorOf({ 'app.tsx': "import './missing'; import 'lodash';" }, {});
    expect(error).toEqual(withCode('IMPORT_NOT_FOUND'));
    const { diagnostics } = error as Error & { diagnostics: Parameters<typeof formatProblem>[0][] };
    expect(diagnostics.map(formatProblem)).toEqual(['IMPORT_NOT_FOUND app.tsx:1:8', 'IMPORT_NOT_ALLOWED app.tsx:1:28']);
  });

  test('that is disposed of without use, or twice, leaves nothing', async () => {
    const compiler = limited();
    await compiler[Symbol.asyncDispose]();
    await compiler[Symbol.asyncDispose]();
  });

  test('ends at once when it is told to, with the reason that it was given', async () => {
    const abort = new AbortController();
    const reason = new Error('the person pressed Cancel');
    const error = errorOf(TIME_BOMB, {}, abort.signal);
    await eventually('esbuild works', async () => (await processesIn(temporary())).some(isAtWork));
    abort.abort(reason);
    expect(await error).toBe(reason);
    expect(await errorOf(GOOD, {}, abort.signal)).toBe(reason);
  });

  test('gives its processes no variable and no file to read', async () => {
    process.env.PERMAFRAME_CANARY = 'token';
    const abort = new AbortController();
    const error = errorOf(TIME_BOMB, {}, abort.signal);
    const found = await eventually('esbuild works', async () => {
      const all = await processesIn(temporary());
      return all.some(isAtWork) && all;
    });
    delete process.env.PERMAFRAME_CANARY;
    for (const { pid } of found) expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('token');
    const limits = await readFile(`/proc/${found.find(isEsbuild)?.pid}/limits`, 'utf8');
    expect(limits).toMatch(/^Max open files +5 +5 /m);
    abort.abort();
    expect(await error).toBe(abort.signal.reason);
  });
});

const isEsbuild = ({ command }: FoundProcess) => command.includes('--service=');
const isAtWork = (process: FoundProcess) => isEsbuild(process) && process.ticks > 15;

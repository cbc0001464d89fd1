import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADMIN, type Arguments, NOBODY } from '../../../../scripts/stack/convex/backend.ts';
import { openJournal } from '../../../../scripts/stack/convex/journal.ts';
import { eventually, openBackend, type TestBackend, temporaryFolder } from './fixture.ts';

const hour = 3_600_000;

afterEach(() => void vi.useRealTimers());

const rows = (test: TestBackend, table: string) =>
  Object.values(test.backend.documents()).filter(({ _id }) => _id.endsWith(table));

describe('the database over restarts', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 12 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('send' as const), text: word, big: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
    fc.record({
      do: fc.constantFrom('edit' as const, 'remove' as const, 'cancel' as const),
      which: fc.nat(),
      text: word,
    }),
    fc.record({ do: fc.constantFrom('add' as const, 'fail' as const, 'later' as const), text: word }),
    fc.record({ do: fc.constantFrom('keep' as const, 'deleteFile' as const), which: fc.nat(), text: word }),
    fc.record({ do: fc.constant('restart' as const) }),
  );

  async function apply(
    test: TestBackend,
    command: Exclude<typeof step extends fc.Arbitrary<infer S> ? S : never, { do: 'restart' }>,
  ) {
    const pick = (table: string, which: number) => rows(test, table).at(which % (rows(test, table).length || 1))?._id;
    const run = async (path: string, args: Arguments) => void (await test.run(path, args));
    switch (command.do) {
      case 'send': {
        const blob = new TextEncoder().encode(command.text).buffer as ArrayBuffer;
        return await run('messages:send', { channel: 'c', text: command.text, big: command.big, blob });
      }
      case 'add':
        return await run('messages:add', { name: command.text });
      case 'fail':
        return await expect(run('messages:addTwiceAndFail', { name: command.text, data: 'no' })).rejects.toThrow('no');
      case 'later':
        return await run('messages:addLater', { name: command.text, delay: hour });
      case 'keep':
        return await run('nested/actions:keep', { text: command.text });
      case 'edit':
      case 'remove':
      case 'cancel':
      case 'deleteFile': {
        const table = { edit: 'messages', remove: 'messages', cancel: '_scheduled_functions', deleteFile: '_storage' };
        const id = pick(table[command.do], command.which);
        if (id === undefined) return;
        return await run(`messages:${command.do}`, { id, ...(command.do === 'edit' ? { text: command.text } : {}) });
      }
    }
  }

  it('is the same after any history, ids and creation times included', async () => {
    const histories = fc.array(step, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        await using folder = await temporaryFolder();
        let test = await openBackend(folder.path);
        for (const command of [...history, { do: 'restart' as const }]) {
          if (command.do !== 'restart') {
            await apply(test, command);
            continue;
          }
          const before = structuredClone(test.backend.documents());
          const ts = test.backend.timestamp();
          const texts = await Promise.all(rows(test, '_storage').map(({ _id }) => test.backend.readFile(_id)?.text()));
          await test[Symbol.asyncDispose]();
          test = await openBackend(folder.path);
          expect(test.backend.documents()).toEqual(before);
          expect(test.backend.timestamp()).toBeGreaterThanOrEqual(ts);
          expect(
            await Promise.all(rows(test, '_storage').map(({ _id }) => test.backend.readFile(_id)?.text())),
          ).toEqual(texts);
          const next = String(await test.run('messages:send', { channel: 'next', text: 'x' }));
          expect(Object.keys(before)).not.toContain(next);
        }
        await test[Symbol.asyncDispose]();
      }),
      { numRuns: 60 },
    );
  });

  it('is that of the last whole commit, wherever a crash cut the journal off', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'journal.jsonl');
    const states = [{}];
    await using test = await openBackend(folder.path);
    for (const text of ['a', 'ü', '日本', '\n']) {
      await test.run('messages:send', { channel: 'c', text });
      states.push(structuredClone(test.backend.documents()));
    }
    const whole = readFileSync(file);
    for (let length = 0; length <= whole.length; length += 1) {
      const cut = join(folder.path, 'cut.jsonl');
      writeFileSync(cut, whole.subarray(0, length));
      const { restored, journal } = openJournal(cut);
      journal[Symbol.dispose]();
      const commits = whole.subarray(0, length).toString('latin1').split('\n').length - 1;
      expect(restored.documents).toEqual(states[commits]);
      expect(readFileSync(cut, 'latin1').replace(/.*\n/g, '')).toBe('');
    }
  });

  it('refuses a journal with a line in its middle that cannot be read', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(join(folder.path, 'journal.jsonl'), 'nonsense\n{}\n');
    await expect(openBackend(folder.path)).rejects.toThrow('line 1 cannot be read');
  });

  it('stays small: a start writes a long journal anew', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'journal.jsonl');
    const first = await openBackend(folder.path);
    for (let time = 0; time < 1100; time += 1) await first.run('messages:add', { name: 'same' });
    const before = structuredClone(first.backend.documents());
    await first[Symbol.asyncDispose]();
    await (await openBackend(folder.path))[Symbol.asyncDispose]();
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(10);
    await using again = await openBackend(folder.path);
    expect(again.backend.documents()).toEqual(before);
  });
});

describe('mutations', () => {
  it('leave nothing behind when they fail, nested ones included', async () => {
    await using test = await openBackend(null);
    await expect(test.run('messages:addTwiceAndFail', { name: 'n', data: { code: 'X' } })).rejects.toMatchObject({
      data: { code: 'X' },
    });
    expect(await test.run('messages:count', { name: 'n' })).toBe(0);
  });

  it('leave nothing behind when their validator refuses what they return', async () => {
    await using test = await openBackend(null);
    await expect(test.run('messages:badReturn', { name: 'n' })).rejects.toThrow('Return value validation failed');
    expect(await test.run('messages:count', { name: 'n' })).toBe(0);
  });

  it('run once when a client asks twice, over restarts and at the same time', async () => {
    await using folder = await temporaryFolder();
    const first = await openBackend(folder.path);
    const ask = (test: TestBackend) => test.backend.mutation('messages:add', { name: 'n' }, NOBODY, 'session 1');
    const [one, two] = await Promise.all([ask(first), ask(first)]);
    expect(two).toEqual(one);
    await first[Symbol.asyncDispose]();
    await using second = await openBackend(folder.path);
    expect(await ask(second)).toEqual(one);
    expect(await second.run('messages:count', { name: 'n' })).toBe(1);
  });

  it('are in order with what actions store at the same time', async () => {
    await using test = await openBackend(null);
    const mutations = Array.from({ length: 20 }, () => test.run('messages:add', { name: 'n' }));
    const failing = Array.from({ length: 20 }, () =>
      test.run('messages:addTwiceAndFail', { name: 'n', data: 'no' }).catch(() => null),
    );
    const stored = await Promise.all(
      Array.from({ length: 20 }, (_, n) => test.run('nested/actions:keep', { text: `${n}` })),
    );
    await Promise.all([...mutations, ...failing]);
    expect(await test.run('messages:count', { name: 'n' })).toBe(20);
    const texts = stored.map((id) => test.run('nested/actions:readBack', { id: String(id) }));
    expect(await Promise.all(texts)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
  });

  it('that fail do not take back what actions delete at the same time', async () => {
    await using test = await openBackend(null);
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => test.run('nested/actions:keep', { text: `${n}` })),
    );
    const failing = () => test.run('messages:addTwiceAndFail', { name: 'n', data: 'no' }).catch(() => null);
    await Promise.all(
      ids.flatMap((id) => [failing(), test.run('nested/actions:discard', { id: String(id) }), failing()]),
    );
    expect(rows(test, '_storage')).toEqual([]);
  });
});

describe('limits of Convex', () => {
  it('for documents and transactions are kept', async () => {
    await using test = await openBackend(null);
    const write = (count: number, bytes: number) => test.run('messages:sendMany', { count, bytes });
    await expect(write(1, 1024 * 1024)).rejects.toThrow('maximum size 1 MiB');
    await expect(write(17, 1_000_000)).rejects.toThrow('Wrote too much data');
    expect(rows(test, 'messages')).toEqual([]);
    for (let time = 0; time < 3; time += 1) await write(6, 1_000_000);
    await expect(test.run('messages:list', { channel: 'many' })).rejects.toThrow('Read too much data');
  });

  it('are those of each query, not of all that a client watches', async () => {
    await using test = await openBackend(null);
    await test.run('messages:sendMany', { count: 10, bytes: 1_000_000 });
    const read: number[] = [];
    await test.backend.readTogether(NOBODY, async (query) => {
      for (let time = 0; time < 3; time += 1) {
        read.push(((await query('messages:list', { channel: 'many' }, {})) as string[]).length);
      }
    });
    expect(read).toEqual([10, 10, 10]);
  });
});

describe('functions', () => {
  it('that are internal are hidden from everybody but the admin', async () => {
    await using test = await openBackend(null);
    await expect(test.backend.query('messages:secret', {}, NOBODY)).rejects.toThrow(
      "Could not find public function for 'messages:secret'",
    );
    expect(await test.backend.query('messages:secret', {}, ADMIN)).toBe('hidden');
  });

  it.each(['nowhere:list', 'messages:nothing', 'messages:default', 'schema:default', '../evil:x', 'crons:default'])(
    'that do not exist are not found: %s',
    async (path) => {
      await using test = await openBackend(null);
      await expect(test.run(path)).rejects.toThrow('Could not find function');
    },
  );

  it('are called as what they are', async () => {
    await using test = await openBackend(null);
    const call = test.backend.query('messages:add', { name: 'n' }, NOBODY);
    await expect(call).rejects.toThrow('Trying to execute messages:add as Query, but it is defined as Mutation.');
  });
});

describe('scheduled functions', () => {
  const kinds = async (test: TestBackend) =>
    ((await test.run('messages:jobs')) as { state: { kind: string } }[]).map(({ state }) => state.kind);

  it('run at their time', async () => {
    await using test = await openBackend(null);
    await test.run('messages:addLater', { name: 'n', delay: 60 });
    await sleep(20);
    expect(await test.run('messages:count', { name: 'n' })).toBe(0);
    await eventually(
      () => test.run('messages:count', { name: 'n' }),
      (count) => count === 1,
    );
    expect(await kinds(test)).toEqual(['success']);
  });

  it('that are a month away do not run at once', async () => {
    await using test = await openBackend(null);
    await test.run('messages:addLater', { name: 'n', delay: 30 * 24 * hour });
    await sleep(20);
    expect(await kinds(test)).toEqual(['pending']);
  });

  it('do not run once they are cancelled', async () => {
    await using test = await openBackend(null);
    const id = await test.run('messages:addLater', { name: 'n', delay: 20 });
    await test.run('messages:cancel', { id: id as string });
    await sleep(40);
    expect(await kinds(test)).toEqual(['canceled']);
    expect(await test.run('messages:count', { name: 'n' })).toBe(0);
  });

  it('that were due while nothing ran, run after the restart, once', async () => {
    await using folder = await temporaryFolder();
    const first = await openBackend(folder.path);
    await first.run('messages:addLater', { name: 'n', delay: 30 });
    await first[Symbol.asyncDispose]();
    await sleep(50);
    for (let start = 0; start < 3; start += 1) {
      await using test = await openBackend(folder.path);
      await eventually(
        () => test.run('messages:count', { name: 'n' }),
        (count) => count === 1,
      );
      await sleep(20);
      expect(await test.run('messages:count', { name: 'n' })).toBe(1);
      expect(await kinds(test)).toEqual(['success']);
    }
  });

  it('that fail are logged, with what was thrown, and end as failed', async () => {
    await using test = await openBackend(null);
    const rejected = vi.fn();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', rejected);
    await test.run('messages:failLater');
    await eventually(
      () => kinds(test),
      ([kind]) => kind === 'failed',
    );
    await eventually(
      () => rejected.mock.calls.length,
      (calls) => calls > 0,
    );
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
    expect(test.logged.join('\n')).toContain('nested/actions:explode: Error: explosion');
  });

  it('wait for the hand of a test, with false timers', async () => {
    vi.useFakeTimers();
    await using test = await openBackend(null);
    await test.run('messages:addLater', { name: 'n', delay: 40 * 24 * hour });
    await vi.advanceTimersByTimeAsync(39 * 24 * hour);
    expect(await test.run('messages:count', { name: 'n' })).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * 24 * hour);
    expect(await test.run('messages:count', { name: 'n' })).toBe(1);
  });
});

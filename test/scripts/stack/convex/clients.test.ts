import { connect } from 'node:net';
import { ConvexHttpClient } from 'convex/browser';
import { ConvexReactClient } from 'convex/react';
import { ConvexError } from 'convex/values';
import { describe, expect, it, onTestFinished } from 'vitest';
import { api, eventually, newName, setUpServer, watch } from './fixture.ts';

const suite = setUpServer();

describe('ConvexHttpClient', () => {
  it('calls queries, mutations and actions, with every type of value', async () => {
    const channel = newName();
    const blob = new Uint8Array([0, 255]).buffer;
    const id = await suite.http.mutation(api.messages.send, { channel, text: 'ü', big: -5n, blob });
    expect(id).toMatch(/^\d+messages$/);
    const all = (await suite.http.query(api.messages.documents, {})) as { _id: string }[];
    const row = all.find(({ _id }) => _id === id);
    expect(row).toEqual({ _id: id, _creationTime: expect.any(Number), channel, text: 'ü', big: -5n, blob });
    const name = newName();
    expect(await suite.http.action(api.nested.actions.addTwice, { name })).toMatchObject({ value: 2 });
  });

  it('gets the data of a ConvexError, and from a mutation through an action', async () => {
    const failed = suite.http.query(api.messages.fail, {});
    await expect(failed).rejects.toBeInstanceOf(ConvexError);
    await expect(failed).rejects.toMatchObject({ data: { code: 'ON_PURPOSE', count: 3n } });
    const inner = suite.http.action(api.nested.actions.failAfterWrite, { name: newName() });
    await expect(inner).rejects.toMatchObject({ data: { code: 'INNER', big: 5n } });
  });

  it('gets the message of another error without a path of this machine, which is in the log with its stack', async () => {
    const failed = suite.http.mutation(api.messages.addTwiceAndFail, { name: newName(), data: null });
    const error = await failed.then(
      () => null,
      (cause: Error) => cause,
    );
    expect(error?.message).toMatch(/^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught Error: plain failure\n/);
    expect(error?.message).not.toContain('/');
    await eventually(
      () => suite.logged.join('\n'),
      (log) => /plain failure\n.*convex-app\/messages\.ts/.test(log),
    );
  });

  it('cannot call internal functions, and nobody can with a wrong key', async () => {
    await expect(suite.http.query(api.messages.secret, {})).rejects.toThrow(
      "Could not find public function for 'messages:secret'",
    );
    expect(await suite.server.run('messages:secret')).toBe('hidden');
    const body = JSON.stringify({ path: 'messages:secret', args: {} });
    const answer = await fetch(`${suite.server.url}/api/function`, {
      method: 'POST',
      headers: { Authorization: 'Convex guess' },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'BadAdminKey' }]);
  });

  it('gets arguments refused that the validator refuses', async () => {
    await expect(suite.http.mutation(api.messages.add, { name: 5 })).rejects.toThrow('Validator error');
  });

  it('reads several queries of one moment, and is told when that moment is over', async () => {
    const client = new ConvexHttpClient(suite.server.url);
    const name = newName();
    expect(await client.consistentQuery(api.messages.count, { name })).toBe(0);
    expect(await client.consistentQuery(api.messages.count, { name })).toBe(0);
    await suite.http.mutation(api.messages.add, { name });
    await expect(client.consistentQuery(api.messages.count, { name })).rejects.toThrow('does not read the past');
  });

  it.each([
    ['POST', '/api/push_config', 404],
    ['GET', '/api/query', 404],
    ['POST', '/api/query', 400],
  ])('what is not served is refused by name: %s %s', async (method, path, status) => {
    const answer = await fetch(suite.server.url + path, { method, ...(method === 'POST' ? { body: 'no json' } : {}) });
    expect(answer.status).toBe(status);
  });

  it('the functions see the environment that they were given, and nothing else', async () => {
    const environment = await suite.http.action(api.nested.actions.environment, {});
    const { url: CONVEX_CLOUD_URL, siteUrl: CONVEX_SITE_URL } = suite.server;
    expect(environment).toEqual({
      TEST_ISSUER: suite.issuer.peopleIssuer,
      ONLY: 'this',
      CONVEX_CLOUD_URL,
      CONVEX_SITE_URL,
    });
  });
});

describe('ConvexClient', () => {
  it('sees what itself, another client, an action, an HTTP action and the scheduler change, in less than 100 ms', async () => {
    const name = newName();
    const [one, two] = [suite.liveClient(), suite.liveClient()];
    const watched = [
      watch<number>(one, api.messages.count, { name }),
      watch<number>(two, api.messages.count, { name }),
    ];
    await eventually(
      () => watched.map(({ seen }) => seen),
      (seen) => seen.every((values) => values.at(-1) === 0),
    );
    const changes = [
      () => one.mutation(api.messages.add, { name }),
      () => suite.http.mutation(api.messages.add, { name }),
      () => two.action(api.nested.actions.addTwice, { name }),
      () => fetch(`${suite.server.siteUrl}/add/${name}`),
      () => suite.http.mutation(api.messages.addLater, { name, delay: 0 }),
    ];
    const visible: number[] = [];
    for (const change of [...changes, ...changes, ...changes]) {
      const before = watched[0]?.seen.at(-1) ?? 0;
      const begin = performance.now();
      await change();
      await eventually(
        () => watched.map(({ seen }) => seen.at(-1) ?? 0),
        (counts) => counts.every((count) => count > before),
      );
      visible.push(performance.now() - begin);
    }
    await eventually(
      () => watched.map(({ seen }) => seen.at(-1)),
      (counts) => counts.every((count) => count === 18),
    );
    // The median: other suites run beside this one.
    expect(visible.sort((a, b) => a - b)[7]).toBeLessThan(100);
  });

  it('has seen its own mutation when the mutation resolves', async () => {
    const channel = newName();
    const client = suite.liveClient();
    const { seen } = watch<string[]>(client, api.messages.list, { channel });
    for (const text of ['a', 'b', 'c']) {
      await client.mutation(api.messages.send, { channel, text });
      expect(seen.at(-1)).toContain(text);
    }
  });

  it('has its mutations done in order, and optimistic updates give way to the truth without a flash of the past', async () => {
    const channel = newName();
    const client = suite.liveClient();
    const { seen } = watch<string[]>(client, api.messages.list, { channel });
    await eventually(
      () => seen.length,
      (length) => length === 1,
    );
    const texts = Array.from({ length: 30 }, (_, n) => String(n));
    const sent = texts.map((text) =>
      client.mutation(
        api.messages.send,
        { channel, text },
        {
          optimisticUpdate: (store) => {
            const before = store.getQuery(api.messages.list, { channel }) as string[];
            store.setQuery(api.messages.list, { channel }, [...before, text]);
          },
        },
      ),
    );
    await Promise.all(sent);
    expect(seen.at(-1)).toEqual(texts);
    for (const [index, value] of seen.entries())
      expect(value.length).toBeGreaterThanOrEqual(seen[index - 1]?.length ?? 0);
  });

  it('hears only of queries that changed, and nothing after it stopped', async () => {
    const [name, other] = [newName(), newName()];
    const client = suite.liveClient();
    const quiet = watch<number>(client, api.messages.count, { name: other });
    const loud = watch<number>(client, api.messages.count, { name });
    await eventually(
      () => [quiet.seen.length, loud.seen.length],
      (lengths) => lengths.every((length) => length === 1),
    );
    await client.mutation(api.messages.add, { name });
    loud.stop();
    await client.mutation(api.messages.add, { name });
    await client.mutation(api.messages.add, { name: newName() });
    expect([quiet.seen, loud.seen]).toEqual([[0], [0, 1]]);
  });

  it('gets the data of a ConvexError, from queries, mutations and actions', async () => {
    const client = suite.liveClient();
    const { errors } = watch(client, api.messages.fail, {});
    await eventually(
      () => errors.length,
      (length) => length === 1,
    );
    expect(errors).toMatchObject([{ data: { code: 'ON_PURPOSE', count: 3n } }]);
    const name = newName();
    const mutation = client.mutation(api.messages.addTwiceAndFail, { name, data: { code: 'MUTATION' } });
    await expect(mutation).rejects.toMatchObject({ data: { code: 'MUTATION' } });
    const action = client.action(api.nested.actions.failAfterWrite, { name });
    await expect(action).rejects.toMatchObject({ data: { code: 'INNER', big: 5n } });
    expect(await client.query(api.messages.count, { name })).toBe(0);
  });

  it('keeps a page where it ended, however many are written before it', async () => {
    const channel = newName();
    for (const text of ['1', '2', '3']) await suite.http.mutation(api.messages.send, { channel, text });
    const client = suite.liveClient();
    interface Page {
      page: { text: string }[];
      continueCursor: string;
    }
    const { seen } = watch<Page>(client, api.messages.page, { paginationOpts: { numItems: 2, cursor: null, id: 1 } });
    await eventually(
      () => seen.length,
      (length) => length === 1,
    );
    await client.mutation(api.messages.send, { channel, text: '4' });
    expect(seen.at(-1)?.page.map(({ text }) => text)).toEqual(['4', '3', '2']);
    expect(seen.at(-1)?.continueCursor).toBe(seen[0]?.continueCursor);
  });

  it('ConvexReactClient watches, mutates and acts in plain Node', async () => {
    const name = newName();
    const client = new ConvexReactClient(suite.server.url, { logger: false });
    onTestFinished(() => client.close());
    const watched = client.watchQuery(api.messages.count, { name });
    const seen: unknown[] = [];
    watched.onUpdate(() => seen.push(watched.localQueryResult()));
    expect(await client.mutation(api.messages.add, { name })).toBe(1);
    expect(await client.action(api.nested.actions.addTwice, { name })).toMatchObject({ value: 3 });
    await eventually(
      () => seen.at(-1),
      (count) => count === 3,
    );
    expect(await client.query(api.messages.count, { name })).toBe(3);
  });

  it('survives a client that speaks nonsense', async () => {
    const socket = new WebSocket(`${suite.server.url.replace('http', 'ws')}/api/1.0.0/sync`);
    const answers: string[] = [];
    socket.onmessage = ({ data }) => answers.push(data);
    socket.onopen = () => socket.send('{"type":"Nonsense"}');
    await eventually(
      () => socket.readyState,
      (state) => state === WebSocket.CLOSED,
    );
    expect(answers.join('')).toContain('FatalError');
    const raw = connect(Number(new URL(suite.server.url).port), '127.0.0.1', () => raw.end('GET / HTTP/9\r\n\r\n'));
    raw.on('error', () => undefined);
    expect(await suite.http.query(api.messages.count, { name: 'any' })).toBe(0);
  });
});

describe('crons', () => {
  it('run', async () => {
    const ticks = async () =>
      ((await suite.http.query(api.messages.runs, {})) as { what: string }[]).map(({ what }) => what);
    const seen = await eventually(ticks, (runs) => runs.length >= 3);
    expect(new Set(seen)).toEqual(new Set(['tick']));
  });
});

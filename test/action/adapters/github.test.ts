import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createGitHub, type GitHub, type GitHubConfig, retryAtOf } from '../../../action/adapters/github.ts';
import type { Clock } from '../../../action/adapters/retry.ts';
import type { DispatchPayload } from '../../../action/contract/dispatch.ts';
import type { PermaframeError } from '../../../action/contract/errors.ts';
import { runName } from '../../../action/contract/reports.ts';
import { findFreePort } from '../../../scripts/stack/free-port.ts';
import { snapshotOf, startTestGitHub, TEST_REPOSITORY, TEST_TOKEN } from '../../support/github.ts';

const payload: DispatchPayload = {
  publish: 'publish1',
  thread: 'launch',
  project: 'film',
  version: 3,
  sha: 'a'.repeat(40),
  outputs: ['page'],
  callback: 'https://example.convex.site/permaframe/report',
};

/** A clock on which waiting takes no time, and is remembered. */
function fakeClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  const now = () => Date.UTC(2026, 10, 20) + slept.reduce((sum, each) => sum + each, 0);
  return { slept, now, sleep: async (milliseconds) => void slept.push(milliseconds), random: () => 0.5 };
}

async function failure(promise: Promise<unknown>): Promise<PermaframeError> {
  return promise.then(
    () => expect.unreachable(),
    (error: PermaframeError) => error,
  );
}

describe('a dispatch', () => {
  it('starts a run that is found by its name', async () => {
    await using test = await startTestGitHub();
    await test.github.dispatch(payload);
    await test.standIn.idle();
    const since = Date.now();
    const runs = await test.github.findRuns({ name: runName('launch', 3, 'publish1'), since });
    expect(runs).toEqual([
      {
        id: expect.any(Number),
        attempt: 1,
        status: 'completed',
        conclusion: 'success',
        url: expect.stringMatching(/^http/),
      },
    ]);
    expect(await test.github.getRun(runs[0]?.id ?? 0)).toEqual(runs[0]);
    expect(await test.github.findRuns({ name: runName('launch', 3, 'publish'), since })).toEqual([]);
    expect(await test.github.findRuns({ name: runName('launch', 3, 'publish1'), since: since + 3_600_000 })).toEqual(
      [],
    );
  });

  it('is refused before it is sent when the payload breaks the contract', async () => {
    await using test = await startTestGitHub();
    await expect(test.github.dispatch({ ...payload, thread: '$(id)' })).rejects.toThrow();
    const video = { format: 'gif', quality: 'low', resolution: 'own', fps: 'own', posterFrame: null } as const;
    const { outputs: _, publish: render, ...place } = payload;
    const asked = { ...place, render, artifactHash: 'not a hash', video };
    await expect(test.github.dispatchRender(asked)).rejects.toThrow('artifactHash');
    expect(test.standIn.seen).toEqual([]);
  });

  it('may start two runs when its answer gets lost, both found, the newest first', async () => {
    await using test = await startTestGitHub();
    test.standIn.faults.push({ path: /dispatches/, fault: { kind: 'doThenAnswer', status: 502 } });
    await test.github.dispatch(payload);
    const runs = await test.github.findRuns({ name: runName('launch', 3, 'publish1'), since: Date.now() });
    expect(runs).toHaveLength(2);
    expect(runs[0]?.id).toBeGreaterThan(runs[1]?.id ?? 0);
  });

  it('is found among more runs than GitHub lists at a time', async () => {
    await using test = await startTestGitHub({ execute: async () => 'success', maxRunning: 200 });
    for (let i = 0; i < 105; i++) await test.github.dispatch({ ...payload, publish: `p${i}` });
    expect(await test.github.findRuns({ name: runName('launch', 3, 'p0'), since: Date.now() })).toHaveLength(1);
  });
});

describe('a run', () => {
  it('is cancelled while it is executed, and not afterwards', async () => {
    const untilCancelled = (signal: AbortSignal) =>
      new Promise<'cancelled'>((resolve) => signal.addEventListener('abort', () => resolve('cancelled')));
    await using test = await startTestGitHub({ execute: (_, signal) => untilCancelled(signal) });
    await test.github.dispatch(payload);
    const [run] = await test.github.findRuns({ name: runName('launch', 3, 'publish1'), since: Date.now() });
    expect(run).toMatchObject({ status: 'in_progress', conclusion: null });
    expect(await test.github.cancelRun(run?.id ?? 0)).toBe('cancelling');
    await test.standIn.idle();
    expect(await test.github.getRun(run?.id ?? 0)).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    expect(await test.github.cancelRun(run?.id ?? 0)).toBe('over');
  });

  it('that does not exist is not the same as a repository that is not shown', async () => {
    await using test = await startTestGitHub();
    expect(await test.github.getRun(7)).toBeNull();
    expect(await test.github.cancelRun(7)).toBe('missing');
    const auth = { kind: 'token', token: TEST_TOKEN } as const;
    const elsewhere = createGitHub({ apiUrl: test.standIn.apiUrl, repository: 'local/other', auth });
    expect(await failure(elsewhere.getRun(7))).toMatchObject({ code: 'DISPATCH_MISSING' });
    expect(await failure(elsewhere.cancelRun(7))).toMatchObject({ code: 'DISPATCH_MISSING' });
  });
});

describe('a commit status', () => {
  it('is one line that GitHub takes, whatever the reason says', async () => {
    await using test = await startTestGitHub();
    const { commit } = await test.github.commitSnapshot(await snapshotOf({ 'permaframe.json': '{}' }));
    await test.github.setStatus({ sha: commit, state: 'pending', description: 'Publishing' });
    const description = `SYNTAX_ERROR:\n${'😀'.repeat(200)}`;
    const targetUrl = 'https://share.example.com/p/launch/1';
    await test.github.setStatus({ sha: commit, state: 'failure', description, targetUrl });
    expect(test.standIn.statuses).toMatchObject([
      { sha: commit, state: 'pending', context: 'permaframe/publish', description: 'Publishing', targetUrl: null },
      { sha: commit, state: 'failure', targetUrl, description: expect.stringMatching(/^SYNTAX_ERROR: (😀)+…$/u) },
    ]);
    expect(test.standIn.statuses[1]?.description?.length).toBeLessThanOrEqual(140);
  });
});

/** A server that answers everything alike. */
async function startAnswering(answer: (outgoing: ServerResponse, count: number) => void) {
  const seen: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push({ url: incoming.url ?? '', authorization: incoming.headers.authorization });
    incoming.resume().on('end', () => answer(outgoing, seen.length));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function respond(status: number, headers: Record<string, string> = {}, body: unknown = { message: 'no' }) {
  return (outgoing: ServerResponse) =>
    void outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function connect(apiUrl: string, clock: Clock = fakeClock(), retry = {}, config: Partial<GitHubConfig> = {}): GitHub {
  const auth = { kind: 'token', token: TEST_TOKEN } as const;
  return createGitHub({ apiUrl, repository: TEST_REPOSITORY, auth, ...config }, { clock, retry });
}

describe('what GitHub answers', () => {
  it.each([
    [401, 'DISPATCH_DENIED', 1],
    [403, 'DISPATCH_DENIED', 1],
    [404, 'DISPATCH_MISSING', 1],
    [301, 'DISPATCH_MISSING', 1],
    [307, 'DISPATCH_MISSING', 1],
    [410, 'DISPATCH_MISSING', 1],
    [422, 'INTERNAL', 1],
    [400, 'INTERNAL', 1],
    [409, 'DISPATCH_UNAVAILABLE', 6],
    [500, 'DISPATCH_UNAVAILABLE', 6],
    [502, 'DISPATCH_UNAVAILABLE', 6],
    [503, 'DISPATCH_UNAVAILABLE', 6],
  ] as const)('%d is %s after %d requests', async (status, code, requests) => {
    await using server = await startAnswering(respond(status, { location: 'http://127.0.0.1:9/elsewhere' }));
    const error = await failure(connect(server.apiUrl).dispatch(payload));
    expect(error).toMatchObject({ code, message: expect.stringContaining(TEST_REPOSITORY) });
    expect(server.seen).toHaveLength(requests);
    expect(retryAtOf(error)).toBeNull();
  });

  it('passes in the end', async () => {
    await using server = await startAnswering((outgoing, count) => respond(count < 3 ? 503 : 204)(outgoing));
    await connect(server.apiUrl).dispatch(payload);
    expect(server.seen).toHaveLength(3);
  });

  const soon = String(Date.UTC(2026, 10, 20) / 1000 + 20);
  it.each([
    ['a primary limit that ends soon', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': soon }, 21_000],
    ['a primary limit with 429', 429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': soon }, 21_000],
    ['a secondary limit that says when', 403, { 'retry-after': '7' }, 7_000],
    ['a secondary limit with 429', 429, { 'retry-after': '7', 'x-ratelimit-remaining': '12' }, 7_000],
  ])('is waited for: %s', async (_, status, headers, milliseconds) => {
    const clock = fakeClock();
    await using server = await startAnswering((outgoing, count) =>
      respond(count === 1 ? status : 204, headers)(outgoing),
    );
    await connect(server.apiUrl, clock).dispatch(payload);
    expect(clock.slept).toEqual([milliseconds]);
  });

  const later = String(Date.UTC(2026, 10, 20, 0, 40) / 1000);
  const documentation_url =
    'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits';
  it.each([
    ['far away', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': later }, {}, Date.UTC(2026, 10, 20, 0, 40, 1)],
    ['asked for', { 'retry-after': '120' }, {}, Date.UTC(2026, 10, 20, 0, 2)],
    ['not named', {}, { documentation_url }, Date.UTC(2026, 10, 20, 0, 1)],
  ])('is told when a rate limit ends at a time %s', async (_, headers, body, time) => {
    await using server = await startAnswering(respond(403, headers as Record<string, string>, body));
    const error = await failure(connect(server.apiUrl).dispatch(payload));
    expect(error.code).toBe('DISPATCH_UNAVAILABLE');
    expect(error.message).toContain(new Date(time).toISOString().slice(11, 19));
    expect(retryAtOf(error)).toBe(time);
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['nothing', (outgoing: ServerResponse) => void outgoing.socket?.resetAndDestroy()],
    [
      'half an answer',
      (outgoing: ServerResponse) => {
        outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
        outgoing.write('{"id": 1,', () => outgoing.socket?.destroy());
      },
    ],
    [
      'a web page',
      (outgoing: ServerResponse) => void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in'),
    ],
    ['something else', respond(200, {}, { hello: 1 })],
  ])('is unavailable when it is %s', async (_, answer) => {
    await using server = await startAnswering(answer);
    expect(await failure(connect(server.apiUrl).getRun(1))).toMatchObject({ code: 'DISPATCH_UNAVAILABLE' });
    expect(server.seen).toHaveLength(6);
  });

  it('is unavailable when it does not come in time, or nobody listens', async () => {
    await using server = await startAnswering(() => {});
    const hasty = { attemptMilliseconds: 30, maxAttempts: 2 };
    const error = await failure(connect(server.apiUrl, fakeClock(), hasty).dispatch(payload));
    expect(error).toMatchObject({ code: 'DISPATCH_UNAVAILABLE', message: expect.stringContaining('2 attempts') });
    const nobody = connect(`http://127.0.0.1:${await findFreePort()}`, fakeClock());
    expect(await failure(nobody.dispatch(payload))).toMatchObject({ code: 'DISPATCH_UNAVAILABLE' });
  });

  it('ends at once with the reason of its signal', async () => {
    await using server = await startAnswering(() => {});
    const controller = new AbortController();
    const promise = connect(server.apiUrl).dispatch(payload, controller.signal);
    controller.abort(new Error('enough'));
    await expect(promise).rejects.toThrow('enough');
  });
});

describe('credentials', () => {
  it('appear in no error, at any depth', async () => {
    const said = `your token ${TEST_TOKEN} or ghs_abcdefghijklmnopqrstuvwxyz is bad`;
    for (const status of [401, 403, 404, 422, 500]) {
      await using server = await startAnswering(respond(status, {}, { message: said }));
      const error = await failure(connect(server.apiUrl).dispatch(payload));
      expect(server.seen[0]?.authorization).toContain(TEST_TOKEN);
      const everything = `${inspect(error, { depth: 20, showHidden: true })}${JSON.stringify(error)}${error.stack}`;
      expect(everything).not.toContain(TEST_TOKEN);
      expect(everything).not.toContain('ghs_abcdef');
    }
  });

  const privateKey = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
  let installations = 0;
  const app = () => ({ auth: { kind: 'app', appId: '12', installationId: ++installations, privateKey } }) as const;

  it('of an app are exchanged for a token once, which is then used', async () => {
    const token = {
      token: 'ghs_issued',
      expires_at: '2099-01-01T00:00:00Z',
      permissions: {},
      repository_selection: 'all',
    };
    await using server = await startAnswering((outgoing, count) =>
      count === 1 ? respond(201, {}, token)(outgoing) : respond(204)(outgoing),
    );
    const github = connect(server.apiUrl, fakeClock(), {}, app());
    await github.dispatch(payload);
    await github.dispatch(payload);
    expect(server.seen.map(({ url }) => url.replace(/\d+/, 'n'))).toEqual([
      '/app/installations/n/access_tokens',
      `/repos/${TEST_REPOSITORY}/dispatches`,
      `/repos/${TEST_REPOSITORY}/dispatches`,
    ]);
    expect(server.seen[0]?.authorization).toMatch(/^bearer eyJ/);
    expect(server.seen[2]?.authorization).toBe('token ghs_issued');
  });

  it.each([401, 403, 404, 422])('of an app that get %d for a token are denied', async (status) => {
    await using server = await startAnswering(respond(status));
    const error = await failure(connect(server.apiUrl, fakeClock(), {}, app()).dispatch(payload));
    expect(error.code).toBe('DISPATCH_DENIED');
    expect(inspect(error, { depth: 20 })).not.toMatch(/eyJ|PRIVATE KEY/);
  });

  it('of an app do not wait for ever for a token', async () => {
    await using server = await startAnswering(() => {});
    const github = connect(server.apiUrl, fakeClock(), { attemptMilliseconds: 30, maxAttempts: 2 }, app());
    expect(await failure(github.dispatch(payload))).toMatchObject({ code: 'DISPATCH_UNAVAILABLE' });
  });
});

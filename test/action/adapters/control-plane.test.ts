import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createControlPlane, type Delivery } from '../../../action/adapters/control-plane.ts';
import type { PermaframeError } from '../../../action/contract/errors.ts';
import type { RenderReport, Report } from '../../../action/contract/reports.ts';

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'lose' | 'hang';

interface Seen {
  token: string;
  body: unknown;
}

const ACCEPTED: Answer = { status: 200, body: { kind: 'accepted' } };
const refused = (reason: string): Answer => ({ status: 200, body: { kind: 'refused', reason } });

const CLAIM: Report = { kind: 'claim', publish: 'k57' };
const FAILED: Report = { kind: 'failed', publish: 'k57', code: 'INTERNAL', message: 'x', diagnostics: [] };

const RENDER_FAILED: RenderReport = {
  ...{ kind: 'renderFailed', render: 'k58', code: 'RENDER_TIMEOUT', message: 'x', diagnostics: [] },
};

/** A control plane that answers in this order, then accepts. */
async function startServer(...answers: Answer[]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ token: request.headers.authorization ?? '', body: JSON.parse(await text(request)) });
    const answer = answers.shift() ?? ACCEPTED;
    if (answer === 'lose') response.destroy();
    else if (answer !== 'hang') {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    callback: `${origin}/deep/report?x=1`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const retry = { baseDelayMilliseconds: 1, maxDelayMilliseconds: 2, attemptMilliseconds: 300, totalMilliseconds: 5_000 };

function mintInOrder(...faults: ('fail' | 'hang')[]) {
  const audiences: string[] = [];
  const mintToken = async (audience: string): Promise<string> => {
    audiences.push(audience);
    const fault = faults.shift();
    if (fault === 'fail') throw new Error('Error Code : 503');
    if (fault === 'hang') return new Promise(() => {});
    return `token-${audiences.length}`;
  };
  return { audiences, mintToken };
}

async function send(report: Report | RenderReport, answers: Answer[], faults: ('fail' | 'hang')[] = []) {
  await using server = await startServer(...answers);
  const { audiences, mintToken } = mintInOrder(...faults);
  const controlPlane = createControlPlane(server.callback, { mintToken, retry });
  const result: Delivery | PermaframeError = await controlPlane.report(report).catch((error) => error);
  return { result, seen: server.seen, audiences, origin: server.origin };
}

const DELIVERED: Delivery = { kind: 'delivered' };

describe('a report', () => {
  it('is posted with a token of its own, minted for the origin of the callback', async () => {
    const { result, seen, audiences, origin } = await send(CLAIM, []);
    expect(result).toEqual(DELIVERED);
    expect(audiences).toEqual([origin]);
    expect(seen).toEqual([{ token: 'Bearer token-1', body: CLAIM }]);
  });

  it.each([
    ['no token at first', [], ['fail', 'fail'] as const, 1],
    ['a token that never comes at first', [], ['hang'] as const, 1],
    ['503', [{ status: 503 }, { status: 500 }], [], 3],
    ['too many requests', [{ status: 429, headers: { 'retry-after': '0' } }], [], 2],
    ['a lost answer', ['lose' as const], [], 2],
    ['no answer in time', ['hang' as const], [], 2],
  ])('goes through in spite of %s, each time with a fresh token', async (_, answers, faults, posts) => {
    const { result, seen } = await send(CLAIM, answers, [...faults]);
    expect(result).toEqual(DELIVERED);
    expect(seen).toHaveLength(posts);
    expect(new Set(seen.map(({ token }) => token)).size).toBe(posts);
  });

  it.each(['unknown', 'notYours', 'over'])(
    'that is refused (%s) is not repeated: the run is to stop',
    async (reason) => {
      const { result, seen } = await send(CLAIM, [refused(reason)]);
      expect(result).toEqual({ kind: 'refused', reason });
      expect(seen).toHaveLength(1);
    },
  );

  it('that says what is known already counts as delivered', async () => {
    expect((await send(CLAIM, ['lose', refused('late')])).result).toEqual(DELIVERED);
    expect((await send({ kind: 'progress', publish: 'k57', state: 'bundling' }, [refused('late')])).result).toEqual(
      DELIVERED,
    );
  });

  it('that ended the publish, but whose answer got lost, counts as delivered', async () => {
    expect((await send(FAILED, ['lose', refused('over')])).result).toEqual(DELIVERED);
    expect((await send(FAILED, [{ status: 502 }, refused('over')])).result).toEqual(DELIVERED);
  });

  it('that ended a render, but whose answer got lost, counts as delivered', async () => {
    const video = { key: 'ab'.repeat(32), format: 'mp4' as const, width: 640, height: 360, bytes: 9 };
    const rendered = {
      kind: 'rendered' as const,
      render: 'k58',
      video,
      durationMilliseconds: 5,
      timings: { total: 1 },
    };
    expect((await send(rendered, ['lose', refused('over')])).result).toEqual(DELIVERED);
    expect((await send(RENDER_FAILED, ['lose', refused('over')])).result).toEqual(DELIVERED);
    expect((await send(RENDER_FAILED, [refused('over')])).result).toEqual({ kind: 'refused', reason: 'over' });
    const claim = { kind: 'claimRender' as const, render: 'k58' };
    expect((await send(claim, ['lose', refused('late')])).result).toEqual(DELIVERED);
  });

  it('that finds the publish over at once was not the one that ended it', async () => {
    expect((await send(FAILED, [refused('over')])).result).toEqual({ kind: 'refused', reason: 'over' });
    expect((await send(FAILED, [refused('over')], ['fail'])).result).toEqual({ kind: 'refused', reason: 'over' });
    expect((await send(CLAIM, ['lose', refused('over')])).result).toEqual({ kind: 'refused', reason: 'over' });
  });

  it.each([
    ['400', { status: 400 }, 'answers 400'],
    ['401', { status: 401 }, 'answers 401'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'answers 302'],
    ['a page of somebody else', { status: 200, body: '<html>' }, 'no control plane'],
    ['an answer of another form', { status: 200, body: { kind: 'accepted', but: 'more' } }, 'no control plane'],
  ])('is given up at once on %s', async (_, answer, reason) => {
    const { result, seen } = await send(CLAIM, [answer]);
    expect(result).toMatchObject({ code: 'CONTROL_PLANE_UNAVAILABLE' });
    expect((result as PermaframeError).message).toContain(reason);
    expect(seen).toHaveLength(1);
  });

  it('is given up after some attempts, with a message that repeats nothing of the answers', async () => {
    const answers = Array.from({ length: 10 }, () => ({ status: 503, body: 'SECRET' }));
    const { result, seen } = await send(CLAIM, answers);
    expect((result as PermaframeError).message).toBe(
      'The report "claim" could not be delivered: the control plane answers 503 (6 attempts).',
    );
    expect(seen).toHaveLength(6);
  });

  it('ends at once when the run is cancelled', async () => {
    await using server = await startServer('hang');
    const interrupt = new AbortController();
    const { mintToken } = mintInOrder();
    const reporting = createControlPlane(server.callback, { mintToken }).report(CLAIM, interrupt.signal);
    const reason = new Error('cancelled');
    setTimeout(() => interrupt.abort(reason), 50);
    await expect(reporting).rejects.toBe(reason);
  });
});

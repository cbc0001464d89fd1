/** The real load client, against a real server. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type LoadClient, type LoadJob, startLoadClient } from '../../../scripts/bench/load.ts';

const BODY = 'the bytes that were published';
const interrupt = new AbortController();
let client: LoadClient;
let server: http.Server;
let answer: { status: number; body: string; encoding: string };
let asked = 0;

beforeAll(async () => {
  server = http.createServer((_, response) => {
    asked++;
    response.writeHead(answer.status, { 'content-encoding': answer.encoding }).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = startLoadClient(interrupt.signal);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  server.close();
});
beforeEach(() => {
  answer = { status: 200, body: BODY, encoding: 'br' };
  asked = 0;
});

function job(changes: Partial<LoadJob> = {}): LoadJob {
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    path: '/object',
    headers: {},
    expected: {
      status: 200,
      bytes: BODY.length,
      sha256: createHash('sha256').update(BODY).digest('hex'),
      headers: { 'content-encoding': 'br' },
    },
    concurrency: 4,
    maxMilliseconds: 5000,
    maxRequests: 50,
    ...changes,
  };
}

it('sends as many requests as it may, and tells how many a second that was', async () => {
  expect(await client.run(job())).toBeGreaterThan(0);
  expect(asked).toBe(50);
});

it('ends when the time is up', async () => {
  const begin = performance.now();
  await client.run(job({ maxRequests: 1e9, maxMilliseconds: 100 }));
  expect(performance.now() - begin).toBeLessThan(3000);
});

it('fails on a wrong status, a wrong length, other bytes of the same length, and a wrong header', async () => {
  answer = { status: 404, body: BODY, encoding: 'br' };
  await expect(client.run(job())).rejects.toThrow('/object: answers 404, not 200');
  answer = { status: 200, body: 'short', encoding: 'br' };
  await expect(client.run(job())).rejects.toThrow('has 5 bytes, not 29');
  answer = { status: 200, body: BODY.replace('published', 'falsified'), encoding: 'br' };
  await expect(client.run(job())).rejects.toThrow('has other content');
  answer = { status: 200, body: BODY, encoding: 'gzip' };
  await expect(client.run(job())).rejects.toThrow('has the header content-encoding: gzip, not br');
});

it('stops at the first wrong answer, and goes on with the next job', async () => {
  answer = { status: 500, body: '', encoding: 'br' };
  await expect(client.run(job({ maxRequests: 1e9 }))).rejects.toThrow('answers 500');
  expect(asked).toBeLessThanOrEqual(4);
  answer = { status: 200, body: BODY, encoding: 'br' };
  expect(await client.run(job())).toBeGreaterThan(0);
});

it('stops waiting when it is interrupted', async () => {
  const endless = client.run(job({ maxRequests: 1e9, maxMilliseconds: 5000 }));
  setTimeout(() => interrupt.abort(new Error('interrupted')), 100);
  await expect(endless).rejects.toThrow('interrupted');
});

/** The R2 adapter when the network or the store fails: a proxy spoils the way to a real local R2. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStore, createObjectStore, createThreadControlStore } from '../../../action/adapters/r2.ts';
import type { StoreOptions } from '../../../action/adapters/r2-bucket.ts';
import { systemClock } from '../../../action/adapters/retry.ts';
import type { StoreConfig } from '../../../action/adapters/store-config.ts';
import { isPermaframeError, type PermaframeError } from '../../../action/contract/errors.ts';
import type { ObjectStore } from '../../../action/core/ports.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { type LocalR2, startLocalR2 } from '../../support/local-r2.ts';
import { newPrefix, objectOf, sha256Of } from '../../support/store-contract.ts';

const MAX_ATTEMPTS = 4;

let r2: LocalR2;
let direct: ReturnType<typeof createObjectStore>;

beforeAll(async () => {
  r2 = await startLocalR2();
  direct = createObjectStore(r2.config);
}, 60_000);

afterAll(async () => {
  direct?.[Symbol.dispose]();
  await r2?.[Symbol.asyncDispose]();
});

/** Whatever is done with the store passes through the proxy. Pauses are noted, not waited for. */
async function spoiled(faults: Fault[], forever = false, options: StoreOptions = {}) {
  const proxy = await startFaultProxy(r2.url, faults, forever);
  const config: StoreConfig = { ...r2.config, endpoint: r2.config.endpoint.replace(r2.url, proxy.origin) };
  const pauses: number[] = [];
  const allOptions: StoreOptions = {
    clock: { now: Date.now, sleep: async (milliseconds) => void pauses.push(milliseconds), random: () => 0.5 },
    ...options,
    retry: { maxAttempts: MAX_ATTEMPTS, attemptMilliseconds: 5000, ...options.retry },
  };
  const store = createObjectStore(config, allOptions);
  const controls = createThreadControlStore(config, allOptions);
  async function dispose(): Promise<void> {
    store[Symbol.dispose]();
    controls[Symbol.dispose]();
    await proxy[Symbol.asyncDispose]();
  }
  return { store, controls, proxy, config, pauses, [Symbol.asyncDispose]: dispose };
}

/** S3's way to say that something is wrong. */
function s3Error(status: number, code: string, more = '', headers: Record<string, string> = {}): Fault {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message>${more}</Error>`;
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}

/** The error that a promise rejects with, which must hold no secret in any way it could be printed. */
async function failureOf(promise: Promise<unknown>): Promise<PermaframeError> {
  const error = await promise.then(
    () => new Error('expected a rejection'),
    (reason: unknown) => reason,
  );
  if (!isPermaframeError(error)) throw error;
  const printed = [inspect(error, { depth: null, showHidden: true, getters: true }), JSON.stringify(error)];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    printed.push(String(cause.stack), JSON.stringify(cause));
  }
  for (const secret of [r2.config.accessKeyId, r2.config.secretAccessKey, 'Signature=', 'AWS4-HMAC']) {
    expect(printed.join('\n')).not.toContain(secret);
  }
  return error;
}

function methods(proxy: FaultProxy): string[] {
  return proxy.seen.map((request) => request.method);
}

const passing: Fault[][] = [
  [{ status: 500 }],
  [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<html><head><meta><title>Bad gateway</title>' }],
  [s3Error(503, 'SlowDown'), s3Error(500, 'InternalError')],
  [s3Error(429, 'TooManyRequests')],
  [s3Error(409, 'ConditionalRequestConflict')],
  [{ status: 408 }],
  ['reset'],
  ['reset', { status: 500 }, 'reset'],
];

describe('a fault that passes', () => {
  it.each(passing.map((faults) => [faults]))('is not noticed by who creates: %j', async (faults) => {
    await using way = await spoiled(faults);
    const object = objectOf(`${newPrefix()}a.js`, 'content');
    expect(await way.store.create(object)).toEqual({ kind: 'created' });
    expect(await direct.head(object.key)).toEqual({ bytes: 7, sha256: object.sha256 });
    expect(way.proxy.seen).toHaveLength(faults.length + 1);
    expect(way.pauses).toHaveLength(faults.length);
  });

  it.each([...passing, ['truncate'], ['damage'], ['loseAnswer']].map((faults) => [faults as Fault[]]))(
    'is not noticed by who reads: %j',
    async (faults) => {
      await using way = await spoiled(faults);
      const object = objectOf(`${newPrefix()}a.js`, 'content');
      await direct.create(object);
      expect(Buffer.from((await way.store.get(object.key)) ?? []).toString()).toBe('content');
      expect(way.proxy.seen).toHaveLength(faults.length + 1);
    },
  );

  it.each(['truncate', 'loseAnswer', { status: 503 }] satisfies Fault[])(
    'is not noticed by who lists: %j',
    async (fault) => {
      const prefix = newPrefix();
      for (const name of ['a.js', 'b.js', 'c.js']) await direct.create(objectOf(`${prefix}${name}`, name));
      await using way = await spoiled(['pass', fault], false, { pageKeys: 2 });
      expect(await way.store.list(prefix)).toEqual(['a.js', 'b.js', 'c.js'].map((name) => `${prefix}${name}`));
      expect(way.proxy.seen).toHaveLength(3);
    },
  );

  it('is not noticed when the first attempt gets no answer', async () => {
    await using way = await spoiled(['hang'], false, { retry: { attemptMilliseconds: 500 } });
    expect(await way.store.list(newPrefix())).toEqual([]);
    expect(way.proxy.seen).toHaveLength(2);
  });

  it('is given time to pass in proportion to the size of an upload', async () => {
    await using way = await spoiled([], false, { retry: { attemptMilliseconds: 1, totalMilliseconds: 10 } });
    const megabyte = objectOf(`${newPrefix()}a.js`, new Uint8Array(1_000_000));
    expect((await failureOf(way.store.list(newPrefix()))).code).toBe('STORE_UNREACHABLE');
    expect(await way.store.create(megabyte)).toEqual({ kind: 'created' });
  });

  it('waits as long as the store asks', async () => {
    await using way = await spoiled([s3Error(429, 'TooManyRequests', '', { 'retry-after': '7' }), { status: 503 }]);
    await way.store.list(newPrefix());
    expect(way.pauses).toEqual([7000, 200]);
  });
});

describe('an answer that is lost after the bytes were stored', () => {
  it('ends in "exists" with the digest that was sent', async () => {
    await using way = await spoiled(['loseAnswer']);
    const object = objectOf(`${newPrefix()}a.js`, 'content');
    expect(await way.store.create(object)).toEqual({ kind: 'exists', sha256: object.sha256 });
    expect(methods(way.proxy)).toEqual(['PUT', 'PUT', 'HEAD']);
  });

  it('ends in "exists" with the digest of somebody else who was faster', async () => {
    const key = `${newPrefix()}a.js`;
    await direct.create(objectOf(key, 'theirs'));
    await using way = await spoiled(['reset']);
    expect(await way.store.create(objectOf(key, 'ours'))).toEqual({ kind: 'exists', sha256: sha256Of('theirs') });
  });

  it('counts as a replacement of a thread control that went through', async () => {
    await using way = await spoiled(['loseAnswer']);
    expect(await way.controls.replace('lost-answer', 'ours', null)).toBe(true);
    expect((await way.controls.read('lost-answer'))?.content).toBe('ours');
  });

  it('does not count as a replacement when somebody else was faster', async () => {
    await using before = await spoiled([]);
    await before.controls.replace('faster', 'theirs', null);
    await using way = await spoiled(['reset']);
    expect(await way.controls.replace('faster', 'ours', null)).toBe(false);
    expect((await way.controls.read('faster'))?.content).toBe('theirs');
  });

  it('says that somebody else was faster when the store reports a conflict', async () => {
    await using way = await spoiled([s3Error(409, 'ConditionalRequestConflict')]);
    expect(await way.controls.replace('conflict', 'ours', null)).toBe(false);
    expect(way.proxy.seen).toHaveLength(1);
  });
});

describe('a fault that stays', () => {
  const operations: [string, (store: ObjectStore) => Promise<unknown>][] = [
    ['create', (store) => store.create(objectOf(`${newPrefix()}a.js`, 'content'))],
    ['head', (store) => store.head('artifacts/x/1/page.html')],
    ['get', (store) => store.get('artifacts/x/1/page.html')],
    ['list', (store) => store.list('artifacts/x/')],
  ];

  it.each(operations)('ends %s in STORE_UNAVAILABLE after all attempts when the store answers 5xx', async (_, run) => {
    await using way = await spoiled([{ status: 503 }], true);
    const error = await failureOf(run(way.store));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { fault: { kind: 'answer', status: 503 } } });
    expect(error.message).toContain(`503 (${MAX_ATTEMPTS} attempts)`);
    expect(way.proxy.seen).toHaveLength(MAX_ATTEMPTS);
  });

  it.each(operations)('ends %s in STORE_UNREACHABLE after all attempts when connections break', async (_, run) => {
    await using way = await spoiled(['reset'], true);
    const error = await failureOf(run(way.store));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', cause: { fault: { code: 'ECONNRESET' } } });
    expect(error.message).toContain(way.config.endpoint);
    expect(way.proxy.seen).toHaveLength(MAX_ATTEMPTS);
  });

  it.each(operations)('ends %s in STORE_UNREACHABLE after all attempts when nothing answers', async (_, run) => {
    await using way = await spoiled(['hang'], true, { retry: { attemptMilliseconds: 60 } });
    const error = await failureOf(run(way.store));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', cause: { fault: { kind: 'timeout' } } });
    expect(error.message).toContain(`does not answer in time (${MAX_ATTEMPTS} attempts)`);
  });

  it.each([
    ['is cut off', 'truncate', 5000, 'STORE_UNREACHABLE'],
    ['stops in the middle', 'stall', 200, 'STORE_UNREACHABLE'],
    ['is damaged', 'damage', 5000, 'STORE_UNAVAILABLE'],
  ] as const)('never returns bytes of an object whose answer %s', async (_, fault, attemptMilliseconds, code) => {
    const object = objectOf(`${newPrefix()}a.js`, 'content');
    await direct.create(object);
    await using way = await spoiled([fault], true, { retry: { attemptMilliseconds } });
    const error = await failureOf(way.store.get(object.key));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`(${MAX_ATTEMPTS} attempts)`);
  });

  it('is not waited for when the store asks for more time than there is', async () => {
    await using way = await spoiled([s3Error(503, 'SlowDown', '', { 'retry-after': '3600' })], true);
    expect((await failureOf(way.store.list('artifacts/x/'))).code).toBe('STORE_UNAVAILABLE');
    expect(way.proxy.seen).toHaveLength(1);
    expect(way.pauses).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'Unauthorized', 'STORE_DENIED', 'the accessKeyId'],
    [403, 'InvalidAccessKeyId', 'STORE_DENIED', 'the accessKeyId'],
    [400, 'InvalidArgument', 'STORE_DENIED', 'accessKeyId malformed'],
    [403, 'SignatureDoesNotMatch', 'STORE_DENIED', 'the secretAccessKey'],
    [403, 'AccessDenied', 'STORE_DENIED', 'bucket "permaframe-test" (403 AccessDenied)'],
    [403, 'RequestTimeTooSkewed', 'STORE_DENIED', 'clock'],
    [404, 'NoSuchBucket', 'STORE_BUCKET_MISSING', '"permaframe-test"'],
    [400, 'BadDigest', 'INTERNAL', 'sha256'],
    [400, 'EntityTooLarge', 'INTERNAL', '400 EntityTooLarge'],
    [501, 'NotImplemented', 'INTERNAL', '501 NotImplemented'],
  ])('%i %s ends a create at once in %s', async (status, code, expected, words) => {
    await using way = await spoiled([s3Error(status, code)], true);
    const error = await failureOf(way.store.create(objectOf(`${newPrefix()}a.js`, 'x')));
    expect(error.code).toBe(expected);
    expect(error.message).toContain(words);
    expect(way.proxy.seen).toHaveLength(1);
  });

  it('without a body still names both credentials', async () => {
    await using way = await spoiled([{ status: 403 }], true);
    const error = await failureOf(way.store.head('artifacts/x/1/page.html'));
    expect(error.code).toBe('STORE_DENIED');
    expect(error.message).toContain('accessKeyId and secretAccessKey');
  });

  it('that repeats the credentials does not pass them on', async () => {
    const { accessKeyId, secretAccessKey } = r2.config;
    const echo = `<AWSAccessKeyId>${accessKeyId}</AWSAccessKeyId><StringToSign>AWS4-HMAC ${secretAccessKey}</StringToSign>`;
    const body = `<Error><Code>${secretAccessKey}</Code><Message>${accessKeyId} ${secretAccessKey}</Message>${echo}</Error>`;
    await using way = await spoiled([{ status: 403, body }], true);
    expect((await failureOf(way.store.list('artifacts/'))).code).toBe('STORE_DENIED');
    expect((await failureOf(checkStore(way.config))).code).toBe('STORE_DENIED');
  });

  it('of an upload that something other than a store took is not taken for success', async () => {
    await using way = await spoiled([{ status: 200, body: 'thank you' }]);
    const error = await failureOf(way.store.create(objectOf(`${newPrefix()}a.js`, 'x')));
    expect(error.code).toBe('STORE_UNREACHABLE');
  });
});

describe('a signal', () => {
  it('ends an attempt that hangs, at once and with its reason', async () => {
    await using way = await spoiled(['hang'], true);
    const reason = new Error('the job was cancelled');
    const controller = new AbortController();
    const pending = way.store.create(objectOf(`${newPrefix()}a.js`, 'x'), controller.signal);
    await until(() => way.proxy.seen.length === 1);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(way.proxy.seen).toHaveLength(1);
  });

  it('ends a pause, at once and with its reason', async () => {
    const busy = s3Error(503, 'SlowDown', '', { 'retry-after': '20' });
    await using way = await spoiled([busy], true, { clock: systemClock });
    const reason = new Error('the job was cancelled');
    const controller = new AbortController();
    const pending = way.store.list('artifacts/', {}, controller.signal);
    await until(() => way.proxy.seen.length === 1);
    setTimeout(() => controller.abort(reason), 50);
    await expect(pending).rejects.toBe(reason);
    expect(way.proxy.seen).toHaveLength(1);
  });
});

describe('a request to create', () => {
  it('is conditional, and carries its digest in the three places where a store looks for it', async () => {
    await using way = await spoiled([]);
    const object = objectOf(`${newPrefix()}a.js`, 'content');
    await way.store.create(object);
    expect(way.proxy.seen[0]?.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(object.sha256, 'hex').toString('base64'),
      'x-amz-content-sha256': object.sha256,
      'x-amz-meta-sha256': object.sha256,
      'content-length': '7',
    });
  });

  it('sends a large body without asking for leave first', async () => {
    await using way = await spoiled([]);
    await way.store.create(objectOf(`${newPrefix()}film.mp4`, new Uint8Array(3_000_000)));
    expect(way.proxy.seen[0]?.headers).toMatchObject({ 'content-length': '3000000' });
    expect(way.proxy.seen[0]?.headers).not.toHaveProperty('expect');
  });
});

describe('connections', () => {
  it('are used again', async () => {
    await using way = await spoiled([]);
    for (let i = 0; i < 5; i++) await way.store.list(newPrefix());
    expect(way.proxy.connections.opened).toBe(1);
  });

  it('are at most 32 at a time', async () => {
    await using way = await spoiled([s3Error(404, 'NoSuchKey')], true);
    const keys = Array.from({ length: 80 }, (_, i) => `artifacts/x/1/${i}.js`);
    expect(await Promise.all(keys.map((key) => way.store.get(key)))).toEqual(keys.map(() => null));
    expect(way.proxy.connections.mostOpen).toBe(32);
  });

  it('are closed when the store is disposed', async () => {
    await using way = await spoiled([]);
    await way.store.list(newPrefix());
    expect(way.proxy.connections.open).toBe(1);
    way.store[Symbol.dispose]();
    await until(() => way.proxy.connections.open === 0);
  });
});

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5, timeout: 3000 }).toBe(true);
}

/** The R2 adapter against Cloudflare's own local R2. Waits about two seconds for wrangler to start. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStore, createObjectStore, createThreadControlStore } from '../../../action/adapters/r2.ts';
import type { StoreConfig } from '../../../action/adapters/store-config.ts';
import { isPermaframeError, type PermaframeError } from '../../../action/contract/errors.ts';
import { findFreePort } from '../../../scripts/stack/free-port.ts';
import { type LocalR2, startLocalR2 } from '../../support/local-r2.ts';
import { describeStoreContract, newPrefix, objectOf } from '../../support/store-contract.ts';

/** No waiting between attempts. */
const clock = { now: Date.now, sleep: async () => {}, random: () => 0 };

let r2: LocalR2;
let objects: ReturnType<typeof createObjectStore>;
let controls: ReturnType<typeof createThreadControlStore>;

beforeAll(async () => {
  r2 = await startLocalR2();
  objects = createObjectStore(r2.config);
  controls = createThreadControlStore(r2.config);
}, 60_000);

afterAll(async () => {
  objects?.[Symbol.dispose]();
  controls?.[Symbol.dispose]();
  await r2?.[Symbol.asyncDispose]();
});

describeStoreContract(() => ({ objects, controls }));

describe('an object in R2', () => {
  it('is seen by a Worker with the headers it was created with', async () => {
    const object = objectOf(`${newPrefix()}scene.js.br`, 'bytes', { contentEncoding: 'br' });
    await objects.create(object);
    expect(await r2.inspect(object.key)).toEqual({
      bytes: 5,
      http: {
        contentType: 'text/javascript; charset=utf-8',
        cacheControl: 'public, max-age=31536000, immutable',
        contentEncoding: 'br',
      },
      custom: { sha256: object.sha256 },
    });
  });

  it('has no content encoding unless it is given one', async () => {
    const object = objectOf(`${newPrefix()}scene.js`, 'bytes');
    await objects.create(object);
    expect(await r2.inspect(object.key)).not.toHaveProperty('http.contentEncoding');
  });

  it('keeps 20 MB intact', async () => {
    const bytes = new Uint8Array(20_000_000).map((_, i) => i % 251);
    const object = objectOf(`${newPrefix()}film.mp4`, bytes);
    expect(await objects.create(object)).toEqual({ kind: 'created' });
    expect(Buffer.compare((await objects.get(object.key)) ?? new Uint8Array(), bytes)).toBe(0);
  });

  it('is listed, however many pages the list has', async () => {
    const prefix = newPrefix();
    const keys = Array.from({ length: 7 }, (_, i) => `${prefix}${i}/meta.json`);
    for (const key of keys) await objects.create(objectOf(key, key));
    using store = createObjectStore(r2.config, { pageKeys: 2 });
    expect(await store.list(prefix)).toEqual(keys);
    expect(await store.list(prefix, { delimiter: '/' })).toEqual(keys.map((key) => key.slice(0, -'meta.json'.length)));
  });
});

describe('a thread control in R2', () => {
  it('is seen by a Worker as JSON that is asked for again after a minute', async () => {
    await controls.replace('seen', '{}', null);
    const http = {
      contentType: 'application/json; charset=utf-8',
      cacheControl: 'public, max-age=60, must-revalidate',
    };
    expect(await r2.inspect('threads/seen.json')).toEqual({ bytes: 2, http, custom: {} });
  });
});

describe('the check at the start', () => {
  it('passes when all settings are right', async () => {
    await expect(checkStore(r2.config)).resolves.toBeUndefined();
  });

  it('names the access key id when it is not known', async () => {
    const error = await checkWith({ accessKeyId: 'somebody-else' });
    expect(error).toMatchObject({ code: 'STORE_DENIED', message: expect.stringContaining('know the accessKeyId') });
  });

  it('names the secret when it does not fit the access key id', async () => {
    const error = await checkWith({ secretAccessKey: 'not-the-secret' });
    expect(error).toMatchObject({ code: 'STORE_DENIED', message: expect.stringContaining('the secretAccessKey') });
    expect(error.message).not.toContain('not-the-secret');
  });

  it('names the bucket when there is none of that name', async () => {
    const error = await checkWith({ bucket: 'no-such-bucket' });
    expect(error).toMatchObject({ code: 'STORE_BUCKET_MISSING', message: expect.stringContaining('"no-such-bucket"') });
  });

  it('names the endpoint when nothing listens there', async () => {
    const endpoint = `http://127.0.0.1:${await findFreePort()}`;
    const error = await checkWith({ endpoint });
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining(endpoint) });
  });

  it('names the endpoint when its host does not exist', async () => {
    const error = await checkWith({ endpoint: 'https://no-such-host.invalid' });
    expect(error).toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining('no-such-host.invalid'),
    });
  });

  it.each([
    ['the page of a web site', 200, '<!doctype html><title>Hello</title><br>'],
    ['an XML page', 200, '<html><body>Hello</body></html>'],
    ['not found', 404, '<html><body>Nothing here</body></html>'],
    ['a redirect', 301, ''],
    ['a refusal in plain text', 400, 'bad request'],
  ])('names the endpoint when it answers with %s', async (_, status, body) => {
    await using site = await startSite(status, body);
    const error = await checkWith({ endpoint: site.url });
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining(site.url) });
  });

  async function checkWith(wrong: Partial<StoreConfig>): Promise<PermaframeError> {
    return rejection(checkStore({ ...r2.config, ...wrong }, { clock }));
  }
});

describe('reading from a bucket that does not exist', () => {
  it('rejects instead of saying that the object is missing', async () => {
    using store = createObjectStore({ ...r2.config, bucket: 'no-such-bucket' }, { clock });
    const missing = expect.objectContaining({ code: 'STORE_BUCKET_MISSING' });
    await expect(store.get('artifacts/x/1/page.html')).rejects.toEqual(missing);
    await expect(store.head('artifacts/x/1/page.html')).rejects.toEqual(missing);
    await expect(store.list('artifacts/')).rejects.toEqual(missing);
    await expect(store.create(objectOf('artifacts/x/1/page.html', 'x'))).rejects.toEqual(missing);
  });
});

async function rejection(promise: Promise<unknown>): Promise<PermaframeError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isPermaframeError(error)) throw new Error('expected a PermaframeError', { cause: error });
  return error;
}

async function startSite(status: number, body: string): Promise<{ url: string } & AsyncDisposable> {
  const server: Server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A real R2 bucket for tests: `wrangler dev` with a small Worker that shows what the edge would see. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStoreConfig, type StoreConfig } from '../../action/adapters/store-config.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startWranglerDev } from '../../scripts/stack/wrangler-dev.ts';

const BUCKET = 'permaframe-test';
const CREDENTIALS = { accessKeyId: 'local-access-key-id', secretAccessKey: 'local-secret-access-key' };

/** Answers `/object/{key}` with what R2 keeps beside the bytes. */
const WORKER = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health') return new Response('ok');
    const object = await env.BUCKET.head(decodeURIComponent(pathname.slice('/object/'.length)));
    return Response.json(object && { http: object.httpMetadata, custom: object.customMetadata, bytes: object.size });
  },
};
`;

export interface LocalR2 extends AsyncDisposable {
  config: StoreConfig;
  /** Address of the Worker. */
  url: string;
  /** What a Worker's binding sees of an object, without its bytes. */
  inspect(key: string): Promise<unknown>;
}

/** Takes about two seconds. */
export async function startLocalR2(): Promise<LocalR2> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-r2-'));
  cleanUp.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const configPath = join(folder, 'wrangler.json');
  await writeFile(join(folder, 'worker.mjs'), WORKER);
  await writeFile(configPath, JSON.stringify(wranglerConfig()));
  const port = await findFreePort();
  const wrangler = cleanUp.use(await startWranglerDev({ configPath, port, persistTo: join(folder, 'data') }));
  const owned = cleanUp.move();
  return {
    config: parseStoreConfig({ endpoint: wrangler.s3Endpoint, bucket: BUCKET, ...CREDENTIALS }),
    url: wrangler.url,
    inspect: async (key) => (await fetch(`${wrangler.url}/object/${encodeURIComponent(key)}`)).json(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function wranglerConfig() {
  const bucket = { binding: 'BUCKET', bucket_name: BUCKET, local_dev: { experimental_s3_credentials: CREDENTIALS } };
  return { name: 'permaframe-test', main: 'worker.mjs', compatibility_date: '2026-10-20', r2_buckets: [bucket] };
}

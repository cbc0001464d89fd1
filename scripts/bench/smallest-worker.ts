/** The peer of the edge: the smallest Worker that reads R2, in a `wrangler dev` of its own, with the same objects. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { parseStoreConfig } from '../../action/adapters/store-config.ts';
import type { ObjectToPut } from '../../action/core/ports.ts';
import { findFreePort } from '../stack/free-port.ts';
import { startWranglerDev, type WranglerDev } from '../stack/wrangler-dev.ts';

const BUCKET = 'permaframe-bench';
const CREDENTIALS = { accessKeyId: 'bench-access-key-id', secretAccessKey: 'bench-secret-access-key' };

/** Conditions and ranges only where they are asked for, by R2 itself: Cloudflare's own example does no less. */
const WORKER = `export default {
  async fetch(request, env) {
    const key = new URL(request.url).pathname.slice(1);
    if (key === 'health') return new Response('ok');
    const { headers } = request;
    if (headers.has('if-none-match') || headers.has('range')) return answerPart(key, headers, env);
    const object = await env.BUCKET.get(key);
    if (object === null) return new Response('not found', { status: 404 });
    return new Response(object.body, { headers: { 'Content-Type': object.httpMetadata.contentType } });
  },
};

async function answerPart(key, headers, env) {
  const object = await env.BUCKET.get(key, { onlyIf: headers, range: headers });
  if (object === null) return new Response('not found', { status: 404 });
  if (!object.body) return new Response(null, { status: 304, headers: { ETag: object.httpEtag } });
  const { offset, length } = object.range;
  const range = \`bytes \${offset}-\${offset + length - 1}/\${object.size}\`;
  const type = object.httpMetadata.contentType;
  return new Response(object.body, { status: 206, headers: { 'Content-Type': type, 'Content-Range': range } });
}
`;

/** Takes about three seconds. The objects answer at their keys. */
export async function startSmallestWorker(folder: string, objects: readonly ObjectToPut[]): Promise<WranglerDev> {
  await using started = new AsyncDisposableStack();
  const configPath = join(folder, 'wrangler.json');
  await writeFile(join(folder, 'worker.mjs'), WORKER);
  await writeFile(configPath, JSON.stringify(wranglerConfig()));
  const port = await findFreePort();
  const wrangler = started.use(await startWranglerDev({ configPath, port, persistTo: join(folder, 'data') }));
  using store = createObjectStore(parseStoreConfig({ endpoint: wrangler.s3Endpoint, bucket: BUCKET, ...CREDENTIALS }));
  for (const object of objects) await store.create(object);
  const owned = started.move();
  return { ...wrangler, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function wranglerConfig() {
  const bucket = { binding: 'BUCKET', bucket_name: BUCKET, local_dev: { experimental_s3_credentials: CREDENTIALS } };
  return { name: BUCKET, main: 'worker.mjs', compatibility_date: '2026-10-20', r2_buckets: [bucket] };
}

/** The edge as it ships, in workerd, with a local R2 that tests fill over S3. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { fileTypeOf } from '../../action/contract/content-types.ts';
import { brotliKey, metaKey, threadControlKey } from '../../action/contract/keys.ts';
import { type Meta, serializeMeta } from '../../action/contract/meta.ts';
import { newThreadControl, serializeThreadControl, type ThreadControl } from '../../action/contract/thread-control.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startWranglerDev } from '../../scripts/stack/wrangler-dev.ts';

const EDGE_FOLDER = resolve(import.meta.dirname, '../../site-template/edge');
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local-secret' };

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** As it came over the wire, encoded or not. */
  body: Buffer;
  text: string;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
}

export interface EdgeUnderTest extends AsyncDisposable {
  url: string;
  host: string;
  /** Where wrangler keeps buckets and caches. */
  folder: string;
  /** Sends the path as it is: nothing is normalised, followed or decoded. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** Stores an object; `brotli` stores its copy beside it. */
  put(key: string, body: string | Buffer, options?: { brotli?: boolean; sha256?: boolean }): Promise<void>;
  putControl(control: Partial<ThreadControl> & { thread: string }): Promise<void>;
  /** Stores what makes an artifact complete. */
  commit(thread: string, version: number, meta?: Partial<Meta>): Promise<void>;
}

/** @param vars variables and secrets of the Worker */
export async function startEdge(vars: Record<string, string> = {}): Promise<EdgeUnderTest> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-edge-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const configPath = await writeConfig(folder, vars);
  const port = await findFreePort();
  const wrangler = started.use(await startWranglerDev({ configPath, port, persistTo: folder }));
  const agent = new http.Agent({ keepAlive: true });
  started.defer(() => agent.destroy());
  const put = putterOf(wrangler.s3Endpoint);
  const stack = started.move();
  return {
    url: wrangler.url,
    host: new URL(wrangler.url).host,
    folder,
    ask: (path, asked = {}) => send(port, path, asked, agent),
    put,
    putControl: (control) =>
      put(
        threadControlKey(control.thread),
        serializeThreadControl({ ...newThreadControl(control.thread), ...control }),
      ),
    commit: (thread, version, meta) => put(metaKey(thread, version), serializeMeta(makeMeta(thread, version, meta))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface ShippedConfig {
  main: string;
  r2_buckets: object[];
}

/** The shipped configuration with this machine's paths, and a bucket that can be filled. */
async function writeConfig(folder: string, vars: Record<string, string>): Promise<string> {
  const text = await readFile(join(EDGE_FOLDER, 'wrangler.jsonc'), 'utf8');
  const { main, ...shipped } = JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as ShippedConfig;
  const derived = {
    ...shipped,
    $schema: undefined,
    main: join(EDGE_FOLDER, main),
    r2_buckets: shipped.r2_buckets.map((bucket) => ({
      ...bucket,
      local_dev: { experimental_s3_credentials: CREDENTIALS },
    })),
    vars,
  };
  const path = join(folder, 'wrangler.json');
  await writeFile(path, JSON.stringify(derived));
  return path;
}

function putterOf(endpoint: string): EdgeUnderTest['put'] {
  const s3 = new S3Client({
    endpoint,
    region: 'auto',
    forcePathStyle: true,
    credentials: CREDENTIALS,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  s3.middlewareStack.remove('addExpectContinueMiddleware');
  const putOne = async (key: string, body: Buffer, named: boolean) => {
    const Metadata = named ? { sha256: sha256(body) } : {};
    const ContentType = fileTypeOf(key)?.contentType ?? 'application/octet-stream';
    await s3.send(new PutObjectCommand({ Bucket: 'permaframe', Key: key, Body: body, ContentType, Metadata }));
  };
  return async (key, content, options = {}) => {
    const body = Buffer.from(content as Buffer);
    await putOne(key, body, options.sha256 ?? true);
    if (options.brotli) await putOne(brotliKey(key), brotliCompressSync(body), true);
  };
}

async function send(port: number, path: string, asked: Asked, agent: http.Agent): Promise<Answer> {
  const { method = 'GET', headers = {} } = asked;
  const { promise, resolve: done, reject } = Promise.withResolvers<Answer>();
  const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent }, async (response) => {
    try {
      const body = Buffer.concat(await response.toArray());
      done({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() });
    } catch (error) {
      reject(error);
    }
  });
  request.on('error', reject).end();
  return promise;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A small film, complete as far as the schema goes. */
export function makeMeta(thread: string, version: number, changes: Partial<Meta> = {}): Meta {
  const entry = `projects/demo/modules/${'e'.repeat(64)}.js`;
  return {
    schema: 1,
    thread,
    project: 'demo',
    version,
    title: 'Launch film',
    snapshot: '5'.repeat(64),
    engine: 'preact',
    runtime: `runtime/manifest-${'a'.repeat(64)}.json`,
    entry,
    javascriptBytes: 0,
    files: [{ key: entry, bytes: 0, sha256: 'e'.repeat(64), contentType: 'text/javascript; charset=utf-8' }],
    kind: 'storyboard',
    fps: 30,
    width: 1280,
    height: 720,
    durationInFrames: 90,
    scenes: [],
    ...changes,
  } as Meta;
}

/** The store: Cloudflare R2, through its S3 API. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CACHE_SHORT } from '../contract/content-types.ts';
import { compareText, fromHex, sha256Hex, toBase64 } from '../contract/hash.ts';
import { sha256Schema } from '../contract/ids.ts';
import { threadControlKey } from '../contract/keys.ts';
import type { ObjectStore, ObjectToPut, PutOutcome, StoredObject, ThreadControlStore } from '../core/ports.ts';
import { Bucket, type Send, type StoreOptions } from './r2-bucket.ts';
import { DamagedBytes, faultOf, unlikeS3 } from './r2-errors.ts';
import type { StoreConfig } from './store-config.ts';

/** Attempts of the check at the start: a wrong setting should be known soon. */
const CHECK_ATTEMPTS = 3;
/** Objects that never change. Dispose it to close its connections. */
export function createObjectStore(config: StoreConfig, options: StoreOptions = {}): ObjectStore & Disposable {
  const bucket = new Bucket(config, options);
  return {
    create: (object, signal) => create(bucket, object, signal),
    head: (key, signal) => head(bucket, key, signal),
    get: async (key, signal) => (await get(bucket, key, signal))?.bytes ?? null,
    list: (prefix, listOptions, signal) => list(bucket, prefix, listOptions?.delimiter, signal),
    [Symbol.dispose]: () => bucket[Symbol.dispose](),
  };
}

/** The objects that change: an object's revision is its ETag. Dispose it to close its connections. */
export function createThreadControlStore(
  config: StoreConfig,
  options: StoreOptions = {},
): ThreadControlStore & Disposable {
  const bucket = new Bucket(config, options);
  return {
    read: (thread) => readControl(bucket, thread),
    replace: (thread, content, revision) => replaceControl(bucket, thread, content, revision),
    [Symbol.dispose]: () => bucket[Symbol.dispose](),
  };
}

/**
 * Makes sure that the bucket can be read, before any work is done for it.
 * @throws PermaframeError STORE_UNREACHABLE, STORE_DENIED, STORE_BUCKET_MISSING or STORE_UNAVAILABLE, whose message
 *   names the setting that is wrong
 */
export async function checkStore(config: StoreConfig, options: StoreOptions = {}): Promise<void> {
  using bucket = new Bucket(config, { ...options, retry: { maxAttempts: CHECK_ATTEMPTS, ...options.retry } });
  await bucket.check();
}

async function create(bucket: Bucket, object: ObjectToPut, signal?: AbortSignal): Promise<PutOutcome> {
  const { key, body, sha256, contentType, cacheControl, contentEncoding } = object;
  const input: PutObjectCommandInput = {
    Bucket: bucket.name,
    Key: key,
    Body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    IfNoneMatch: '*',
    ChecksumSHA256: toBase64(fromHex(sha256)),
    ContentType: contentType,
    CacheControl: cacheControl,
    ContentEncoding: contentEncoding,
    Metadata: { sha256 },
  };
  const send: Send<'created' | 'exists'> = async (client, abortSignal) => {
    try {
      await put(client, input, sha256, abortSignal);
      return 'created';
    } catch (error) {
      // Also when an earlier attempt was stored and its answer was lost.
      if (hasStatus(error, 412)) return 'exists';
      throw error;
    }
  };
  const kind = await bucket.call(`create "${key}"`, send, { signal, bytes: body.byteLength });
  if (kind === 'created') return { kind };
  return { kind, sha256: (await head(bucket, key, signal))?.sha256 ?? null };
}

async function put(client: S3Client, input: PutObjectCommandInput, sha256: string | null, abortSignal: AbortSignal) {
  const command = new PutObjectCommand(input);
  if (sha256 !== null) {
    // The signature covers this header: bytes with another digest are refused. Spares the SDK hashing them again.
    command.middlewareStack.add(
      (next) => (args) => {
        setHeader(args.request, 'x-amz-content-sha256', sha256);
        return next(args);
      },
      { step: 'build', name: 'declareContentSha256' },
    );
  }
  const { ETag } = await client.send(command, { abortSignal });
  if (ETag === undefined) throw unlikeS3('ETag');
}

async function head(bucket: Bucket, key: string, signal?: AbortSignal): Promise<StoredObject | null> {
  const send: Send<StoredObject | null> = async (client, abortSignal) => {
    try {
      const found = await client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }), { abortSignal });
      if (found.ContentLength === undefined) throw unlikeS3('length');
      return { bytes: found.ContentLength, sha256: digestIn(found.Metadata) };
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      throw error;
    }
  };
  const stored = await bucket.call(`look up "${key}"`, send, { signal });
  // An answer to HEAD has no body to tell a missing object from a missing bucket.
  if (stored === null) await bucket.checkOnce(signal);
  return stored;
}

async function get(bucket: Bucket, key: string, signal?: AbortSignal) {
  const send: Send<{ bytes: Uint8Array; etag: string } | null> = async (client, abortSignal) => {
    const command = new GetObjectCommand({ Bucket: bucket.name, Key: key });
    // As stored, not compressed on the way. Added once the request is signed: a proxy may change this header.
    command.middlewareStack.add(
      (next) => (args) => {
        setHeader(args.request, 'accept-encoding', 'identity');
        return next(args);
      },
      { step: 'deserialize', name: 'acceptAsStored' },
    );
    try {
      const { Body, ETag, Metadata } = await client.send(command, { abortSignal });
      if (Body === undefined || ETag === undefined) throw unlikeS3('ETag');
      const bytes = await Body.transformToByteArray();
      const sha256 = digestIn(Metadata);
      if (sha256 !== null && (await sha256Hex(bytes)) !== sha256) throw new DamagedBytes(key);
      return { bytes, etag: ETag };
    } catch (error) {
      if (isMissingObject(error)) return null;
      throw error;
    }
  };
  return bucket.call(`read "${key}"`, send, { signal });
}

async function list(bucket: Bucket, prefix: string, delimiter: '/' | undefined, signal?: AbortSignal) {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket.name,
      Prefix: prefix,
      Delimiter: delimiter,
      MaxKeys: bucket.pageKeys,
      ContinuationToken: token,
    });
    const send = (client: S3Client, abortSignal: AbortSignal) => client.send(command, { abortSignal });
    const page = await bucket.call(`list "${prefix}"`, send, { signal });
    const names = delimiter ? page.CommonPrefixes?.map(({ Prefix }) => Prefix) : page.Contents?.map(({ Key }) => Key);
    found.push(...(names ?? []).filter((name) => name !== undefined));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return found.sort(compareText);
}

async function readControl(bucket: Bucket, thread: string) {
  const found = await get(bucket, threadControlKey(thread));
  return found === null ? null : { content: new TextDecoder().decode(found.bytes), revision: found.etag };
}

async function replaceControl(bucket: Bucket, thread: string, content: string, revision: string | null) {
  const key = threadControlKey(thread);
  const input: PutObjectCommandInput = {
    Bucket: bucket.name,
    Key: key,
    Body: Buffer.from(content),
    ...(revision === null ? { IfNoneMatch: '*' } : { IfMatch: revision }),
    ContentType: 'application/json; charset=utf-8',
    CacheControl: CACHE_SHORT,
  };
  const send: Send<'written' | 'outrun' | 'unclear'> = async (client, abortSignal, attemptNumber) => {
    try {
      await put(client, input, null, abortSignal);
      return 'written';
    } catch (error) {
      if (!hasStatus(error, 409) && !hasStatus(error, 412) && !isMissingObject(error)) throw error;
      return attemptNumber === 1 ? 'outrun' : 'unclear';
    }
  };
  const outcome = await bucket.call(`replace "${key}"`, send);
  if (outcome !== 'unclear') return outcome === 'written';
  // An earlier attempt may be what we ran into: stored, but its answer was lost.
  return (await readControl(bucket, thread))?.content === content;
}

/** The digest that create put beside the bytes. */
function digestIn(metadata: Record<string, string> | undefined): string | null {
  return sha256Schema.safeParse(metadata?.sha256).data ?? null;
}

function setHeader(request: unknown, name: string, value: string): void {
  (request as { headers: Record<string, string> }).headers[name] = value;
}

function hasStatus(error: unknown, status: number): boolean {
  const fault = faultOf(error);
  return fault.kind === 'answer' && fault.status === status;
}

function isMissingObject(error: unknown): boolean {
  const fault = faultOf(error);
  return fault.kind === 'answer' && fault.code === 'NoSuchKey';
}

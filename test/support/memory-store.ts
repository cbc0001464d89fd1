/** A store in memory, with the behaviour of the real one: test/support/store-contract.ts holds both to it. */
import { createHash } from 'node:crypto';
import { PermaframeError } from '../../action/contract/errors.ts';
import { compareText } from '../../action/contract/hash.ts';
import { threadControlKey } from '../../action/contract/keys.ts';
import type { ObjectStore, ObjectToPut, PutOutcome, ThreadControlStore } from '../../action/core/ports.ts';

/** An object as it lies in the store. */
export interface MemoryObject {
  body: Uint8Array;
  /** Null for thread controls. */
  sha256: string | null;
  contentType: string;
  cacheControl: string | null;
  contentEncoding: 'br' | null;
}

/** What lies in the store. Outlives the store object, as a bucket outlives a process. */
export type MemoryBucket = Map<string, MemoryObject>;

export interface MemoryStoreOptions {
  /** Default: a new one. */
  bucket?: MemoryBucket;
  /** Called before the n-th create (from 1) stores anything. What it throws, the create rejects with. */
  beforeCreate?(n: number, object: ObjectToPut): void;
  /** Called when the n-th create (from 1) is done: throwing here is an answer that got lost. */
  afterCreate?(n: number, object: ObjectToPut): void;
}

/** What every call of a store rejects with from the moment on when its process "crashed". */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/** Options for a process that dies at its n-th create (from 1): before anything was stored, or right after. */
export function crashAtCreate(n: number, moment: 'before' | 'after' = 'before'): MemoryStoreOptions {
  const crash = (count: number) => {
    if (count === n) throw new SimulatedCrash(`crashed ${moment} create ${n}`);
  };
  return moment === 'before' ? { beforeCreate: crash } : { afterCreate: crash };
}

export interface MemoryStore extends ObjectStore, ThreadControlStore {
  bucket: MemoryBucket;
  /** Keys in the order in which they were created by this store. */
  created: string[];
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { bucket = new Map<string, MemoryObject>(), beforeCreate, afterCreate } = options;
  const created: string[] = [];
  let creates = 0;
  let crash: SimulatedCrash | undefined;

  /** Every call passes here: asynchronous, as over a network, and dead after a crash. */
  async function enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await Promise.resolve();
    if (crash) throw crash;
  }

  function runHook(hook: MemoryStoreOptions['beforeCreate'], n: number, object: ObjectToPut): void {
    try {
      hook?.(n, object);
    } catch (error) {
      if (error instanceof SimulatedCrash) crash = error;
      throw error;
    }
  }

  return {
    bucket,
    created,
    async create(object, signal): Promise<PutOutcome> {
      await enter(signal);
      const n = ++creates;
      runHook(beforeCreate, n, object);
      const stored = bucket.get(object.key);
      if (stored) return { kind: 'exists', sha256: stored.sha256 };
      bucket.set(object.key, toMemoryObject(object));
      created.push(object.key);
      runHook(afterCreate, n, object);
      return { kind: 'created' };
    },
    async head(key, signal) {
      await enter(signal);
      const stored = bucket.get(key);
      return stored ? { bytes: stored.body.byteLength, sha256: stored.sha256 } : null;
    },
    async get(key, signal) {
      await enter(signal);
      return bucket.get(key)?.body.slice() ?? null;
    },
    async list(prefix, listOptions, signal) {
      await enter(signal);
      const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix));
      return (listOptions?.delimiter ? commonPrefixes(keys, prefix) : keys).sort(compareText);
    },
    async read(thread) {
      await enter();
      const stored = bucket.get(threadControlKey(thread));
      return stored ? { content: new TextDecoder().decode(stored.body), revision: revisionOf(stored) } : null;
    },
    async replace(thread, content, revision) {
      await enter();
      const key = threadControlKey(thread);
      const stored = bucket.get(key);
      if ((stored ? revisionOf(stored) : null) !== revision) return false;
      bucket.set(key, toThreadControl(content));
      return true;
    },
  };
}

function toMemoryObject(object: ObjectToPut): MemoryObject {
  const { key, body, sha256, contentType, cacheControl, contentEncoding = null } = object;
  if (createHash('sha256').update(body).digest('hex') !== sha256) {
    throw new PermaframeError('INTERNAL', `Cannot create "${key}": the bytes do not match their sha256.`);
  }
  return { body: body.slice(), sha256, contentType, cacheControl, contentEncoding };
}

function toThreadControl(content: string): MemoryObject {
  return {
    body: new TextEncoder().encode(content),
    sha256: null,
    contentType: 'application/json; charset=utf-8',
    cacheControl: null,
    contentEncoding: null,
  };
}

/** Like R2's ETag: equal content, equal revision. */
function revisionOf(object: MemoryObject): string {
  return `"${createHash('md5').update(object.body).digest('hex')}"`;
}

function commonPrefixes(keys: readonly string[], prefix: string): string[] {
  const ends = keys.map((key) => key.indexOf('/', prefix.length));
  return [...new Set(keys.flatMap((key, i) => (ends[i] === -1 ? [] : [key.slice(0, (ends[i] ?? 0) + 1)])))];
}

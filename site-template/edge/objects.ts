/** Reads immutable objects: from the isolate's memory, from the data centre's cache, from the store. */
import { CACHE_IMMUTABLE } from '../../action/contract/content-types.ts';
import { sha256Hex } from '../../action/contract/hash.ts';
import { formatContentRange, type Span } from './conditions.ts';
import { Lru } from './lru.ts';

/** What the edge needs of an R2 bucket. */
export interface Bucket {
  head(key: string): Promise<StoredHead | null>;
  get(key: string, options?: { range: Span }): Promise<StoredObject | null>;
}

interface StoredHead {
  size: number;
  httpEtag: string;
  customMetadata?: Record<string, string>;
}

interface StoredObject extends StoredHead {
  body: ReadableStream;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
}

/** What the edge needs of the Cache API. */
export type DataCentreCache = Pick<Cache, 'match' | 'put'>;

/** What is known about an object without its bytes. Holds for ever, as objects never change. */
export interface Facts {
  bytes: number;
  /**
   * The lower-case hex SHA-256 of the stored bytes, or R2's own tag for an object stored by other means. For what was
   * made of an object, the first {@link DERIVED_TAG_DIGITS} of its own.
   */
  tag: string;
}

export interface Opened {
  facts: Facts;
  body: ReadableStream | Uint8Array<ArrayBuffer>;
  /** Where the bytes came from: told to the client, for people who look into speed. */
  source: 'memory' | 'cache' | 'store';
}

/** Objects up to this many bytes are kept in the isolate's memory. */
export const MAX_HELD_BYTES = 128_000;
/** All of them together. An isolate has 128 MB for everything. */
const MAX_HELD_TOTAL_BYTES = 8_000_000;
const MAX_REMEMBERED_FACTS = 5000;
/** Larger objects go past the data centre's cache. */
const MAX_CACHED_BYTES = 100_000_000;
/** So do larger ones of which only a part is asked for: nobody may want the rest. Every asset is smaller. */
export const MAX_CACHED_FOR_A_PART_BYTES = 32_000_000;
/** The uploader stores the brotli copy of an object first. Where there is none, one is looked for again after this. */
const PLAIN_MILLISECONDS = 600_000;
/** A key is offered to the data centre's cache once in so many milliseconds: on workers.dev it keeps nothing. */
const CACHE_OFFER_MILLISECONDS = 600_000;

/** Bytes in memory. */
interface Held {
  facts: Facts;
  content: Uint8Array<ArrayBuffer>;
}

/** How bytes are made of those of an object. */
export interface Recipe {
  /** Tells recipes apart that make other bytes of the same object. */
  name: string;
  make(body: Opened['body']): Promise<Uint8Array<ArrayBuffer>>;
}

/** Hex digits of the SHA-256: enough to tell the few forms of one address apart, and shorter in every answer. */
export const DERIVED_TAG_DIGITS = 16;

/** Lives as long as the isolate. Values only, never promises: work of one request must not be awaited by another. */
export interface ObjectMemory {
  held: Lru<Held>;
  facts: Lru<Facts>;
  /** When a key was last offered to the data centre's cache. Milliseconds since 1970, as below. */
  offers: Lru<number>;
  /** When an object was last found to have no brotli copy. */
  plain: Lru<number>;
}

export function newObjectMemory(): ObjectMemory {
  return {
    held: new Lru(MAX_HELD_TOTAL_BYTES, ({ content }) => content.byteLength),
    facts: new Lru(MAX_REMEMBERED_FACTS),
    offers: new Lru(MAX_REMEMBERED_FACTS),
    plain: new Lru(MAX_REMEMBERED_FACTS),
  };
}

interface ObjectsOptions {
  bucket: Bucket;
  cache: DataCentreCache;
  memory: ObjectMemory;
  now: () => number;
  /** Keeps the request's context alive for work that the answer does not wait for. */
  defer: (work: Promise<void>) => void;
  /** Origin of this edge: keys of the cache should have the Worker's own host. */
  origin: string;
}

/** The objects as one request sees them. */
export class Objects {
  readonly #options: ObjectsOptions;

  constructor(options: ObjectsOptions) {
    this.#options = options;
  }

  /** Null when there is no such object. */
  async describe(key: string): Promise<Facts | null> {
    const { bucket, memory } = this.#options;
    const known = memory.facts.get(key);
    if (known) return known;
    const object = await bucket.head(key);
    return object && this.#remember(key, object);
  }

  /**
   * Opens an object, or a part of it. Null when there is no such object.
   * @param keep whether memory and cache may be used: not for what is behind a signed link
   */
  async open(key: string, keep: boolean, span?: Span): Promise<Opened | null> {
    if (!keep) return this.#fromStore(key, span);
    const held = this.#options.memory.held.get(key);
    if (held) return { facts: held.facts, body: cut(held.content, span), source: 'memory' };
    // A small object is read whole and held, whichever part is asked for.
    const wanted = span && this.#isSmall(key) ? undefined : span;
    const opened = (await this.#fromCache(key, wanted)) ?? (await this.#fromStore(key, wanted));
    if (opened?.source === 'store') this.#offerToCache(key, opened.facts, wanted !== undefined);
    if (opened === null || wanted !== undefined || opened.facts.bytes > MAX_HELD_BYTES) return opened;
    const content = new Uint8Array(await new Response(opened.body).arrayBuffer());
    this.#options.memory.held.set(key, { facts: opened.facts, content });
    return { ...opened, body: cut(content, span) };
  }

  /**
   * Makes something of an object. Null when there is no such object.
   * @param keep as for {@link open}
   */
  async derive(key: string, keep: boolean, recipe: Recipe): Promise<(Held & Pick<Opened, 'source'>) | null> {
    const { held } = this.#options.memory;
    // No key has a space in it.
    const name = `${key} ${recipe.name}`;
    const known = keep ? held.get(name) : undefined;
    if (known) return { ...known, source: 'memory' };
    const opened = await this.open(key, keep);
    if (!opened) return null;
    const content = await recipe.make(opened.body);
    const made: Held = {
      content,
      facts: { bytes: content.byteLength, tag: (await sha256Hex(content)).slice(0, DERIVED_TAG_DIGITS) },
    };
    if (keep && content.byteLength <= MAX_HELD_BYTES) held.set(name, made);
    return { ...made, source: opened.source };
  }

  /** Whether looking for a brotli copy is worth it. */
  mayHaveCopy(key: string): boolean {
    const { memory, now } = this.#options;
    const missedAt = memory.plain.get(key);
    return missedAt === undefined || now() - missedAt >= PLAIN_MILLISECONDS;
  }

  /** To be called for an object that exists, and has no brotli copy. */
  rememberPlain(key: string): void {
    this.#options.memory.plain.set(key, this.#options.now());
  }

  #isSmall(key: string): boolean {
    const facts = this.#options.memory.facts.get(key);
    return facts !== undefined && facts.bytes <= MAX_HELD_BYTES;
  }

  async #fromStore(key: string, span?: Span): Promise<Opened | null> {
    const object = await this.#options.bucket.get(key, ...(span ? [{ range: span }] : []));
    return object && { facts: this.#remember(key, object), body: object.body, source: 'store' };
  }

  /** Null when the cache has not got it, or cannot cut it. */
  async #fromCache(key: string, span?: Span): Promise<Opened | null> {
    const { cache, memory } = this.#options;
    if ((memory.facts.get(key)?.bytes ?? 0) > MAX_CACHED_BYTES) return null;
    const headers = span && { range: `bytes=${span.offset}-${span.offset + span.length - 1}` };
    const response = await cache.match(new Request(this.#cacheKey(key), headers && { headers }));
    if (!response?.body) return null;
    const facts = memory.facts.get(key) ?? readCachedFacts(response);
    const fits = span
      ? response.status === 206 && response.headers.get('content-range') === formatContentRange(span, facts.bytes)
      : response.status === 200;
    memory.facts.set(key, facts);
    if (fits) return { facts, body: response.body, source: 'cache' };
    await response.body.cancel();
    return null;
  }

  /**
   * Puts the whole object into the cache, beside the answer. By a read of its own: the answer may be a part, and a
   * stream shared with a slow viewer would pile up in memory.
   */
  #offerToCache(key: string, facts: Facts, isPart: boolean): void {
    const { bucket, cache, memory, now, defer } = this.#options;
    const offeredAt = memory.offers.get(key);
    if (facts.bytes > (isPart ? MAX_CACHED_FOR_A_PART_BYTES : MAX_CACHED_BYTES)) return;
    if (offeredAt !== undefined && now() - offeredAt < CACHE_OFFER_MILLISECONDS) return;
    memory.offers.set(key, now());
    const put = async () => {
      const object = await bucket.get(key);
      if (object) await cache.put(this.#cacheKey(key), cacheable(object.body, facts));
    };
    defer(put().catch((error: unknown) => console.warn('not cached:', key, error)));
  }

  /** An address of this host at which nothing is served. */
  #cacheKey(key: string): string {
    return `${this.#options.origin}/.objects/${key}`;
  }

  #remember(key: string, object: StoredHead): Facts {
    const tag = object.customMetadata?.sha256 ?? object.httpEtag.replaceAll('"', '');
    const facts: Facts = { bytes: object.size, tag };
    this.#options.memory.facts.set(key, facts);
    return facts;
  }
}

/** A part of bytes in memory; all of them without a span. */
export function cut(content: Uint8Array<ArrayBuffer>, span: Span | undefined): Uint8Array<ArrayBuffer> {
  return span ? content.subarray(span.offset, span.offset + span.length) : content;
}

const TAG_HEADER = 'x-object-tag';
const BYTES_HEADER = 'x-object-bytes';

/** Stored as plain bytes, so that no cache finds anything to recompress or to vary on. */
function cacheable(body: ReadableStream, facts: Facts): Response {
  return new Response(body, {
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(facts.bytes),
      'Cache-Control': CACHE_IMMUTABLE,
      [TAG_HEADER]: facts.tag,
      [BYTES_HEADER]: String(facts.bytes),
    },
  });
}

/** What {@link cacheable} wrote down. */
function readCachedFacts(response: Response): Facts {
  return { bytes: Number(response.headers.get(BYTES_HEADER)), tag: response.headers.get(TAG_HEADER) ?? '' };
}

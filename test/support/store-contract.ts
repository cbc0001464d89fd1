/** What every store must do, whatever is behind it. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../action/contract/errors.ts';
import type { ObjectStore, ObjectToPut, ThreadControlStore } from '../../action/core/ports.ts';

export interface StoresUnderTest {
  objects: ObjectStore;
  controls: ThreadControlStore;
}

let places = 0;

/** A prefix that no other test uses. */
export function newPrefix(): string {
  return `artifacts/place-${++places}/1/`;
}

/** A thread that no other test uses. */
function newThread(): string {
  return `thread-${++places}`;
}

export function objectOf(key: string, content: string | Uint8Array, overrides: Partial<ObjectToPut> = {}): ObjectToPut {
  const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    key,
    body,
    sha256: sha256Of(body),
    contentType: 'text/javascript; charset=utf-8',
    cacheControl: 'public, max-age=31536000, immutable',
    ...overrides,
  };
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function withCode(code: ErrorCode) {
  return expect.objectContaining({ name: 'PermaframeError', code });
}

/** @param stores called within each test; both stores must see the same objects */
export function describeStoreContract(stores: () => StoresUnderTest): void {
  describe('an object store', () => {
    describeCreate(() => stores().objects);
    describeReading(stores);
    describeListing(() => stores().objects);
    describeAborting(() => stores().objects);
  });
  describe('a thread control store', () => describeControls(() => stores().controls));
}

function describeCreate(store: () => ObjectStore): void {
  it('creates an object and returns the same bytes', async () => {
    const key = `${newPrefix()}all-bytes.js`;
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 256);
    expect(await store().create(objectOf(key, bytes))).toEqual({ kind: 'created' });
    expect(Buffer.from((await store().get(key)) ?? []).equals(bytes)).toBe(true);
  });

  it('stores the bytes of a view, not of the buffer behind it', async () => {
    const key = `${newPrefix()}view.js`;
    const view = new TextEncoder().encode('before|middle|after').subarray(7, 13);
    await store().create(objectOf(key, view));
    expect(text(await store().get(key))).toBe('middle');
  });

  it('creates an empty object', async () => {
    const key = `${newPrefix()}empty.js`;
    expect(await store().create(objectOf(key, ''))).toEqual({ kind: 'created' });
    expect(await store().head(key)).toEqual({ bytes: 0, sha256: sha256Of('') });
    expect(await store().get(key)).toHaveLength(0);
  });

  it('keeps the first bytes and tells their digest when the key is taken by others', async () => {
    const key = `${newPrefix()}taken.js`;
    await store().create(objectOf(key, 'first'));
    expect(await store().create(objectOf(key, 'second'))).toEqual({ kind: 'exists', sha256: sha256Of('first') });
    expect(text(await store().get(key))).toBe('first');
  });

  it('tells the same digest when the same bytes are created again', async () => {
    const object = objectOf(`${newPrefix()}again.js`, 'same');
    await store().create(object);
    expect(await store().create(object)).toEqual({ kind: 'exists', sha256: object.sha256 });
  });

  it('lets exactly one of several concurrent creates win', async () => {
    const key = `${newPrefix()}race.js`;
    const contents = ['a', 'b', 'c', 'd', 'e', 'f'];
    const outcomes = await Promise.all(contents.map((content) => store().create(objectOf(key, content))));
    const winners = contents.filter((_, i) => outcomes[i]?.kind === 'created');
    const [winner] = winners;
    expect(winners).toHaveLength(1);
    expect(text(await store().get(key))).toBe(winner);
    const losers = outcomes.filter((outcome) => outcome.kind === 'exists');
    expect(new Set(losers.map((loser) => loser.sha256))).toEqual(new Set([sha256Of(winner ?? '')]));
  });

  it('refuses bytes that do not match their digest, and stores nothing', async () => {
    const key = `${newPrefix()}mismatch.js`;
    const object = objectOf(key, 'what was sent', { sha256: sha256Of('what was meant') });
    await expect(store().create(object)).rejects.toEqual(withCode('INTERNAL'));
    expect(await store().head(key)).toBeNull();
  });
}

function describeReading(stores: () => StoresUnderTest): void {
  it('tells size and digest of an object', async () => {
    const key = `${newPrefix()}sized.js`;
    await stores().objects.create(objectOf(key, 'twelve bytes'));
    expect(await stores().objects.head(key)).toEqual({ bytes: 12, sha256: sha256Of('twelve bytes') });
  });

  it('returns null for an object that is not there', async () => {
    const key = `${newPrefix()}missing.js`;
    expect(await stores().objects.head(key)).toBeNull();
    expect(await stores().objects.get(key)).toBeNull();
  });

  it('knows no digest of an object that was stored without one', async () => {
    const thread = newThread();
    await stores().controls.replace(thread, '{}', null);
    expect(await stores().objects.head(`threads/${thread}.json`)).toEqual({ bytes: 2, sha256: null });
  });

  it('returns the bytes of a compressed copy as they were stored', async () => {
    const key = `${newPrefix()}copy.js.br`;
    await stores().objects.create(objectOf(key, 'not really brotli', { contentEncoding: 'br' }));
    expect(text(await stores().objects.get(key))).toBe('not really brotli');
  });
}

function describeListing(store: () => ObjectStore): void {
  async function createAll(prefix: string, names: readonly string[]): Promise<void> {
    for (const name of names) await store().create(objectOf(`${prefix}${name}`, name));
  }

  it('lists all keys below a prefix, ascending', async () => {
    const prefix = newPrefix();
    await createAll(prefix, ['b.js', 'a.js', 'Z.js', 'a/10.js', 'a/9.js', 'a-b.js', 'c.js']);
    const names = ['Z.js', 'a-b.js', 'a.js', 'a/10.js', 'a/9.js', 'b.js', 'c.js'];
    expect(await store().list(prefix)).toEqual(names.map((name) => `${prefix}${name}`));
  });

  it('does not take a longer name for a prefix', async () => {
    const prefix = newPrefix();
    await createAll(prefix, ['1/page.html', '10/page.html']);
    expect(await store().list(`${prefix}1/`)).toEqual([`${prefix}1/page.html`]);
  });

  it('lists the common prefixes up to a delimiter, each once', async () => {
    const prefix = newPrefix();
    await createAll(prefix, [
      '10/page.html',
      '10/meta.json',
      '9/page.html',
      '9/assets/a.png',
      '1/meta.json',
      'loose.js',
    ]);
    const folders = ['1/', '10/', '9/'].map((name) => `${prefix}${name}`);
    expect(await store().list(prefix, { delimiter: '/' })).toEqual(folders);
  });

  it('lists nothing where nothing is', async () => {
    expect(await store().list(newPrefix())).toEqual([]);
    expect(await store().list(newPrefix(), { delimiter: '/' })).toEqual([]);
  });
}

function describeAborting(store: () => ObjectStore): void {
  it('rejects with the reason of a signal that is aborted already, and does nothing', async () => {
    const key = `${newPrefix()}aborted.js`;
    const reason = new Error('the job was cancelled');
    const signal = AbortSignal.abort(reason);
    await expect(store().create(objectOf(key, 'x'), signal)).rejects.toBe(reason);
    await expect(store().head(key, signal)).rejects.toBe(reason);
    await expect(store().get(key, signal)).rejects.toBe(reason);
    await expect(store().list(key, {}, signal)).rejects.toBe(reason);
    expect(await store().head(key)).toBeNull();
  });
}

function describeControls(store: () => ThreadControlStore): void {
  it('reads null before anything was written', async () => {
    expect(await store().read(newThread())).toBeNull();
  });

  it('creates, then replaces what was read', async () => {
    const thread = newThread();
    expect(await store().replace(thread, 'one', null)).toBe(true);
    const first = await store().read(thread);
    expect(first?.content).toBe('one');
    expect(await store().replace(thread, 'zwei, größer', first?.revision ?? null)).toBe(true);
    const second = await store().read(thread);
    expect(second?.content).toBe('zwei, größer');
    expect(second?.revision).not.toBe(first?.revision);
  });

  it('refuses to create what is there already', async () => {
    const thread = newThread();
    await store().replace(thread, 'one', null);
    expect(await store().replace(thread, 'other', null)).toBe(false);
    expect((await store().read(thread))?.content).toBe('one');
  });

  it('refuses a revision that is no longer the newest', async () => {
    const thread = newThread();
    await store().replace(thread, 'one', null);
    const stale = (await store().read(thread))?.revision ?? null;
    await store().replace(thread, 'two', stale);
    expect(await store().replace(thread, 'three', stale)).toBe(false);
    expect((await store().read(thread))?.content).toBe('two');
  });

  it('refuses a revision of something that is not there', async () => {
    const thread = newThread();
    await store().replace(thread, 'one', null);
    const revision = (await store().read(thread))?.revision ?? null;
    const empty = newThread();
    expect(await store().replace(empty, 'two', revision)).toBe(false);
    expect(await store().read(empty)).toBeNull();
  });

  it('lets exactly one of several concurrent replacements win', async () => {
    const thread = newThread();
    await store().replace(thread, 'start', null);
    const revision = (await store().read(thread))?.revision ?? null;
    const contents = ['a', 'b', 'c', 'd', 'e', 'f'];
    const won = await Promise.all(contents.map((content) => store().replace(thread, content, revision)));
    const winners = contents.filter((_, i) => won[i]);
    expect(winners).toHaveLength(1);
    expect((await store().read(thread))?.content).toBe(winners[0]);
  });
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

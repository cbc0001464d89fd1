import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPermaframeError } from '../../../action/contract/errors.ts';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { brotliKey, metaKey, pageKey, parseKey, threadControlKey } from '../../../action/contract/keys.ts';
import { metaSchema } from '../../../action/contract/meta.ts';
import { withTombstone } from '../../../action/contract/thread-control.ts';
import { type Shared, share, shareAs } from '../../../action/core/publish.ts';
import { createSnapshot, type Snapshot } from '../../../action/core/snapshot.ts';
import { changeThreadControl } from '../../../action/core/thread-control.ts';
import { findIncomplete } from '../../../action/core/upload.ts';
import {
  crashAtCreate,
  createMemoryStore,
  type MemoryBucket,
  type MemoryStore,
  SimulatedCrash,
} from '../../support/memory-store.ts';
import { PLACE, type Publishing, startPublishing } from '../../support/publishing.ts';
import { threeScenes, toContents } from '../../support/tree.ts';

let publishing: Publishing;
let snapshot: Snapshot;
let changed: Snapshot;
/** A store that holds the runtime already, as every store but a new one does. */
let withRuntime: MemoryBucket;

beforeAll(async () => {
  publishing = await startPublishing();
  snapshot = await createSnapshot(toContents(threeScenes()));
  const title = 'export const Title = ({ text }: { text: string }) => <h2>{text}</h2>;';
  changed = await createSnapshot(toContents(threeScenes({ 'shared/title.tsx': title })));
  const store = createMemoryStore();
  await share(snapshot, PLACE, publishing.into(store));
  withRuntime = new Map([...store.bucket].filter(([key]) => key.startsWith('runtime/')));
});

afterAll(() => publishing[Symbol.asyncDispose]());

const shareInto = (store: MemoryStore, what: Snapshot = snapshot): Promise<Shared> =>
  share(what, PLACE, publishing.into(store));

function metaIn(store: MemoryStore, version: number) {
  const body = store.bucket.get(metaKey(PLACE.thread, version))?.body;
  return metaSchema.parse(JSON.parse(new TextDecoder().decode(body)));
}

function latestIn(store: MemoryStore): number | null {
  return JSON.parse(new TextDecoder().decode(store.bucket.get(threadControlKey(PLACE.thread))?.body)).latest;
}

/** The bytes of a bucket, for comparing whole buckets. */
const contentsOf = (store: MemoryStore) =>
  new Map([...store.bucket].map(([key, object]) => [key, Buffer.from(object.body).toString('base64')]));

describe('sharing a snapshot', () => {
  it('stores every file that meta.json lists, with its size and digest, and the mark last', async () => {
    const store = createMemoryStore();
    const shared = await shareInto(store);
    expect(shared).toMatchObject({ kind: 'published', version: 1, outcome: { kind: 'created' } });
    const meta = metaIn(store, 1);
    for (const file of meta.files) {
      const body = store.bucket.get(file.key)?.body as Uint8Array;
      expect({ key: file.key, bytes: body.byteLength, sha256: await sha256Hex(body) }).toEqual({
        key: file.key,
        bytes: file.bytes,
        sha256: file.sha256,
      });
    }
    expect(await findIncomplete(meta, store)).toEqual([]);
    expect(store.created.at(-1)).toBe(metaKey(PLACE.thread, 1));
    expect(store.created.at(-2)).toBe(pageKey(PLACE.thread, 1));
  });

  it('uses only keys of the contract', async () => {
    const store = createMemoryStore();
    await shareInto(store);
    const strange = [...store.bucket.keys()].filter((key) => parseKey(key.replace(/\.br$/, '')) === null);
    expect(strange).toEqual([]);
  });

  it('keeps a brotli copy beside what is compressible, which decodes to the object', async () => {
    const store = createMemoryStore();
    await shareInto(store);
    const copies = [...store.bucket].filter(([key]) => key.endsWith('.br'));
    expect(copies.length).toBeGreaterThan(10);
    for (const [key, copy] of copies) {
      expect(copy.contentEncoding).toBe('br');
      const object = store.bucket.get(key.slice(0, -'.br'.length));
      expect(Buffer.compare(brotliDecompressSync(copy.body), Buffer.from(object?.body ?? []))).toBe(0);
    }
    expect(store.bucket.has(brotliKey(pageKey(PLACE.thread, 1)))).toBe(true);
  });

  it('answers with the version that exists when nothing has changed, and uploads nothing', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    const first = await shareInto(store);
    const before = contentsOf(store);
    const again = await shareInto(store);
    expect(first.kind).toBe('published');
    expect(again).toMatchObject({ kind: 'unchanged', version: 1 });
    expect(again.kind === 'unchanged' && first.kind === 'published' && again.artifactHash === first.artifact.hash).toBe(
      true,
    );
    expect(contentsOf(store)).toEqual(before);
  });

  it('publishes a change as the next version, moves latest, and leaves the first as it was', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(store);
    const before = contentsOf(store);
    expect(await shareInto(store, changed)).toMatchObject({ kind: 'published', version: 2 });
    expect(latestIn(store)).toBe(2);
    before.delete(threadControlKey(PLACE.thread));
    const after = contentsOf(store);
    for (const [key, body] of before) expect(after.get(key)).toBe(body);
  });

  it('stores an unchanged scene once for both versions', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(store);
    const only = threeScenes({ 'scenes/three.tsx': 'export default () => <b>three</b>;' });
    const other = await createSnapshot(toContents(only));
    const scenesBefore = [...store.bucket.keys()].filter((key) => parseKey(key)?.kind === 'scene');
    await shareInto(store, other);
    const scenesAfter = [...store.bucket.keys()].filter((key) => parseKey(key)?.kind === 'scene');
    expect(scenesAfter.filter((key) => !scenesBefore.includes(key))).toHaveLength(1);
  });

  it('goes back to earlier content as a new version', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(store);
    await shareInto(store, changed);
    expect(await shareInto(store, snapshot)).toMatchObject({ kind: 'published', version: 3 });
  });

  it('publishes anew what was taken down', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(store);
    await changeThreadControl(store, PLACE.thread, (control) => withTombstone(control, 1, [1]));
    expect(await shareInto(store)).toMatchObject({ kind: 'published', version: 2 });
    expect(latestIn(store)).toBe(2);
  });

  it('publishes as the version that is asked for, and again without a change', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    const tools = publishing.into(store);
    expect(await shareAs(snapshot, { ...PLACE, version: 7 }, tools)).toMatchObject({ kind: 'published', version: 7 });
    expect(await shareAs(snapshot, { ...PLACE, version: 7 }, tools)).toMatchObject({ kind: 'unchanged', version: 7 });
    expect(await shareAs(snapshot, { ...PLACE, version: 3 }, tools)).toMatchObject({ kind: 'published', version: 3 });
    expect(latestIn(store)).toBe(7);
  });

  it('refuses other content for a version that exists, and changes nothing', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(store);
    const before = contentsOf(store);
    const refused = await shareAs(changed, { ...PLACE, version: 1 }, publishing.into(store)).catch((error) => error);
    expect(isPermaframeError(refused) && refused.code).toBe('ARTIFACT_CONFLICT');
    expect(contentsOf(store)).toEqual(before);
  });

  it('gives two shares at the same time different versions, both complete', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    const shared = await Promise.all([shareInto(store), shareInto(store, changed)]);
    expect(shared.map(({ version }) => version).sort()).toEqual([1, 2]);
    for (const version of [1, 2]) expect(await findIncomplete(metaIn(store, version), store)).toEqual([]);
    expect(latestIn(store)).toBe(2);
  });

  it('gives two shares of the same snapshot at the same time one version', async () => {
    const store = createMemoryStore({ bucket: new Map(withRuntime) });
    const shared = await Promise.all([shareInto(store), shareInto(store)]);
    expect(shared.map(({ version }) => version)).toEqual([1, 1]);
    expect(await findIncomplete(metaIn(store, 1), store)).toEqual([]);
  });
});

describe('a share that dies', () => {
  it.each(['before', 'after'] as const)('%s any object is completed by the next one, byte for byte', async (moment) => {
    const whole = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(whole);
    const creates = whole.created.length;
    expect(creates).toBeGreaterThan(10);
    for (let n = 1; n <= creates; n++) {
      const dying = createMemoryStore({ bucket: new Map(withRuntime), ...crashAtCreate(n, moment) });
      await expect(shareInto(dying)).rejects.toBeInstanceOf(SimulatedCrash);
      const next = createMemoryStore({ bucket: dying.bucket });
      expect(await shareInto(next)).toMatchObject({ version: 1 });
      expect(contentsOf(next)).toEqual(contentsOf(whole));
    }
  });

  it('leaves nothing that is taken for an artifact before its mark is there', async () => {
    const whole = createMemoryStore({ bucket: new Map(withRuntime) });
    await shareInto(whole);
    const dying = createMemoryStore({ bucket: new Map(withRuntime), ...crashAtCreate(whole.created.length, 'before') });
    await expect(shareInto(dying)).rejects.toBeInstanceOf(SimulatedCrash);
    expect(dying.bucket.has(metaKey(PLACE.thread, 1))).toBe(false);
    expect(dying.bucket.has(threadControlKey(PLACE.thread))).toBe(false);
  });

  it('while the runtime is uploaded is completed by the next one', async () => {
    const whole = createMemoryStore();
    await shareInto(whole);
    for (const n of [1, 2, 50, 100, withRuntime.size - 1, withRuntime.size]) {
      const dying = createMemoryStore(crashAtCreate(n, 'after'));
      await expect(shareInto(dying)).rejects.toBeInstanceOf(SimulatedCrash);
      const next = createMemoryStore({ bucket: dying.bucket });
      await shareInto(next);
      expect(contentsOf(next)).toEqual(contentsOf(whole));
    }
  });

  it('makes way for other content: the next version is used', async () => {
    const dying = createMemoryStore({ bucket: new Map(withRuntime), ...crashAtCreate(999) });
    await shareInto(dying);
    const half = new Map([...dying.bucket].filter(([key]) => key !== metaKey(PLACE.thread, 1)));
    half.delete(threadControlKey(PLACE.thread));
    const next = createMemoryStore({ bucket: half });
    expect(await shareInto(next, changed)).toMatchObject({ kind: 'published', version: 2 });
    expect(latestIn(next)).toBe(2);
  });
});

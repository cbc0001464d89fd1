import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../action/adapters/log.ts';
import { openStoreRuntime } from '../../action/adapters/store-runtime.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import { metaKey, pageKey } from '../../action/contract/keys.ts';
import { MAX_PUBLISH_MILLISECONDS } from '../../action/contract/limits.ts';
import type { Report } from '../../action/contract/reports.ts';
import type { ObjectToPut } from '../../action/core/ports.ts';
import { createSnapshot } from '../../action/core/snapshot.ts';
import { uploadRuntime } from '../../action/core/upload.ts';
import { parseInputs } from '../../action/inputs.ts';
import { publishPage, type Tools } from '../../action/publish-page.ts';
import { createMemoryStore, type MemoryStoreOptions } from '../support/memory-store.ts';
import { type Publishing, startPublishing } from '../support/publishing.ts';

const COMMIT = 'c'.repeat(40);
const MARK = metaKey('film', 1);
const encoder = new TextEncoder();
const files = {
  'permaframe.json': '{"title":"A","kind":"app","entry":"a.tsx"}',
  'a.tsx': 'export default () => <p/>;',
};

let publishing: Publishing;
beforeAll(async () => {
  publishing = await startPublishing();
});
afterAll(() => publishing?.[Symbol.asyncDispose]());

const silent: Log = { mask() {}, line() {}, group() {}, annotate() {}, output() {}, async summarize() {} };

async function setUp(options: MemoryStoreOptions = {}) {
  const store = createMemoryStore(options);
  const { compiler, runtime, encode, renderPage } = publishing.into(store);
  await uploadRuntime(runtime, { store: createMemoryStore({ bucket: store.bucket }), encode });
  const reports: Report[] = [];
  const tools: Tools = {
    log: silent,
    controlPlane: {
      async report(report) {
        reports.push(report);
        return { kind: 'delivered' };
      },
    },
    setStatus: null,
    store,
    encode,
    renderPage,
    resolveVersion: async () => ({ commit: COMMIT, version: 1 }),
    readSnapshot: () =>
      createSnapshot(new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)]))),
    openRuntime: (key, signal) => openStoreRuntime(store, key, signal),
    createCompiler: () => ({ ...compiler, async [Symbol.asyncDispose]() {} }),
    now: () => performance.now(),
  };
  const inputs = parseInputs({
    INPUT_THREAD: 'film',
    INPUT_PROJECT: 'films',
    INPUT_VERSION: '1',
    INPUT_COMMIT: COMMIT,
    INPUT_PUBLISH: 'k57',
    INPUT_CALLBACK: 'https://site.test/',
    'INPUT_PUBLIC-URL': 'https://share.test',
    INPUT_RUNTIME: runtime.manifestKey,
    'INPUT_S3-ENDPOINT': 'https://store.test',
    'INPUT_S3-BUCKET': 'bucket',
    'INPUT_S3-ACCESS-KEY-ID': 'id',
    'INPUT_S3-SECRET-ACCESS-KEY': 'key',
  });
  const run = async (own: Partial<Tools> = {}, interrupt = new AbortController().signal) =>
    (await publishPage(inputs, { ...tools, ...own }, interrupt)).ending;
  return { store, runtime, reports, run };
}

const failAt = (moment: 'beforeCreate' | 'afterCreate', isIt: (key: string) => boolean): MemoryStoreOptions => {
  let isDone = false;
  return {
    [moment]: (_: number, { key }: ObjectToPut) => {
      if (isDone || !isIt(key)) return;
      isDone = true;
      throw new PermaframeError('STORE_UNAVAILABLE', 'the store answers 503');
    },
  };
};

describe('a commit mark', () => {
  it('that was stored while its answer got lost is a published version', async () => {
    const { store, run } = await setUp(failAt('afterCreate', (key) => key === MARK));
    const ending = await run();
    expect(ending).toMatchObject({ kind: 'published', version: { deduplicated: false, meta: { version: 1 } } });
    expect(store.bucket.has(MARK)).toBe(true);
  });

  it('that was not stored is a failure, and the next run completes what lies there', async () => {
    const { store, run } = await setUp(failAt('beforeCreate', (key) => key === MARK));
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'STORE_UNAVAILABLE' } });
    expect(store.bucket.has(MARK)).toBe(false);
    const before = new Map(store.bucket);
    expect(await run()).toMatchObject({ kind: 'published', version: { deduplicated: false } });
    for (const [key, object] of before) expect(store.bucket.get(key)).toBe(object);
  });

  it('waits until the control plane has said that somebody still wants the version', async () => {
    const { store, run } = await setUp();
    const asked: boolean[] = [];
    const ending = await run({
      controlPlane: {
        async report(report) {
          if (report.kind !== 'progress' || report.state !== 'uploading') return { kind: 'delivered' };
          await vi.waitUntil(() => store.bucket.has(pageKey('film', 1)));
          await new Promise((resolve) => setTimeout(resolve, 50));
          asked.push(store.bucket.has(MARK));
          return { kind: 'refused', reason: 'over' };
        },
      },
    });
    expect(ending).toEqual({ kind: 'refused', reason: 'over' });
    expect(asked).toEqual([false]);
    expect(store.bucket.has(MARK)).toBe(false);
  });
});

describe('a version with its mark whose objects were lost', () => {
  it('is completed, with the runtime that it was made with, and not a byte changed', async () => {
    const { store, run, runtime } = await setUp();
    await run();
    const before = new Map(store.bucket);
    const lost = [...store.bucket.keys()].filter((key) => !key.startsWith('runtime/') && key !== MARK);
    expect(lost.length).toBeGreaterThan(2);
    for (const key of lost) store.bucket.delete(key);
    const opened: string[] = [];
    const ending = await run({
      openRuntime: (key, signal) => {
        opened.push(key);
        return openStoreRuntime(store, key, signal);
      },
    });
    expect(ending).toMatchObject({ kind: 'published', version: { deduplicated: false } });
    expect(opened).toEqual([runtime.manifestKey]);
    for (const [key, { body }] of before) expect(store.bucket.get(key)?.body).toEqual(body);
  });

  it('is not called whole while a part of the runtime is missing', async () => {
    const { store, run } = await setUp();
    const first = await run();
    if (first.kind !== 'published') throw new Error(first.kind);
    const key = first.version.meta.files.find((file) => file.key.startsWith('runtime/'))?.key ?? '';
    store.bucket.delete(key);
    expect(await run()).toMatchObject({ kind: 'failed', error: { code: 'VERIFY_FAILED' } });
  });
});

describe('the end of a run', () => {
  it('that takes more than its minute is RUN_TIMEOUT', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { run } = await setUp();
      const ending = run({ readSnapshot: () => new Promise(() => {}), openRuntime: () => new Promise(() => {}) });
      await vi.advanceTimersByTimeAsync(MAX_PUBLISH_MILLISECONDS + 1);
      expect(await ending).toMatchObject({ kind: 'failed', error: { code: 'RUN_TIMEOUT' } });
    } finally {
      vi.useRealTimers();
    }
  });

  it('that GitHub cancels is no failure', async () => {
    const interrupt = new AbortController();
    const { run, store } = await setUp({ beforeCreate: (n) => n === 3 && interrupt.abort() });
    expect(await run({}, interrupt.signal)).toEqual({ kind: 'stopped', found: { commit: COMMIT, version: 1 } });
    expect(store.bucket.has(MARK)).toBe(false);
  });

  it('by an error that nobody thought of says nothing of it but in the log', async () => {
    const { run } = await setUp();
    const cause = new Error('/home/runner/secret');
    const ending = await run({ readSnapshot: () => Promise.reject(cause) });
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'INTERNAL', cause } });
    expect(ending.kind === 'failed' && ending.error.message).not.toContain('/home');
  });

  it("waits for the claim: an author's mistake is reported by the run that owns the publish", async () => {
    const { run } = await setUp();
    const ending = await run({
      readSnapshot: () => Promise.reject(new PermaframeError('MANIFEST_MISSING', 'x')),
      controlPlane: { report: async () => ({ kind: 'refused', reason: 'notYours' }) },
    });
    expect(ending).toEqual({ kind: 'refused', reason: 'notYours' });
  });
});

describe('a runtime in the store', () => {
  it('is opened by its key, and reads what its manifest lists', async () => {
    const { store, runtime } = await setUp();
    const opened = await openStoreRuntime(store, runtime.manifestKey);
    expect(opened.manifest).toEqual(runtime.manifest);
    for (const { key } of Object.values(runtime.manifest.inlined)) {
      expect(Buffer.from(await opened.read(key))).toEqual(Buffer.from(await runtime.read(key)));
    }
    await expect(opened.read(`runtime/${'0'.repeat(64)}.js`)).rejects.toMatchObject({ code: 'RUNTIME_INVALID' });
    await expect(opened.read('threads/film.json')).rejects.toMatchObject({ code: 'RUNTIME_INVALID' });
  });

  it.each(['threads/film.json', `runtime/${'0'.repeat(64)}.js`, `runtime/manifest-${'0'.repeat(64)}.json`])(
    'is refused when its key is %s',
    async (key) => {
      const { store } = await setUp();
      await expect(openStoreRuntime(store, key)).rejects.toMatchObject({ code: 'RUNTIME_INVALID' });
    },
  );

  it('is refused when a byte of it was changed', async () => {
    const { store, runtime } = await setUp();
    const [inlined] = Object.values(runtime.manifest.inlined);
    for (const key of [inlined?.key ?? '', runtime.manifestKey]) {
      const object = store.bucket.get(key);
      if (!object) throw new Error(key);
      const body = object.body.slice();
      body[10] = (body[10] ?? 0) ^ 1;
      store.bucket.set(key, { ...object, body });
    }
    await expect(openStoreRuntime(store, runtime.manifestKey)).rejects.toMatchObject({ code: 'RUNTIME_INVALID' });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKey } from '../../../action/contract/keys.ts';
import { videoRequestSchema } from '../../../action/contract/video.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';
import { eventually } from '../../support/processes.ts';
import { PLACE } from '../../support/publishing.ts';
import {
  MACHINE,
  type MadeVideo,
  type PublishedFilm,
  type Rendering,
  startRendering,
} from '../../support/rendering.ts';
import { sharedRuntime } from '../../support/runtime.ts';
import { threeScenes } from '../../support/tiny-films.ts';
import { mountsBelow, processesWith } from '../adapters/sandboxes.ts';
import { type DriverOrder, fileOf } from './killed-driver.ts';

const DRIVER = fileURLToPath(new URL('./killed-driver.ts', import.meta.url));

let rendering: Rendering;
let film: PublishedFilm;
let undisturbed: MadeVideo;
let runtimeFolder: string;
/** What is in the store before anything is rendered. */
let published: MemoryStore['bucket'];
beforeAll(async () => {
  rendering = await startRendering();
  runtimeFolder = (await sharedRuntime()).folder;
  const { files, manifest } = threeScenes();
  film = await rendering.publish(files, manifest);
  published = new Map(film.store.bucket);
  undisturbed = await film.render({ format: 'mp4' });
});
afterAll(() => rendering[Symbol.asyncDispose]());

/**
 * Makes the video in a process of its own, and kills that when it says something.
 * @returns the folder that everything of it lies in, with what it stored
 */
async function killAt(moment: RegExp): Promise<{ folder: string; store: MemoryStore }> {
  const folder = await mkdtemp(`${rendering.folder}/killed-`);
  const storeFolder = `${folder}/store`;
  await mkdir(storeFolder);
  await Promise.all([...published].map(([key, { body }]) => writeFile(fileOf(storeFolder, key), body)));
  const request = videoRequestSchema.parse({ format: 'mp4' });
  const order = { thread: PLACE.thread, version: 1, artifactHash: null, request };
  // One browser: chunks come one after the other.
  const machine = { ...MACHINE, browsers: 1 };
  const work: DriverOrder = { order, machine, storeFolder, workFolder: `${folder}/work`, runtimeFolder };
  const child = spawn(process.execPath, [DRIVER, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let isKilled = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!moment.test(line) || isKilled) continue;
    isKilled = child.kill('SIGKILL');
  }
  await closed;
  expect(isKilled).toBe(true);
  return { folder, store: await readStore(storeFolder) };
}

async function readStore(folder: string): Promise<MemoryStore> {
  const bucket: MemoryStore['bucket'] = new Map(published);
  for (const name of await readdir(folder)) {
    const key = decodeURIComponent(name);
    const object = film.store.bucket.get(key);
    // Equal to what was stored undisturbed: nothing half written, nothing else.
    if (!object) throw new Error(`nobody asked for ${key}`);
    expect(Buffer.compare(await readFile(fileOf(folder, key)), object.body)).toBe(0);
    bucket.set(key, object);
  }
  return createMemoryStore({ bucket });
}

const countOf = (store: MemoryStore, kind: string): number =>
  [...store.bucket.keys()].filter((key) => parseKey(key)?.kind === kind).length;

describe('a process that is killed while it makes a video', () => {
  test.each([
    ['when browsers start', /^stage render/, 0],
    ['when a scene is stored', /^stored .*\.ts$/, 1],
    ['in the middle of the last chunk', /^frames 2[3-5]$/, 2],
    ['when scenes are joined', /^stage combine/, 3],
    ['when the poster is stored, and the video is not', /^stored .*\/video\/\w+\.jpg$/, 3],
  ])('%s leaves nothing running; the next one makes the rest, and the same video', async (_when, moment, chunks) => {
    const { folder, store } = await killAt(moment);
    await eventually('nothing runs', async () => (await processesWith(folder)).length === 0);
    await eventually('nothing is mounted', async () => (await mountsBelow(folder)).length === 0);
    expect(countOf(store, 'chunk')).toBeGreaterThanOrEqual(chunks);
    expect(countOf(store, 'chunk')).toBeLessThanOrEqual(Math.min(3, chunks + 1));
    expect(countOf(store, 'video')).toBe(0);
    const missing = 3 - countOf(store, 'chunk');
    const made = await film.render({ format: 'mp4' }, { store });
    expect(made.chunks).toEqual({ all: 3, rendered: missing });
    expect(made.video).toEqual(undisturbed.video);
    expect(Buffer.compare(made.bytes, undisturbed.bytes)).toBe(0);
    expect(Buffer.compare(made.poster, undisturbed.poster)).toBe(0);
  });
});

describe('a rendering that is called off', () => {
  // Joining so short a film takes half a second.
  test.each([
    ['render', 700],
    ['combine', 200],
  ] as const)('while it is at %s leaves nothing running', async (stage, milliseconds) => {
    const store = createMemoryStore({ bucket: new Map(published) });
    const workFolder = await mkdtemp(`${rendering.folder}/called-off-`);
    const calledOff = new AbortController();
    const reason = new Error('no longer wanted');
    const making = film.render(
      { format: 'mp4' },
      {
        store,
        workFolder,
        signal: calledOff.signal,
        onStage: (begun) => begun === stage && setTimeout(() => calledOff.abort(reason), milliseconds),
      },
    );
    await expect(making).rejects.toBe(reason);
    expect(await processesWith(workFolder)).toEqual([]);
    expect(await mountsBelow(workFolder)).toEqual([]);
    expect(countOf(store, 'video')).toBe(0);
  });
});

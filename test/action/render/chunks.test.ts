import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKey, videoKey } from '../../../action/contract/keys.ts';
import { videoRequestSchema } from '../../../action/contract/video.ts';
import { storeChunk } from '../../../action/core/render/attach.ts';
import { type PlannedChunk, planRender } from '../../../action/core/render/plan.ts';
import { finishVideo } from '../../../action/render/finish.ts';
import { writeSite } from '../../../action/render/prepare.ts';
import { renderChunks } from '../../../action/render/render-chunks.ts';
import { decodePictures, type Picture, similarity } from '../../support/media.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';
import { PLACE } from '../../support/publishing.ts';
import { MACHINE, type PublishedFilm, type Rendering, startRendering } from '../../support/rendering.ts';
import { threeScenes } from '../../support/tiny-films.ts';

let rendering: Rendering;
let film: PublishedFilm;
beforeAll(async () => {
  rendering = await startRendering();
  const { files, manifest } = threeScenes();
  film = await rendering.publish(files, manifest);
});
afterAll(() => rendering[Symbol.asyncDispose]());

/** Key → digest of each chunk that is stored. */
function chunksIn({ bucket }: MemoryStore): Map<string, string | null> {
  return new Map([...bucket].flatMap(([key, { sha256 }]) => (parseKey(key)?.kind === 'chunk' ? [[key, sha256]] : [])));
}

/** The film as it is published, in a store where nothing was rendered. */
function freshly(): PublishedFilm['store'] {
  const objects = [...film.store.bucket].filter(([key]) => !/\/(video|chunks)\//.test(key));
  return createMemoryStore({ bucket: new Map(objects) });
}

/** The whole film as a single chunk. */
async function renderInOne(): Promise<Uint8Array> {
  const store = freshly();
  const tools = { store, openRuntime: async () => rendering.runtime };
  const request = videoRequestSchema.parse({ format: 'mp4', quality: 'high' });
  const planned = await planRender({ thread: PLACE.thread, version: 1, artifactHash: null, request }, tools);
  if (planned.kind !== 'planned') throw new Error('there is a video already');
  const { plan } = planned;
  const [first] = plan.chunks;
  const whole = { ...first, key: 'f'.repeat(64), first: 0, last: plan.spec.durationInFrames - 1 } as PlannedChunk;
  const siteFolder = join(rendering.folder, 'whole-site');
  await writeSite(plan.site, siteFolder, store);
  await renderChunks(
    { plan, chunks: [whole], siteFolder, workFolder: join(rendering.folder, 'whole-render'), machine: MACHINE },
    { onChunk: (content) => storeChunk(content, PLACE.project, { store }) },
  );
  const all = { ...plan, chunks: [{ ...whole, stored: 'silent' as const }] };
  const { video } = await finishVideo(all, { store, machine: MACHINE, workFolder: join(rendering.folder, 'whole') });
  return (await store.get(videoKey(PLACE.thread, 1, video.key, 'mp4'))) as Uint8Array;
}

describe('chunks', () => {
  test('are the same bytes each time, with one browser or two, and so is what they are joined to', async () => {
    const again = freshly();
    const two = await film.render({ format: 'mp4', quality: 'high' });
    const one = await film.render(
      { format: 'mp4', quality: 'high' },
      { store: again, machine: { ...MACHINE, browsers: 1 } },
    );
    expect(one.chunks).toEqual({ all: 3, rendered: 3 });
    expect(two.chunks).toEqual({ all: 3, rendered: 3 });
    expect(chunksIn(again)).toEqual(chunksIn(film.store));
    expect(chunksIn(again).size).toBe(3);
    const video = videoKey(PLACE.thread, 1, two.video.key, 'mp4');
    expect(again.bucket.get(video)?.sha256).toBe(film.store.bucket.get(video)?.sha256);
  });

  test('joined show what the film shows when it is rendered in one', async () => {
    const joined = await decodePictures((await film.render({ format: 'mp4', quality: 'high' })).bytes);
    const whole = await decodePictures(await renderInOne());
    expect(joined).toHaveLength(26);
    expect(whole).toHaveLength(26);
    const likeness = joined.map((picture, index) => similarity(picture, whole[index] as Picture));
    expect(Math.min(...likeness)).toBeGreaterThan(0.999);
    // A frame more or less would be noticed.
    expect(similarity(joined[3] as Picture, joined[4] as Picture)).toBeLessThan(0.98);
  });
});

describe('another version', () => {
  const otherScene = (id: string): Record<string, string> => {
    const text = threeScenes().files[`scenes/${id}.tsx`] as string;
    return { [`scenes/${id}.tsx`]: text.replace("top: '60%'", "top: '30%'") };
  };

  test.each([
    ['blue', ['blue'], 10],
    // The next scene fades in over it.
    ['red', ['red', 'green'], 16],
  ])('in which only %s changed renders %j again', async (id, scenes, frames) => {
    await film.render({ format: 'mp4' });
    const before = chunksIn(film.store);
    const { files, manifest } = threeScenes(otherScene(id));
    const next = await rendering.publish(files, manifest, film);
    let of = 0;
    const stored: string[] = [];
    const made = await next.render(
      { format: 'mp4' },
      {
        onFrames: (_drawn, all) => (of = all),
        onStage: (stage, chunks) => {
          const missing = chunks.filter((chunk) => chunk.stored === 'missing');
          if (stage === 'render') stored.push(...missing.map(({ scene }) => scene));
        },
      },
    );
    expect(made.chunks).toEqual({ all: 3, rendered: scenes.length });
    expect(stored).toEqual(scenes);
    expect(of).toBe(frames);
    const after = chunksIn(next.store);
    expect(after.size).toBe(before.size + scenes.length);
    for (const [key, sha256] of before) expect(after.get(key)).toBe(sha256);
    const pictures = await decodePictures(made.bytes);
    const old = await decodePictures((await film.render({ format: 'mp4' })).bytes);
    expect(pictures).toHaveLength(26);
    const same = pictures.map((picture, index) => similarity(picture, old[index] as Picture) > 0.999);
    // The last frames of the first scene are those of the fade.
    const changed = id === 'blue' ? [16, 25] : [0, 9];
    expect([same.indexOf(false), same.lastIndexOf(false)]).toEqual(changed);
  });

  test('that looks the same is rendered by nobody', async () => {
    await film.render({ format: 'mp4' });
    const { files, manifest } = threeScenes({ 'README.md': 'Not in the film.' });
    const next = await rendering.publish(files, { ...manifest, title: 'Another title' }, film);
    expect((await next.render({ format: 'mp4' })).chunks).toEqual({ all: 3, rendered: 0 });
    expect(await next.render({ format: 'mp4' })).toMatchObject({ deduplicated: true, chunks: { all: 0, rendered: 0 } });
  });
});

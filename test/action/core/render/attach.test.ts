import { describe, expect, test } from 'vitest';
import { chunkKey, contactSheetKey, posterKey, videoKey } from '../../../../action/contract/keys.ts';
import { specifyVideo, VIDEO_FORMATS, type VideoSpec, videoRequestSchema } from '../../../../action/contract/video.ts';
import { compareProbe, storeChunk, storeVideo, type VideoProbe } from '../../../../action/core/render/attach.ts';
import type { RenderPlan } from '../../../../action/core/render/plan.ts';
import { crashAtCreate, createMemoryStore } from '../../../support/memory-store.ts';
import { madeUpFilm } from './films.ts';

const { meta } = madeUpFilm(30, [{ durationInFrames: 60 }]);
const specOf = (format: string): VideoSpec => specifyVideo(meta, videoRequestSchema.parse({ format }));
const CODECS = { mp4: ['h264', 'aac'], webm: ['vp9', 'opus'], gif: ['gif', null] } as const;

function probeOf({ format, width, height, durationInFrames, fps }: VideoSpec): VideoProbe {
  const [codec, audioCodec] = CODECS[format];
  return { codec, audioCodec, width, height, frames: durationInFrames, duration: durationInFrames / fps, fps };
}

describe('what was rendered is compared with what was asked for', () => {
  const spec = specOf('mp4');
  const probe = probeOf(spec);

  test.each(VIDEO_FORMATS)('%s as it should be, with and without sound', (format) => {
    expect(compareProbe(probeOf(specOf(format)), specOf(format))).toBeNull();
    expect(compareProbe({ ...probeOf(specOf(format)), audioCodec: null }, specOf(format))).toBeNull();
  });

  test.each<[string, Partial<VideoProbe>]>([
    ['the codec is vp9, not h264', { codec: 'vp9' }],
    ['the width is 319, not 320', { width: 319 }],
    ['the height is 181, not 180', { height: 181 }],
    ['the number of frames is 59, not 60', { frames: 59 }],
    ['the number of frames is 61, not 60', { frames: 61 }],
    ['the codec of the sound is opus, not aac', { audioCodec: 'opus' }],
    ['it is 2.2 seconds long, not 2', { duration: 2.2 }],
    ['it is 1.8 seconds long, not 2', { duration: 1.8 }],
    ['it is NaN seconds long, not 2', { duration: Number.NaN }],
  ])('%s', (problem, difference) => {
    expect(compareProbe({ ...probe, ...difference }, spec)).toBe(problem);
  });

  test('a GIF has no sound', () => {
    expect(compareProbe({ ...probeOf(specOf('gif')), audioCodec: 'aac' }, specOf('gif'))).toMatch(/sound/);
  });

  test('a packet of sound more or less is nothing', () => {
    expect(compareProbe({ ...probe, duration: 2.026 }, spec)).toBeNull();
    expect(compareProbe({ ...probe, duration: 1.974 }, spec)).toBeNull();
  });
});

describe('what comes last in the store says that the rest is there', () => {
  const chunk = { key: 'a'.repeat(64), extension: 'ts', scene: 's0', first: 0, last: 59, mayBeHeard: true } as const;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const spec = specOf('mp4');
  const plan = { meta, spec, renderKey: 'b'.repeat(64) } as RenderPlan;
  const finished = { video: bytes('video'), poster: bytes('poster'), sheet: bytes('sheet'), probe: probeOf(spec) };
  const [sheet, poster, video] = [
    contactSheetKey('film', 1, plan.renderKey),
    posterKey('film', 1, plan.renderKey),
    videoKey('film', 1, plan.renderKey, 'mp4'),
  ];

  test('the picture of a chunk, after its sound', async () => {
    const store = createMemoryStore();
    await storeChunk({ chunk, video: bytes('v'), audio: bytes('a') }, 'tests', { store });
    expect(store.created).toEqual([chunkKey('tests', chunk.key, 'wav'), chunkKey('tests', chunk.key, 'ts')]);
  });

  test('the video, after its poster and its contact sheet; also when a store died on the way', async () => {
    const bucket = createMemoryStore().bucket;
    for (const n of [1, 2, 3]) {
      const dying = createMemoryStore({ bucket, ...crashAtCreate(n) });
      await expect(storeVideo(plan, finished, { store: dying })).rejects.toThrow('crashed');
      expect(bucket.has(video)).toBe(false);
    }
    const store = createMemoryStore({ bucket });
    const attached = await storeVideo(plan, finished, { store });
    expect(attached).toEqual({ key: plan.renderKey, format: 'mp4', width: 320, height: 180, bytes: 5 });
    expect([...bucket.keys()]).toEqual([sheet, poster, video]);
    expect(bucket.get(video)).toMatchObject({
      contentType: 'video/mp4',
      cacheControl: expect.stringContaining('immutable'),
    });
  });

  test('what is there stays, whatever its bytes', async () => {
    const store = createMemoryStore();
    await storeVideo(plan, finished, { store });
    await storeVideo(plan, { ...finished, video: bytes('other') }, { store });
    expect(await store.get(video)).toEqual(finished.video);
  });

  test('nothing is stored of a video that is not what was asked for', async () => {
    const store = createMemoryStore();
    const probe = { ...finished.probe, frames: 1 };
    await expect(storeVideo(plan, { ...finished, probe }, { store })).rejects.toMatchObject({
      code: 'RENDER_OUTPUT_INVALID',
      message: expect.stringContaining('the number of frames is 1, not 60'),
    });
    expect(store.created).toEqual([]);
  });
});

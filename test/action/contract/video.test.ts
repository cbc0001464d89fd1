import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunkKey,
  contactSheetKey,
  isImmutableKey,
  parseKey,
  posterKey,
  videoKey,
} from '../../../action/contract/keys.ts';
import {
  estimateRenderMilliseconds,
  renderKeyText,
  specifyVideo,
  VIDEO_RESOLUTIONS,
  type VideoRequest,
  videoRequestSchema,
  videoSize,
} from '../../../action/contract/video.ts';

const film = { fps: 30, width: 1280, height: 720, durationInFrames: 300 };
const ask = (fields: Partial<VideoRequest> = {}): VideoRequest =>
  videoRequestSchema.parse({ format: 'mp4', ...fields });

describe('a request', () => {
  test('is complete once parsed', () => {
    expect(ask()).toEqual({ format: 'mp4', quality: 'medium', resolution: 'own', fps: 'own', posterFrame: null });
  });

  test.each([
    { format: 'avi' },
    { format: 'mp4', bitrate: 1 },
    { format: 'mp4', fps: 25 },
    { format: 'mp4', posterFrame: -1 },
  ])('like %j is refused', (request) => {
    expect(videoRequestSchema.safeParse(request).success).toBe(false);
  });
});

describe('what it comes to', () => {
  test("is the film's own size, rate and length by default", () => {
    expect(specifyVideo(film, ask())).toMatchObject({
      width: 1280,
      height: 720,
      scale: 1,
      fps: 30,
      durationInFrames: 300,
    });
  });

  test.each([
    [film, '1080p', 1920, 1080],
    [film, '4k', 3840, 2160],
    [{ ...film, width: 1080, height: 1920 }, '720p', 720, 1280],
    [{ ...film, width: 1081, height: 721 }, 'own', 1082, 722],
    [{ ...film, width: 1000, height: 700 }, '720p', 1028, 720],
    [{ ...film, width: 854, height: 480 }, '720p', 1282, 720],
    [{ ...film, width: 246, height: 182 }, '720p', 974, 720],
  ] as const)('for %j at %s is %i × %i', (own, resolution, width, height) => {
    const spec = specifyVideo(own, ask({ resolution }));
    expect(spec).toMatchObject({ width, height });
    // What a browser that draws the whole film at this scale makes of it.
    expect(Math.round(own.width * spec.scale)).toBe(width);
    expect(Math.round(own.height * spec.scale)).toBe(height);
  });

  test('is a size that a browser draws at a scale, for films of every size', () => {
    const side = fc.integer({ min: 8, max: 1080 }).map((half) => 2 * half);
    fc.assert(
      fc.property(side, side, fc.constantFrom(...VIDEO_RESOLUTIONS), (width, height, resolution) => {
        const size = videoSize({ width, height }, resolution);
        expect([size.width % 2, size.height % 2]).toEqual([0, 0]);
        expect(Math.round(width * size.scale)).toBe(size.width);
        expect(Math.round(height * size.scale)).toBe(size.height);
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps the speed at another frame rate', () => {
    expect(specifyVideo(film, ask({ fps: '24' }))).toMatchObject({ fps: 24, durationInFrames: 240 });
    expect(specifyVideo(film, ask({ fps: '60' }))).toMatchObject({ fps: 60, durationInFrames: 600 });
  });

  test('is at most 50 frames a second of a GIF, which are shown ten times as long beyond: every other one of more', () => {
    const of = (fps: number, request: Partial<VideoRequest> = {}) =>
      specifyVideo({ ...film, fps }, ask({ format: 'gif', ...request }));
    expect(of(60)).toMatchObject({ fps: 30, durationInFrames: 150 });
    expect(of(51)).toMatchObject({ fps: 25.5, durationInFrames: 150 });
    for (const fps of [50, 30]) expect(of(fps)).toMatchObject({ fps, durationInFrames: 300 });
    expect(of(60, { fps: '24' })).toMatchObject({ fps: 24, durationInFrames: 120 });
    const refusal = { code: 'VIDEO_TOO_LARGE', message: '60 frames a second; the limit of gif is 50' };
    expect(() => of(30, { fps: '60' })).toThrow(expect.objectContaining(refusal));
    expect(specifyVideo({ ...film, fps: 60 }, ask({ format: 'webm' }))).toMatchObject({ fps: 60 });
  });

  test.each([
    ['VIDEO_TOO_LARGE', { ...film, width: 2400, height: 1000 }, { resolution: '4k' }],
    ['VIDEO_TOO_LARGE', { ...film, width: 1920, height: 1080 }, { format: 'gif' }],
    ['VIDEO_TOO_LONG', { ...film, durationInFrames: 601 * 30 }, {}],
    ['VIDEO_TOO_LONG', { ...film, durationInFrames: 1801 }, { format: 'gif' }],
    ['INPUT_INVALID', film, { posterFrame: 300 }],
  ] as const)('is refused with %s for %j and %j', (code, own, request) => {
    expect(() => specifyVideo(own, ask(request))).toThrow(expect.objectContaining({ code }));
  });
});

test('the key of a video depends on the artifact and on all that makes its bytes', () => {
  const text = (request: Partial<VideoRequest>, hash = 'a'.repeat(64)) =>
    renderKeyText(hash, specifyVideo(film, ask(request)));
  const texts = [text({}), text({}, 'b'.repeat(64)), text({ format: 'webm' }), text({ quality: 'low' })];
  texts.push(text({ resolution: '1080p' }), text({ fps: '60' }), text({ posterFrame: 3 }));
  expect(new Set(texts).size).toBe(texts.length);
  expect(text({ resolution: '720p', fps: '30' })).toBe(text({}));
});

test('the objects of a video have keys of their own, and none of them ever changes', () => {
  const sha = 'c'.repeat(64);
  const keys = [videoKey('launch', 2, sha, 'webm'), posterKey('launch', 2, sha), contactSheetKey('launch', 2, sha)];
  keys.push(chunkKey('site', sha, 'wav'));
  expect(keys.map((key) => parseKey(key)?.kind)).toEqual(['video', 'poster', 'contactSheet', 'chunk']);
  expect(keys.every(isImmutableKey)).toBe(true);
  expect(parseKey(`artifacts/launch/2/video/${sha}.mov`)).toBeNull();
  expect(parseKey(`artifacts/launch/2/video/${sha}-sheet.mp4`)).toBeNull();
  expect(parseKey(`artifacts/launch/02/video/${sha}.mp4`)).toBeNull();
});

describe('the estimate', () => {
  const spec = specifyVideo(film, ask());

  test('counts the start of three jobs, and the frames by their pixels', () => {
    expect(estimateRenderMilliseconds(spec)).toBe(60_000 + 300 * 50);
    const large = specifyVideo(film, ask({ resolution: '4k' }));
    expect(estimateRenderMilliseconds(large)).toBe(60_000 + 300 * 50 * 9);
    expect(estimateRenderMilliseconds(specifyVideo(film, ask({ format: 'webm' })))).toBe(60_000 + 300 * 110);
  });

  test('is shorter for what was rendered before, down to the start of the jobs', () => {
    expect(estimateRenderMilliseconds(spec, 0.2)).toBe(60_000 + 60 * 50);
    expect(estimateRenderMilliseconds(spec, 0)).toBe(60_000);
  });
});

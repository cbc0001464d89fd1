import { describe, expect, it } from 'vitest';
import type { VideoSpec } from '../../../../action/contract/video.ts';
import { type ChunkProbe, compareChunk } from '../../../../action/core/render/chunk-probe.ts';

const SPEC: VideoSpec = {
  ...{ format: 'mp4', quality: 'medium', width: 320, height: 180, scale: 1 },
  ...{ fps: 30, durationInFrames: 100, posterFrame: null },
};
const CHUNK = { first: 10, last: 19, mayBeHeard: true };
const SOUND = { codec: 'pcm_s16le', sampleRate: 48_000, channels: 2, samples: 16_000 };
const PROBE: ChunkProbe = {
  ...{ codec: 'h264', pixelFormat: 'yuv420p', width: 320, height: 180, streams: 1, frames: 10, drift: 0.03 },
  audio: SOUND,
};
const compare = (probe: Partial<ChunkProbe>, spec: Partial<VideoSpec> = {}) =>
  compareChunk({ ...PROBE, ...probe }, CHUNK, { ...SPEC, ...spec });

describe('a chunk', () => {
  it('is taken when it is what was asked for, with sound or without', () => {
    expect(compare({})).toBeNull();
    expect(compare({ audio: null })).toBeNull();
    expect(compare({ codec: 'vp9', audio: null }, { format: 'webm' })).toBeNull();
    expect(compare({ pixelFormat: 'yuv444p', audio: null }, { format: 'gif' })).toBeNull();
  });

  it('may be cut between two samples', () => {
    const seven = { fps: 7 };
    // 10 frames are 68,571.43 samples.
    for (const samples of [68_571, 68_572]) expect(compare({ audio: { ...SOUND, samples } }, seven)).toBeNull();
    expect(compare({ audio: { ...SOUND, samples: 68_600 } }, seven)).toMatch(/is 68600, not 68571$/);
  });

  it.each<[string, Partial<ChunkProbe>]>([
    ['the codec is vp9, not h264', { codec: 'vp9' }],
    ['the number of streams is 2, not 1', { streams: 2 }],
    ['the width is 322, not 320', { width: 322 }],
    ['the height is 182, not 180', { height: 182 }],
    ['the form of the pixels is yuv444p, not yuv420p', { pixelFormat: 'yuv444p' }],
    ['the number of frames is 9, not 10', { frames: 9 }],
    ['its frames do not follow one another at 30 a second', { drift: 1 }],
    ['its frames do not follow one another at 30 a second', { drift: Number.NaN }],
    ['the codec of the sound is aac, not pcm_s16le', { audio: { ...SOUND, codec: 'aac' } }],
    ['the number of channels is 1, not 2', { audio: { ...SOUND, channels: 1 } }],
    ['the sample rate is 44100, not 48000', { audio: { ...SOUND, sampleRate: 44_100 } }],
    ['the number of samples of the sound is 15000, not 16000', { audio: { ...SOUND, samples: 15_000 } }],
  ])('is refused: %s', (problem, probe) => {
    expect(compare(probe)).toBe(problem);
  });

  it('is refused with a sound that none of its scenes makes', () => {
    expect(compareChunk(PROBE, { ...CHUNK, mayBeHeard: false }, SPEC)).toMatch(/no scene of it makes any/);
  });
});

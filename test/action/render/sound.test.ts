import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSound, probe, SAMPLES_A_SECOND } from '../../support/media.ts';
import { type Rendering, startRendering } from '../../support/rendering.ts';
import { TONE_HERTZ, toneFilm } from '../../support/tiny-films.ts';

let rendering: Rendering;
beforeAll(async () => {
  rendering = await startRendering();
});
afterAll(() => rendering[Symbol.asyncDispose]());

/** Of the tone, as it was made. */
const VOLUME = 0.5;
const toneAt = (sample: number): number => VOLUME * Math.sin((2 * Math.PI * TONE_HERTZ * sample) / SAMPLES_A_SECOND);
/** The most that the tone changes from one sample to the next. */
const STEP = (VOLUME * 2 * Math.PI * TONE_HERTZ) / SAMPLES_A_SECOND;
/** A little more than a wave: in each there is a crest. */
const WINDOW = 125;
/** Encoders need a few samples to begin and to end. */
const MARGIN = 480;

interface Flaws {
  /** Loudest sample of the quietest moment. */
  quietest: number;
  /** From one sample to the next. */
  greatestStep: number;
  /** From what the tone would be at that time. */
  greatestError: number;
}

function flawsOf(samples: Float64Array, length = samples.length): Flaws {
  const flaws: Flaws = { quietest: 1, greatestStep: 0, greatestError: 0 };
  for (let i = MARGIN; i < length - MARGIN; i++) {
    const value = samples[i] ?? 0;
    flaws.greatestStep = Math.max(flaws.greatestStep, Math.abs(value - (samples[i - 1] ?? 0)));
    flaws.greatestError = Math.max(flaws.greatestError, Math.abs(value - toneAt(i)));
    if (i % WINDOW > 0) continue;
    const loudest = Math.max(...samples.subarray(i, i + WINDOW).map(Math.abs));
    flaws.quietest = Math.min(flaws.quietest, loudest);
  }
  return flaws;
}

describe('a tone that goes on over the joins of chunks', () => {
  test.each([
    ['mp4', 'aac', 30, [11, 7, 13]],
    // Frames that are no whole number of samples long, and a scene of two of them.
    ['mp4', 'aac', 29, [7, 2, 14]],
    ['webm', 'opus', 29, [7, 2, 14]],
  ] as const)(
    'has neither gap nor click, and is in time with the picture: %s, %s, %i frames a second',
    async (...given) => {
      const [format, codec, fps, lengths] = given;
      const { files, manifest } = toneFilm(fps, lengths);
      const made = await (await rendering.publish(files, manifest)).render({ format, quality: 'high' });
      expect(made.chunks).toEqual({ all: 3, rendered: 3 });
      const frames = lengths.reduce((sum, length) => sum + length, 0);
      const samples = (frames / fps) * SAMPLES_A_SECOND;
      const probed = await probe(made.bytes);
      expect(probed).toMatchObject({ audioCodec: codec, sampleRate: SAMPLES_A_SECOND, frames });
      expect(probed.duration).toBeCloseTo(frames / fps, 1);
      const sound = await decodeSound(made.bytes);
      expect(sound.length).toBeGreaterThanOrEqual(samples - 1);
      // A packet of 1024 samples is the least that AAC ends with.
      expect(sound.length).toBeLessThan(samples + 1024);
      const flaws = flawsOf(sound, samples);
      expect(flaws.quietest).toBeGreaterThan(0.95 * VOLUME);
      expect(flaws.greatestStep).toBeLessThan(1.2 * STEP);
      // Less than a sample early or late, at any time.
      expect(flaws.greatestError).toBeLessThan(STEP);
    },
  );

  test('is told from one with a gap, a click, a part left out, or one that is late', () => {
    const tone = Float64Array.from({ length: SAMPLES_A_SECOND }, (_, i) => toneAt(i));
    const near = 20_000;
    expect(flawsOf(tone).quietest).toBeGreaterThan(0.99 * VOLUME);
    expect(flawsOf(tone).greatestStep).toBeLessThanOrEqual(STEP);
    expect(flawsOf(tone).greatestError).toBe(0);
    const gap = tone.map((value, i) => (i >= near && i < near + 300 ? 0 : value));
    expect(flawsOf(gap).quietest).toBeLessThan(0.1 * VOLUME);
    const click = tone.map((value, i) => (i === near ? value + 3 * STEP : value));
    expect(flawsOf(click).greatestStep).toBeGreaterThan(1.2 * STEP);
    const short = Float64Array.from([...tone.subarray(0, near), ...tone.subarray(near + 2)]);
    expect(flawsOf(short).greatestError).toBeGreaterThan(STEP);
    const late = Float64Array.from([...new Float64Array(2048), ...tone]);
    expect(flawsOf(late).greatestError).toBeGreaterThan(STEP);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_FILM_SECONDS, MAX_LONG_SIDE_PIXELS } from '../../../../action/contract/limits.ts';
import { placeScenes } from '../../../../action/contract/timeline.ts';
import { chooseStills, composeSheet, layOutSheet, MAX_STILLS } from '../../../../action/core/render/contact-sheet.ts';

const scenesOf = (count: number, durationInFrames = 10) =>
  placeScenes(Array.from({ length: count }, () => ({ durationInFrames }))).scenes.map(({ from }) => ({
    from,
    durationInFrames,
  }));

describe('the stills of a film', () => {
  test('are the middles of its scenes, in frames of the video', () => {
    expect(chooseStills(scenesOf(3), 1, 30)).toEqual([5, 15, 25]);
    expect(chooseStills(scenesOf(3), 2, 60)).toEqual([10, 30, 50]);
    expect(chooseStills(scenesOf(1, 1), 1, 1)).toEqual([0]);
  });

  test('are spread over a film of more scenes than fit', () => {
    const stills = chooseStills(scenesOf(50), 1, 500);
    expect(stills).toHaveLength(MAX_STILLS);
    expect(stills[0]).toBe(5);
    expect(stills.at(-1)).toBeGreaterThan(440);
    expect(new Set(stills).size).toBe(MAX_STILLS);
  });

  test('are frames that the video has', () => {
    const rates = fc.constantFrom(24 / 60, 24 / 30, 1, 2, 60 / 24, 60);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: MAX_FILM_SECONDS }), { minLength: 1, maxLength: 50 }),
        rates,
        (lengths, ratio) => {
          const { scenes, durationInFrames } = placeScenes(lengths.map((length) => ({ durationInFrames: length })));
          const frames = Math.max(1, Math.round(durationInFrames * ratio));
          const stills = chooseStills(
            scenes.map(({ from, scene }) => ({ from, ...scene })),
            ratio,
            frames,
          );
          expect(stills).toHaveLength(Math.min(MAX_STILLS, lengths.length));
          for (const still of stills) expect(Number.isInteger(still) && still >= 0 && still < frames).toBe(true);
        },
      ),
    );
  });
});

describe('the contact sheet', () => {
  const WIDE = { width: 1920, height: 1080 };

  test.each([
    [1, { width: 504, height: 294 }],
    [2, { width: 996, height: 294 }],
    [3, { width: 996, height: 576 }],
    [12, { width: 1980, height: 858 }],
  ])('of %i stills has room for all, with gaps around them', (stills, size) => {
    expect(layOutSheet(stills, WIDE)).toMatchObject(size);
  });

  test('shows stills of any shape along their longer side', () => {
    expect(layOutSheet(1, { width: 1080, height: 1920 })).toMatchObject({ width: 294, height: 504 });
    const largest = layOutSheet(MAX_STILLS, { width: 1000, height: 1000 });
    expect(Math.max(largest.width, largest.height)).toBeLessThan(MAX_LONG_SIDE_PIXELS);
  });

  test('has its stills in their order, row after row, and nothing over their edges', () => {
    const layout = layOutSheet(3, WIDE);
    const { width, height, still } = layout;
    const stills = [1, 2, 3].map((shade) => new Uint8Array(still.width * still.height * 3).fill(shade * 50));
    const sheet = composeSheet(stills, layout);
    expect(sheet).toHaveLength(width * height * 3);
    const at = (x: number, y: number) => [...sheet.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const gap = at(0, 0);
    for (const [left, top, shade] of [
      [12, 12, 50],
      [504, 12, 100],
      [12, 294, 150],
    ] as const) {
      const [right, bottom] = [left + still.width - 1, top + still.height - 1];
      for (const [x, y] of [
        [left, top],
        [right, top],
        [left, bottom],
        [right, bottom],
      ] as const) {
        expect(at(x, y)).toEqual([shade, shade, shade]);
      }
      expect([at(left - 1, top), at(right + 1, top), at(left, top - 1), at(left, bottom + 1)]).toEqual(
        Array(4).fill(gap),
      );
    }
    expect(at(504, 294)).toEqual(gap);
  });
});

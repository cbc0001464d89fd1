import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_FILM_SECONDS, MAX_LONG_SIDE_PIXELS } from '../../../../action/contract/limits.ts';
import { placeScenes } from '../../../../action/contract/timeline.ts';
import { chooseStills, MAX_STILLS, sheetPage, sheetSize } from '../../../../action/core/render/contact-sheet.ts';

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
    expect(sheetSize(stills, WIDE)).toEqual(size);
  });

  test('shows stills of any shape along their longer side', () => {
    expect(sheetSize(1, { width: 1080, height: 1920 })).toEqual({ width: 294, height: 504 });
    const largest = sheetSize(MAX_STILLS, { width: 1000, height: 1000 });
    expect(Math.max(largest.width, largest.height)).toBeLessThan(MAX_LONG_SIDE_PIXELS);
  });

  test('is a page of its stills in their order, each at its size', () => {
    const images = [...sheetPage(3, WIDE).matchAll(/<img src="\/(\d)\.jpg" width="480" height="270">/g)];
    expect(images.map(([, name]) => name)).toEqual(['0', '1', '2']);
    expect(sheetPage(3, WIDE)).toContain('grid-template-columns:repeat(2,480px)');
  });
});

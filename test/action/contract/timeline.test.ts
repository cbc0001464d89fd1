import { describe, expect, test } from 'vitest';
import { placeScenes } from '../../../action/contract/timeline.ts';
import { forSeeds, type Random } from './random.ts';

interface Timing {
  durationInFrames: number;
  transition?: { durationInFrames: number };
}

const scene = (durationInFrames: number, transition?: number): Timing => ({
  durationInFrames,
  ...(transition === undefined ? {} : { transition: { durationInFrames: transition } }),
});

describe('placing scenes', () => {
  test('without transitions each scene begins where the one before ends', () => {
    const { scenes, durationInFrames } = placeScenes([scene(30), scene(45), scene(1)]);
    expect(scenes.map(({ from }) => from)).toEqual([0, 30, 75]);
    expect(durationInFrames).toBe(76);
  });

  test('a transition pulls the next scene forward by its length, on both sides of the cut', () => {
    const { scenes, durationInFrames } = placeScenes([scene(90, 15), scene(60), scene(30)]);
    expect(scenes).toMatchObject([
      { index: 0, from: 0, transitionIn: 0, transitionOut: 15 },
      { index: 1, from: 75, transitionIn: 15, transitionOut: 0 },
      { index: 2, from: 135, transitionIn: 0, transitionOut: 0 },
    ]);
    expect(durationInFrames).toBe(165);
  });

  test('the transition of the last scene has no effect', () => {
    expect(placeScenes([scene(90, 15)])).toMatchObject({ durationInFrames: 90, scenes: [{ transitionOut: 0 }] });
    expect(placeScenes([scene(90), scene(60, 60)]).durationInFrames).toBe(150);
  });

  test('a scene may consist of its two transitions alone', () => {
    const { scenes, durationInFrames } = placeScenes([scene(30, 10), scene(25, 15), scene(30)]);
    expect(scenes.map(({ from }) => from)).toEqual([0, 20, 30]);
    expect(durationInFrames).toBe(60);
  });

  test('no scenes last no time', () => {
    expect(placeScenes([])).toEqual({ scenes: [], durationInFrames: 0 });
  });

  test('the scenes come back as they were given', () => {
    const given = Object.freeze([Object.freeze(scene(10, 2)), Object.freeze(scene(10))]);
    expect(placeScenes(given).scenes.map((placed) => placed.scene)).toEqual([scene(10, 2), scene(10)]);
  });
});

/** Scenes as a manifest allows them: none shorter than its transitions together. */
function randomScenes(random: Random): Timing[] {
  let into = 0;
  return Array.from({ length: random.int(1, 50) }, () => {
    const out = random.int(0, 3) === 0 ? undefined : random.int(1, 40);
    const timing = scene(Math.max(1, into + (out ?? 0)) + random.int(0, 100), out);
    into = out ?? 0;
    return timing;
  });
}

describe('any storyboard', () => {
  test('lasts the sum of its scenes less the overlaps', () => {
    forSeeds(200, (random) => {
      const scenes = randomScenes(random);
      const sum = scenes.reduce((frames, each) => frames + each.durationInFrames, 0);
      const overlaps = scenes
        .slice(0, -1)
        .reduce((frames, each) => frames + (each.transition?.durationInFrames ?? 0), 0);
      expect(placeScenes(scenes).durationInFrames).toBe(sum - overlaps);
    });
  });

  test('has neighbours that overlap by exactly their transition', () => {
    forSeeds(200, (random) => {
      const placed = placeScenes(randomScenes(random)).scenes;
      for (const [index, { scene, from, transitionOut }] of placed.entries()) {
        const next = placed[index + 1];
        const overlap = next ? from + scene.durationInFrames - next.from : 0;
        expect(overlap).toBe(next ? (scene.transition?.durationInFrames ?? 0) : 0);
        expect(transitionOut).toBe(overlap);
        expect(next?.transitionIn ?? 0).toBe(overlap);
      }
    });
  });

  test('begins at 0, goes forward, ends with its last scene, and never shows three scenes at once', () => {
    forSeeds(200, (random) => {
      const { scenes: placed, durationInFrames } = placeScenes(randomScenes(random));
      const ends = placed.map(({ scene, from }) => from + scene.durationInFrames);
      expect(placed[0]?.from).toBe(0);
      expect(ends.at(-1)).toBe(durationInFrames);
      for (const [index, { from }] of placed.entries()) {
        if (index > 0) expect(from).toBeGreaterThanOrEqual(placed[index - 1]?.from ?? 0);
        if (index > 1) expect(from).toBeGreaterThanOrEqual(ends[index - 2] ?? 0);
      }
    });
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_FILM_SECONDS, MAX_FPS, MAX_RENDER_CHUNKS, MAX_SCENES } from '../../../../action/contract/limits.ts';
import { specifyVideo, videoRequestSchema } from '../../../../action/contract/video.ts';
import { type Chunk, planChunks } from '../../../../action/core/render/chunks.ts';
import type { AskedVideo } from '../../../support/rendering.ts';
import type { Files } from '../../../support/snapshots.ts';
import { type MadeUpScene, madeUpFilm, type Planning, startPlanning } from './films.ts';

const specOf = (film: { fps: number; width: number; height: number; durationInFrames: number }, video: object) =>
  specifyVideo(film, videoRequestSchema.parse({ format: 'mp4', ...video }));

async function cut(fps: number, scenes: readonly MadeUpScene[], video: object = {}): Promise<Chunk[]> {
  const source = madeUpFilm(fps, scenes);
  return planChunks(source, specOf(source.meta, video));
}

describe('the chunks of a film', () => {
  const sceneArbitrary = fc.record({
    frames: fc.integer({ min: 2, max: 700 }),
    share: fc.double({ min: 0, max: 0.49 }),
  });

  test('are all of its frames, each once, at every length, rate and transition', async () => {
    const scenes = fc.array(sceneArbitrary, { minLength: 1, maxLength: 12 });
    const rates = fc.integer({ min: 1, max: 60 });
    await fc.assert(
      fc.asyncProperty(scenes, rates, fc.constantFrom('own', '24', '30', '60'), async (drawn, own, fps) => {
        // A transition takes less than half of either scene, as a manifest has it.
        const made = drawn.map(({ frames, share }, index): MadeUpScene => {
          const shorter = Math.min(frames, drawn[index + 1]?.frames ?? 0);
          const durationInFrames = Math.floor(shorter * share);
          const transition = { type: 'fade' as const, durationInFrames };
          return { durationInFrames: frames, ...(durationInFrames > 0 ? { transition } : {}) };
        });
        const source = madeUpFilm(own, made);
        fc.pre(source.durationInFrames / own <= MAX_FILM_SECONDS);
        const spec = specOf(source.meta, { fps });
        const chunks = await planChunks(source, spec);
        let next = 0;
        for (const { first, last } of chunks) {
          expect(first).toBe(next);
          expect(last).toBeGreaterThanOrEqual(first);
          next = last + 1;
        }
        expect(next).toBe(spec.durationInFrames);
        expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
      }),
      { numRuns: 300 },
    );
  });

  test('begin where a scene does, with the transition that leads into it', async () => {
    const transition = { type: 'fade', durationInFrames: 6 } as const;
    const chunks = await cut(30, [{ durationInFrames: 20, transition }, { durationInFrames: 20 }]);
    expect(chunks).toMatchObject([
      { scene: 's0', first: 0, last: 13 },
      { scene: 's1', first: 14, last: 33 },
    ]);
  });

  test('show two scenes in a piece of its own where the rest is worth it', async () => {
    const transition = { type: 'fade', durationInFrames: 15 } as const;
    const long = { durationInFrames: 100, transition };
    const pieces = (chunks: readonly Chunk[]) => chunks.map(({ scene, first, last }) => [scene, first, last]);
    expect(pieces(await cut(30, [long, { durationInFrames: 75 }]))).toEqual([
      ['s0', 0, 42],
      ['s0', 43, 84],
      ['s1', 85, 99],
      ['s1', 100, 129],
      ['s1', 130, 159],
    ]);
    expect(pieces(await cut(30, [long, { durationInFrames: 54 }])).slice(2)).toEqual([
      ['s1', 85, 111],
      ['s1', 112, 138],
    ]);
  });

  test('are pieces of a long scene, of about the same length', async () => {
    const chunks = await cut(30, [{ durationInFrames: 1000 }]);
    const lengths = chunks.map(({ first, last }) => last - first + 1);
    expect(chunks.length).toBeGreaterThan(4);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    expect(await cut(30, [{ durationInFrames: 20 }])).toHaveLength(1);
  });

  test('stay within their limit in the longest film of the most scenes', async () => {
    const frames = MAX_FILM_SECONDS * MAX_FPS;
    const equal = Array.from({ length: MAX_SCENES }, () => ({ durationInFrames: frames / MAX_SCENES }));
    const uneven = [...equal.slice(1).map(() => ({ durationInFrames: 41 })), { durationInFrames: 1 }];
    uneven[0] = { durationInFrames: frames - 41 * (MAX_SCENES - 2) - 1 };
    const transition = { type: 'fade', durationInFrames: 1 } as const;
    const entered = equal.map(({ durationInFrames }, index) => {
      return { durationInFrames: durationInFrames + (index > 0 ? 1 : 0), transition };
    });
    for (const scenes of [equal, uneven, entered, [{ durationInFrames: frames }]]) {
      expect((await cut(MAX_FPS, scenes)).length).toBeLessThanOrEqual(MAX_RENDER_CHUNKS);
    }
    const slow = equal.map(() => ({ durationInFrames: MAX_FILM_SECONDS / MAX_SCENES }));
    expect((await cut(1, slow, { fps: '60' })).length).toBeLessThanOrEqual(MAX_RENDER_CHUNKS);
  });
});

describe('a chunk keeps its key', () => {
  let planning: Planning;
  beforeAll(async () => {
    planning = await startPlanning();
  });
  afterAll(() => planning[Symbol.asyncDispose]());

  const scene = (text: string, before = '') => `${before}\nexport default () => <p>${text}</p>;`;
  const LONG = 'a long line that both scenes show, so that it becomes a module of its own';
  const pixels = (fill: number) => new Uint8Array(20_000).fill(fill);
  const FILES: Files = {
    'scenes/a.tsx': scene('{shared()}', "import { shared } from '../shared/text';"),
    'scenes/b.tsx': scene('{shared()} b', "import { shared } from '../shared/text';"),
    'scenes/c.tsx': scene('<img src={picture} />', "import picture from './picture.png';"),
    'scenes/d.tsx': scene('{staticFile("note.txt")}', "import { staticFile } from 'remotion';"),
    'scenes/picture.png': pixels(1),
    'shared/text.ts': `export const shared = () => '${LONG}';`,
    'shared/extra.css': '.extra { color: red }',
    'public/note.txt': 'a note',
  };
  const OTHER_CODE = scene('{shared()} other', "import { shared } from '../shared/text';");
  interface Change {
    files?: Files;
    scenes?: readonly { id: string; entry?: string; durationInFrames?: number; transition?: object; props?: object }[];
    film?: object;
    video?: AskedVideo;
  }
  const SCENES = [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }];

  async function keysOf({ files = {}, scenes = SCENES, film = {}, video }: Change): Promise<Map<string, string>> {
    const placed = scenes.map((one) => ({ entry: `scenes/${one.id}.tsx`, durationInFrames: 30, ...one }));
    const manifest = { title: 'Keys', kind: 'storyboard', fps: 30, width: 320, height: 180, ...film, scenes: placed };
    const { chunks } = await planning.plan({ ...FILES, ...files }, manifest, video);
    return new Map(chunks.map(({ scene: id, key }) => [id, key]));
  }

  /** Scenes of both films whose chunks have other keys. */
  async function changedBy(change: Change, from: Change = {}): Promise<string[]> {
    const [before, after] = [await keysOf(from), await keysOf(change)];
    return [...before.keys()].filter((id) => after.has(id) && after.get(id) !== before.get(id));
  }

  test.each<[string, Change]>([
    ['comes first', { scenes: [{ id: 'new', entry: 'scenes/a.tsx' }, ...SCENES] }],
    ['goes', { scenes: SCENES.filter(({ id }) => id !== 'c') }],
    ['is longer', { scenes: [{ id: 'a', durationInFrames: 37 }, ...SCENES.slice(1)] }],
    ['has another order', { scenes: [...SCENES].reverse() }],
    ['has other code', { files: { 'scenes/a.tsx': OTHER_CODE } }],
    ['has other props', { scenes: [{ id: 'a', props: { n: 1 } }, ...SCENES.slice(1)] }],
  ])('when another scene %s', async (_what, change) => {
    expect((await changedBy(change)).filter((id) => id !== 'a')).toEqual([]);
  });

  test.each<[string, string[], Change]>([
    ['its code', ['a'], { files: { 'scenes/a.tsx': OTHER_CODE } }],
    [
      'a module that it imports',
      ['a', 'b'],
      { files: { 'shared/text.ts': `export const shared = () => 'Not ${LONG}';` } },
    ],
    ['an asset', ['c'], { files: { 'scenes/picture.png': pixels(2) } }],
    ['static files, for who asks for them', ['d'], { files: { 'public/note.txt': 'another note' } }],
    ['its props', ['b'], { scenes: SCENES.map((one) => (one.id === 'b' ? { ...one, props: { n: 1 } } : one)) }],
    ['its length', ['b'], { scenes: SCENES.map((one) => (one.id === 'b' ? { ...one, durationInFrames: 31 } : one)) }],
    [
      'a style',
      ['a', 'b', 'c', 'd'],
      { files: { 'scenes/a.tsx': `import '../shared/extra.css';${FILES['scenes/a.tsx']}` } },
    ],
    ['the size of the film', ['a', 'b', 'c', 'd'], { film: { width: 640 } }],
    ['the frame rate of the film', ['a', 'b', 'c', 'd'], { film: { fps: 25 } }],
    ['the engine', ['a', 'b', 'c', 'd'], { film: { engine: 'react' } }],
    ['the frame rate asked for', ['a', 'b', 'c', 'd'], { video: { format: 'mp4', fps: '60' } }],
    ['the size asked for', ['a', 'b', 'c', 'd'], { video: { format: 'mp4', resolution: '720p' } }],
    ['the quality', ['a', 'b', 'c', 'd'], { video: { format: 'mp4', quality: 'high' } }],
    ['the format', ['a', 'b', 'c', 'd'], { video: { format: 'webm' } }],
  ])('but not with %s', async (_what, scenes, change) => {
    expect(await changedBy(change)).toEqual(scenes);
  });

  test('but not when the scene that a transition leads from changes, or the transition', async () => {
    const joined = (transition: object, code = FILES['scenes/c.tsx'] as string): Change => ({
      files: { 'scenes/c.tsx': code },
      scenes: SCENES.map((one) => (one.id === 'c' ? { ...one, transition } : one)),
    });
    const fade = { type: 'fade', durationInFrames: 10 };
    expect(await changedBy(joined(fade, scene('c changed')), joined(fade))).toEqual(['c', 'd']);
    expect(await changedBy(joined({ type: 'wipe', durationInFrames: 10 }), joined(fade))).toEqual(['d']);
    expect(await changedBy(joined({ ...fade, durationInFrames: 12 }), joined(fade))).toEqual(['c', 'd']);
    // Beyond a cut, nobody sees what was before.
    expect(await changedBy({ files: { 'scenes/c.tsx': scene('c changed') } })).toEqual(['c']);
  });

  test('beyond the transition that leads into its scene, whatever that leads from', async () => {
    const transition = { type: 'fade', durationInFrames: 10 };
    const scenes = ['a', 'b'].map((id) => ({ id, entry: `scenes/${id}.tsx`, durationInFrames: 90, transition }));
    const manifest = { title: 'Keys', kind: 'storyboard', fps: 30, width: 320, height: 180, scenes };
    const before = (await planning.plan(FILES, manifest)).chunks;
    const after = (await planning.plan({ ...FILES, 'scenes/a.tsx': OTHER_CODE }, manifest)).chunks;
    const kept = after.filter(({ key }) => before.some((chunk) => chunk.key === key));
    expect(after.map(({ scene: id }) => id)).toEqual(['a', 'a', 'b', 'b', 'b']);
    expect(kept).toEqual(after.slice(3));
  });

  test('but not with another runtime', async () => {
    const source = madeUpFilm(30, [{ durationInFrames: 30 }]);
    const spec = specOf(source.meta, {});
    const runtime = `runtime/manifest-${'f'.repeat(64)}.json`;
    const [before] = await planChunks(source, spec);
    const [after] = await planChunks({ ...source, meta: { ...source.meta, runtime } }, spec);
    expect(after?.key).not.toBe(before?.key);
  });

  test('and knows whether it may be heard', async () => {
    const sound = 'import { Audio } from \'remotion\';\nexport const Sound = () => <Audio src="/a.mp3" />;';
    const files = {
      'scenes/a.tsx': scene('<Sound />', "import { Sound } from '../shared/sound';"),
      'scenes/b.tsx': scene('<Remotion.OffthreadVideo src="/b.mp4" />', "import * as Remotion from 'remotion';"),
      'scenes/c.tsx': scene('{useVideoConfig().fps}', "import { useVideoConfig } from 'remotion';"),
      'scenes/d.tsx': scene('<Sound />', "import { Sound } from '../shared/sound';"),
      'shared/sound.tsx': sound,
    };
    const scenes = ['a', 'b', 'c', 'd'].map((id) => ({ id, entry: `scenes/${id}.tsx`, durationInFrames: 30 }));
    const manifest = { title: 'Heard', kind: 'storyboard', fps: 30, width: 320, height: 180, scenes };
    const heard = async (format: 'mp4' | 'gif') =>
      (await planning.plan(files, manifest, { format })).chunks.map(({ mayBeHeard }) => mayBeHeard);
    expect(await heard('mp4')).toEqual([true, true, false, true]);
    expect(await heard('gif')).toEqual([false, false, false, false]);
  });

  test('whatever the poster is', async () => {
    expect(await changedBy({ video: { format: 'mp4', posterFrame: 3 } })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Film, FilmScene } from '../../../action/contract/film.ts';
import { loadScenes } from '../../../site-template/runtime/storyboard.tsx';

const scene = (id: string, load: FilmScene['load']): FilmScene => ({
  id,
  title: id,
  durationInFrames: 30,
  props: {},
  load,
});

function filmOf(...scenes: FilmScene[]): Film {
  return { fps: 30, width: 1280, height: 720, scenes, staticFiles: {} };
}

describe('loadScenes', () => {
  const component = () => null;
  const problem = new Error('not there');

  it('loads what can be loaded, and says what cannot', async () => {
    const loaded = await loadScenes(
      filmOf(
        scene('a', async () => ({ default: component })),
        scene('b', () => Promise.reject(problem)),
        scene('c', () => {
          throw problem;
        }),
      ),
    );
    expect(loaded).toEqual([
      { kind: 'ready', component },
      { kind: 'failed', error: problem },
      { kind: 'failed', error: problem },
    ]);
  });

  it('asks for all scenes at once', async () => {
    const asked: string[] = [];
    const { promise, resolve } = Promise.withResolvers<{ default: () => null }>();
    const slow = (id: string) =>
      scene(id, () => {
        asked.push(id);
        return promise;
      });
    const loading = loadScenes(filmOf(slow('a'), slow('b'), slow('c')));
    expect(asked).toEqual(['a', 'b', 'c']);
    resolve({ default: component });
    expect(await loading).toHaveLength(3);
  });
});

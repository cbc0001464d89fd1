/** The parts of the player that need no browser. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AppModule, FilmModule } from '../../../action/contract/mounting.ts';
import { commandOf, SHORTCUTS } from '../../../site-template/page/keyboard.ts';
import { neighbouringScene, sceneIndexAt } from '../../../site-template/page/scenes.ts';
import { embedCode } from '../../../site-template/page/share-menu.ts';
import { createStorage } from '../../../site-template/page/storage.ts';
import { formatTime } from '../../../site-template/page/time.ts';
import type * as app from '../../../site-template/runtime/app.tsx';
import type * as film from '../../../site-template/runtime/film.tsx';

it('what the page expects of the runtime modules is what they are', () => {
  expectTypeOf<typeof film>().toExtend<FilmModule>();
  expectTypeOf<typeof app>().toExtend<AppModule>();
});

describe('scenes', () => {
  const scenes = [
    { title: 'a', from: 0, durationInFrames: 90 },
    { title: 'b', from: 75, durationInFrames: 60 },
    { title: 'c', from: 135, durationInFrames: 30 },
  ];

  it('a frame in a transition belongs to the scene that enters', () => {
    expect([0, 74, 75, 134, 135, 999].map((frame) => sceneIndexAt(scenes, frame))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('"next" goes to the next start, and past the last scene to the end', () => {
    expect(neighbouringScene(scenes, 10, 1, 30)).toBe(75);
    expect(neighbouringScene(scenes, 140, 1, 30)).toBe(Number.POSITIVE_INFINITY);
  });

  it('"previous" goes to the start of the scene first, and right after a start to the one before', () => {
    expect(neighbouringScene(scenes, 120, -1, 30)).toBe(75);
    expect(neighbouringScene(scenes, 80, -1, 30)).toBe(0);
    expect(neighbouringScene(scenes, 5, -1, 30)).toBe(0);
  });
});

describe('keys', () => {
  it('do what the list of shortcuts says', () => {
    expect(commandOf(' ', false)).toEqual({ kind: 'toggle' });
    expect(commandOf('K', true)).toEqual({ kind: 'toggle' });
    expect(commandOf('ArrowLeft', false)).toEqual({ kind: 'seconds', by: -1 });
    expect(commandOf('ArrowRight', true)).toEqual({ kind: 'scenes', by: 1 });
    expect(commandOf(',', false)).toEqual({ kind: 'frames', by: -1 });
    expect(commandOf('End', false)).toEqual({ kind: 'edge', at: 'end' });
    expect(commandOf('?', true)).toEqual({ kind: 'help' });
    expect(SHORTCUTS).toHaveLength(8);
  });

  it('that mean nothing here are left alone', () => {
    expect(['Tab', 'a', 'Escape', 'constructor', '__proto__'].map((key) => commandOf(key, false))).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('embedCode', () => {
  it('is one element, whatever the title', () => {
    const code = embedCode('https://x.example/p/a/1', '"><script>alert(1)</script>', { width: 1080, height: 1920 });
    expect(code).toMatch(/^<iframe [^<>]*><\/iframe>$/);
    expect(code).toContain('src="https://x.example/p/a/1?embed=1"');
    expect(code).toContain('width="1080" height="1920"');
  });
});

describe('formatTime', () => {
  it('shows minutes and whole seconds', () => {
    expect([0, 29, 30, 1799, 18000].map((frame) => formatTime(frame, 30))).toEqual([
      '0:00',
      '0:00',
      '0:01',
      '0:59',
      '10:00',
    ]);
  });
});

describe('the storage of a sandboxed page', () => {
  it('keeps strings, as long as the page lives', () => {
    const storage = createStorage();
    storage.setItem('a', 1 as never);
    expect([storage.getItem('a'), storage.getItem('b'), storage.length, storage.key(0)]).toEqual(['1', null, 1, 'a']);
    storage.removeItem('a');
    expect(storage.getItem('a')).toBeNull();
  });
});

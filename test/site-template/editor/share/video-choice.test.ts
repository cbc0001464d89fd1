import { describe, expect, it } from 'vitest';
import { estimateRenderMilliseconds, type VideoRequest } from '../../../../action/contract/video-spec.ts';
import {
  eachVideoOnce,
  FIRST_CHOICE,
  formatPixels,
  formatRunningTime,
  posterOf,
  posterOptions,
  rateOptions,
  sizeOptions,
  verdictOf,
  withFormat,
} from '../../../../site-template/editor/share/video-choice.ts';
import { aRender, FILM, OUTLINE, VIDEOS } from './renders.ts';

const ask = (changes: Partial<VideoRequest> = {}): VideoRequest => ({ ...FIRST_CHOICE, ...changes });
const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const names = (options: { name: string }[]) => options.map(({ name }) => plain(name));

describe('what may be chosen', () => {
  it('is each size once, with the pixels that it comes to', () => {
    expect(names(sizeOptions(FILM))).toEqual([
      ...['As the film (1280 × 720)', '1080p (1920 × 1080)', '4K (3840 × 2160)'],
    ]);
    expect(names(sizeOptions({ ...FILM, width: 1080, height: 1920 }))).toEqual([
      ...['As the film (1080 × 1920)', '720p (720 × 1280)', '4K (2160 × 3840)'],
    ]);
    expect(sizeOptions({ ...FILM, width: 1000, height: 1000 }).map(({ value }) => value)).toHaveLength(4);
  });

  it('is each frame rate once', () => {
    expect(rateOptions(FILM, 'mp4').map(({ value, name }) => [value, name])).toEqual([
      ...[['own', 'As the film (30)'], ...['24', '60'].map((rate) => [rate, rate])],
    ]);
    expect(rateOptions({ ...FILM, fps: 25 }, 'webm')).toHaveLength(4);
  });

  it('is what a GIF can have', () => {
    expect(names(rateOptions(FILM, 'gif'))).toEqual(['As the film (30)', '24']);
    expect(names(rateOptions({ ...FILM, fps: 60 }, 'gif'))).toEqual(['Half of the film’s (30)', '24']);
    const fast = ask({ format: 'mp4', fps: '60' });
    expect(withFormat(fast, 'gif')).toEqual({ ...fast, format: 'gif', fps: 'own' });
    expect(withFormat(fast, 'webm')).toEqual({ ...fast, format: 'webm' });
  });

  it('is a scene whose picture is the poster, where there is more than one', () => {
    expect(posterOptions(OUTLINE).map(({ value, name }) => [value, name])).toEqual([
      ['', 'Chosen for you'],
      ['60', 'Scene 1: Intro'],
      ['330', 'Scene 2: The tide turns'],
      ['570', 'Scene 3: Outro'],
    ]);
    expect(posterOptions({ ...OUTLINE, scenes: OUTLINE.scenes.slice(0, 1) })).toEqual([]);
    expect(posterOptions(FILM)).toEqual([]);
  });

  it('is told again of what was made of it', () => {
    expect(posterOf(OUTLINE, ask())).toBeNull();
    const told = (posterFrame: number) => plain(posterOf(OUTLINE, ask({ posterFrame })) ?? '');
    expect([told(330), told(331)]).toEqual(['poster from scene 2', 'poster from frame 331']);
  });
});

describe('what a choice comes to', () => {
  it('is a size, a length and a time, before it is asked for', () => {
    const verdict = verdictOf(FILM, ask({ resolution: '1080p', fps: '60' }), []);
    expect(verdict).toMatchObject({
      kind: 'fine',
      spec: { width: 1920, height: 1080, fps: 60, durationInFrames: 1200 },
      estimatedMilliseconds: estimateRenderMilliseconds({
        format: 'mp4',
        width: 1920,
        height: 1080,
        durationInFrames: 1200,
      }),
    });
    expect(plain(formatPixels({ width: 1920, height: 1080 }))).toBe('1920 × 1080');
    expect(plain(formatRunningTime(FILM))).toBe('30 fps · 20 s');
  });

  it.each([
    ['VIDEO_TOO_LARGE', FILM, { format: 'gif', resolution: '1080p' }, '1920 × 1080 pixels'],
    ['VIDEO_TOO_LONG', { ...FILM, durationInFrames: 1801 }, { format: 'gif' }, '1801 frames'],
    ['VIDEO_TOO_LONG', { ...FILM, durationInFrames: 30 * 601 }, {}, '601 seconds'],
    ['VIDEO_TOO_LARGE', { ...FILM, width: 2000, height: 720 }, { resolution: '4k' }, '6000 × 2160 pixels'],
  ] as const)('is refused with %s and the number, before it is asked for', (code, film, changes, number) => {
    const verdict = verdictOf(film, ask(changes), []);
    expect(verdict).toMatchObject({ kind: 'refused', problem: { code, detail: expect.stringContaining(number) } });
  });

  it('is there already, or on its way; but what failed may be asked for again', () => {
    const there = (video: Parameters<typeof aRender>[0]) => verdictOf(FILM, ask(), [aRender(video)]);
    expect(there(VIDEOS.ready)).toMatchObject({ kind: 'there', isReady: true });
    expect(there(VIDEOS.rendering)).toMatchObject({ kind: 'there', isReady: false });
    expect(there(VIDEOS.failed).kind).toBe('fine');
    expect(there(VIDEOS.cancelled).kind).toBe('fine');
    expect(there({ ...VIDEOS.ready, request: ask({ quality: 'high' }) }).kind).toBe('fine');
    expect(there({ ...VIDEOS.ready, request: ask({ posterFrame: 330 }) }).kind).toBe('fine');
    expect(there({ ...VIDEOS.ready, request: ask({ resolution: '720p', fps: '30' }) }).kind).toBe('there');
  });
});

describe('the videos of a version', () => {
  it('are each shown once, the newest attempt of it', () => {
    const again = aRender({ ...VIDEOS.rendering, render: 'r9' });
    const other = aRender({ ...VIDEOS.ready, render: 'r8', request: ask({ format: 'webm' }) });
    const refused = aRender({ state: 'failed', render: 'r7', spec: null, request: ask({ format: 'gif' }) });
    const shown = eachVideoOnce([again, other, VIDEOS.failed, refused, VIDEOS.cancelled]);
    expect(shown.map(({ render }) => render)).toEqual(['r9', 'r8', 'r7']);
  });
});

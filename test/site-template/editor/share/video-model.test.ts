import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../../action/contract/errors.ts';
import { canRenderMove, RENDER_STATES } from '../../../../action/contract/states.ts';
import { estimateRenderMilliseconds } from '../../../../action/contract/video-spec.ts';
import type { RenderView } from '../../../../site-template/editor/share/control-plane.ts';
import { sharedVersions } from '../../../../site-template/editor/share/shared-versions.ts';
import { versionWithVideos } from '../../../../site-template/editor/share/use-renders.ts';
import { downloadUrlOf, posterUrlOf } from '../../../../site-template/editor/share/video-links.ts';
import { latestVideoTime, VIDEO_STEPS, videoStatusOf } from '../../../../site-template/editor/share/video-status.ts';
import { aPublish, aThread, PASSING } from './publishes.ts';
import { aRender, FILM, FILM_ESTIMATE, RENDER_ASKED, VIDEOS } from './renders.ts';

const SECOND = 1000;
const seenAfter = (video: RenderView, seconds: number) => videoStatusOf(video, RENDER_ASKED + seconds * SECOND);
const UNDER_WAY = [VIDEOS.queued, VIDEOS.claimed, VIDEOS.rendering, VIDEOS.combining, VIDEOS.uploading];

describe('the steps of a video', () => {
  it('are the states of the contract that a render passes, in an order that it may take', () => {
    for (const [index, step] of VIDEO_STEPS.entries()) {
      expect(VIDEO_STEPS.slice(index + 1).every((later) => canRenderMove(step, later))).toBe(true);
    }
  });

  it.each([
    ['queued', ['current', 'ahead', 'ahead', 'ahead', 'ahead']],
    ['rendering', ['done', 'current', 'ahead', 'ahead', 'ahead']],
    ['combining', ['done', 'done', 'current', 'ahead', 'ahead']],
    ['uploading', ['done', 'done', 'done', 'current', 'ahead']],
    ['ready', ['done', 'done', 'done', 'done', 'done']],
    ['failed', ['done', 'failed', 'ahead', 'ahead', 'ahead']],
    ['cancelled', ['cancelled', 'ahead', 'ahead', 'ahead', 'ahead']],
  ] as const)('of one that is %s', (state, expected) => {
    expect(seenAfter(VIDEOS[state], 60).steps.map(({ mark }) => mark)).toEqual(expected);
  });

  it.each([
    ['combining', 2],
    ['uploading', 3],
  ] as const)('say that it failed while %s', (state, index) => {
    const failed = aRender({ ...VIDEOS[state], state: 'failed' });
    expect(seenAfter(failed, 60).steps[index]?.mark).toBe('failed');
  });

  it('last from their own time to that of the next one', () => {
    expect(seenAfter(VIDEOS.ready, 99).steps.map(({ milliseconds }) => milliseconds)).toEqual([
      ...[15_000, 16_000, 2000, 2400, null],
    ]);
    expect(seenAfter(VIDEOS.rendering, 20).steps.map(({ milliseconds }) => milliseconds)).toEqual([
      ...[15_000, 5000, null, null, null],
    ]);
  });
});

describe('the progress of a video', () => {
  it('grows with time, and is never whole before it is ready, whatever the clock says', () => {
    for (const video of UNDER_WAY) {
      const progress = [-99, 0, 1, 20, 60, 600, 7200, 1e6].map((seconds) => seenAfter(video, seconds).progress);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(Math.min(...progress)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...progress)).toBeLessThan(1);
    }
    expect(seenAfter(VIDEOS.ready, 0).progress).toBe(1);
  });

  it('never goes back from one state to the next', () => {
    const passing = [...UNDER_WAY, VIDEOS.ready].map((video) => videoStatusOf(video, latestVideoTime(video)).progress);
    expect(passing).toEqual([...passing].sort((a, b) => a - b));
  });

  it('is the part of the time that is over, as the run expects it', () => {
    // Began after 15 s, and 40 s from there: half of it is over after 27.5 s.
    expect(seenAfter(VIDEOS.rendering, 27.5).progress).toBeCloseTo(0.5);
    expect(seenAfter(VIDEOS.rendering, 27.5).timeLeft).toBe('about 30 s left');
    expect(seenAfter(VIDEOS.rendering, 47).timeLeft).toBe('a few seconds left');
    expect(seenAfter(VIDEOS.rendering, 55).timeLeft).toBe('any moment now');
  });

  it('is what the contract expects, until the run says, and less where pieces are kept', () => {
    const begun = aRender({ state: 'rendering', times: { queued: RENDER_ASKED, rendering: RENDER_ASKED + SECOND } });
    expect(estimateRenderMilliseconds({ ...FILM, format: 'mp4' })).toBe(FILM_ESTIMATE);
    expect(seenAfter(begun, 30).progress).toBeCloseTo(30 / 90);
    const planned = aRender({ ...begun, chunks: 5, toRender: 1 });
    expect(seenAfter(planned, 30).progress).toBeCloseTo(
      (30 * SECOND) / estimateRenderMilliseconds({ ...FILM, format: 'mp4' }, 1 / 5),
    );
  });

  it('is nearly at its end, whatever was expected, once no machine is waited for any more', () => {
    const begun = { queued: RENDER_ASKED, rendering: RENDER_ASKED + SECOND, combining: RENDER_ASKED + 5 * SECOND };
    const joining = aRender({ ...VIDEOS.combining, times: begun });
    expect(seenAfter(joining, 6).timeLeft).toBe('a few seconds left');
    expect(seenAfter(joining, 40).timeLeft).toBe('a few seconds left');
    expect(seenAfter(joining, 42).timeLeft).toBe('any moment now');
  });

  it('waits where a machine is waited for: the end comes no nearer', () => {
    expect(seenAfter(VIDEOS.queued, 20).progress).toBeCloseTo(20 / 90);
    expect(seenAfter(VIDEOS.queued, 600)).toMatchObject({
      progress: seenAfter(VIDEOS.queued, 20).progress,
      timeLeft: 'about 1 min left',
      elapsedMilliseconds: 600_000,
    });
  });
});

describe('what is said of a video', () => {
  it.each(RENDER_STATES)('that is %s', (state) => {
    const status = seenAfter(VIDEOS[state], 60);
    const isOver = ['ready', 'failed', 'cancelled'].includes(state);
    expect(status.phase).toBe(isOver ? state : 'active');
    expect(status.mayCancel).toBe(!isOver);
    expect(status.mayRetry).toBe(state === 'failed' || state === 'cancelled');
    expect(status.timeLeft === null).toBe(isOver);
    expect(status.problem === null).toBe(state !== 'failed');
    expect(status.headline).toMatch(/^[A-Z].*[^.]$/);
    expect(status.announcement).toMatch(/^The MP4 of version 5.*\.$/);
  });

  it('by the name of its format', () => {
    const video = aRender({ ...VIDEOS.ready, request: { ...VIDEOS.ready.request, format: 'webm' } });
    expect(seenAfter(video, 60).announcement).toBe('The WebM of version 5 is ready.');
  });

  it('that has come so far that a machine is at it, or that all was there', () => {
    expect(seenAfter(VIDEOS.claimed, 20).headline).not.toBe(seenAfter(VIDEOS.queued, 20).headline);
    const kept = aRender({ ...VIDEOS.rendering, toRender: 0 });
    expect(seenAfter(kept, 20).headline).toBe('All frames are there already');
    expect(seenAfter(kept, 20).reuse).toBe('5 of 5 pieces are kept from before.');
    expect(seenAfter(VIDEOS.rendering, 20).reuse).toBeNull();
    expect(seenAfter(VIDEOS.queued, 20).reuse).toBeNull();
  });

  it('that takes long', () => {
    expect(seenAfter(VIDEOS.queued, 89).patience).toBeNull();
    expect(seenAfter(VIDEOS.queued, 90).patience).toContain('No machine is free');
    expect(seenAfter(VIDEOS.claimed, 90).patience).toBeNull();
    expect(seenAfter(VIDEOS.rendering, 84).patience).toBeNull();
    expect(seenAfter(VIDEOS.rendering, 85).patience).toContain('longer than expected');
    expect(seenAfter(VIDEOS.ready, 1e6).patience).toBeNull();
  });

  it.each((Object.keys(ERRORS) as ErrorCode[]).filter((code) => /^(RENDER|VIDEO|RUN)_/.test(code)))(
    'that failed with %s: what happened, whose turn it is, and what helps',
    (code) => {
      const failed = aRender({ ...VIDEOS.failed, error: { code, message: 'what happened', diagnostics: [] } });
      const { problem, headline } = seenAfter(failed, 60);
      expect(problem).toMatchObject({ code, detail: 'what happened', advice: ERRORS[code].advice });
      expect(headline).toBe(problem?.headline);
    },
  );

  it('that failed at a place, for jumping there; and that failed without a reason', () => {
    expect(seenAfter(VIDEOS.failed, 60).problem?.places).toMatchObject([
      { file: 'scenes/intro.tsx', line: 18, column: 21 },
    ]);
    expect(seenAfter(aRender({ state: 'failed' }), 60).problem?.fault).toBe('system');
  });
});

describe('the version whose videos are shown', () => {
  const published = (version: number) => aPublish({ ...PASSING.published, version, publish: `p${version}` });
  const versions = sharedVersions(aThread({ tombstones: [3] }), [published(5), published(4), published(3)]);

  it('is the one that is shown, if it has a link', () => {
    expect(versionWithVideos('p5', 5, versions, null)).toBe(5);
    expect(versionWithVideos('p3', 3, versions, null)).toBeNull();
    expect(versionWithVideos('p6', 6, versions, null)).toBeNull();
    expect(versionWithVideos(null, null, [], null)).toBeNull();
  });

  it('is the one that was picked, until something newer is shown', () => {
    expect(versionWithVideos('p5', 5, versions, { version: 4, publish: 'p5' })).toBe(4);
    expect(versionWithVideos('p6', 6, versions, { version: 4, publish: 'p5' })).toBeNull();
    expect(versionWithVideos('p5', 5, versions, { version: 3, publish: 'p5' })).toBeNull();
  });
});

describe('the addresses of a video', () => {
  const key = VIDEOS.ready.video?.key;

  it('save the file, and lie beside each other', () => {
    expect(downloadUrlOf(VIDEOS.ready)).toBe(`https://share.example/p/film/5/video/${key}.mp4?download`);
    expect(posterUrlOf(VIDEOS.ready)).toBe(`https://share.example/p/film/5/video/${key}.jpg`);
    const asking = { ...VIDEOS.ready, downloadUrl: 'https://share.example/v.mp4?download=1' };
    expect(downloadUrlOf(asking)).toBe(asking.downloadUrl);
  });

  it('go by a signed link where only that opens', () => {
    const closed = { ...VIDEOS.ready, downloadUrl: null };
    const page = 'https://share.example/s/v1.token/p/film/5';
    expect(downloadUrlOf(closed, page)).toBe(`${page}/video/${key}.mp4?download`);
    expect([downloadUrlOf(closed), posterUrlOf(closed)]).toEqual([null, null]);
  });

  it('are none before there is a video', () => {
    for (const video of UNDER_WAY) expect([downloadUrlOf(video), posterUrlOf(video)]).toEqual([null, null]);
  });
});

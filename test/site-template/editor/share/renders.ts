/** Renders as the control plane tells of them, and what the hook makes of them, made up for tests. */
import type { RenderView } from '../../../../site-template/editor/share/control-plane.ts';
import type { Rendering } from '../../../../site-template/editor/share/use-renders.ts';
import { FIRST_CHOICE } from '../../../../site-template/editor/share/video-choice.ts';
import { ASKED } from './publishes.ts';

export const FILM = { fps: 30, width: 1280, height: 720, durationInFrames: 600 };
export const OUTLINE = {
  ...FILM,
  scenes: [
    { title: 'Intro', middle: 60 },
    { title: 'The tide turns', middle: 330 },
    { title: 'Outro', middle: 570 },
  ],
};
/** What {@link FILM} takes by the contract: three starts of a job, and 600 frames. */
export const FILM_ESTIMATE = 90_000;
export const RENDER_ASKED = ASKED + 4000;
const KEY = 'f0'.repeat(32);

export function aRender(changes: Partial<RenderView> = {}): RenderView {
  return {
    render: 'r1',
    thread: 'film',
    version: 5,
    state: 'queued',
    requester: 'Ada',
    request: FIRST_CHOICE,
    spec: FILM,
    chunks: null,
    toRender: null,
    estimatedMilliseconds: null,
    run: null,
    times: { queued: RENDER_ASKED },
    error: null,
    video: null,
    downloadUrl: null,
    ...changes,
  };
}

const RUN = { id: '9', attempt: 1, url: 'https://github.example/studio/actions/runs/9' };
const TIMES = {
  queued: RENDER_ASKED,
  sent: RENDER_ASKED + 400,
  claimed: RENDER_ASKED + 12_000,
  rendering: RENDER_ASKED + 15_000,
  combining: RENDER_ASKED + 31_000,
  uploading: RENDER_ASKED + 33_000,
  ended: RENDER_ASKED + 35_400,
};
const PLAN = { run: RUN, chunks: 5, toRender: 5, estimatedMilliseconds: 40_000 };

/** A render in each of its states, as they follow one another. */
export const VIDEOS = {
  queued: aRender(),
  claimed: aRender({ run: RUN, times: pick('queued', 'sent', 'claimed') }),
  rendering: aRender({ ...PLAN, state: 'rendering', times: pick('queued', 'sent', 'claimed', 'rendering') }),
  combining: aRender({
    ...{ ...PLAN, state: 'combining' },
    times: pick('queued', 'sent', 'claimed', 'rendering', 'combining'),
  }),
  uploading: aRender({
    ...{ ...PLAN, state: 'uploading' },
    times: pick('queued', 'sent', 'claimed', 'rendering', 'combining', 'uploading'),
  }),
  ready: aRender({
    ...{ ...PLAN, state: 'ready', times: TIMES },
    video: { key: KEY, format: 'mp4', width: 1280, height: 720, bytes: 4_180_000 },
    downloadUrl: `https://share.example/p/film/5/video/${KEY}.mp4`,
  }),
  failed: aRender({
    ...{ ...PLAN, state: 'failed', times: pick('queued', 'sent', 'claimed', 'rendering', 'ended') },
    error: {
      code: 'RENDER_SCENE_FAILED',
      message: 'Scene "intro" throws at frame 42: items is undefined',
      diagnostics: [
        {
          code: 'RENDER_SCENE_FAILED',
          message: 'items is undefined',
          file: 'scenes/intro.tsx',
          line: 18,
          column: 21,
          excerpt: '  const widest = items.reduce(max);',
        },
      ],
    },
  }),
  cancelled: aRender({ state: 'cancelled', times: pick('queued', 'sent', 'ended') }),
} as const;

function pick(...names: (keyof typeof TIMES)[]): RenderView['times'] {
  return Object.fromEntries(names.map((name) => [name, TIMES[name]])) as unknown as RenderView['times'];
}

export function aRendering(changes: Partial<Rendering> = {}): Rendering {
  return {
    ...{ version: 5, isChosen: false, film: OUTLINE, videos: [], unavailable: null, mayChange: true },
    ...{ busy: null, refusal: null, dismiss() {}, cancel() {}, retry() {} },
    make: async () => true,
    ...changes,
  };
}

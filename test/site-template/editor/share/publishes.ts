/** Publishes and threads as the control plane tells of them, made up for tests. */
import type { PublishView, ThreadView } from '../../../../site-template/editor/share/control-plane.ts';

/** When the publishes of these tests were asked for, in milliseconds since 1970. */
export const ASKED = Date.UTC(2026, 10, 20, 12);

export function aPublish(changes: Partial<PublishView> = {}): PublishView {
  return {
    publish: 'p1',
    thread: 'film',
    version: 5,
    state: 'queued',
    requester: 'Ada',
    retryOf: null,
    run: null,
    times: { queued: ASKED },
    error: null,
    result: null,
    timings: null,
    warningCount: 0,
    url: null,
    warnings: [],
    latestUrl: null,
    ...changes,
  };
}

const RUN = { id: '7', attempt: 1, url: 'https://github.example/studio/actions/runs/7' };
const TIMES = {
  queued: ASKED,
  dispatched: ASKED + 420,
  claimed: ASKED + 900,
  bundling: ASKED + 950,
  uploading: ASKED + 1600,
  ended: ASKED + 2340,
};

/** A publish in each of its states, as they follow one another. */
export const PASSING = {
  queued: aPublish(),
  dispatched: aPublish({ state: 'dispatched', times: pick('queued', 'dispatched') }),
  claimed: aPublish({ state: 'dispatched', run: RUN, times: pick('queued', 'dispatched', 'claimed') }),
  bundling: aPublish({ state: 'bundling', run: RUN, times: pick('queued', 'dispatched', 'claimed', 'bundling') }),
  uploading: aPublish({
    state: 'uploading',
    run: RUN,
    times: pick('queued', 'dispatched', 'claimed', 'bundling', 'uploading'),
  }),
  published: aPublish({
    state: 'published',
    run: RUN,
    times: TIMES,
    url: 'https://share.example/p/film/5',
    latestUrl: 'https://share.example/p/film/latest',
    result: { files: 14, bytes: 1_240_000, javascriptBytes: 86_400, uploadedBytes: 40_000, deduplicated: false },
    timings: { read: 21, compile: 412, compose: 18, upload: 689, total: 1140 },
  }),
  failed: aPublish({
    state: 'failed',
    run: RUN,
    times: pick('queued', 'dispatched', 'claimed', 'bundling', 'ended'),
    error: {
      code: 'SYNTAX_ERROR',
      message: 'Expected ";" but found "frame"',
      diagnostics: [
        {
          code: 'SYNTAX_ERROR',
          message: 'Expected ";" but found "frame"',
          file: 'scenes/intro.tsx',
          line: 12,
          column: 9,
          excerpt: '  const x frame = useCurrentFrame();',
        },
        {
          code: 'IMPORT_NOT_FOUND',
          message: 'there is no file "../shared/titel"',
          file: 'scenes/outro.tsx',
          line: 2,
          column: 23,
          excerpt: "import { Title } from '../shared/titel';",
        },
      ],
    },
  }),
  cancelled: aPublish({ state: 'cancelled', times: pick('queued', 'dispatched', 'ended') }),
} as const;

function pick(...names: (keyof typeof TIMES)[]): PublishView['times'] {
  return Object.fromEntries(names.map((name) => [name, TIMES[name]])) as unknown as PublishView['times'];
}

export function aThread(changes: Partial<ThreadView> = {}): ThreadView {
  return {
    thread: 'film',
    project: 'studio',
    title: 'Launch film',
    role: 'owner',
    newest: 5,
    latest: 5,
    visibility: 'public',
    tombstones: [],
    isWritten: true,
    ...changes,
  };
}

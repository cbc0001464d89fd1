/** The states of the videos of a version, for the gallery. */

import type { VideoRequest } from '../../../../site-template/editor/share/contract.ts';
import { problemOf } from '../../../../site-template/editor/share/problems.ts';
import type { Rendering } from '../../../../site-template/editor/share/use-renders.ts';
import { ASKED } from './publishes.ts';
import { aRender, FILM, RENDER_ASKED, VIDEOS } from './renders.ts';

const HOUR = 3_600_000;
const { ready } = VIDEOS;
const asked = (changes: Partial<VideoRequest>): VideoRequest => ({ ...ready.request, ...changes });
const earlier = { queued: ASKED - HOUR, rendering: ASKED - HOUR + 20_000 };

const webm = aRender({
  ...{ ...ready, render: 'r2', requester: 'Ben', request: asked({ format: 'webm', quality: 'high' }) },
  spec: { ...FILM, width: 1920, height: 1080 },
  times: { ...earlier, ended: ASKED - HOUR + 95_000 },
  video: { key: 'ab'.repeat(32), format: 'webm', width: 1920, height: 1080, bytes: 11_940_000 },
  downloadUrl: `https://share.example/p/film/5/video/${'ab'.repeat(32)}.webm`,
});
const gif = aRender({
  ...{ ...VIDEOS.rendering, render: 'r3', request: asked({ format: 'gif', quality: 'low', fps: '24' }) },
  ...{ spec: { ...FILM, fps: 24, durationInFrames: 480 }, chunks: 5, toRender: 2 },
});
const lost = aRender({
  ...{ ...VIDEOS.failed, times: { queued: ASKED - HOUR, ended: ASKED - HOUR + 154_000 } },
  error: { code: 'RUN_LOST', message: 'The run ended as "failure".', diagnostics: [] },
});
const refused = aRender({
  ...{ state: 'failed', spec: null, times: { queued: RENDER_ASKED, ended: RENDER_ASKED } },
  request: asked({ format: 'gif' }),
  error: {
    code: 'VIDEO_TOO_LONG',
    message: '2400 frames; the limit of gif is 1800',
    diagnostics: [],
  },
});
const waiting = aRender({ times: { queued: ASKED - 120_000, sent: ASKED - 119_000 } });
const late = aRender({ ...VIDEOS.rendering, times: { queued: ASKED - 180_000, rendering: ASKED - 160_000 } });

export const VIDEO_STATES: Record<string, Partial<Rendering>> = {
  'video-none': {},
  'video-queued': { videos: [VIDEOS.queued] },
  'video-claimed': { videos: [VIDEOS.claimed] },
  'video-waiting': { videos: [waiting] },
  'video-rendering': { videos: [VIDEOS.rendering] },
  'video-reused': { videos: [gif] },
  'video-late': { videos: [late] },
  'video-combining': { videos: [VIDEOS.combining] },
  'video-uploading': { videos: [VIDEOS.uploading] },
  'video-ready': { videos: [ready] },
  'video-failed': { videos: [VIDEOS.failed] },
  'video-lost': { videos: [lost] },
  'video-refused': { videos: [refused] },
  'video-cancelled': { videos: [VIDEOS.cancelled] },
  'video-cancelling': { videos: [VIDEOS.rendering], busy: { kind: 'cancelling', render: 'r1' } },
  'video-several': { videos: [gif, ready, webm], isChosen: true },
  'video-too-many': {
    videos: [gif],
    refusal: problemOf({ code: 'TOO_MANY_RENDERS', message: 'You have 2 videos under way, which is the limit.' }),
  },
  'video-unavailable': { unavailable: problemOf({ code: 'INTERNAL', message: 'The list was not answered.' }) },
};

/** The share parts in every state, without a control plane: a page for looking at, and for axe. `?state=` says which. */
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type Access, availabilityOf, type CompileState } from '../../../../site-template/editor/share/availability.ts';
import { problemOf } from '../../../../site-template/editor/share/problems.ts';
import { ShareButton } from '../../../../site-template/editor/share/share-button.tsx';
import { ShareSheet } from '../../../../site-template/editor/share/share-sheet.tsx';
import { sharedVersions } from '../../../../site-template/editor/share/shared-versions.ts';
import type { Sharing } from '../../../../site-template/editor/share/use-publish.ts';
import type { Rendering } from '../../../../site-template/editor/share/use-renders.ts';
import { ASKED, aPublish, aThread, PASSING } from './publishes.ts';
import { aRendering, VIDEOS } from './renders.ts';
import { VIDEO_STATES } from './video-states.ts';
import '../../../../site-template/editor/share/share.css';

interface Shown extends Partial<Sharing> {
  compile?: CompileState;
  hasChanges?: boolean;
  isClosed?: boolean;
  rendering?: Rendering;
}

const older = [4, 3, 2, 1].map((version) =>
  aPublish({
    ...PASSING.published,
    publish: `old${version}`,
    version,
    requester: version === 3 ? 'Ben' : 'Ada',
    url: `https://share.example/p/film/${version}`,
    times: { queued: ASKED - (6 - version) * 7_200_000, ended: ASKED - (6 - version) * 7_200_000 + 3000 },
  }),
);
const failedCompile: CompileState = {
  kind: 'failed',
  count: 2,
  first: { file: 'scenes/intro.tsx', line: 12, column: 9, message: 'Expected ";" but found "frame"' },
};
const tooOften = { code: 'TOO_MANY_REQUESTS', message: 'That is too often. Try again in 9 seconds.' };
const notFound = { code: 'NOT_FOUND', message: 'There is no such thing, or you may not see it.' };
const open = (changes: Parameters<typeof aThread>[0]): Access => ({ kind: 'open', thread: aThread(changes) });
const warned = aPublish({
  ...PASSING.published,
  warningCount: 2,
  warnings: [
    { code: 'JAVASCRIPT_LARGE', message: '612 kB of JavaScript; pages open quickly up to 500 kB' },
    { code: 'NO_POSTER', message: 'there is no "poster": the page shows a title card', file: 'permaframe.json' },
  ],
});
const lost = aPublish({
  ...PASSING.bundling,
  state: 'failed',
  times: { ...PASSING.bundling.times, ended: ASKED + 154_000 },
  error: { code: 'RUN_LOST', message: 'The run ended as "failure".', diagnostics: [] },
});

const STATES: Record<string, Shown> = {
  first: { access: open({ newest: 1, latest: null }), publishes: [], current: null },
  blocked: { compile: failedCompile, publishes: older, current: older[0] ?? null, access: open({ latest: 4 }) },
  'blocked-button': { compile: failedCompile, publishes: older, current: older[0] ?? null, isClosed: true },
  'active-button': { current: PASSING.bundling, publishes: [PASSING.bundling], isClosed: true },
  'failed-button': { current: PASSING.failed, publishes: [PASSING.failed], isClosed: true },
  saving: { current: PASSING.published, busy: { kind: 'saving' } },
  queued: { current: PASSING.queued, access: open({ latest: 4 }) },
  dispatched: { current: PASSING.dispatched, access: open({ latest: 4 }) },
  bundling: { current: PASSING.bundling, access: open({ latest: 4 }) },
  uploading: { current: PASSING.uploading, access: open({ latest: 4 }) },
  published: { current: PASSING.published },
  unchanged: { current: PASSING.published, wasThere: true },
  changes: { current: PASSING.published, hasChanges: true },
  warnings: { current: warned },
  failed: { current: PASSING.failed, access: open({ latest: 4 }) },
  lost: { current: lost, access: open({ latest: 4 }) },
  cancelled: { current: PASSING.cancelled, access: open({ latest: 4 }) },
  'taken-down': { current: PASSING.published, access: open({ tombstones: [5, 3], latest: 4, isWritten: false }) },
  unlisted: { current: PASSING.published, access: open({ visibility: 'unlisted' }) },
  'too-often': { current: PASSING.published, refusal: problemOf(tooOften) },
  offline: { current: PASSING.bundling, isConnected: false },
  viewer: { current: PASSING.published, access: open({ role: 'viewer' }) },
  refused: { access: { kind: 'refused', problem: problemOf(notFound) }, current: null, publishes: [] },
  loading: { access: { kind: 'loading' }, current: null, publishes: [] },
};

/** What was asked for, in order. */
const calls: unknown[] = [];
const heard: Partial<Rendering> = {
  make: async (request) => calls.push(['make', request]) > 0,
  cancel: (render) => void calls.push(['cancel', render]),
  retry: (render) => void calls.push(['retry', render]),
  dismiss: () => void calls.push(['dismiss']),
};
for (const [name, changes] of Object.entries(VIDEO_STATES)) {
  STATES[name] = { current: PASSING.published, rendering: aRendering({ ...heard, ...changes }) };
}
const ready = aRendering({ videos: [VIDEOS.ready] });
const byViewer = { ...ready, mayChange: false };
Object.assign(STATES, {
  'video-viewer': { current: PASSING.published, access: open({ role: 'viewer' }), rendering: byViewer },
  'video-unlisted': { current: PASSING.published, access: open({ visibility: 'unlisted' }), rendering: ready },
  'video-unlisted-viewer': {
    current: PASSING.published,
    access: open({ role: 'viewer', visibility: 'unlisted' }),
    rendering: byViewer,
  },
});

function sharingOf({ compile = { kind: 'ok' }, ...shown }: Shown): Sharing {
  const { access = { kind: 'open', thread: aThread() }, current = null } = shown;
  const publishes = shown.publishes ?? (current ? [current, ...older] : older);
  const nothing = () => {};
  return {
    ...{ availability: availabilityOf(access, compile), wasThere: false, busy: null, refusal: null, isConnected: true },
    ...{ share: nothing, cancel: nothing, retry: nothing, dismiss: nothing, pinLatest: nothing, takeDown: nothing },
    ...{ restore: nothing, setVisibility: nothing },
    createLink: async (version, seconds) => ({
      url: `https://share.example/s/v1.${'k'.repeat(43)}/p/film/${version}`,
      expires: ASKED / 1000 + seconds,
    }),
    mayChange: access.kind === 'open' && access.thread.role !== 'viewer',
    versions: access.kind === 'open' ? sharedVersions(access.thread, publishes) : [],
    ...shown,
    ...{ access, publishes, current },
  };
}

function Gallery({ shown }: { shown: Shown }) {
  const sharing = sharingOf(shown);
  const [isOpen, setOpen] = useState(shown.isClosed !== true);
  const { rendering = null } = shown;
  return (
    <main>
      <h1>Launch film</h1>
      <div className="share">
        <ShareButton sharing={sharing} isOpen={isOpen} onOpen={() => setOpen(true)} />
        <ShareSheet
          sharing={sharing}
          renders={{ rendering, show: rendering && (() => {}) }}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
          onJump={(place) => calls.push(['jump', place])}
          hasChanges={shown.hasChanges}
        />
      </div>
    </main>
  );
}

const state = new URLSearchParams(location.search).get('state');
const root = document.getElementById('root');
if (state === null) Object.assign(window, { states: Object.keys(STATES) });
Object.assign(window, { calls });
if (state !== null && root) createRoot(root).render(<Gallery shown={STATES[state] ?? {}} />);

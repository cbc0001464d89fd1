/** The videos of a version: their live state, and all that a person may do about them. */
import { useMutation, useQueries } from 'convex/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { isRenderOver, type VideoRequest } from './contract.ts';
import { CONTROL_PLANE, type FilmOutline, type RenderView, type ShareFunctions } from './control-plane.ts';
import { type Problem, problemOfCall } from './problems.ts';
import type { SharedVersion } from './shared-versions.ts';
import { useCalls } from './use-calls.ts';
import type { Sharing } from './use-publish.ts';
import { eachVideoOnce } from './video-choice.ts';

export interface RenderOptions {
  /** What `usePublish` answers. */
  sharing: Sharing;
  /** Called when a video of the version that is shown ends, whether the sheet is open or not. */
  onEnd?: ((video: RenderView) => void) | undefined;
  /** By default those of `convex/`. */
  functions?: ShareFunctions | undefined;
}

/** What is under way because the person asked for it. */
export type RenderBusy = { kind: 'requesting' } | { kind: 'cancelling' | 'retrying'; render: string };

/** Null for what is not a film, or not known yet: then there is nothing to show. */
export interface Rendering {
  version: number;
  /** Whether it was picked, and is not simply the one that is shown. */
  isChosen: boolean;
  film: FilmOutline;
  /** Newest first, each once, however often it was tried. */
  videos: readonly RenderView[];
  /** Why they cannot be told. */
  unavailable: Problem | null;
  mayChange: boolean;
  busy: RenderBusy | null;
  /** Why the last call was refused. */
  refusal: Problem | null;
  dismiss(): void;
  /** Answers whether it was taken. */
  make(request: VideoRequest): Promise<boolean>;
  cancel(render: string): void;
  /** The same again, after it failed or was cancelled. */
  retry(render: string): void;
}

export interface Renders {
  rendering: Rendering | null;
  /** Shows the videos of that version instead of those of the publish that is shown. Null where nothing is a film. */
  show: ((version: number) => void) | null;
}

export function useRenders({ sharing, onEnd, functions = CONTROL_PLANE }: RenderOptions): Renders {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { access, current, versions, mayChange } = sharing;
  const shown = current?.publish ?? null;
  const version = versionWithVideos(shown, current?.version ?? null, versions, chosen);
  const newest = versions.find(({ mark }) => mark === 'link')?.version ?? null;
  const thread = access.kind === 'open' ? access.thread.thread : null;
  const { film, newestFilm, renders } = useVersionQueries({ thread, version, newest }, functions);
  const videos = useMemo(() => (Array.isArray(renders) ? eachVideoOnce(renders) : NONE), [renders]);
  const calls = useRenderCalls(thread, version, functions);
  useEndings(renders, onEnd);
  const unavailable = useMemo(() => (renders instanceof Error ? problemOfCall(renders) : null), [renders]);
  const isChosen = version !== null && version === chosen?.version;
  const isKnown = version !== null && film !== null && renders !== undefined;
  return {
    rendering: isKnown ? { ...calls, version, isChosen, film, videos, unavailable, mayChange } : null,
    show: newestFilm && ((next) => setChosen({ version: next, publish: shown })),
  };
}

const NONE: readonly RenderView[] = [];

/** A version that was picked, and the publish that was shown then: it is shown until something newer begins. */
export interface Chosen {
  version: number;
  publish: string | null;
}

/** Only a version with a link has videos. */
export function versionWithVideos(
  shown: string | null,
  current: number | null,
  versions: readonly SharedVersion[],
  chosen: Chosen | null,
): number | null {
  const wanted = chosen && chosen.publish === shown ? chosen.version : current;
  return versions.some(({ version, mark }) => version === wanted && mark === 'link') ? wanted : null;
}

interface Asked {
  thread: string | null;
  version: number | null;
  newest: number | null;
}

/** Whether the newest version is a film stands for whether the thread's versions are. */
function useVersionQueries({ thread, version, newest }: Asked, functions: ShareFunctions) {
  const answers = useQueries(
    useMemo((): Parameters<typeof useQueries>[0] => {
      if (thread === null || newest === null) return {};
      const newestFilm = { query: functions.film, args: { thread, version: newest } };
      if (version === null) return { newestFilm };
      const args = { thread, version };
      return { newestFilm, film: { query: functions.film, args }, renders: { query: functions.renders, args } };
    }, [thread, version, newest, functions]),
  );
  return {
    film: filmOf(answers.film),
    newestFilm: filmOf(answers.newestFilm),
    renders: answers.renders as RenderView[] | Error | undefined,
  };
}

function filmOf(answer: FilmOutline | null | Error | undefined): FilmOutline | null {
  return answer === undefined || answer instanceof Error ? null : answer;
}

function useRenderCalls(thread: string | null, version: number | null, functions: ShareFunctions) {
  const { run, busy, refusal, dismiss } = useCalls<RenderBusy>();
  const request = useMutation(functions.requestRender);
  const retryAgain = useMutation(functions.retryRender);
  const callOff = useMutation(functions.cancelRender);
  return {
    ...{ busy, refusal, dismiss },
    make: async (video: VideoRequest): Promise<boolean> => {
      if (thread === null || version === null) return false;
      return (await run({ kind: 'requesting' }, () => request({ thread, version, video }))) !== null;
    },
    retry: (render: string) => void run({ kind: 'retrying', render }, () => retryAgain({ render })),
    cancel: (render: string) => void run({ kind: 'cancelling', render }, () => callOff({ render })),
  };
}

/** Those that were under way when they were last seen, and are not any more. */
function useEndings(renders: RenderView[] | Error | undefined, onEnd: RenderOptions['onEnd']): void {
  const underWay = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!Array.isArray(renders)) return;
    const before = underWay.current;
    underWay.current = new Set(renders.filter(({ state }) => !isRenderOver(state)).map(({ render }) => render));
    for (const video of renders) if (before.has(video.render) && isRenderOver(video.state)) onEnd?.(video);
  }, [renders, onEnd]);
}

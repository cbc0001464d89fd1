/** A video in the making as the sheet shows it: a pure function of what the control plane says, and the time. */
import {
  estimateRenderMilliseconds,
  isRenderOver,
  RENDER_JOB_START_MILLISECONDS,
  type RenderState,
} from './contract.ts';
import type { RenderView } from './control-plane.ts';
import { type Problem, problemOf } from './problems.ts';
import { type Step, stepsOf } from './steps.ts';
import { FORMAT_NAMES } from './video-choice.ts';
import { formatAbout } from './words.ts';

export const VIDEO_STEPS = ['queued', 'rendering', 'combining', 'uploading', 'ready'] as const;
export type VideoStep = (typeof VIDEO_STEPS)[number];

export interface VideoStatus {
  phase: 'active' | 'ready' | 'failed' | 'cancelled';
  state: RenderState;
  steps: readonly Step<VideoStep>[];
  /** What happens, or has happened, in a few words. */
  headline: string;
  /** Something to know while it takes longer than it should. */
  patience: string | null;
  /** What is kept from earlier renders and need not be made again. */
  reuse: string | null;
  /** How much of the time is over, 0 to 1. Less than 1 until it is ready. */
  progress: number;
  /** From the request until now, or until it was over. */
  elapsedMilliseconds: number;
  /** Null when it is over. */
  timeLeft: string | null;
  problem: Problem | null;
  mayCancel: boolean;
  mayRetry: boolean;
  /** One sentence for the live region. */
  announcement: string;
}

const STEP_LABELS: Readonly<Record<VideoStep, string>> = {
  queued: 'Queued',
  rendering: 'Rendering',
  combining: 'Combining',
  uploading: 'Uploading',
  ready: 'Ready',
};

const HEADLINES: Readonly<Record<RenderState, string>> = {
  queued: 'Waiting for a machine',
  rendering: 'Rendering the frames',
  combining: 'Joining the pieces',
  uploading: 'Storing the video',
  ready: 'The video is ready',
  failed: 'It did not work',
  cancelled: 'Cancelled',
};

const SECOND = 1000;
/** How long a video may wait for a machine before something is said about it, in milliseconds. */
const QUEUED_PATIENCE = 90 * SECOND;
/** By how much an estimate may be exceeded before something is said about it: a part of it, and milliseconds. */
const OVERRUN_PART = 0.5;
const OVERRUN_LEAST = 30 * SECOND;

/** From here on, time that is over counts less and less, so that the end is never promised before it has come. */
const CERTAIN_PROGRESS = 0.85;
const MOST_PROGRESS = 0.98;
/** How far a video is at least that has got to a state: what follows is short. */
const LEAST_PROGRESS: Readonly<Partial<Record<RenderState, number>>> = { combining: 0.85, uploading: 0.93, ready: 1 };

/** What follows, once no machine is waited for any more, in milliseconds: whatever was expected of those before. */
const MOST_LEFT: Readonly<Partial<Record<RenderState, number>>> = { combining: 9 * SECOND, uploading: 5 * SECOND };

/** @param now milliseconds since 1970, by the control plane's clock */
export function videoStatusOf(video: RenderView, now: number): VideoStatus {
  const { state, times } = video;
  const isOver = isRenderOver(state);
  const told = latestVideoTime(video);
  const end = isOver ? (times.ended ?? told) : Math.max(now, told);
  const left = isOver ? null : leftOf(video, end);
  const problem = state === 'failed' ? problemOf(video.error ?? { code: 'INTERNAL', message: '' }) : null;
  const phase = isOver ? (state as 'ready' | 'failed' | 'cancelled') : 'active';
  const headline = problem?.headline ?? headlineOf(video);
  return {
    ...{ phase, state, headline, problem },
    steps: stepsOf({
      ...{ states: VIDEO_STEPS, labels: STEP_LABELS, at: lastStep(video), end },
      startOf: (step) => (step !== 'ready' ? times[step] : state === 'ready' ? times.ended : undefined),
      phase: phase === 'ready' ? 'done' : phase,
    }),
    patience: left === null ? null : patienceOf(video, end, left),
    reuse: isOver ? null : reuseOf(video),
    progress: progressOf(video, end, left ?? 0),
    elapsedMilliseconds: Math.max(0, end - times.queued),
    timeLeft: left === null ? null : left > 0 ? `${formatAbout(left)} left` : 'any moment now',
    mayCancel: !isOver,
    mayRetry: state === 'failed' || state === 'cancelled',
    announcement: announce(video, headline),
  };
}

/** The newest time that the control plane has told, in milliseconds since 1970. */
export function latestVideoTime({ times }: Pick<RenderView, 'times'>): number {
  return Math.max(...Object.values(times));
}

function headlineOf({ state, run, toRender }: RenderView): string {
  if (state === 'queued' && run) return 'Preparing the film';
  return state === 'rendering' && toRender === 0 ? 'All frames are there already' : HEADLINES[state];
}

/** Index of the step that it has got to. What is over says by its times how far it came. */
function lastStep({ state, times }: RenderView): number {
  if (state !== 'failed' && state !== 'cancelled') return VIDEO_STEPS.indexOf(state);
  if (times.uploading !== undefined) return 3;
  if (times.combining !== undefined) return 2;
  return times.rendering === undefined ? 0 : 1;
}

/** When it should be ready, in milliseconds after it was asked for: as the run says, or by the contract's experience. */
function expectedTotal({ request, spec, chunks, toRender, estimatedMilliseconds, times }: RenderView): number {
  const { queued, rendering } = times;
  if (estimatedMilliseconds !== null) return (rendering ?? queued) - queued + estimatedMilliseconds;
  if (spec === null) return 0;
  const share = chunks === null || toRender === null ? 1 : toRender / chunks;
  return estimateRenderMilliseconds({ ...spec, format: request.format }, share);
}

/** Milliseconds until it should be ready; less than 0 when it should have been. */
function leftOf(video: RenderView, now: number): number {
  const elapsed = now - video.times.queued;
  // Until a machine begins, waiting brings the end no nearer than by the time that a machine takes to begin.
  const counted = video.state === 'queued' ? Math.min(elapsed, RENDER_JOB_START_MILLISECONDS) : elapsed;
  return Math.min(MOST_LEFT[video.state] ?? Number.POSITIVE_INFINITY, expectedTotal(video) - counted);
}

function progressOf(video: RenderView, now: number, left: number): number {
  const { state, times } = video;
  const least = LEAST_PROGRESS[state] ?? 0;
  if (least === 1) return 1;
  const waited = Math.max(0, now - times.queued);
  const elapsed = state === 'queued' ? Math.min(waited, RENDER_JOB_START_MILLISECONDS) : waited;
  const part = elapsed + left > 0 ? elapsed / (elapsed + left) : 1;
  return Math.max(least, Math.min(MOST_PROGRESS, slowed(part)));
}

/** As it is up to {@link CERTAIN_PROGRESS}; from there it nears 1, and never gets there. */
function slowed(part: number): number {
  if (part <= CERTAIN_PROGRESS) return part;
  const rest = 1 - CERTAIN_PROGRESS;
  return 1 - rest * Math.exp((CERTAIN_PROGRESS - part) / rest);
}

function patienceOf(video: RenderView, now: number, left: number): string | null {
  if (video.state === 'queued') {
    if (video.run || now - video.times.queued < QUEUED_PATIENCE) return null;
    return 'No machine is free yet. It begins by itself: you can close this, and come back.';
  }
  if (-left < Math.max(OVERRUN_LEAST, expectedTotal(video) * OVERRUN_PART)) return null;
  return 'This takes longer than expected. After two hours it ends by itself.';
}

function reuseOf({ chunks, toRender }: RenderView): string | null {
  if (chunks === null || toRender === null || toRender >= chunks) return null;
  return `${chunks - toRender} of ${chunks} pieces are kept from before.`;
}

function announce({ version, state, request }: RenderView, headline: string): string {
  const name = `The ${FORMAT_NAMES[request.format]} of version ${version}`;
  switch (state) {
    case 'ready':
      return `${name} is ready.`;
    case 'failed':
      return `${name} was not made: ${headline}.`;
    case 'cancelled':
      return `${name} was cancelled.`;
    default:
      return `${name}: ${STEP_LABELS[state]}.`;
  }
}

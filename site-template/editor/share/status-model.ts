/** A publish as the sheet shows it: a pure function of what the control plane says, and the time. */
import { isPublishOver, type PublishState } from './contract.ts';
import type { PublishLine, PublishView, ReportedWarning, StageTimings } from './control-plane.ts';
import { type Problem, problemOf } from './problems.ts';
import { type Step, stepsOf } from './steps.ts';

export const STEPS = ['queued', 'dispatched', 'bundling', 'uploading', 'published'] as const;
export type StepState = (typeof STEPS)[number];

export interface Stage {
  label: string;
  milliseconds: number;
}

export interface WarningLine extends ReportedWarning {
  headline: string;
}

export interface ShareStatus {
  phase: 'active' | 'published' | 'failed' | 'cancelled';
  state: PublishState;
  version: number;
  steps: readonly Step<StepState>[];
  /** What happens, or has happened, in a few words. */
  headline: string;
  /** Something to know while it takes longer than it should. */
  patience: string | null;
  /** Share of the steps that are done, 0 to 1. */
  progress: number;
  /** From the request until now, or until it was over. */
  elapsedMilliseconds: number;
  problem: Problem | null;
  mayCancel: boolean;
  /** The same version again. After a mistake in the project a new version is what helps: see `problem.remedy`. */
  mayRetry: boolean;
  warnings: readonly WarningLine[];
  /** What the run measured. */
  stages: readonly Stage[];
  /** One sentence for the live region. */
  announcement: string;
}

export const STEP_LABELS: Readonly<Record<StepState, string>> = {
  queued: 'Queued',
  dispatched: 'Dispatched',
  bundling: 'Bundling',
  uploading: 'Uploading',
  published: 'Published',
};

const HEADLINES: Readonly<Record<PublishState, string>> = {
  queued: 'Handing the version to GitHub',
  dispatched: 'GitHub is starting the run',
  bundling: 'Compiling the project',
  uploading: 'Storing the page',
  published: 'The link is live',
  failed: 'It did not work',
  cancelled: 'Cancelled',
};

const SECOND = 1000;
/** How long a state may last before something is said about it, in milliseconds, and what. */
const PATIENCE: Readonly<Partial<Record<PublishState, { after: number; words: string }>>> = {
  queued: { after: 10 * SECOND, words: 'GitHub is slow to take the work. It is asked again for up to 15 minutes.' },
  dispatched: {
    after: 30 * SECOND,
    words: 'Waiting for a free runner. A run that does not start is asked for again after 3 minutes.',
  },
  bundling: { after: 20 * SECOND, words: 'This is a large project. Compiling may take up to 30 seconds.' },
  uploading: { after: 20 * SECOND, words: 'There is much to store. A publish may take up to a minute.' },
};

const WARNINGS: Readonly<Record<string, string>> = {
  JAVASCRIPT_LARGE: 'Much JavaScript',
  NO_POSTER: 'No poster',
  LINK_SKIPPED: 'Left out',
  SOURCE_WARNING: 'Doubtful code',
};

/** @param now milliseconds since 1970, by the control plane's clock */
export function statusOf(publish: PublishView | PublishLine, now: number): ShareStatus {
  const { state, version, times } = publish;
  const isOver = isPublishOver(state);
  const end = isOver ? (times.ended ?? latestTime(publish)) : Math.max(now, latestTime(publish));
  const at = lastStep(publish);
  const problem = state === 'failed' ? problemOf(publish.error ?? { code: 'INTERNAL', message: '' }) : null;
  const started = startOf(publish, STEPS[at] ?? 'queued') ?? times.queued;
  const phase = isOver ? (state as 'published' | 'failed' | 'cancelled') : 'active';
  const headline =
    problem?.headline ?? (state === 'dispatched' && publish.run ? 'The run has begun' : HEADLINES[state]);
  return {
    phase,
    state,
    version,
    steps: stepsOf({
      ...{ states: STEPS, labels: STEP_LABELS, at, end },
      startOf: (step) => startOf(publish, step),
      phase: phase === 'published' ? 'done' : phase,
    }),
    headline,
    patience: isOver ? null : patienceOf(state, end - started),
    progress: at / (STEPS.length - 1),
    elapsedMilliseconds: Math.max(0, end - times.queued),
    problem,
    mayCancel: !isOver,
    mayRetry: state === 'failed' || state === 'cancelled',
    warnings: 'warnings' in publish ? publish.warnings.map(describeWarning) : [],
    stages: publish.timings ? stagesOf(publish.timings) : [],
    announcement: announce(version, state, headline),
  };
}

/** Index of the step that it has got to. What is over says by its times how far it came. */
function lastStep({ state, times, run }: PublishLine | PublishView): number {
  if (state !== 'failed' && state !== 'cancelled') return STEPS.indexOf(state);
  if (times.uploading !== undefined) return 3;
  if (times.bundling !== undefined) return 2;
  return times.dispatched !== undefined || run ? 1 : 0;
}

function startOf({ times, state }: PublishLine | PublishView, step: StepState): number | undefined {
  if (step === 'published') return state === 'published' ? times.ended : undefined;
  return times[step];
}

function patienceOf(state: PublishState, lasting: number): string | null {
  const patience = PATIENCE[state];
  return patience && lasting >= patience.after ? patience.words : null;
}

function describeWarning(warning: ReportedWarning): WarningLine {
  return { ...warning, headline: WARNINGS[warning.code] ?? 'To know' };
}

function stagesOf({ read, compile, compose, upload }: StageTimings): Stage[] {
  const stages = { Read: read, Compile: compile, Compose: compose, Upload: upload };
  return Object.entries(stages).flatMap(([label, milliseconds]) =>
    milliseconds === undefined ? [] : [{ label, milliseconds }],
  );
}

/** The newest time that the control plane has told, in milliseconds since 1970. */
export function latestTime({ times }: Pick<PublishLine, 'times'>): number {
  return Math.max(...Object.values(times));
}

function announce(version: number, state: PublishState, headline: string): string {
  switch (state) {
    case 'published':
      return `Version ${version} is published. The link is ready.`;
    case 'failed':
      return `Sharing version ${version} failed: ${headline}.`;
    case 'cancelled':
      return `Sharing version ${version} was cancelled.`;
    default:
      return `Version ${version}: ${STEP_LABELS[state]}.`;
  }
}

/** What happens to a render: pure decisions of (row, news, now). model/renders.ts carries them out. */
import { formatBytes, MAX_RENDER_LIFE_MILLISECONDS, MAX_VIDEO_BYTES } from '../../action/contract/limits.ts';
import type { RenderReport } from '../../action/contract/reports.ts';
import { canRenderMove, isRenderOver, type RenderState } from '../../action/contract/states.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';
import {
  type CancelDecision,
  decideClaim,
  decideSilence,
  decideWithoutFacts,
  type Exact,
  exact,
  failure,
  type JobChange,
  type JobRow,
  MINUTE,
  type Patience,
  type ReportDecision,
  type SentDecision,
  type SweepDecision,
  UNCLAIMED_MILLISECONDS,
} from './jobMachine.ts';
import type { RenderFacts, RenderTimes, Run } from './validators.ts';

/** A run that says nothing is looked at in these steps, in milliseconds: jobs that render have nothing to say. */
export const RENDER_LOOK_MILLISECONDS = 5 * MINUTE;
/** A render that no run has claimed by then fails, in milliseconds: somebody waits for it. */
export const MAX_RENDER_WAIT_MILLISECONDS = 30 * MINUTE;

const PATIENCE: Patience = {
  claim: MAX_RENDER_WAIT_MILLISECONDS,
  run: MAX_RENDER_LIFE_MILLISECONDS,
  life: MAX_RENDER_LIFE_MILLISECONDS,
  look: RENDER_LOOK_MILLISECONDS,
};

/** The video that was asked for: its size is known once it is made. */
export type WantedVideo = Omit<AttachedVideo, 'bytes'>;

/** The part of a row that decisions are made of. */
export interface RenderRow extends JobRow {
  state: RenderState;
  times: RenderTimes;
  /** Null only where a render failed before there was anything to make. */
  wanted: WantedVideo | null;
}

type Told<Kind extends RenderReport['kind']> = Exact<Extract<RenderReport, { kind: Kind }>>;

/** What changes in a row. `state` is the one it moves to. */
export interface RenderChange extends JobChange {
  state: RenderState;
  plan?: Pick<Told<'rendering'>, 'chunks' | 'toRender' | 'estimatedMilliseconds'>;
  video?: AttachedVideo;
  durationMilliseconds?: number;
  timings?: Told<'rendered'>['timings'];
}

/**
 * What a report changes. Jobs of one run report, of which GitHub may run the last ones again: a higher attempt of the run
 * that owns the render speaks for it, and an older one no longer does.
 * @param run from the verified token; `url` is where a person finds it
 * @param now milliseconds since 1970
 */
export function decideRenderReport(
  render: RenderRow,
  report: RenderReport,
  run: Run,
  now: number,
): ReportDecision<RenderChange> {
  if (isRenderOver(render.state)) return { kind: 'refused', reason: 'over' };
  const silentUntil = now + RENDER_LOOK_MILLISECONDS;
  if (report.kind === 'claimRender') {
    const decision = decideClaim(render, run);
    if (decision !== 'claim') return { kind: 'refused', reason: decision };
    return apply({ state: render.state, at: now, run, claimed: true, deadline: silentUntil });
  }
  const owner = render.run;
  if (!owner || owner.id !== run.id || owner.attempt > run.attempt) return { kind: 'refused', reason: 'notYours' };
  const changed = { at: now, ...(owner.attempt < run.attempt && { run }) };
  switch (report.kind) {
    case 'rendering': {
      if (!canRenderMove(render.state, 'rendering')) return { kind: 'refused', reason: 'late' };
      const { chunks, toRender, estimatedMilliseconds } = report;
      const plan = { chunks, toRender, estimatedMilliseconds };
      return apply({ ...changed, state: 'rendering', plan, deadline: silentUntil });
    }
    case 'renderMoved':
      if (!canRenderMove(render.state, report.state)) return { kind: 'refused', reason: 'late' };
      return apply({ ...changed, state: report.state, deadline: silentUntil });
    case 'rendered': {
      const { video, durationMilliseconds, timings } = exact(report);
      const problem = problemOf(video, render.wanted);
      if (problem !== null) return apply({ ...changed, ...failure('RENDER_OUTPUT_INVALID', problem, now) });
      return apply({ ...changed, state: 'ready', video, durationMilliseconds, timings });
    }
    case 'renderFailed': {
      const { code, message, diagnostics } = exact(report);
      return apply({ ...changed, state: 'failed', error: { code, message, diagnostics } });
    }
  }
}

function apply(change: RenderChange): { kind: 'apply'; change: RenderChange } {
  return { kind: 'apply', change };
}

/** Links will say what the video is: it must be what was asked for. */
function problemOf(video: AttachedVideo, wanted: WantedVideo | null): string | null {
  if (video.key !== wanted?.key || video.format !== wanted.format) {
    return 'The run made another video than the one that was asked for. Its release may differ from the control plane’s.';
  }
  if (video.width !== wanted.width || video.height !== wanted.height) {
    return `The video has ${video.width} × ${video.height} pixels instead of ${wanted.width} × ${wanted.height}.`;
  }
  if (video.bytes <= MAX_VIDEO_BYTES) return null;
  return `The video has ${formatBytes(video.bytes)}; the limit is ${formatBytes(MAX_VIDEO_BYTES)}.`;
}

/**
 * What becomes of a render that nobody has spoken for.
 * @param facts what GitHub and the store said; missing before they were asked
 * @param now milliseconds since 1970
 */
export function decideRenderSweep(render: RenderRow, now: number, facts?: RenderFacts): SweepDecision<RenderChange> {
  if (isRenderOver(render.state)) return { kind: 'over' };
  if (!facts) {
    const unknown = { kind: 'unknown' as const };
    const early = decideWithoutFacts(render, PATIENCE, now);
    return early ?? decideRenderSweep(render, now, { run: unknown, video: unknown });
  }
  const { run, video } = facts;
  if (video.kind === 'there' && render.wanted) {
    const found = 'run' in run ? { run: run.run } : {};
    const attached = { ...render.wanted, bytes: video.bytes };
    return { kind: 'adopt', change: { state: 'ready', at: now, video: attached, ...found } };
  }
  const job = { ...render, isSent: render.dispatches > 0 };
  const silence = decideSilence(job, { run, isStoreSilent: video.kind === 'unknown' }, PATIENCE, now);
  switch (silence.kind) {
    case 'wait':
      return silence;
    case 'redispatch':
      return {
        kind: 'redispatch',
        change: { state: render.state, at: now, deadline: now + UNCLAIMED_MILLISECONDS },
      };
    case 'fail': {
      const { code, message, cancelRun } = silence;
      return { kind: 'fail', change: failure(code, message, now), cancelRun };
    }
  }
}

/** GitHub accepted a dispatch: no state of its own. A run may have claimed already: then only the count goes up. */
export function decideRenderSent(render: RenderRow, now: number): SentDecision<RenderChange> {
  if (isRenderOver(render.state)) return { kind: 'over' };
  const change = { state: render.state, at: now, dispatched: true as const };
  return { kind: 'apply', change: render.run ? change : { ...change, deadline: now + UNCLAIMED_MILLISECONDS } };
}

/** Cancelling twice is cancelling once; what is ready or failed stays so. */
export function decideRenderCancel({ state }: Pick<RenderRow, 'state'>, now: number): CancelDecision<RenderChange> {
  if (state === 'cancelled') return { kind: 'already' };
  return isRenderOver(state) ? { kind: 'tooLate' } : { kind: 'apply', change: { state: 'cancelled', at: now } };
}

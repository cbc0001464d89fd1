/** What happens to a publish: pure decisions of (row, news, now). model/publishes.ts carries them out. */
import type { ErrorCode } from '../../action/contract/errors.ts';
import type { Report, ReportRefusal } from '../../action/contract/reports.ts';
import { canPublishMove, isPublishOver, type PublishState } from '../../action/contract/states.ts';
import type { Facts, PublishError, PublishResult, PublishTimes, Run, RunIdentity } from './validators.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A publish that GitHub did not take within this time fails, in milliseconds. */
export const QUEUED_MILLISECONDS = 15 * MINUTE;
/** A dispatch without a claim is looked into after this time, in milliseconds. */
export const UNCLAIMED_MILLISECONDS = 3 * MINUTE;
/** A run that says nothing is looked into after this time, in milliseconds: more than a whole publish may take. */
export const SILENT_MILLISECONDS = 2 * MINUTE;
/** Facts that could not be had, or that may still change, are asked for again after this time, in milliseconds. */
export const ASK_AGAIN_MILLISECONDS = MINUTE;
/** A run that holds a publish longer than this has failed, whatever it says, in milliseconds. */
export const MAX_RUN_MILLISECONDS = 10 * MINUTE;
/** Every publish ends by then, even if nobody answers, in milliseconds. The sweep adds its own minute. */
export const MAX_LIFE_MILLISECONDS = 60 * MINUTE;
/** After its life, a publish waits so long for whoever was sent to ask, in milliseconds: then it ends without facts. */
export const LAST_WORD_MILLISECONDS = 5 * MINUTE;
/** Dispatches of one publish that GitHub accepted; each may make a run, and only one run is let in. */
export const MAX_DISPATCHES = 3;

/** The part of a row that decisions are made of. */
export interface PublishRow {
  state: PublishState;
  times: PublishTimes;
  dispatches: number;
  run?: Run | undefined;
  deadline?: number | undefined;
  /** Snapshot hash of the version: an artifact of anything else is not ours. */
  snapshotHash: string;
}

/** What changes in a row. `state` is the one it moves to. */
export interface PublishChange {
  state: PublishState;
  at: number;
  deadline?: number;
  run?: Run;
  claimed?: true;
  dispatched?: true;
  error?: PublishError;
  result?: PublishResult;
  timings?: Exact<Extract<Report, { kind: 'published' }>['timings']>;
  warnings?: Exact<Extract<Report, { kind: 'published' }>['warnings']>;
}

/** A report came as JSON: what is optional is there or missing, never there and undefined. */
type Exact<T> = T extends (infer Item)[]
  ? Exact<Item>[]
  : T extends object
    ? { [Key in keyof T]: Exact<Exclude<T[Key], undefined>> }
    : T;

function exact<T>(value: T): Exact<T> {
  return value as Exact<T>;
}

export type ReportDecision = { kind: 'apply'; change: PublishChange } | { kind: 'refused'; reason: ReportRefusal };

/**
 * What a report changes.
 * @param run from the verified token; `url` is where a person finds it
 * @param now milliseconds since 1970
 */
export function decideReport(publish: PublishRow, report: Report, run: Run, now: number): ReportDecision {
  if (isPublishOver(publish.state)) return { kind: 'refused', reason: 'over' };
  if (report.kind === 'claim') return decideClaim(publish, run, now);
  if (!isOwner(publish, run)) return { kind: 'refused', reason: 'notYours' };
  switch (report.kind) {
    case 'progress':
      if (!canPublishMove(publish.state, report.state)) return { kind: 'refused', reason: 'late' };
      return apply({ state: report.state, at: now, deadline: now + SILENT_MILLISECONDS });
    case 'published': {
      const { kind: _, publish: __, timings, warnings, ...result } = exact(report);
      return apply({ state: 'published', at: now, result, timings, warnings });
    }
    case 'failed': {
      const { code, message, diagnostics, timings } = exact(report);
      return apply({ state: 'failed', at: now, error: { code, message, diagnostics }, ...(timings && { timings }) });
    }
  }
}

function decideClaim(publish: PublishRow, run: Run, now: number): ReportDecision {
  const owner = publish.run;
  if (owner && (owner.id !== run.id || owner.attempt > run.attempt)) return { kind: 'refused', reason: 'notYours' };
  // The answer to its first claim was lost: it owns the publish, and may go on.
  if (owner && owner.attempt === run.attempt) return { kind: 'refused', reason: 'late' };
  const state = publish.state === 'queued' ? 'dispatched' : publish.state;
  return apply({ state, at: now, run, claimed: true, deadline: now + SILENT_MILLISECONDS });
}

function isOwner({ run }: PublishRow, { id, attempt }: RunIdentity): boolean {
  return run !== undefined && run.id === id && run.attempt === attempt;
}

function apply(change: PublishChange): { kind: 'apply'; change: PublishChange } {
  return { kind: 'apply', change };
}

export type SweepDecision =
  | { kind: 'over' }
  /** Look again at `until`. */
  | { kind: 'wait'; until: number }
  /** Ask GitHub and the store, and decide again. */
  | { kind: 'askFacts' }
  /** Send the dispatch once more. */
  | { kind: 'redispatch'; change: PublishChange }
  /** The artifact is there, whole: only the report was lost. */
  | { kind: 'adopt'; change: PublishChange }
  /** `cancelRun`: a run may still be under way. */
  | { kind: 'fail'; change: PublishChange; cancelRun: boolean };

/**
 * What becomes of a publish that nobody has spoken for.
 * @param facts what GitHub and the store said; missing before they were asked
 * @param now milliseconds since 1970
 */
export function decideSweep(publish: PublishRow, now: number, facts?: Facts): SweepDecision {
  if (isPublishOver(publish.state)) return { kind: 'over' };
  if (!facts) return decideWithoutFacts(publish, now);
  const { artifact } = facts;
  if (artifact.kind === 'complete') {
    if (artifact.snapshot === publish.snapshotHash) return adopt(facts, now);
    return fail('ARTIFACT_CONFLICT', 'This version exists in the store with other content.', now, true);
  }
  const isLast = now >= publish.times.queued + MAX_LIFE_MILLISECONDS;
  const run = relevantRun(publish, facts);
  // A run that ended may have committed the artifact: nothing is failed before the store has said that it is not there.
  if (artifact.kind === 'unknown' && !isLast) return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  if (publish.run) return decideClaimed(publish, run, now, isLast);
  return publish.state === 'queued'
    ? decideQueued(publish, run, now, isLast)
    : decideUnclaimed(publish, run, now, isLast);
}

function decideWithoutFacts(publish: PublishRow, now: number): SweepDecision {
  const deadline = publish.deadline ?? now;
  if (now < deadline) return { kind: 'wait', until: deadline };
  const isPatient = now < publish.times.queued + MAX_LIFE_MILLISECONDS + LAST_WORD_MILLISECONDS;
  if (isPatient) return { kind: 'askFacts' };
  // Nobody who was sent to ask has come back.
  return decideSweep(publish, now, { run: { kind: 'unknown' }, artifact: { kind: 'unknown' } });
}

/** News of an older attempt, or of another run than the one that owns the publish, are no news. */
function relevantRun({ run: owner }: PublishRow, { run }: Facts): Facts['run'] {
  if (!owner || !('run' in run)) return run;
  return run.run.id === owner.id && run.run.attempt >= owner.attempt ? run : { kind: 'unknown' };
}

function decideClaimed(publish: PublishRow, run: Facts['run'], now: number, isLast: boolean): SweepDecision {
  const runUntil = (publish.times.claimed ?? publish.times.queued) + MAX_RUN_MILLISECONDS;
  switch (run.kind) {
    case 'completed':
      return fail('RUN_LOST', describeEnd(run.conclusion), now, false);
    case 'none':
      return fail('RUN_LOST', 'GitHub no longer knows the run.', now, false);
    case 'active':
      if (now >= runUntil || isLast) return fail('RUN_TIMEOUT', tookTooLong(), now, true);
      return { kind: 'wait', until: laterOf(publish, now) };
    case 'unknown':
      if (isLast) return fail('RUN_LOST', 'The run fell silent, and GitHub could not be asked.', now, true);
      return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  }
}

function decideQueued(publish: PublishRow, run: Facts['run'], now: number, isLast: boolean): SweepDecision {
  const message = 'GitHub did not take the work.';
  switch (run.kind) {
    case 'active':
      // The dispatch went out and its answer was lost. The run will claim.
      if (isLast) return fail('RUN_NOT_STARTED', 'The run waited too long at GitHub.', now, true);
      return { kind: 'wait', until: laterOf(publish, now) };
    case 'completed':
      return fail('RUN_LOST', describeEnd(run.conclusion), now, false);
    case 'none':
    case 'unknown':
      if (isLast || now >= publish.times.queued + QUEUED_MILLISECONDS) {
        return fail('DISPATCH_UNAVAILABLE', message, now, true);
      }
      return { kind: 'wait', until: laterOf(publish, now) };
  }
}

function decideUnclaimed(publish: PublishRow, run: Facts['run'], now: number, isLast: boolean): SweepDecision {
  const mayTryAgain = publish.dispatches < MAX_DISPATCHES && !isLast;
  const isDue = now >= (publish.times.sent ?? publish.times.queued) + UNCLAIMED_MILLISECONDS;
  switch (run.kind) {
    case 'active':
      if (isLast) return fail('RUN_NOT_STARTED', 'The run waited too long at GitHub.', now, true);
      return { kind: 'wait', until: laterOf(publish, now) };
    case 'completed':
      // Somebody, or a newer run of the thread, called it off: that is an answer.
      if (run.conclusion === 'cancelled' || !mayTryAgain) {
        return fail('RUN_LOST', describeEnd(run.conclusion), now, false);
      }
      return redispatch(publish, now);
    case 'none':
      // GitHub lists a run some seconds after it took the dispatch: absence counts only once the time is up.
      if (!isDue) return { kind: 'wait', until: laterOf(publish, now) };
      return mayTryAgain
        ? redispatch(publish, now)
        : fail('RUN_NOT_STARTED', 'GitHub took the work but never began it.', now, true);
    case 'unknown':
      if (isLast) return fail('RUN_NOT_STARTED', 'Nothing was heard of the run.', now, true);
      return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  }
}

function laterOf({ deadline }: PublishRow, now: number): number {
  return Math.max(deadline ?? 0, now + ASK_AGAIN_MILLISECONDS);
}

function adopt({ artifact, run }: Facts, now: number): SweepDecision {
  if (artifact.kind !== 'complete') throw new TypeError('there is nothing to adopt');
  const { artifactHash, files, bytes, javascriptBytes } = artifact;
  const result = {
    artifactHash,
    files,
    bytes,
    javascriptBytes,
    uploaded: 0,
    skipped: 0,
    uploadedBytes: 0,
    deduplicated: false,
  };
  const found = 'run' in run ? { run: run.run } : {};
  return { kind: 'adopt', change: { state: 'published', at: now, result, ...found } };
}

/** Back to the end of the queue of GitHub, not of ours: the state stays. */
function redispatch({ state }: PublishRow, now: number): SweepDecision {
  return { kind: 'redispatch', change: { state, at: now, deadline: now + UNCLAIMED_MILLISECONDS } };
}

function fail(code: ErrorCode, message: string, now: number, cancelRun: boolean): SweepDecision {
  return { kind: 'fail', change: failure(code, message, now), cancelRun };
}

/** The change that fails a publish for a reason of ours. */
export function failure(code: ErrorCode, message: string, now: number): PublishChange {
  return { state: 'failed', at: now, error: { code, message, diagnostics: [] } };
}

function describeEnd(conclusion: string): string {
  const known: Readonly<Record<string, string>> = {
    cancelled: 'The run was cancelled at GitHub.',
    timed_out: 'The run was ended by GitHub because it took too long.',
    startup_failure: 'GitHub could not start the workflow.',
    action_required: 'GitHub waits for somebody to approve the workflow.',
  };
  return known[conclusion] ?? 'The run ended without a report.';
}

function tookTooLong(): string {
  return `The run took more than ${MAX_RUN_MILLISECONDS / MINUTE} minutes.`;
}

export type SentDecision = { kind: 'apply'; change: PublishChange } | { kind: 'over' };

/** GitHub accepted a dispatch. A run may have claimed already: then only the count goes up. */
export function decideSent(publish: PublishRow, now: number): SentDecision {
  if (isPublishOver(publish.state)) return { kind: 'over' };
  const state = publish.state === 'queued' ? 'dispatched' : publish.state;
  const change = { state, at: now, dispatched: true as const };
  if (publish.run) return { kind: 'apply', change };
  return { kind: 'apply', change: { ...change, deadline: now + UNCLAIMED_MILLISECONDS } };
}

export type CancelDecision = { kind: 'apply'; change: PublishChange } | { kind: 'already' } | { kind: 'tooLate' };

/** Cancelling twice is cancelling once; what was published or failed stays so. */
export function decideCancel({ state }: Pick<PublishRow, 'state'>, now: number): CancelDecision {
  if (state === 'cancelled') return { kind: 'already' };
  return isPublishOver(state) ? { kind: 'tooLate' } : { kind: 'apply', change: { state: 'cancelled', at: now } };
}

/** Only what failed or was cancelled is tried again, as a new publish. */
export function decideRetry({ state }: Pick<PublishRow, 'state'>): { kind: 'apply' } | { kind: 'notOver' } {
  return state === 'failed' || state === 'cancelled' ? { kind: 'apply' } : { kind: 'notOver' };
}

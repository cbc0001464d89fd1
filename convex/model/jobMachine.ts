/**
 * What is decided alike for every job that a run at GitHub does, be it a publish or a render: which run owns it, and what
 * becomes of it when nobody speaks for it. Pure.
 */
import type { ErrorCode } from '../../action/contract/errors.ts';
import type { ReportRefusal } from '../../action/contract/reports.ts';
import type { JobError, Run, RunFact, RunIdentity } from './validators.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** A job that GitHub did not take within this time fails, in milliseconds. */
export const QUEUED_MILLISECONDS = 15 * MINUTE;
/** A dispatch without a claim is looked into after this time, in milliseconds. */
export const UNCLAIMED_MILLISECONDS = 3 * MINUTE;
/** Facts that could not be had are asked for again after this time, in milliseconds. */
export const ASK_AGAIN_MILLISECONDS = MINUTE;
/** After its life, a job waits so long for whoever was sent to ask, in milliseconds: then it ends without facts. */
export const LAST_WORD_MILLISECONDS = 5 * MINUTE;
/** Dispatches of one job that GitHub accepted; each may make a run, and only one run is let in. */
export const MAX_DISPATCHES = 3;

/** The part of a job's row that is the same for all. */
export interface JobRow {
  /** Milliseconds since 1970. `sent`: GitHub accepted the newest dispatch. */
  times: { queued: number; sent?: number; claimed?: number };
  dispatches: number;
  run?: Run | undefined;
  deadline?: number | undefined;
}

/** How long a kind of job is waited for, in milliseconds. */
export interface Patience {
  /** From the request: for a run to claim. */
  claim: number;
  /** From the claim: for its run to end. */
  run: number;
  /** From the request: for everything. The sweep adds its own minute. */
  life: number;
  /** Between two looks at a run that goes on. */
  look: number;
}

/** What a change of any job's row says. */
export interface JobChange {
  at: number;
  deadline?: number;
  run?: Run;
  claimed?: true;
  dispatched?: true;
  error?: JobError;
}

/** A report came as JSON: what is optional is there or missing, never there and undefined. */
export type Exact<T> = T extends (infer Item)[]
  ? Exact<Item>[]
  : T extends object
    ? { [Key in keyof T]: Exact<Exclude<T[Key], undefined>> }
    : T;

export function exact<T>(value: T): Exact<T> {
  return value as Exact<T>;
}

export type ReportDecision<Change> = { kind: 'apply'; change: Change } | { kind: 'refused'; reason: ReportRefusal };

export type SweepDecision<Change> =
  | { kind: 'over' }
  /** Look again at `until`. */
  | { kind: 'wait'; until: number }
  /** Ask GitHub and the store, and decide again. */
  | { kind: 'askFacts' }
  /** Send the dispatch once more. */
  | { kind: 'redispatch'; change: Change }
  /** What was to be made is there: only the report was lost. */
  | { kind: 'adopt'; change: Change }
  /** `cancelRun`: a run may still be under way. */
  | { kind: 'fail'; change: Change; cancelRun: boolean };

export type SentDecision<Change> = { kind: 'apply'; change: Change } | { kind: 'over' };
export type CancelDecision<Change> = { kind: 'apply'; change: Change } | { kind: 'already' } | { kind: 'tooLate' };

/** Whether a run may have a job: the first that comes, then only higher attempts of the same. */
export function decideClaim(
  { run: owner }: JobRow,
  run: RunIdentity,
): 'claim' | Extract<ReportRefusal, 'notYours' | 'late'> {
  if (!owner) return 'claim';
  if (owner.id !== run.id || owner.attempt > run.attempt) return 'notYours';
  // The answer to its first claim was lost: it owns the job, and may go on.
  return owner.attempt === run.attempt ? 'late' : 'claim';
}

/** What becomes of a job whose product is not there, as far as anybody knows. */
export type Silence =
  | { kind: 'wait'; until: number }
  | { kind: 'redispatch' }
  | { kind: 'fail'; code: ErrorCode; message: string; cancelRun: boolean };

/**
 * Before anybody was asked: whether to wait, or to ask. Null: nobody who was sent to ask has come back, decide with
 * nothing known.
 */
export function decideWithoutFacts(
  job: JobRow,
  patience: Patience,
  now: number,
): { kind: 'wait'; until: number } | { kind: 'askFacts' } | null {
  const deadline = job.deadline ?? now;
  if (now < deadline) return { kind: 'wait', until: deadline };
  return now < job.times.queued + patience.life + LAST_WORD_MILLISECONDS ? { kind: 'askFacts' } : null;
}

/**
 * What becomes of a job that nobody has spoken for.
 * @param told.run what GitHub says
 * @param told.isStoreSilent whether the store could not say if the product is there
 * @param job.isSent whether GitHub accepted a dispatch
 */
export function decideSilence(
  job: JobRow & { isSent: boolean },
  told: { run: RunFact; isStoreSilent: boolean },
  patience: Patience,
  now: number,
): Silence {
  const isLast = now >= job.times.queued + patience.life;
  const run = relevantRun(job, told.run);
  // A run that ended may have made the product: nothing is failed before the store has said that it is not there.
  if (told.isStoreSilent && !isLast) return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  if (job.run) return decideClaimed(job, run, patience, now);
  const mayClaim = !isLast && now < job.times.queued + patience.claim;
  return job.isSent ? decideUnclaimed(job, run, mayClaim, now) : decideQueued(job, run, mayClaim, now);
}

/** News of an older attempt, or of another run than the one that owns the job, are no news. */
function relevantRun({ run: owner }: JobRow, run: RunFact): RunFact {
  if (!owner || !('run' in run)) return run;
  return run.run.id === owner.id && run.run.attempt >= owner.attempt ? run : { kind: 'unknown' };
}

function decideClaimed(job: JobRow, run: RunFact, patience: Patience, now: number): Silence {
  const isLast = now >= job.times.queued + patience.life;
  const runUntil = (job.times.claimed ?? job.times.queued) + patience.run;
  switch (run.kind) {
    case 'completed':
      return fail('RUN_LOST', describeEnd(run.conclusion), false);
    case 'none':
      return fail('RUN_LOST', 'GitHub no longer knows the run.', false);
    case 'active':
      if (now >= runUntil || isLast) {
        return fail('RUN_TIMEOUT', `The run took more than ${patience.run / MINUTE} minutes.`, true);
      }
      return { kind: 'wait', until: Math.max(job.deadline ?? 0, now + patience.look) };
    case 'unknown':
      if (isLast) return fail('RUN_LOST', 'The run fell silent, and GitHub could not be asked.', true);
      return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  }
}

function decideQueued(job: JobRow, run: RunFact, mayClaim: boolean, now: number): Silence {
  switch (run.kind) {
    case 'active':
      // The dispatch went out and its answer was lost. The run will claim.
      return mayClaim ? waitLater(job, now) : waitedTooLong();
    case 'completed':
      return fail('RUN_LOST', describeEnd(run.conclusion), false);
    case 'none':
    case 'unknown':
      if (!mayClaim || now >= job.times.queued + QUEUED_MILLISECONDS) {
        return fail('DISPATCH_UNAVAILABLE', 'GitHub did not take the work.', true);
      }
      return waitLater(job, now);
  }
}

function decideUnclaimed(job: JobRow, run: RunFact, mayClaim: boolean, now: number): Silence {
  const mayTryAgain = job.dispatches < MAX_DISPATCHES && mayClaim;
  const isDue = now >= (job.times.sent ?? job.times.queued) + UNCLAIMED_MILLISECONDS;
  switch (run.kind) {
    case 'active':
      return mayClaim ? waitLater(job, now) : waitedTooLong();
    case 'completed':
      // Somebody, or a newer run of the thread, called it off: that is an answer.
      if (run.conclusion === 'cancelled' || !mayTryAgain) return fail('RUN_LOST', describeEnd(run.conclusion), false);
      return { kind: 'redispatch' };
    case 'none':
      // GitHub lists a run some seconds after it took the dispatch: absence counts only once the time is up.
      if (!isDue) return waitLater(job, now);
      return mayTryAgain
        ? { kind: 'redispatch' }
        : fail('RUN_NOT_STARTED', 'GitHub took the work but never began it.', true);
    case 'unknown':
      if (!mayClaim) return fail('RUN_NOT_STARTED', 'Nothing was heard of the run.', true);
      return { kind: 'wait', until: now + ASK_AGAIN_MILLISECONDS };
  }
}

function waitLater({ deadline }: JobRow, now: number): Silence {
  return { kind: 'wait', until: Math.max(deadline ?? 0, now + ASK_AGAIN_MILLISECONDS) };
}

function waitedTooLong(): Silence {
  return fail('RUN_NOT_STARTED', 'The run waited too long at GitHub.', true);
}

function fail(code: ErrorCode, message: string, cancelRun: boolean): Silence {
  return { kind: 'fail', code, message, cancelRun };
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

/** The change that fails a job for a reason of ours. */
export function failure(code: ErrorCode, message: string, now: number) {
  return { state: 'failed' as const, at: now, error: { code, message, diagnostics: [] } };
}

/** Only what failed or was cancelled is tried again, as a new job. */
export function decideRetry({ state }: { state: string }): { kind: 'apply' } | { kind: 'notOver' } {
  return state === 'failed' || state === 'cancelled' ? { kind: 'apply' } : { kind: 'notOver' };
}

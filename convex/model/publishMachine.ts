/** What happens to a publish: pure decisions of (row, news, now). model/publishes.ts carries them out. */
import type { Report } from '../../action/contract/reports.ts';
import { canPublishMove, isPublishOver, type PublishState } from '../../action/contract/states.ts';
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
import type { Facts, PublishResult, PublishTimes, Run, RunIdentity } from './validators.ts';

/** A run that says nothing is looked into after this time, in milliseconds: more than a whole publish may take. */
export const SILENT_MILLISECONDS = 2 * MINUTE;
/** A run that holds a publish longer than this has failed, whatever it says, in milliseconds. */
export const MAX_RUN_MILLISECONDS = 10 * MINUTE;
/** Every publish ends by then, even if nobody answers, in milliseconds. The sweep adds its own minute. */
export const MAX_LIFE_MILLISECONDS = 60 * MINUTE;

const PATIENCE: Patience = {
  claim: MAX_LIFE_MILLISECONDS,
  run: MAX_RUN_MILLISECONDS,
  life: MAX_LIFE_MILLISECONDS,
  look: MINUTE,
};

/** The part of a row that decisions are made of. */
export interface PublishRow extends JobRow {
  state: PublishState;
  times: PublishTimes;
  /** Snapshot hash of the version: an artifact of anything else is not ours. */
  snapshotHash: string;
}

/** What changes in a row. `state` is the one it moves to. */
export interface PublishChange extends JobChange {
  state: PublishState;
  result?: PublishResult;
  timings?: Exact<Extract<Report, { kind: 'published' }>['timings']>;
  warnings?: Exact<Extract<Report, { kind: 'published' }>['warnings']>;
}

/**
 * What a report changes.
 * @param run from the verified token; `url` is where a person finds it
 * @param now milliseconds since 1970
 */
export function decideReport(
  publish: PublishRow,
  report: Report,
  run: Run,
  now: number,
): ReportDecision<PublishChange> {
  if (isPublishOver(publish.state)) return { kind: 'refused', reason: 'over' };
  if (report.kind === 'claim') return claim(publish, run, now);
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

function claim(publish: PublishRow, run: Run, now: number): ReportDecision<PublishChange> {
  const decision = decideClaim(publish, run);
  if (decision !== 'claim') return { kind: 'refused', reason: decision };
  const state = publish.state === 'queued' ? 'dispatched' : publish.state;
  return apply({ state, at: now, run, claimed: true, deadline: now + SILENT_MILLISECONDS });
}

function isOwner({ run }: PublishRow, { id, attempt }: RunIdentity): boolean {
  return run !== undefined && run.id === id && run.attempt === attempt;
}

function apply(change: PublishChange): { kind: 'apply'; change: PublishChange } {
  return { kind: 'apply', change };
}

/**
 * What becomes of a publish that nobody has spoken for.
 * @param facts what GitHub and the store said; missing before they were asked
 * @param now milliseconds since 1970
 */
export function decideSweep(publish: PublishRow, now: number, facts?: Facts): SweepDecision<PublishChange> {
  if (isPublishOver(publish.state)) return { kind: 'over' };
  if (!facts) {
    const unknown = { kind: 'unknown' as const };
    return decideWithoutFacts(publish, PATIENCE, now) ?? decideSweep(publish, now, { run: unknown, artifact: unknown });
  }
  const { artifact, run } = facts;
  if (artifact.kind === 'complete') {
    if (artifact.snapshot === publish.snapshotHash) return adopt(facts, now);
    const message = 'This version exists in the store with other content.';
    return { kind: 'fail', change: failure('ARTIFACT_CONFLICT', message, now), cancelRun: true };
  }
  const job = { ...publish, isSent: publish.state !== 'queued' };
  const silence = decideSilence(job, { run, isStoreSilent: artifact.kind === 'unknown' }, PATIENCE, now);
  switch (silence.kind) {
    case 'wait':
      return silence;
    case 'redispatch':
      // Back to the end of the queue of GitHub, not of ours: the state stays.
      return {
        kind: 'redispatch',
        change: { state: publish.state, at: now, deadline: now + UNCLAIMED_MILLISECONDS },
      };
    case 'fail': {
      const { code, message, cancelRun } = silence;
      return { kind: 'fail', change: failure(code, message, now), cancelRun };
    }
  }
}

function adopt({ artifact, run }: Facts, now: number): SweepDecision<PublishChange> {
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

/** GitHub accepted a dispatch. A run may have claimed already: then only the count goes up. */
export function decideSent(publish: PublishRow, now: number): SentDecision<PublishChange> {
  if (isPublishOver(publish.state)) return { kind: 'over' };
  const state = publish.state === 'queued' ? 'dispatched' : publish.state;
  const change = { state, at: now, dispatched: true as const };
  if (publish.run) return { kind: 'apply', change };
  return { kind: 'apply', change: { ...change, deadline: now + UNCLAIMED_MILLISECONDS } };
}

/** Cancelling twice is cancelling once; what was published or failed stays so. */
export function decideCancel({ state }: Pick<PublishRow, 'state'>, now: number): CancelDecision<PublishChange> {
  if (state === 'cancelled') return { kind: 'already' };
  return isPublishOver(state) ? { kind: 'tooLate' } : { kind: 'apply', change: { state: 'cancelled', at: now } };
}

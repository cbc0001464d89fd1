import { describe, expect, it } from 'vitest';
import type { Report } from '../../action/contract/reports.ts';
import { canPublishMove, isPublishOver, PUBLISH_STATES, type PublishState } from '../../action/contract/states.ts';
import {
  ASK_AGAIN_MILLISECONDS,
  decideRetry,
  MAX_DISPATCHES,
  QUEUED_MILLISECONDS,
  UNCLAIMED_MILLISECONDS,
} from '../../convex/model/jobMachine.ts';
import {
  decideCancel,
  decideReport,
  decideSent,
  decideSweep,
  MAX_LIFE_MILLISECONDS,
  MAX_RUN_MILLISECONDS,
  type PublishRow,
  SILENT_MILLISECONDS,
} from '../../convex/model/publishMachine.ts';
import type { Facts } from '../../convex/model/validators.ts';
import { HASH, publishedReport, runOf } from './deployment.ts';

const START = 1_000_000;
const NOW = START + 5000;
const ACTIVE = PUBLISH_STATES.filter((state) => !isPublishOver(state));
const OVER = PUBLISH_STATES.filter(isPublishOver);
const RUN = runOf('1001', 2);

function row(state: PublishState, changes: Partial<PublishRow> = {}): PublishRow {
  const isClaimed = state === 'bundling' || state === 'uploading';
  return {
    state,
    times: { queued: START, ...(isClaimed && { claimed: START + 1000 }) },
    dispatches: state === 'queued' ? 0 : 1,
    run: isClaimed ? RUN : undefined,
    deadline: isPublishOver(state) ? undefined : NOW + 1000,
    snapshotHash: HASH,
    ...changes,
  };
}

const claim: Report = { kind: 'claim', publish: 'p' };
const progress = (state: 'bundling' | 'uploading'): Report => ({ kind: 'progress', publish: 'p', state });
const published = publishedReport('p');
const failed: Report = { kind: 'failed', publish: 'p', code: 'SYNTAX_ERROR', message: 'm', diagnostics: [] };
const REPORTS: Report[] = [claim, progress('bundling'), progress('uploading'), published, failed];

describe('decideReport', () => {
  it.each(OVER)('%s absorbs every report of every run', (state) => {
    for (const report of REPORTS) {
      for (const run of [RUN, runOf('1001', 3), runOf('7')]) {
        const decision = decideReport(row(state, { run: RUN }), report, run, NOW);
        expect(decision).toEqual({ kind: 'refused', reason: 'over' });
      }
    }
  });

  it.each(['queued', 'dispatched'] as const)('%s is claimed by the first run that comes', (state) => {
    const change = { state: 'dispatched', at: NOW, run: RUN, claimed: true, deadline: NOW + SILENT_MILLISECONDS };
    expect(decideReport(row(state), claim, RUN, NOW)).toEqual({ kind: 'apply', change });
  });

  it.each(['queued', 'dispatched'] as const)('%s takes nothing from a run that has not claimed', (state) => {
    for (const report of REPORTS.slice(1)) {
      expect(decideReport(row(state), report, RUN, NOW)).toEqual({ kind: 'refused', reason: 'notYours' });
    }
  });

  it.each(['dispatched', 'bundling', 'uploading'] as const)('%s and claimed refuses every other run', (state) => {
    const claimed = row(state, { run: RUN });
    for (const report of REPORTS) {
      for (const other of [runOf('1002', 2), runOf('1002', 9), runOf('1001', 1)]) {
        const decision = decideReport(claimed, report, other, NOW);
        expect(decision).toEqual({ kind: 'refused', reason: 'notYours' });
      }
    }
  });

  it.each(['dispatched', 'bundling', 'uploading'] as const)('%s: a higher attempt takes over, by claiming', (state) => {
    const claimed = row(state, { run: RUN });
    const next = runOf('1001', 3);
    expect(decideReport(claimed, claim, next, NOW)).toMatchObject({ kind: 'apply', change: { state, run: next } });
    for (const report of REPORTS.slice(1)) {
      expect(decideReport(claimed, report, next, NOW)).toEqual({ kind: 'refused', reason: 'notYours' });
    }
  });

  it('says of a repeated claim that it is known', () => {
    const decision = decideReport(row('dispatched', { run: RUN }), claim, RUN, NOW);
    expect(decision).toEqual({ kind: 'refused', reason: 'late' });
  });

  it('lets progress go forward only', () => {
    for (const state of ['dispatched', 'bundling', 'uploading'] as const) {
      for (const next of ['bundling', 'uploading'] as const) {
        const decision = decideReport(row(state, { run: RUN }), progress(next), RUN, NOW);
        const change = { state: next, at: NOW, deadline: NOW + SILENT_MILLISECONDS };
        const late = { kind: 'refused', reason: 'late' };
        expect(decision).toEqual(canPublishMove(state, next) ? { kind: 'apply', change } : late);
      }
    }
  });

  it.each(['dispatched', 'bundling', 'uploading'] as const)('%s ends as its owner says', (state) => {
    const done = decideReport(row(state, { run: RUN }), published, RUN, NOW);
    expect(done).toMatchObject({ kind: 'apply', change: { state: 'published', result: { artifactHash: HASH } } });
    const broken = decideReport(row(state, { run: RUN }), failed, RUN, NOW);
    expect(broken).toMatchObject({ kind: 'apply', change: { state: 'failed', error: { code: 'SYNTAX_ERROR' } } });
  });
});

const unknown = { kind: 'unknown' as const };
const none = { kind: 'none' as const };
const active = (run = RUN) => ({ kind: 'active' as const, run });
const completed = (conclusion: string, run = RUN) => ({ kind: 'completed' as const, run, conclusion });
const complete = (snapshot = HASH): Facts['artifact'] => ({
  kind: 'complete',
  snapshot,
  artifactHash: HASH,
  files: 4,
  bytes: 10,
  javascriptBytes: 5,
});
const RUN_FACTS = [unknown, none, active(), completed('success'), completed('failure'), completed('cancelled')];

function sweep(publish: PublishRow, run: Facts['run'], artifact: Facts['artifact'] = none, now = NOW) {
  return decideSweep(publish, now, { run, artifact });
}

const failure = (code: string) => ({ kind: 'fail', change: { state: 'failed', error: { code } } });

describe('decideSweep', () => {
  it.each(OVER)('leaves %s alone, whatever the facts', (state) => {
    expect(decideSweep(row(state), NOW)).toEqual({ kind: 'over' });
    for (const run of RUN_FACTS) expect(sweep(row(state), run, complete())).toEqual({ kind: 'over' });
  });

  it.each(ACTIVE)('waits for %s until its time is up, then asks', (state) => {
    expect(decideSweep(row(state), NOW)).toEqual({ kind: 'wait', until: NOW + 1000 });
    expect(decideSweep(row(state), NOW + 1000)).toEqual({ kind: 'askFacts' });
  });

  it.each(ACTIVE)('%s: a whole artifact of this snapshot is adopted, whatever became of the run', (state) => {
    for (const run of RUN_FACTS) {
      const decision = sweep(row(state), run, complete());
      expect(decision).toMatchObject({ kind: 'adopt', change: { state: 'published', result: { files: 4 } } });
    }
  });

  it.each(ACTIVE)('%s: an artifact of another snapshot is a conflict', (state) => {
    for (const run of RUN_FACTS) {
      expect(sweep(row(state), run, complete('cd'.repeat(32)))).toMatchObject(failure('ARTIFACT_CONFLICT'));
    }
  });

  it.each(ACTIVE)('%s: nothing is decided before the store has answered', (state) => {
    for (const run of RUN_FACTS) {
      const decision = sweep(row(state), run, unknown);
      expect(decision).toEqual({ kind: 'wait', until: NOW + ASK_AGAIN_MILLISECONDS });
    }
  });

  it.each(ACTIVE)('%s ends after an hour, even if nobody answers', (state) => {
    const late = START + MAX_LIFE_MILLISECONDS;
    for (const run of RUN_FACTS) {
      for (const artifact of [unknown, none]) {
        expect(sweep(row(state), run, artifact, late)).toMatchObject({ kind: 'fail', change: { state: 'failed' } });
      }
    }
  });

  it('queued: waits while it may, then says that GitHub did not take it', () => {
    for (const fact of [none, unknown]) {
      expect(sweep(row('queued'), fact)).toMatchObject({ kind: 'wait' });
      const late = START + QUEUED_MILLISECONDS;
      expect(sweep(row('queued'), fact, none, late)).toMatchObject(failure('DISPATCH_UNAVAILABLE'));
    }
  });

  it('queued, although GitHub has the run: the answer to the dispatch was lost', () => {
    const late = START + QUEUED_MILLISECONDS;
    expect(sweep(row('queued'), active(), none, late)).toMatchObject({ kind: 'wait' });
    expect(sweep(row('queued'), completed('failure'))).toMatchObject(failure('RUN_LOST'));
  });

  it('dispatched, and GitHub has no run: sent again, once the time is up, and not for ever', () => {
    const due = START + UNCLAIMED_MILLISECONDS;
    expect(sweep(row('dispatched'), none, none, due - 1)).toMatchObject({ kind: 'wait' });
    const sentAgain = row('dispatched', { times: { queued: START, sent: due } });
    expect(sweep(sentAgain, none, none, due)).toMatchObject({ kind: 'wait' });
    for (let dispatches = 1; dispatches < MAX_DISPATCHES; dispatches++) {
      const change = { state: 'dispatched', at: due, deadline: due + UNCLAIMED_MILLISECONDS };
      expect(sweep(row('dispatched', { dispatches }), none, none, due)).toEqual({ kind: 'redispatch', change });
    }
    const last = row('dispatched', { dispatches: MAX_DISPATCHES });
    expect(sweep(last, none, none, due)).toMatchObject({ ...failure('RUN_NOT_STARTED'), cancelRun: true });
  });

  it('dispatched, and the run waits or has not claimed yet: so do we', () => {
    expect(sweep(row('dispatched'), active())).toMatchObject({ kind: 'wait' });
    expect(sweep(row('dispatched'), unknown)).toMatchObject({ kind: 'wait' });
  });

  it('dispatched, and the run ended without a claim: sent again, unless it was called off', () => {
    expect(sweep(row('dispatched'), completed('failure'))).toMatchObject({ kind: 'redispatch' });
    expect(sweep(row('dispatched'), completed('cancelled'))).toMatchObject(failure('RUN_LOST'));
    const last = row('dispatched', { dispatches: MAX_DISPATCHES });
    expect(sweep(last, completed('failure'))).toMatchObject(failure('RUN_LOST'));
  });

  it.each(['dispatched', 'bundling', 'uploading'] as const)('%s and claimed: an ended run is lost', (state) => {
    const claimed = row(state, { run: RUN });
    for (const fact of [completed('success'), completed('cancelled'), completed('timed_out', runOf('1001', 3)), none]) {
      expect(sweep(claimed, fact)).toMatchObject({ ...failure('RUN_LOST'), cancelRun: false });
    }
  });

  it.each(['bundling', 'uploading'] as const)('%s: a run that goes on is let be, but not for ever', (state) => {
    expect(sweep(row(state), active())).toMatchObject({ kind: 'wait' });
    const late = START + 1000 + MAX_RUN_MILLISECONDS;
    expect(sweep(row(state), active(), none, late)).toMatchObject({ ...failure('RUN_TIMEOUT'), cancelRun: true });
  });

  it('claimed: news of an older attempt or another run are no news', () => {
    for (const other of [runOf('1001', 1), runOf('9', 9)]) {
      expect(sweep(row('bundling'), completed('failure', other))).toMatchObject({ kind: 'wait' });
    }
  });
});

describe('decideSent, decideCancel, decideRetry', () => {
  it('a dispatch that was sent gives its run time to claim; a claim that came first stands', () => {
    for (const state of ['queued', 'dispatched'] as const) {
      const change = { state: 'dispatched', at: NOW, dispatched: true, deadline: NOW + UNCLAIMED_MILLISECONDS };
      expect(decideSent(row(state), NOW)).toEqual({ kind: 'apply', change });
    }
    for (const state of ['dispatched', 'bundling', 'uploading'] as const) {
      const change = { state, at: NOW, dispatched: true };
      expect(decideSent(row(state, { run: RUN }), NOW)).toEqual({ kind: 'apply', change });
    }
    for (const state of OVER) expect(decideSent(row(state), NOW)).toEqual({ kind: 'over' });
  });

  it('what is under way is cancelled, once', () => {
    for (const state of ACTIVE) {
      expect(decideCancel(row(state), NOW)).toEqual({ kind: 'apply', change: { state: 'cancelled', at: NOW } });
    }
    expect(decideCancel(row('cancelled'), NOW)).toEqual({ kind: 'already' });
    for (const state of ['published', 'failed'] as const) {
      expect(decideCancel(row(state), NOW)).toEqual({ kind: 'tooLate' });
    }
  });

  it('only what failed or was cancelled is retried', () => {
    const retried = PUBLISH_STATES.filter((state) => decideRetry(row(state)).kind === 'apply');
    expect(retried).toEqual(['failed', 'cancelled']);
  });
});

describe('every decision', () => {
  it('moves forward only', () => {
    for (const state of PUBLISH_STATES) {
      for (const claimed of [undefined, RUN]) {
        const publish = row(state, { run: claimed });
        const moves = [
          ...REPORTS.map((report) => decideReport(publish, report, RUN, NOW)),
          ...RUN_FACTS.flatMap((run) => [none, unknown, complete()].map((artifact) => sweep(publish, run, artifact))),
          decideSent(publish, NOW),
          decideCancel(publish, NOW),
        ].flatMap((decision) => ('change' in decision ? [decision.change.state] : []));
        for (const next of moves)
          expect(next === state || canPublishMove(state, next), `${state} → ${next}`).toBe(true);
        if (isPublishOver(state)) expect(moves).toEqual([]);
      }
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RENDER_LIFE_MILLISECONDS, MAX_VIDEO_BYTES } from '../../action/contract/limits.ts';
import type { RenderReport } from '../../action/contract/reports.ts';
import { canRenderMove, isRenderOver, RENDER_STATES, type RenderState } from '../../action/contract/states.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';
import {
  ASK_AGAIN_MILLISECONDS,
  decideRetry,
  LAST_WORD_MILLISECONDS,
  MAX_DISPATCHES,
  QUEUED_MILLISECONDS,
  UNCLAIMED_MILLISECONDS,
} from '../../convex/model/jobMachine.ts';
import {
  decideRenderCancel,
  decideRenderReport,
  decideRenderSent,
  decideRenderSweep,
  MAX_RENDER_WAIT_MILLISECONDS,
  RENDER_LOOK_MILLISECONDS,
  type RenderChange,
  type RenderRow,
} from '../../convex/model/renderMachine.ts';
import type { RenderFacts } from '../../convex/model/validators.ts';
import { HASH, runOf } from './deployment.ts';

const START = 1_000_000;
const NOW = START + 5000;
const ACTIVE = RENDER_STATES.filter((state) => !isRenderOver(state));
const OVER = RENDER_STATES.filter(isRenderOver);
const MOVING = ['rendering', 'combining', 'uploading'] as const;
const RUN = runOf('1001', 2);
const WANTED = { key: HASH, format: 'mp4' as const, width: 1280, height: 720 };
const VIDEO: AttachedVideo = { ...WANTED, bytes: 1234 };

/** Whatever comes after queued has been dispatched and claimed. */
function row(state: RenderState, changes: Partial<RenderRow> = {}): RenderRow {
  const isClaimed = state !== 'queued' && !isRenderOver(state);
  return {
    state,
    times: { queued: START, ...(isClaimed && { sent: START + 500, claimed: START + 1000 }) },
    dispatches: isClaimed ? 1 : 0,
    run: isClaimed ? RUN : undefined,
    deadline: isRenderOver(state) ? undefined : NOW + 1000,
    wanted: WANTED,
    ...changes,
  };
}

const sent = (changes: Partial<RenderRow> = {}) =>
  row('queued', { dispatches: 1, times: { queued: START, sent: START }, ...changes });

const claim: RenderReport = { kind: 'claimRender', render: 'r' };
const plan = { chunks: 5, toRender: 2, estimatedMilliseconds: 60_000 };
const rendering: RenderReport = { kind: 'rendering', render: 'r', ...plan };
const moved = (state: 'combining' | 'uploading'): RenderReport => ({ kind: 'renderMoved', render: 'r', state });
const rendered = (video = VIDEO): RenderReport => ({
  ...{ kind: 'rendered', render: 'r', video, durationMilliseconds: 2500 },
  timings: { plan: 10, render: 20, total: 40 },
});
const failed: RenderReport = {
  ...{ kind: 'renderFailed', render: 'r', code: 'RENDER_SCENE_FAILED', message: 'm' },
  diagnostics: [{ code: 'RENDER_SCENE_FAILED', message: 'm', file: 'one.tsx', line: 3 }],
};
const REPORTS = [claim, rendering, moved('combining'), moved('uploading'), rendered(), failed];

const report = (render: RenderRow, told: RenderReport, run = RUN) => decideRenderReport(render, told, run, NOW);
const silentUntil = NOW + RENDER_LOOK_MILLISECONDS;

describe('decideRenderReport', () => {
  it.each(OVER)('%s absorbs every report of every run', (state) => {
    for (const told of REPORTS) {
      for (const run of [RUN, runOf('1001', 3), runOf('7')]) {
        expect(report(row(state, { run: RUN }), told, run)).toEqual({ kind: 'refused', reason: 'over' });
      }
    }
  });

  it('queued is claimed by the first run that comes, whether its dispatch was recorded or not', () => {
    const change = { state: 'queued', at: NOW, run: RUN, claimed: true, deadline: silentUntil };
    for (const render of [row('queued'), sent()]) expect(report(render, claim)).toEqual({ kind: 'apply', change });
  });

  it('queued takes nothing from a run that has not claimed', () => {
    for (const told of REPORTS.slice(1)) {
      for (const render of [row('queued'), sent()]) {
        expect(report(render, told)).toEqual({ kind: 'refused', reason: 'notYours' });
      }
    }
  });

  it.each(ACTIVE)('%s and claimed refuses every other run, and older attempts of its own', (state) => {
    for (const told of REPORTS) {
      for (const other of [runOf('1002', 2), runOf('1002', 9), runOf('1001', 1)]) {
        expect(report(row(state, { run: RUN }), told, other)).toEqual({ kind: 'refused', reason: 'notYours' });
      }
    }
  });

  it('says of a repeated claim that it is known', () => {
    expect(report(row('queued', { run: RUN }), claim)).toEqual({ kind: 'refused', reason: 'late' });
  });

  it.each(ACTIVE)('%s: a higher attempt of the run takes over, also by jobs that come after the claim', (state) => {
    const next = runOf('1001', 3);
    for (const told of REPORTS) {
      const decision = report(row(state, { run: RUN }), told, next);
      if (decision.kind === 'apply') expect(decision.change.run).toEqual(next);
      else expect(decision).toEqual({ kind: 'refused', reason: 'late' });
    }
    expect(report(row(state, { run: RUN }), rendered(), next)).toMatchObject({ change: { state: 'ready', run: next } });
    // And then the older one speaks for it no longer.
    expect(report(row(state, { run: next }), rendered())).toEqual({ kind: 'refused', reason: 'notYours' });
  });

  it('lets progress go forward only, and keeps what the run has planned', () => {
    const steps = { rendering, combining: moved('combining'), uploading: moved('uploading') };
    for (const state of ACTIVE) {
      for (const next of MOVING) {
        const change = { state: next, at: NOW, deadline: silentUntil, ...(next === 'rendering' && { plan }) };
        const late = { kind: 'refused', reason: 'late' };
        const decision = report(row(state, { run: RUN }), steps[next]);
        expect(decision).toEqual(canRenderMove(state, next) ? { kind: 'apply', change } : late);
      }
    }
  });

  it.each(ACTIVE)('%s ends as its owner says', (state) => {
    const render = row(state, { run: RUN });
    const change = {
      ...{ state: 'ready', at: NOW, video: VIDEO, durationMilliseconds: 2500 },
      timings: { plan: 10, render: 20, total: 40 },
    };
    expect(report(render, rendered())).toEqual({ kind: 'apply', change });
    expect(report(render, failed)).toMatchObject({
      kind: 'apply',
      change: { state: 'failed', error: { code: 'RENDER_SCENE_FAILED', diagnostics: [{ file: 'one.tsx', line: 3 }] } },
    });
  });

  it.each([
    ['another key', { key: 'cd'.repeat(32) }],
    ['another format', { format: 'webm' as const }],
    ['another width', { width: 640 }],
    ['another height', { height: 722 }],
    ['too many bytes', { bytes: MAX_VIDEO_BYTES + 1 }],
  ])('a video of %s is not attached', (_, change) => {
    expect(report(row('uploading'), rendered({ ...VIDEO, ...change }))).toMatchObject({
      kind: 'apply',
      change: { state: 'failed', error: { code: 'RENDER_OUTPUT_INVALID' } },
    });
  });
});

const unknown = { kind: 'unknown' as const };
const none = { kind: 'none' as const };
const there = { kind: 'there' as const, bytes: 1234 };
const active = (run = RUN) => ({ kind: 'active' as const, run });
const completed = (conclusion: string, run = RUN) => ({ kind: 'completed' as const, run, conclusion });
const RUN_FACTS = [unknown, none, active(), completed('success'), completed('failure'), completed('cancelled')];

function sweep(render: RenderRow, run: RenderFacts['run'], video: RenderFacts['video'] = none, now = NOW) {
  return decideRenderSweep(render, now, { run, video });
}

const failure = (code: string) => ({ kind: 'fail', change: { state: 'failed', error: { code } } });

describe('decideRenderSweep', () => {
  it.each(OVER)('leaves %s alone, whatever the facts', (state) => {
    expect(decideRenderSweep(row(state), NOW)).toEqual({ kind: 'over' });
    for (const run of RUN_FACTS) expect(sweep(row(state), run, there)).toEqual({ kind: 'over' });
  });

  it.each(ACTIVE)('waits for %s until its time is up, then asks', (state) => {
    expect(decideRenderSweep(row(state), NOW)).toEqual({ kind: 'wait', until: NOW + 1000 });
    expect(decideRenderSweep(row(state), NOW + 1000)).toEqual({ kind: 'askFacts' });
  });

  it.each(ACTIVE)('%s: a video that is in the store is adopted, whatever became of the run', (state) => {
    for (const run of RUN_FACTS) {
      const decision = sweep(row(state), run, there);
      expect(decision).toMatchObject({ kind: 'adopt', change: { state: 'ready', video: VIDEO } });
    }
  });

  it.each(ACTIVE)('%s: nothing is decided before the store has answered', (state) => {
    for (const run of RUN_FACTS) {
      expect(sweep(row(state), run, unknown)).toEqual({ kind: 'wait', until: NOW + ASK_AGAIN_MILLISECONDS });
    }
  });

  it('queued: waits while it may, then says that GitHub did not take it', () => {
    for (const fact of [none, unknown]) {
      expect(sweep(row('queued'), fact)).toMatchObject({ kind: 'wait' });
      const late = START + QUEUED_MILLISECONDS;
      expect(sweep(row('queued'), fact, none, late)).toMatchObject(failure('DISPATCH_UNAVAILABLE'));
    }
  });

  it('sent, and GitHub has no run: sent again, once the time is up, and not for ever', () => {
    const due = START + UNCLAIMED_MILLISECONDS;
    expect(sweep(sent(), none, none, due - 1)).toMatchObject({ kind: 'wait' });
    for (let dispatches = 1; dispatches < MAX_DISPATCHES; dispatches++) {
      const change = { state: 'queued', at: due, deadline: due + UNCLAIMED_MILLISECONDS };
      expect(sweep(sent({ dispatches }), none, none, due)).toEqual({ kind: 'redispatch', change });
    }
    const last = sent({ dispatches: MAX_DISPATCHES });
    expect(sweep(last, none, none, due)).toMatchObject({ ...failure('RUN_NOT_STARTED'), cancelRun: true });
  });

  it('a run that waits at GitHub is waited for half an hour, not for the whole life of a render', () => {
    for (const render of [row('queued'), sent()]) {
      const limit = START + MAX_RENDER_WAIT_MILLISECONDS;
      expect(sweep(render, active(), none, limit - 1)).toMatchObject({ kind: 'wait' });
      expect(sweep(render, active(), none, limit)).toMatchObject({ ...failure('RUN_NOT_STARTED'), cancelRun: true });
    }
    expect(MAX_RENDER_WAIT_MILLISECONDS).toBeLessThan(MAX_RENDER_LIFE_MILLISECONDS);
  });

  it.each(MOVING)('%s: an ended run is lost', (state) => {
    for (const fact of [completed('success'), completed('cancelled'), completed('timed_out', runOf('1001', 3)), none]) {
      expect(sweep(row(state), fact)).toMatchObject({ ...failure('RUN_LOST'), cancelRun: false });
    }
  });

  it.each(MOVING)('%s: a run that goes on is looked at now and then, but not for ever', (state) => {
    expect(sweep(row(state), active())).toEqual({ kind: 'wait', until: NOW + RENDER_LOOK_MILLISECONDS });
    const late = START + MAX_RENDER_LIFE_MILLISECONDS;
    expect(sweep(row(state), active(), none, late)).toMatchObject({ ...failure('RUN_TIMEOUT'), cancelRun: true });
  });

  it('claimed: news of an older attempt or another run are no news', () => {
    for (const other of [runOf('1001', 1), runOf('9', 9)]) {
      expect(sweep(row('rendering'), completed('failure', other))).toMatchObject({ kind: 'wait' });
    }
  });
});

describe('decideRenderSent, decideRenderCancel', () => {
  it('a dispatch that was sent gives its run time to claim, without a state of its own; a claim that came first stands', () => {
    const change = { state: 'queued', at: NOW, dispatched: true, deadline: NOW + UNCLAIMED_MILLISECONDS };
    expect(decideRenderSent(row('queued'), NOW)).toEqual({ kind: 'apply', change });
    for (const state of ACTIVE) {
      const decision = decideRenderSent(row(state, { run: RUN }), NOW);
      expect(decision).toEqual({ kind: 'apply', change: { state, at: NOW, dispatched: true } });
    }
    for (const state of OVER) expect(decideRenderSent(row(state), NOW)).toEqual({ kind: 'over' });
  });

  it('what is under way is cancelled, once; only what failed or was cancelled is retried', () => {
    for (const state of ACTIVE) {
      expect(decideRenderCancel(row(state), NOW)).toEqual({ kind: 'apply', change: { state: 'cancelled', at: NOW } });
    }
    expect(decideRenderCancel(row('cancelled'), NOW)).toEqual({ kind: 'already' });
    for (const state of ['ready', 'failed'] as const) {
      expect(decideRenderCancel(row(state), NOW)).toEqual({ kind: 'tooLate' });
    }
    const retried = RENDER_STATES.filter((state) => decideRetry({ state }).kind === 'apply');
    expect(retried).toEqual(['failed', 'cancelled']);
  });
});

describe('every history', () => {
  /** As model/renders.ts writes it. */
  function applied(render: RenderRow, change: RenderChange): RenderRow {
    return {
      ...render,
      state: change.state,
      dispatches: render.dispatches + (change.dispatched ? 1 : 0),
      times: {
        ...render.times,
        ...(change.claimed && { claimed: change.at }),
        ...(change.dispatched && { sent: change.at }),
      },
      run: change.run ?? render.run,
      deadline: isRenderOver(change.state) ? undefined : (change.deadline ?? render.deadline),
    };
  }

  const MINUTE = 60_000;
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constant('sent' as const) },
    {
      weight: 2,
      arbitrary: fc.record({
        told: fc.constantFrom(...REPORTS.slice(0, 4)),
        run: fc.constantFrom(RUN, runOf('1001', 3), runOf('9')),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        run: fc.constantFrom<RenderFacts['run'][]>(unknown, none, active(), active(runOf('1001', 3))),
        video: fc.constantFrom<RenderFacts['video'][]>(unknown, none),
      }),
    },
  );

  it('ends within its life and the last word, moves forward only, and is owned by one run', () => {
    const ends = START + MAX_RENDER_LIFE_MILLISECONDS + LAST_WORD_MILLISECONDS + 2 * MINUTE;
    fc.assert(
      fc.property(fc.array(event, { minLength: 130, maxLength: 130 }), (events) => {
        let render = row('queued', { deadline: START + QUEUED_MILLISECONDS });
        let now = START;
        const take = (change: RenderChange) => {
          expect(change.state === render.state || canRenderMove(render.state, change.state)).toBe(true);
          if (render.run && change.run) expect(change.run.id).toBe(render.run.id);
          render = applied(render, change);
        };
        for (const each of events) {
          now += MINUTE;
          if (each === 'sent' || (typeof each === 'object' && 'told' in each)) {
            const decision =
              each === 'sent' ? decideRenderSent(render, now) : decideRenderReport(render, each.told, each.run, now);
            if (decision.kind === 'apply') take(decision.change);
          }
          // The sweep comes by every minute; whoever it sends may be lost.
          let decision = decideRenderSweep(render, now);
          if (decision.kind === 'askFacts' && typeof each === 'object' && 'video' in each) {
            decision = decideRenderSweep(render, now, each);
          }
          if ('change' in decision) take(decision.change);
          else if (decision.kind === 'wait') render = { ...render, deadline: decision.until };
        }
        expect(now).toBeGreaterThanOrEqual(ends);
        expect(isRenderOver(render.state)).toBe(true);
      }),
    );
  });
});

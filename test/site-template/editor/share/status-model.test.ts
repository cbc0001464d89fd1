import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../../action/contract/errors.ts';
import { canPublishMove, PUBLISH_STATES } from '../../../../action/contract/states.ts';
import { problemOf, problemOfCall, problemOfSave } from '../../../../site-template/editor/share/problems.ts';
import { latestTime, STEPS, statusOf } from '../../../../site-template/editor/share/status-model.ts';
import { ASKED, aPublish, PASSING } from './publishes.ts';

const LATER = ASKED + 5000;
const marks = (publish: Parameters<typeof statusOf>[0], now = LATER) =>
  statusOf(publish, now).steps.map(({ mark }) => mark);

describe('the steps of a publish', () => {
  it('are the states of the contract that a publish passes, in an order that it may take', () => {
    expect(STEPS.every((step) => PUBLISH_STATES.includes(step))).toBe(true);
    for (const [index, step] of STEPS.entries()) {
      expect(STEPS.slice(index + 1).every((later) => canPublishMove(step, later))).toBe(true);
    }
  });

  it.each([
    ['queued', ['current', 'ahead', 'ahead', 'ahead', 'ahead']],
    ['dispatched', ['done', 'current', 'ahead', 'ahead', 'ahead']],
    ['bundling', ['done', 'done', 'current', 'ahead', 'ahead']],
    ['uploading', ['done', 'done', 'done', 'current', 'ahead']],
    ['published', ['done', 'done', 'done', 'done', 'done']],
    ['failed', ['done', 'done', 'failed', 'ahead', 'ahead']],
    ['cancelled', ['done', 'cancelled', 'ahead', 'ahead', 'ahead']],
  ] as const)('of one that is %s', (state, expected) => {
    expect(marks(PASSING[state])).toEqual(expected);
  });

  it('say where a publish failed that never got anywhere', () => {
    const failed = aPublish({ state: 'failed', times: { queued: ASKED, ended: LATER } });
    expect(marks(failed)[0]).toBe('failed');
    const claimed = aPublish({ state: 'cancelled', run: PASSING.claimed.run, times: { queued: ASKED, ended: LATER } });
    expect(marks(claimed)).toEqual(['done', 'cancelled', 'ahead', 'ahead', 'ahead']);
    const uploading = aPublish({ ...PASSING.uploading, state: 'failed' });
    expect(marks(uploading)[3]).toBe('failed');
  });

  it('last from their own time to that of the next one', () => {
    const lengths = statusOf(PASSING.published, LATER).steps.map(({ milliseconds }) => milliseconds);
    expect(lengths).toEqual([420, 530, 650, 740, null]);
  });

  it('that were skipped have no length, and the one before lasts until the next that was not', () => {
    const adopted = aPublish({ state: 'published', times: { queued: ASKED, ended: ASKED + 900 } });
    const { steps } = statusOf(adopted, LATER);
    expect(steps.map(({ milliseconds }) => milliseconds)).toEqual([900, null, null, null, null]);
    expect(steps.every(({ mark }) => mark === 'done')).toBe(true);
  });

  it('run on while they are current, and only then', () => {
    const at = (now: number) => statusOf(PASSING.bundling, now).steps.map(({ milliseconds }) => milliseconds);
    expect(at(ASKED + 2000)).toEqual([420, 530, 1050, null, null]);
    expect(at(ASKED + 3000)).toEqual([420, 530, 2050, null, null]);
  });
});

describe('the time of a publish', () => {
  it('runs while it is under way, and stands when it is over', () => {
    expect(statusOf(PASSING.queued, ASKED + 1500).elapsedMilliseconds).toBe(1500);
    expect(statusOf(PASSING.published, ASKED + 99_000).elapsedMilliseconds).toBe(2340);
    expect(statusOf(PASSING.failed, ASKED + 99_000).elapsedMilliseconds).toBe(2340);
  });

  it('never runs backwards for a clock that is behind', () => {
    expect(statusOf(PASSING.queued, 0).elapsedMilliseconds).toBe(0);
    expect(statusOf(PASSING.uploading, 0).elapsedMilliseconds).toBe(1600);
    expect(latestTime(PASSING.uploading)).toBe(ASKED + 1600);
  });

  it.each([
    ['queued', 10_000],
    ['dispatched', 30_000],
    ['bundling', 20_000],
    ['uploading', 20_000],
  ] as const)('is spoken of when %s lasts', (state, after) => {
    const publish = PASSING[state];
    const since = latestTime(publish);
    expect(statusOf(publish, since + after - 1).patience).toBeNull();
    expect(statusOf(publish, since + after).patience).toMatch(/\.$/);
  });

  it('is not spoken of when it is over', () => {
    for (const state of ['published', 'failed', 'cancelled'] as const) {
      expect(statusOf(PASSING[state], ASKED + 1e9).patience).toBeNull();
    }
  });
});

describe('what may be done', () => {
  it.each(PUBLISH_STATES)('with one that is %s', (state) => {
    const { mayCancel, mayRetry, phase, announcement, headline, progress } = statusOf(PASSING[state], LATER);
    expect(mayCancel).toBe(phase === 'active');
    expect(mayRetry).toBe(state === 'failed' || state === 'cancelled');
    expect(phase).toBe(['published', 'failed', 'cancelled'].includes(state) ? state : 'active');
    expect(announcement).toMatch(/5.*\.$/);
    expect(headline).not.toBe('');
    expect(progress).toBeGreaterThanOrEqual(0);
    expect(progress).toBeLessThanOrEqual(1);
  });

  it('says when the run has begun', () => {
    expect(statusOf(PASSING.dispatched, LATER).headline).not.toBe(statusOf(PASSING.claimed, LATER).headline);
  });
});

describe.each(Object.keys(ERRORS) as ErrorCode[])('the error %s', (code) => {
  const error = { code, message: 'what happened', diagnostics: [] };

  it('has a headline, the advice of the contract, and a remedy that fits', () => {
    const { problem } = statusOf(aPublish({ state: 'failed', error }), LATER);
    const { fault, retryable, advice } = ERRORS[code];
    expect(problem).toMatchObject({ code, fault, advice, detail: 'what happened', places: [] });
    expect(problem?.headline).toMatch(/^\S.*[^.]$/);
    expect(problem?.remedy).toBe(fault === 'user' ? 'change' : retryable ? 'retry' : 'report');
  });
});

describe('a problem', () => {
  it('carries its places, for jumping there', () => {
    expect(statusOf(PASSING.failed, LATER).problem?.places[0]).toMatchObject({
      file: 'scenes/intro.tsx',
      line: 12,
      column: 9,
    });
  });

  it('with a code from a newer control plane is shown in its own words', () => {
    expect(problemOf({ code: 'MOON_FULL', message: 'The moon is full.' })).toMatchObject({
      code: 'INTERNAL',
      detail: 'The moon is full.',
    });
  });

  it('without an error is one of the system', () => {
    expect(statusOf(aPublish({ state: 'failed' }), LATER).problem?.fault).toBe('system');
  });

  it('of a call is read from its data, never from its text', () => {
    const refused = Object.assign(new Error('ConvexError: NOT_FOUND'), {
      data: { code: 'NOT_ALLOWED', message: 'No.' },
    });
    expect(problemOfCall(refused)).toMatchObject({ code: 'NOT_ALLOWED', detail: 'No.' });
    expect(problemOfCall(new Error('NOT_FOUND'))).toMatchObject({ code: 'INTERNAL', detail: 'NOT_FOUND' });
    expect(problemOfCall('odd')).toMatchObject({ code: 'INTERNAL', detail: 'odd' });
    for (const data of [null, 'text', {}, { code: 1, message: '' }, { code: 'NOT_FOUND' }]) {
      expect(problemOfCall(Object.assign(new Error('x'), { data })).code).toBe('INTERNAL');
    }
  });

  it('of a save says that nothing was shared', () => {
    expect(problemOfSave(new Error('disk full'))).toMatchObject({
      detail: 'disk full',
      advice: expect.stringContaining('Nothing was shared'),
    });
    const conflict = Object.assign(new Error(), { data: { code: 'SAVE_CONFLICT', message: 'Version 6.' } });
    expect(problemOfSave(conflict).code).toBe('SAVE_CONFLICT');
  });
});

describe('what the run says', () => {
  it('of its stages is shown as far as it was measured', () => {
    const timed = aPublish({ ...PASSING.published, timings: { compile: 400, total: 500 } });
    expect(statusOf(timed, LATER).stages).toEqual([{ label: 'Compile', milliseconds: 400 }]);
    expect(statusOf(PASSING.queued, LATER).stages).toEqual([]);
  });

  it.each(['JAVASCRIPT_LARGE', 'NO_POSTER', 'LINK_SKIPPED', 'SOURCE_WARNING', 'SOMETHING_NEW'])(
    'as the warning %s has a headline',
    (code) => {
      const warned = aPublish({ warnings: [{ code, message: 'm', file: 'a.tsx' }] });
      const [warning] = statusOf(warned, LATER).warnings;
      expect(warning).toMatchObject({ code, message: 'm', file: 'a.tsx', headline: expect.stringMatching(/\w/) });
      if (code !== 'SOMETHING_NEW') expect(warning?.headline).not.toBe('To know');
    },
  );
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { ERRORS, isErrorCode } from '../../action/contract/errors.ts';
import { MAX_RENDER_LIFE_MILLISECONDS } from '../../action/contract/limits.ts';
import { isRenderOver } from '../../action/contract/states.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import { MAX_DISPATCHES, UNCLAIMED_MILLISECONDS } from '../../convex/model/jobMachine.ts';
import { FIRST_BACKOFF_MILLISECONDS, LEASE_MILLISECONDS, MAX_DISPATCH_ATTEMPTS } from '../../convex/model/outbox.ts';
import { RENDER_LOOK_MILLISECONDS } from '../../convex/model/renderMachine.ts';
import type { RenderFacts } from '../../convex/model/validators.ts';
import {
  type Deployment,
  everything,
  publishFilm,
  receiveRender,
  renderedReport,
  requestRender,
  runOf,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const MINUTE = 60_000;
const RUN = runOf('2001');
const none = { kind: 'none' as const };
const unknown = { kind: 'unknown' as const };

async function begin() {
  const { deployment, ada } = await publishFilm();
  const id = await requestRender(ada);
  await deployment.newlyStarted();
  const look = () => ada.query(api.renders.get, { render: id });
  const sent = () => deployment.t.mutation(internal.rendering.sent, { render: id });
  const claim = () => receiveRender(deployment, { kind: 'claimRender', render: id }, RUN);
  return { deployment, ada, id, look, sent, claim };
}

/** Answers an inspection as convex/node/renders.ts would. */
async function settle({ t }: Deployment, id: Id<'renders'>, facts: RenderFacts): Promise<string> {
  const asked = await t.query(internal.rendering.loadInspection, { render: id });
  if (!asked) return 'over';
  return (await t.mutation(internal.rendering.settle, { render: id, revision: asked.revision, facts })).kind;
}

describe('a death', () => {
  it('of the dispatch action: it is started again, and again', async () => {
    const { deployment, id } = await begin();
    for (let count = 0; count < 2; count++) {
      await deployment.pass(LEASE_MILLISECONDS - 1000);
      expect(await deployment.newlyStarted()).toEqual([]);
      await deployment.pass(1000);
      expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
    }
    expect(await deployment.t.query(internal.rendering.loadDispatch, { render: id })).not.toBeNull();
  });

  it('of the dispatch action after GitHub took it: the claim of its run ends the outbox row', async () => {
    const { deployment, id, claim } = await begin();
    expect(await claim()).toEqual({ kind: 'accepted' });
    expect(await deployment.t.query(internal.rendering.loadDispatch, { render: id })).toBeNull();
    await deployment.pass(LEASE_MILLISECONDS);
    expect(await deployment.newlyStarted()).not.toContain('dispatchRender');
  });

  it('of the dispatch action, for ever: it fails with a reason, and Retry works', async () => {
    const { deployment, ada, id, look } = await begin();
    for (let minute = 0; minute < 60 && !isRenderOver((await look()).state); minute++) {
      await deployment.pass(MINUTE);
      if ((await deployment.newlyStarted()).includes('inspectRender')) {
        await settle(deployment, id, { run: none, video: none });
      }
    }
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_UNAVAILABLE' } });
    await deployment.newlyStarted();
    expect(await ada.mutation(api.renders.retry, { render: id })).toMatchObject({ isNew: true });
    expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
  });

  it('of GitHub, for a while: tried again with growing patience, then failed with its code', async () => {
    const { deployment, id, look } = await begin();
    const failing = { render: id, code: 'DISPATCH_UNAVAILABLE', message: 'GitHub answers 502.', retryable: true };
    for (let attempt = 1; attempt < MAX_DISPATCH_ATTEMPTS; attempt++) {
      expect(await deployment.t.mutation(internal.rendering.dispatchFailed, failing)).toEqual({ kind: 'retrying' });
      expect(await deployment.newlyStarted()).toEqual([]);
      vi.setSystemTime(Date.now() + FIRST_BACKOFF_MILLISECONDS);
      vi.advanceTimersByTime(FIRST_BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
      expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
    }
    expect(await deployment.t.mutation(internal.rendering.dispatchFailed, failing)).toEqual({ kind: 'failed' });
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_UNAVAILABLE' } });
    expect(await deployment.t.mutation(internal.rendering.dispatchFailed, failing)).toEqual({ kind: 'over' });
  });

  it('of the credentials: failed at once', async () => {
    const { deployment, id, look } = await begin();
    const failing = { render: id, code: 'DISPATCH_DENIED', message: 'GitHub answers 401.', retryable: false };
    expect(await deployment.t.mutation(internal.rendering.dispatchFailed, failing)).toEqual({ kind: 'failed' });
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_DENIED' } });
    await deployment.pass(MAX_RENDER_LIFE_MILLISECONDS);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('of the dispatch between GitHub and the runner: sent again, a few times', async () => {
    const { deployment, id, look, sent } = await begin();
    for (let dispatches = 1; dispatches <= MAX_DISPATCHES; dispatches++) {
      await sent();
      await deployment.pass(UNCLAIMED_MILLISECONDS);
      expect(await deployment.newlyStarted()).toEqual(['inspectRender']);
      const outcome = await settle(deployment, id, { run: none, video: none });
      expect(outcome).toBe(dispatches < MAX_DISPATCHES ? 'redispatch' : 'fail');
      if (outcome === 'redispatch') expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
    }
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_NOT_STARTED' } });
    expect(await deployment.newlyStarted()).toEqual(['cancelRender']);
  });

  it('of the run, before it stored the video: failed, and Retry works', async () => {
    const { deployment, ada, id, look, sent, claim } = await begin();
    await sent();
    await claim();
    await deployment.pass(RENDER_LOOK_MILLISECONDS);
    expect(await deployment.newlyStarted()).toEqual(['inspectRender']);
    const run = { kind: 'completed' as const, run: RUN, conclusion: 'failure' };
    expect(await settle(deployment, id, { run, video: unknown })).toBe('wait');
    expect(await settle(deployment, id, { run, video: none })).toBe('fail');
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_LOST' } });
    const late = await receiveRender(deployment, await renderedReport(deployment, id), RUN);
    expect(late).toEqual({ kind: 'refused', reason: 'over' });
    expect(await ada.mutation(api.renders.retry, { render: id })).toMatchObject({ isNew: true });
  });

  it('of the run, after it stored the video: adopted, and attached', async () => {
    const { deployment, id, look, sent, claim } = await begin();
    await sent();
    await claim();
    await deployment.pass(RENDER_LOOK_MILLISECONDS);
    await deployment.newlyStarted();
    const run = { kind: 'completed' as const, run: RUN, conclusion: 'failure' };
    expect(await settle(deployment, id, { run, video: { kind: 'there', bytes: 77 } })).toBe('adopt');
    const seen = await look();
    expect(seen).toMatchObject({ state: 'ready', video: { format: 'mp4', width: 640, height: 360, bytes: 77 } });
    expect(seen.downloadUrl).toContain(`/p/film/1/video/${seen.video?.key}.mp4`);
    expect(await deployment.newlyStarted()).toEqual(['control']);
    const control = await deployment.t.run((ctx) => ctx.db.query('threadControls').first());
    expect(control?.videos).toEqual({ 1: [seen.video] });
    const late = await receiveRender(deployment, await renderedReport(deployment, id), RUN);
    expect(late).toEqual({ kind: 'refused', reason: 'over' });
  });

  it('that is none: a run may render for long, is looked at now and then, and is called off in the end', async () => {
    const { deployment, id, look, sent, claim } = await begin();
    await sent();
    await claim();
    await receiveRender(
      deployment,
      { kind: 'rendering', render: id, chunks: 9, toRender: 9, estimatedMilliseconds: 1_000_000 },
      RUN,
    );
    let looks = 0;
    for (let minute = 0; minute < 180 && !isRenderOver((await look()).state); minute++) {
      await deployment.pass(MINUTE);
      if (!(await deployment.newlyStarted()).includes('inspectRender')) continue;
      looks++;
      await settle(deployment, id, { run: { kind: 'active', run: RUN }, video: none });
    }
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMEOUT' } });
    expect(looks).toBeLessThanOrEqual(MAX_RENDER_LIFE_MILLISECONDS / RENDER_LOOK_MILLISECONDS + 1);
    expect(await deployment.newlyStarted()).toContain('cancelRender');
  });

  it('of the inspection itself: another one is sent', async () => {
    const { deployment, sent } = await begin();
    await sent();
    await deployment.pass(UNCLAIMED_MILLISECONDS);
    await deployment.pass(MINUTE);
    expect(await deployment.newlyStarted()).toEqual(['inspectRender', 'inspectRender']);
  });

  it('of everything, for more than the life of a render: it ends all the same, with a reason', async () => {
    const { deployment, ada, id, look, sent } = await begin();
    await sent();
    const minutes = MAX_RENDER_LIFE_MILLISECONDS / MINUTE + 7;
    for (let minute = 0; minute < minutes; minute++) await deployment.pass(MINUTE);
    const { state, error } = await look();
    expect(state).toBe('failed');
    expect(isErrorCode(error?.code ?? '') && ERRORS[error?.code as 'INTERNAL'].retryable).toBe(true);
    expect(await ada.mutation(api.renders.retry, { render: id })).toMatchObject({ isNew: true });
  });

  it('of the control’s writer: the edge hears of the video all the same', async () => {
    const { deployment, id, claim } = await begin();
    await claim();
    await receiveRender(deployment, await renderedReport(deployment, id), RUN);
    expect(await deployment.newlyStarted()).toEqual(['control']);
    await deployment.pass(15 * MINUTE);
    expect(await deployment.newlyStarted()).toEqual(['control']);
  });

  it('of somebody who is only slow: stale facts change nothing', async () => {
    const { deployment, id, sent, claim } = await begin();
    await sent();
    const asked = await deployment.t.query(internal.rendering.loadInspection, { render: id });
    await claim();
    const before = await everything(deployment);
    const late = { render: id, revision: asked?.revision ?? 0, facts: { run: none, video: none } };
    expect(await deployment.t.mutation(internal.rendering.settle, late)).toEqual({ kind: 'stale' });
    expect(await everything(deployment)).toEqual(before);
  });
});

describe('the sweep', () => {
  it('takes a crowd of both kinds in batches', async () => {
    const { deployment, ada } = await publishFilm(2);
    const { t } = deployment;
    const id = await requestRender(ada);
    await t.mutation(internal.rendering.sent, { render: id });
    await t.run(async (ctx) => {
      const row = await ctx.db.get('renders', id);
      if (!row) throw new Error('no render');
      const { _id, _creationTime, ...rest } = row;
      for (let count = 1; count < 120; count++) await ctx.db.insert('renders', rest);
    });
    await deployment.newlyStarted();
    await deployment.pass(UNCLAIMED_MILLISECONDS);
    const started = await deployment.newlyStarted();
    expect(started).toHaveLength(120);
    expect(new Set(started)).toEqual(new Set(['inspectRender']));
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { ERRORS, isErrorCode } from '../../action/contract/errors.ts';
import { isPublishOver } from '../../action/contract/states.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import { MAX_DISPATCHES, UNCLAIMED_MILLISECONDS } from '../../convex/model/jobMachine.ts';
import { FIRST_BACKOFF_MILLISECONDS, LEASE_MILLISECONDS, MAX_DISPATCH_ATTEMPTS } from '../../convex/model/outbox.ts';
import { MAX_LIFE_MILLISECONDS, MAX_RUN_MILLISECONDS, SILENT_MILLISECONDS } from '../../convex/model/publishMachine.ts';
import type { Facts } from '../../convex/model/validators.ts';
import {
  type Deployment,
  deploy,
  everything,
  HASH,
  makeThread,
  PUBLIC_URL,
  publish,
  publishedReport,
  receive,
  requestPublish,
  runOf,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const MINUTE = 60_000;
const none = { kind: 'none' as const };
const unknown = { kind: 'unknown' as const };

async function begin() {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada);
  const id = await requestPublish(ada);
  await deployment.newlyStarted();
  const look = () => ada.query(api.publishes.get, { publish: id });
  return { deployment, ada, id, look };
}

/** Answers an inspection as convex/node/inspect.ts would. */
async function settle({ t }: Deployment, id: Id<'publishes'>, facts: Facts): Promise<string> {
  const asked = await t.query(internal.inspecting.load, { publish: id });
  if (!asked) return 'over';
  return (await t.mutation(internal.publishes.settle, { publish: id, revision: asked.revision, facts })).kind;
}

async function artifactOf({ t }: Deployment, id: Id<'publishes'>): Promise<Facts['artifact']> {
  const snapshot = await t.run(async (ctx) => {
    const row = await ctx.db.get('publishes', id);
    return row && (await ctx.db.get('versions', row.version))?.snapshotHash;
  });
  return { kind: 'complete', snapshot: snapshot ?? '', artifactHash: HASH, files: 3, bytes: 9, javascriptBytes: 1 };
}

describe('a death', () => {
  it('of the dispatch action: it is started again, and again', async () => {
    const { deployment, id } = await begin();
    await deployment.pass(LEASE_MILLISECONDS - 1000);
    expect(await deployment.newlyStarted()).toEqual([]);
    await deployment.pass(1000);
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
    await deployment.t.mutation(internal.dispatching.renew, { publish: id });
    await deployment.pass(LEASE_MILLISECONDS);
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
  });

  it('of the dispatch action, for ever: it fails with a reason, and Retry works', async () => {
    const { deployment, ada, id, look } = await begin();
    for (let minute = 0; minute < 60 && !isPublishOver((await look()).state); minute++) {
      await deployment.pass(MINUTE);
      if ((await deployment.newlyStarted()).includes('inspect')) {
        await settle(deployment, id, { run: none, artifact: none });
      }
    }
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_UNAVAILABLE' } });
    await deployment.newlyStarted();
    expect(await ada.mutation(api.publishes.retry, { publish: id })).toMatchObject({ isNew: true });
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
  });

  it('of GitHub, for a while: tried again with growing patience, then failed with its code', async () => {
    const { deployment, id, look } = await begin();
    const failing = { publish: id, code: 'DISPATCH_UNAVAILABLE', message: 'GitHub answers 502.', retryable: true };
    for (let attempt = 1; attempt < MAX_DISPATCH_ATTEMPTS; attempt++) {
      const answer = await deployment.t.mutation(internal.dispatching.failed, failing);
      expect(answer).toEqual({ kind: 'retrying' });
      expect(await deployment.newlyStarted()).toEqual([]);
      vi.setSystemTime(Date.now() + FIRST_BACKOFF_MILLISECONDS);
      vi.advanceTimersByTime(FIRST_BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
      expect(await deployment.newlyStarted()).toEqual(['dispatch']);
    }
    expect(await deployment.t.mutation(internal.dispatching.failed, failing)).toEqual({ kind: 'failed' });
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_UNAVAILABLE' } });
    expect(await deployment.t.mutation(internal.dispatching.failed, failing)).toEqual({ kind: 'over' });
  });

  it('of the credentials: failed at once', async () => {
    const { deployment, id, look } = await begin();
    const failing = { publish: id, code: 'DISPATCH_DENIED', message: 'GitHub answers 401.', retryable: false };
    expect(await deployment.t.mutation(internal.dispatching.failed, failing)).toEqual({ kind: 'failed' });
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'DISPATCH_DENIED' } });
    await deployment.pass(MAX_LIFE_MILLISECONDS);
    expect(await deployment.newlyStarted()).not.toContain('dispatch');
  });

  it('of the dispatch between GitHub and the runner: sent again, a few times', async () => {
    const { deployment, id, look } = await begin();
    for (let dispatches = 1; dispatches <= MAX_DISPATCHES; dispatches++) {
      await deployment.t.mutation(internal.dispatching.sent, { publish: id });
      await deployment.pass(UNCLAIMED_MILLISECONDS);
      expect(await deployment.newlyStarted()).toEqual(['inspect']);
      const outcome = await settle(deployment, id, { run: none, artifact: none });
      expect(outcome).toBe(dispatches < MAX_DISPATCHES ? 'redispatch' : 'fail');
      if (outcome === 'redispatch') {
        expect(await deployment.newlyStarted()).toEqual(['dispatch']);
        const work = await deployment.t.query(internal.dispatching.load, { publish: id });
        expect(work).toMatchObject({ kind: 'ready', dispatches });
      }
    }
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_NOT_STARTED' } });
  });

  it('of the run, before it stored everything: failed, and Retry works', async () => {
    const { deployment, ada, id, look } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    await receive(deployment, { kind: 'claim', publish: id });
    await receive(deployment, { kind: 'progress', publish: id, state: 'uploading' });
    await deployment.pass(SILENT_MILLISECONDS);
    expect(await deployment.newlyStarted()).toEqual(['inspect']);
    const run = { kind: 'completed' as const, run: runOf(), conclusion: 'failure' };
    expect(await settle(deployment, id, { run, artifact: unknown })).toBe('wait');
    expect(await settle(deployment, id, { run, artifact: none })).toBe('fail');
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_LOST' } });
    expect(await receive(deployment, publishedReport(id))).toEqual({ kind: 'refused', reason: 'over' });
    expect(await ada.mutation(api.publishes.retry, { publish: id })).toMatchObject({ isNew: true });
  });

  it('of the run, after it stored everything: adopted, and latest moves', async () => {
    const { deployment, ada, id, look } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    await receive(deployment, { kind: 'claim', publish: id });
    await deployment.pass(SILENT_MILLISECONDS);
    const run = { kind: 'completed' as const, run: runOf(), conclusion: 'failure' };
    expect(await settle(deployment, id, { run, artifact: await artifactOf(deployment, id) })).toBe('adopt');
    expect(await look()).toMatchObject({ state: 'published', url: `${PUBLIC_URL}/p/film/1`, result: { files: 3 } });
    expect(await ada.query(api.threads.get, { thread: 'film' })).toMatchObject({ latest: 1 });
    expect(await deployment.newlyStarted()).toContain('control');
    expect(await receive(deployment, publishedReport(id))).toEqual({ kind: 'refused', reason: 'over' });
  });

  it('that is none: a run that hangs is called off', async () => {
    const { deployment, id, look } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    await receive(deployment, { kind: 'claim', publish: id });
    const facts: Facts = { run: { kind: 'active', run: runOf() }, artifact: none };
    await deployment.pass(SILENT_MILLISECONDS);
    expect(await settle(deployment, id, facts)).toBe('wait');
    await deployment.pass(MAX_RUN_MILLISECONDS);
    await deployment.newlyStarted();
    expect(await settle(deployment, id, facts)).toBe('fail');
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMEOUT' } });
    expect(await deployment.newlyStarted()).toContain('cancel');
  });

  it('of the inspection itself: another one is sent', async () => {
    const { deployment, id } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    await deployment.pass(UNCLAIMED_MILLISECONDS);
    await deployment.pass(MINUTE);
    expect(await deployment.newlyStarted()).toEqual(['inspect', 'inspect']);
  });

  it('of every inspection, for more than an hour: the publish ends without facts', async () => {
    const { deployment, ada, id, look } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    for (let minute = 0; minute <= 66; minute++) await deployment.pass(MINUTE);
    expect(await look()).toMatchObject({ state: 'failed', error: { code: 'RUN_NOT_STARTED' } });
    expect(await ada.mutation(api.publishes.retry, { publish: id })).toMatchObject({ isNew: true });
  });

  it('of the control’s writer: another one is sent, until the store knows', async () => {
    const { deployment, ada, id } = await begin();
    await publish(deployment, id);
    expect(await deployment.newlyStarted()).toEqual(['control']);
    for (let count = 0; count < 12; count++) {
      await deployment.pass(15 * MINUTE);
      expect(await deployment.newlyStarted()).toEqual(['control']);
    }
    // News does not wait for the patience that grew.
    vi.setSystemTime(Date.now() + LEASE_MILLISECONDS);
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    expect(await deployment.newlyStarted()).toEqual(['control']);
    const thread = await deployment.t.run(async (ctx) => (await ctx.db.query('threads').first())?._id);
    if (!thread) throw new Error('no thread');
    await deployment.t.mutation(internal.controls.written, { thread, revision: 3 });
    await deployment.pass(60 * MINUTE);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('of everything, for an hour: the publish ends all the same', async () => {
    const { deployment, id, look } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    for (let minute = 0; minute <= 65; minute++) {
      await deployment.pass(MINUTE);
      if ((await deployment.newlyStarted()).includes('inspect')) {
        await settle(deployment, id, { run: unknown, artifact: unknown });
      }
    }
    const { state, error } = await look();
    expect(state).toBe('failed');
    expect(isErrorCode(error?.code ?? '') && ERRORS[error?.code as 'INTERNAL'].retryable).toBe(true);
  });

  it('of somebody who is only slow: stale facts change nothing', async () => {
    const { deployment, id } = await begin();
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    const asked = await deployment.t.query(internal.inspecting.load, { publish: id });
    await receive(deployment, { kind: 'claim', publish: id });
    const before = await everything(deployment);
    const facts: Facts = { run: none, artifact: none };
    const late = { publish: id, revision: asked?.revision ?? 0, facts };
    expect(await deployment.t.mutation(internal.publishes.settle, late)).toEqual({ kind: 'stale' });
    expect(await everything(deployment)).toEqual(before);
  });
});

describe('the sweep', () => {
  it('takes a crowd in batches', async () => {
    const deployment = deploy();
    for (let person = 0; person < 30; person++) {
      const caller = deployment.person(`person${person}`);
      await makeThread(caller, `film${person}`, 4);
      for (let version = 1; version <= 4; version++) {
        const id = await requestPublish(caller, `film${person}`, version);
        await deployment.t.mutation(internal.dispatching.sent, { publish: id });
      }
    }
    await deployment.newlyStarted();
    await deployment.pass(UNCLAIMED_MILLISECONDS);
    const started = await deployment.newlyStarted();
    expect(started).toHaveLength(120);
    expect(new Set(started)).toEqual(new Set(['inspect']));
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_ACTIVE_PUBLISHES } from '../../action/contract/limits.ts';
import { api, internal } from '../../convex/_generated/api.js';
import { RATE_LIMITS } from '../../convex/model/rateLimits.ts';
import {
  codeOf,
  deploy,
  makeThread,
  PUBLIC_URL,
  publish,
  publishedReport,
  receive,
  requestPublish,
  runOf,
  saveVersion,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('a publish', () => {
  it('goes from the request to the link, each step visible to who asked', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    const id = await requestPublish(ada);
    const state = async () => (await ada.query(api.publishes.get, { publish: id })).state;
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
    expect(await state()).toBe('queued');
    const work = await deployment.t.query(internal.dispatching.load, { publish: id });
    expect(work).toMatchObject({ kind: 'ready', thread: 'film', project: 'film-project', version: 1, commit: null });
    if (work.kind !== 'ready') throw new Error('not ready');
    await deployment.t.mutation(internal.dispatching.committed, { version: work.versionId, commit: 'c'.repeat(40) });
    expect(await deployment.t.mutation(internal.dispatching.sent, { publish: id })).toEqual({ kind: 'recorded' });
    expect(await state()).toBe('dispatched');
    expect(await deployment.newlyStarted()).toEqual(['status']);
    expect(await deployment.t.query(internal.statuses.load, { publish: id })).toMatchObject({ state: 'pending' });
    await deployment.t.mutation(internal.statuses.written, { publish: id, state: 'pending' });
    expect(await receive(deployment, { kind: 'claim', publish: id })).toEqual({ kind: 'accepted' });
    for (const stage of ['bundling', 'uploading'] as const) {
      expect(await receive(deployment, { kind: 'progress', publish: id, state: stage })).toEqual({ kind: 'accepted' });
      expect(await state()).toBe(stage);
    }
    expect(await receive(deployment, publishedReport(id))).toEqual({ kind: 'accepted' });
    const seen = await ada.query(api.publishes.get, { publish: id });
    expect(seen).toMatchObject({ state: 'published', url: `${PUBLIC_URL}/p/film/1`, run: runOf() });
    expect(seen.latestUrl).toBe(`${PUBLIC_URL}/p/film/latest`);
    expect((await deployment.newlyStarted()).sort()).toEqual(['control', 'status']);
    expect(await deployment.t.query(internal.statuses.load, { publish: id })).toMatchObject({
      state: 'success',
      targetUrl: `${PUBLIC_URL}/p/film/1`,
      commit: 'c'.repeat(40),
    });
    expect(await ada.query(api.threads.get, { thread: 'film' })).toMatchObject({ latest: 1, isWritten: false });
  });

  it('asked for twice is one', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    const first = await ada.mutation(api.publishes.request, { thread: 'film', version: 1 });
    const again = await ada.mutation(api.publishes.request, { thread: 'film', version: 1 });
    expect(again).toEqual({ publish: first.publish, isNew: false });
    await publish(deployment, await requestPublish(ada));
    const later = await ada.mutation(api.publishes.request, { thread: 'film', version: 1 });
    expect(later).toEqual({ publish: first.publish, isNew: false });
    expect(await ada.query(api.publishes.listByThread, { thread: 'film' })).toHaveLength(1);
  });

  it(`of one person: at most ${MAX_ACTIVE_PUBLISHES} at a time`, async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada, 'film', MAX_ACTIVE_PUBLISHES + 1);
    const ids = [];
    for (let version = 1; version <= MAX_ACTIVE_PUBLISHES; version++)
      ids.push(await requestPublish(ada, 'film', version));
    const oneMore = () => ada.mutation(api.publishes.request, { thread: 'film', version: MAX_ACTIVE_PUBLISHES + 1 });
    expect(await codeOf(oneMore())).toBe('TOO_MANY_PUBLISHES');
    await ada.mutation(api.publishes.cancel, { publish: ids[0] ?? '' });
    expect(await oneMore()).toMatchObject({ isNew: true });
  });

  it('too often is refused, and goes through later', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    for (let count = 0; count < RATE_LIMITS.publishByPerson.burst; count++) {
      await ada.mutation(api.publishes.cancel, { publish: await requestPublish(ada) });
      vi.setSystemTime(Date.now() + 1);
    }
    expect(await codeOf(requestPublish(ada))).toBe('TOO_MANY_REQUESTS');
    vi.setSystemTime(Date.now() + RATE_LIMITS.publishByPerson.refillMilliseconds);
    await requestPublish(ada);
  });

  it('by a whole team too often is refused', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    await deployment.person('bob').mutation(api.users.signIn, {});
    const who = { email: 'bob@example.com' };
    await ada.mutation(api.projects.addCollaborator, { project: 'film-project', who, role: 'editor' });
    let refused = '';
    for (let count = 0; refused === ''; count++) {
      expect(count).toBeLessThanOrEqual(RATE_LIMITS.publishByProject.burst);
      const person = deployment.person(count % 2 === 0 ? 'ada' : 'bob');
      try {
        await person.mutation(api.publishes.cancel, { publish: await requestPublish(person) });
      } catch (error) {
        refused = String(error);
        expect(count).toBeGreaterThanOrEqual(2 * RATE_LIMITS.publishByPerson.burst);
      }
      vi.setSystemTime(Date.now() + 1);
    }
    expect(refused).toMatch('TOO_MANY_REQUESTS');
  });
});

describe('cancel and retry', () => {
  it.each(['queued', 'dispatched', 'bundling', 'uploading'] as const)(
    'while %s: the run is called off',
    async (state) => {
      const deployment = deploy();
      const ada = deployment.person('ada');
      await makeThread(ada);
      const id = await requestPublish(ada);
      if (state !== 'queued') await deployment.t.mutation(internal.dispatching.sent, { publish: id });
      if (state === 'bundling' || state === 'uploading') {
        await receive(deployment, { kind: 'claim', publish: id });
        await receive(deployment, { kind: 'progress', publish: id, state });
      }
      await deployment.newlyStarted();
      await ada.mutation(api.publishes.cancel, { publish: id });
      await ada.mutation(api.publishes.cancel, { publish: id });
      expect(await deployment.newlyStarted()).toEqual(['cancel']);
      expect(await deployment.t.query(internal.dispatching.load, { publish: id })).toEqual({ kind: 'nothing' });
      expect(await receive(deployment, { kind: 'claim', publish: id })).toEqual({ kind: 'refused', reason: 'over' });
      expect(await receive(deployment, publishedReport(id))).toEqual({ kind: 'refused', reason: 'over' });
      expect(await ada.query(api.publishes.get, { publish: id })).toMatchObject({ state: 'cancelled', url: null });
      expect(await deployment.t.query(internal.cancelling.load, { publish: id })).not.toBeNull();
      await deployment.t.mutation(internal.cancelling.done, { publish: id });
      await deployment.pass(3_600_000);
      expect(await deployment.newlyStarted()).not.toContain('cancel');
    },
  );

  it('a dispatch that went out while it was cancelled is called off', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    const id = await requestPublish(ada);
    await ada.mutation(api.publishes.cancel, { publish: id });
    await deployment.t.mutation(internal.cancelling.done, { publish: id });
    await deployment.newlyStarted();
    expect(await deployment.t.mutation(internal.dispatching.sent, { publish: id })).toEqual({ kind: 'over' });
    expect(await deployment.newlyStarted()).toEqual(['cancel']);
  });

  it('what is published or failed is not cancelled; what is published or under way is not retried', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada, 'film', 2);
    const done = await requestPublish(ada, 'film', 1);
    expect(await codeOf(ada.mutation(api.publishes.retry, { publish: done }))).toBe('STATE_CONFLICT');
    await publish(deployment, done);
    expect(await codeOf(ada.mutation(api.publishes.cancel, { publish: done }))).toBe('STATE_CONFLICT');
    expect(await codeOf(ada.mutation(api.publishes.retry, { publish: done }))).toBe('STATE_CONFLICT');
    const failing = await requestPublish(ada, 'film', 2);
    await receive(deployment, { kind: 'claim', publish: failing });
    const message = 'Unexpected token';
    const diagnostics = [{ code: 'SYNTAX_ERROR' as const, message, file: 'app.tsx', line: 1, column: 2 }];
    await receive(deployment, { kind: 'failed', publish: failing, code: 'SYNTAX_ERROR', message, diagnostics });
    expect(await ada.query(api.publishes.get, { publish: failing })).toMatchObject({
      state: 'failed',
      error: { code: 'SYNTAX_ERROR', diagnostics },
    });
    expect(await codeOf(ada.mutation(api.publishes.cancel, { publish: failing }))).toBe('STATE_CONFLICT');
    const retried = await ada.mutation(api.publishes.retry, { publish: failing });
    expect(retried.isNew).toBe(true);
    expect(await ada.query(api.publishes.get, { publish: retried.publish })).toMatchObject({
      state: 'queued',
      retryOf: failing,
    });
    expect(await ada.mutation(api.publishes.retry, { publish: failing })).toEqual({ ...retried, isNew: false });
  });
});

describe('latest, visibility and tombstones', () => {
  it('latest moves forward only, and back by hand', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada, 'film', 3);
    const latest = async () => (await ada.query(api.threads.get, { thread: 'film' })).latest;
    await publish(deployment, await requestPublish(ada, 'film', 2), runOf('2'));
    expect(await latest()).toBe(2);
    await publish(deployment, await requestPublish(ada, 'film', 1), runOf('1'));
    expect(await latest()).toBe(2);
    expect(await ada.mutation(api.threads.setLatest, { thread: 'film', version: 1 })).toEqual({ latest: 1 });
    expect(await codeOf(ada.mutation(api.threads.setLatest, { thread: 'film', version: 3 }))).toBe('STATE_CONFLICT');
    await publish(deployment, await requestPublish(ada, 'film', 3), runOf('3'));
    expect(await latest()).toBe(3);
  });

  it('taking down moves latest to the newest that stands; restoring puts it back', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada, 'film', 3);
    for (const version of [1, 2])
      await publish(deployment, await requestPublish(ada, 'film', version), runOf(`${version}`));
    const takeDown = (version: number) => ada.mutation(api.threads.takeDown, { thread: 'film', version });
    const restore = (version: number) => ada.mutation(api.threads.restore, { thread: 'film', version });
    expect(await takeDown(2)).toEqual({ latest: 1, tombstones: [2] });
    expect(await codeOf(ada.mutation(api.threads.setLatest, { thread: 'film', version: 2 }))).toBe('STATE_CONFLICT');
    expect(await takeDown(1)).toEqual({ latest: null, tombstones: [1, 2] });
    // Never published, but a page may be out that nobody reported.
    expect(await takeDown(3)).toEqual({ latest: null, tombstones: [1, 2, 3] });
    expect(await restore(3)).toEqual({ latest: null, tombstones: [1, 2] });
    expect(await restore(1)).toEqual({ latest: 1, tombstones: [2] });
    expect(await restore(2)).toEqual({ latest: 1, tombstones: [] });
    expect(await codeOf(takeDown(4))).toBe('NOT_FOUND');
  });

  it('a version that was taken down before its report comes is published, but latest does not lead there', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    const id = await requestPublish(ada);
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    await publish(deployment, id);
    expect(await ada.query(api.threads.get, { thread: 'film' })).toMatchObject({ latest: null, tombstones: [1] });
  });

  it('the store ends with the newest control, whichever writer comes last', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    const { t } = deployment;
    const thread = await t.run(async (ctx) => (await ctx.db.query('threads').first())?._id);
    if (!thread) throw new Error('no thread');
    await ada.mutation(api.threads.setVisibility, { thread: 'film', visibility: 'unlisted' });
    const first = await t.query(internal.controls.load, { thread });
    await ada.mutation(api.threads.setVisibility, { thread: 'film', visibility: 'public' });
    // While one writes, no second one is started.
    expect(await deployment.newlyStarted()).toEqual(['control']);
    await t.mutation(internal.controls.written, { thread, revision: first?.revision ?? 0 });
    expect(await deployment.newlyStarted()).toEqual(['control']);
    const second = await t.query(internal.controls.load, { thread });
    expect(second?.control.visibility).toBe('public');
    await t.mutation(internal.controls.written, { thread, revision: second?.revision ?? 0 });
    expect(await t.query(internal.controls.load, { thread })).toBeNull();
    // Somebody slow wrote an older one over it.
    await t.mutation(internal.controls.written, { thread, revision: first?.revision ?? 0 });
    expect(await deployment.newlyStarted()).toEqual(['control']);
    expect(await t.query(internal.controls.load, { thread })).toEqual(second);
  });

  it('nothing is dispatched for an unlisted thread before the store knows', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await ada.mutation(api.projects.create, { project: 'p', title: 'P' });
    await ada.mutation(api.threads.create, { project: 'p', thread: 'film', title: 'F', visibility: 'unlisted' });
    await saveVersion(ada, 'film', 0);
    const id = await requestPublish(ada);
    expect((await deployment.newlyStarted()).sort()).toEqual(['control', 'dispatch']);
    expect(await deployment.t.query(internal.dispatching.load, { publish: id })).toEqual({ kind: 'wait' });
    const thread = await deployment.t.run(async (ctx) => (await ctx.db.query('threads').first())?._id);
    if (!thread) throw new Error('no thread');
    await deployment.t.mutation(internal.controls.written, { thread, revision: 1 });
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
    expect(await deployment.t.query(internal.dispatching.load, { publish: id })).toMatchObject({ kind: 'ready' });
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import { LEASE_MILLISECONDS } from '../../convex/model/outbox.ts';
import { beginFilm, type Deployment, deploy, FILES, makeThread, publish, requestPublish, runOf } from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

async function workOf({ t }: Deployment, id: Id<'publishes'>) {
  const work = await t.query(internal.dispatching.load, { publish: id });
  if (work.kind !== 'ready') throw new Error(`the dispatch is ${work.kind}`);
  return work;
}

describe('the work of a dispatch', () => {
  it('names the newest earlier version with a commit; the first commit of a version stands', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada, 'film', 3);
    const first = await workOf(deployment, await requestPublish(ada, 'film', 1));
    const commits = ['1'.repeat(40), '2'.repeat(40)];
    const record = (commit = '') =>
      deployment.t.mutation(internal.dispatching.committed, { version: first.versionId, commit });
    expect(await record(commits[0])).toBe(commits[0]);
    expect(await record(commits[1])).toBe(commits[0]);
    const third = await workOf(deployment, await requestPublish(ada, 'film', 3));
    expect(third).toMatchObject({ version: 3, commit: null, previous: { version: 1, commit: commits[0] } });
    const files = await deployment.t.query(internal.dispatching.files, { version: third.versionId });
    expect(files.map(({ path }) => path)).toEqual(['permaframe.json', 'app.tsx', 'version.ts']);
    expect(files[0]?.content).toEqual({ kind: 'text', text: FILES[0]?.text });
  });

  it('of a public thread does not wait for the control to be written', async () => {
    const { deployment, ada, save } = await beginFilm();
    await save(FILES);
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    await workOf(deployment, await requestPublish(ada));
  });

  it('is not started twice while somebody is at it', async () => {
    const { deployment, ada, save } = await beginFilm();
    await save(FILES);
    const id = await requestPublish(ada);
    expect(await deployment.newlyStarted()).toEqual(['dispatch']);
    await ada.mutation(api.publishes.request, { thread: 'film', version: 1 });
    await deployment.pass(LEASE_MILLISECONDS / 2);
    expect(await deployment.newlyStarted()).toEqual([]);
    await deployment.t.mutation(internal.dispatching.sent, { publish: id });
    expect(await deployment.t.query(internal.dispatching.load, { publish: id })).toEqual({ kind: 'nothing' });
    await deployment.pass(LEASE_MILLISECONDS / 2);
    expect(await deployment.newlyStarted()).toEqual([]);
  });
});

describe('the status of a commit', () => {
  it('is written again when the publish moved on meanwhile', async () => {
    const { deployment, ada, save } = await beginFilm();
    await save(FILES);
    const id = await requestPublish(ada);
    const { versionId } = await workOf(deployment, id);
    await deployment.t.mutation(internal.dispatching.committed, { version: versionId, commit: 'c'.repeat(40) });
    await publish(deployment, id);
    expect((await deployment.newlyStarted()).filter((action) => action === 'status')).toEqual(['status']);
    await deployment.t.mutation(internal.statuses.written, { publish: id, state: 'pending' });
    expect(await deployment.newlyStarted()).toEqual(['status']);
    await deployment.t.mutation(internal.statuses.written, { publish: id, state: 'success' });
    await deployment.t.mutation(internal.statuses.written, { publish: id, state: 'pending' });
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('is that of the newest publish of the version', async () => {
    const { deployment, ada, save } = await beginFilm();
    await save(FILES);
    const first = await requestPublish(ada);
    const { versionId } = await workOf(deployment, first);
    await deployment.t.mutation(internal.dispatching.committed, { version: versionId, commit: 'c'.repeat(40) });
    await ada.mutation(api.publishes.cancel, { publish: first });
    const shown = (id: Id<'publishes'>) => deployment.t.query(internal.statuses.load, { publish: id });
    expect(await shown(first)).toMatchObject({ state: 'error', description: 'Cancelled' });
    const { publish: retried } = await ada.mutation(api.publishes.retry, { publish: first });
    await publish(deployment, retried as Id<'publishes'>, runOf('7'));
    expect(await shown(first)).toBeNull();
    expect(await shown(retried as Id<'publishes'>)).toMatchObject({ state: 'success' });
  });
});

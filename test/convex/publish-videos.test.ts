import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_ACTIVE_RENDERS, MAX_PUBLISH_VIDEOS } from '../../action/contract/limits.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import { RATE_LIMITS } from '../../convex/model/rateLimits.ts';
import {
  codeOf,
  type Deployment,
  deploy,
  HASH,
  makeThread,
  makeVideo,
  type Person,
  publish,
  refusalOf,
  requestRender,
  runOf,
  STORYBOARD,
  type VideoInput,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

async function begin(files = STORYBOARD) {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada, 'film', 1, files);
  return { deployment, ada };
}

async function share(person: Person, video: VideoInput[] = []): Promise<Id<'publishes'>> {
  const asked = await person.mutation(api.publishes.request, { thread: 'film', version: 1, video });
  return asked.publish as Id<'publishes'>;
}

const rendersOf = (person: Person) => person.query(api.renders.listByVersion, { thread: 'film', version: 1 });

async function addBob(deployment: Deployment, ada: Person): Promise<{ bob: Person; collaborator: string }> {
  const bob = deployment.person('bob');
  await bob.mutation(api.users.signIn, {});
  const who = { email: 'bob@example.com' };
  const added = await ada.mutation(api.projects.addCollaborator, { project: 'film-project', who, role: 'editor' });
  return { bob, collaborator: added.collaborator };
}

describe('videos that are asked for with a publish', () => {
  it('are begun when it is published, in the same transaction, for the same person', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada, [{ format: 'mp4', quality: 'high' }, { format: 'gif' }]);
    expect(await rendersOf(ada)).toEqual([]);
    expect((await ada.query(api.publishes.get, { publish: id })).video).toMatchObject([
      { format: 'mp4', quality: 'high', resolution: 'own' },
      { format: 'gif', quality: 'medium', resolution: 'own' },
    ]);
    await deployment.newlyStarted();
    await publish(deployment, id);
    const renders = await rendersOf(ada);
    expect(renders.map(({ request, state, requester, publish: with_ }) => [request.format, state, requester, with_]))
      // The newest first.
      .toEqual([
        ['gif', 'queued', 'ada', id],
        ['mp4', 'queued', 'ada', id],
      ]);
    const started = await deployment.newlyStarted();
    expect(started.filter((action) => action === 'dispatchRender')).toHaveLength(2);
    for (const [index, { render }] of renders.entries()) await makeVideo(deployment, render, runOf(`300${index}`));
    expect((await rendersOf(ada)).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('are begun also when the publish is adopted, because its report was lost', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada, [{ format: 'webm' }]);
    const { t } = deployment;
    const asked = await t.query(internal.inspecting.load, { publish: id });
    const version = await t.run((ctx) => ctx.db.query('versions').first());
    const artifact = {
      ...{ kind: 'complete' as const, snapshot: version?.snapshotHash ?? '', artifactHash: HASH },
      ...{ files: 1, bytes: 1, javascriptBytes: 1 },
    };
    const facts = { run: { kind: 'unknown' as const }, artifact };
    await t.mutation(internal.publishes.settle, { publish: id, revision: asked?.revision ?? 0, facts });
    expect(await rendersOf(ada)).toMatchObject([{ state: 'queued', request: { format: 'webm' } }]);
  });

  it('that are refused are renders that failed, and the publish has succeeded all the same', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada, [{ format: 'gif', resolution: '4k' }, { format: 'mp4' }]);
    await publish(deployment, id);
    expect(await ada.query(api.publishes.get, { publish: id })).toMatchObject({ state: 'published', error: null });
    const [mp4, gif] = await rendersOf(ada);
    expect(mp4).toMatchObject({ state: 'queued', request: { format: 'mp4' } });
    const error = { code: 'VIDEO_TOO_LARGE', message: expect.stringContaining('1280') };
    expect(gif).toMatchObject({ state: 'failed', error, spec: null, video: null, times: { ended: Date.now() } });
    // And what is refused is not retried into being.
    expect(await codeOf(ada.mutation(api.renders.retry, { render: gif?.render ?? '' }))).toBe('VIDEO_TOO_LARGE');
    await deployment.pass(60 * 60_000);
    expect((await rendersOf(ada)).at(-1)).toEqual(gif);
  });

  it('of an app are refused, one and all', async () => {
    const { deployment, ada } = await begin();
    await makeThread(ada, 'app');
    const video = [{ format: 'mp4' as const }];
    const asked = await ada.mutation(api.publishes.request, { thread: 'app', version: 1, video });
    await publish(deployment, asked.publish as Id<'publishes'>);
    expect(await ada.query(api.renders.listByVersion, { thread: 'app', version: 1 })).toMatchObject([
      { state: 'failed', error: { code: 'VIDEO_NOT_A_FILM' } },
    ]);
  });

  it('over the limit of the person are refused, and may be retried once there is room', async () => {
    const { deployment, ada } = await begin();
    const formats = ['mp4', 'webm', 'gif'] as const;
    const id = await share(
      ada,
      formats.map((format) => ({ format })),
    );
    await makeThread(ada, 'other', 1, STORYBOARD);
    const other = await ada.mutation(api.publishes.request, { thread: 'other', version: 1 });
    await publish(deployment, other.publish as Id<'publishes'>, runOf('7'), 'cd'.repeat(32));
    const underWay = await requestRender(ada, { format: 'mp4' }, 'other');
    await publish(deployment, id);
    const states = (await rendersOf(ada)).map(({ state, error }) => error?.code ?? state);
    expect(states).toEqual(['TOO_MANY_RENDERS', ...Array(MAX_ACTIVE_RENDERS - 1).fill('queued')]);
    await ada.mutation(api.renders.cancel, { render: underWay });
    const [refused] = await rendersOf(ada);
    expect(await ada.mutation(api.renders.retry, { render: refused?.render ?? '' })).toMatchObject({ isNew: true });
  });

  it('of somebody who may no longer edit are refused', async () => {
    const { deployment, ada } = await begin();
    const { bob, collaborator } = await addBob(deployment, ada);
    const id = await share(bob, [{ format: 'mp4' }]);
    await ada.mutation(api.projects.removeCollaborator, { project: 'film-project', collaborator });
    await publish(deployment, id);
    expect(await rendersOf(ada)).toMatchObject([{ state: 'failed', error: { code: 'NOT_FOUND' }, requester: 'bob' }]);
  });

  it('of a version that was taken down meanwhile are refused', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada, [{ format: 'mp4' }]);
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    await publish(deployment, id);
    expect(await rendersOf(ada)).toMatchObject([{ state: 'failed', error: { code: 'ARTIFACT_GONE' } }]);
  });
});

describe('a publish that is asked for again', () => {
  it('while it is under way takes more videos, each once, each for who asked', async () => {
    const { deployment, ada } = await begin();
    const { bob } = await addBob(deployment, ada);
    const id = await share(ada, [{ format: 'mp4' }]);
    expect(await share(ada, [{ format: 'mp4', quality: 'medium' }, { format: 'gif' }])).toBe(id);
    expect(await share(bob, [{ format: 'webm' }])).toBe(id);
    expect(await share(bob)).toBe(id);
    await publish(deployment, id);
    expect((await rendersOf(ada)).map(({ request, requester }) => [request.format, requester])).toEqual([
      ['webm', 'bob'],
      ['gif', 'ada'],
      ['mp4', 'ada'],
    ]);
  });

  it('once it is published begins them now, and finds those that are there', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada);
    await publish(deployment, id);
    const mp4 = await requestRender(ada);
    expect(await share(ada, [{ format: 'mp4' }, { format: 'gif' }])).toBe(id);
    expect((await rendersOf(ada)).map(({ request }) => request.format)).toEqual(['gif', 'mp4']);
    expect((await rendersOf(ada))[1]?.render).toBe(mp4);
  });

  it('after it failed still brings its videos about', async () => {
    const { deployment, ada } = await begin();
    const id = await share(ada, [{ format: 'mp4' }]);
    await ada.mutation(api.publishes.cancel, { publish: id });
    expect(await rendersOf(ada)).toEqual([]);
    const again = await ada.mutation(api.publishes.retry, { publish: id });
    await publish(deployment, again.publish as Id<'publishes'>);
    expect(await rendersOf(ada)).toMatchObject([{ state: 'queued', request: { format: 'mp4' } }]);
  });

  it('with videos counts, so that nobody fills a history with refusals', async () => {
    const { deployment, ada } = await begin();
    await publish(deployment, await share(ada));
    const tooLarge: VideoInput[] = [{ format: 'gif', resolution: '4k' }];
    for (let count = 1; count < RATE_LIMITS.publishByPerson.burst; count++) await share(ada, tooLarge);
    expect(await codeOf(share(ada, tooLarge))).toBe('TOO_MANY_REQUESTS');
    // Without videos it is what it was: a question.
    await share(ada);
  });

  it(`with more than ${MAX_PUBLISH_VIDEOS} videos, or one that is none, is refused`, async () => {
    const { ada } = await begin();
    const many = Array.from({ length: MAX_PUBLISH_VIDEOS + 1 }, (_, posterFrame) => ({
      ...{ format: 'mp4' as const, posterFrame },
    }));
    expect(await refusalOf(share(ada, many))).toMatchObject({ code: 'INPUT_INVALID', field: 'video' });
    const broken = [{ format: 'mp4' as const }, { format: 'gif' as const, posterFrame: -1 }];
    expect(await refusalOf(share(ada, broken))).toMatchObject({ code: 'INPUT_INVALID', field: 'video[1].posterFrame' });
    expect(await ada.query(api.publishes.listByThread, { thread: 'film' })).toEqual([]);
  });

  it('is let add no more than a dozen videos by all who work on it', async () => {
    const { ada } = await begin();
    const frames = (from: number) =>
      [0, 1, 2].map((offset) => ({ format: 'mp4' as const, posterFrame: from + offset }));
    for (const from of [0, 3, 6, 9]) await share(ada, frames(from));
    expect(await codeOf(share(ada, frames(12)))).toBe('TOO_MANY_RENDERS');
    await share(ada, frames(9));
  });
});

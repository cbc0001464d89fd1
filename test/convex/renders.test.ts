import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPayloadSchema } from '../../action/contract/dispatch.ts';
import { sha256Hex } from '../../action/contract/hash.ts';
import { MAX_ACTIVE_RENDERS } from '../../action/contract/limits.ts';
import { renderKeyText, specifyVideo, videoRequestSchema } from '../../action/contract/video.ts';
import { api, internal } from '../../convex/_generated/api.js';
import { RATE_LIMITS } from '../../convex/model/rateLimits.ts';
import {
  codeOf,
  deploy,
  everything,
  HASH,
  makeThread,
  makeVideo,
  PUBLIC_URL,
  publish,
  publishFilm,
  receiveRender,
  refusalOf,
  renderedReport,
  requestPublish,
  requestRender,
  runOf,
  STORYBOARD,
  type VideoInput,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const FILM = { fps: 30, width: 640, height: 360, durationInFrames: 75 };

describe('a render', () => {
  it('goes from the request to the download, each step visible to who asked', async () => {
    const { deployment, ada } = await publishFilm();
    const { t } = deployment;
    const id = await requestRender(ada, { format: 'mp4', resolution: '720p' });
    const look = () => ada.query(api.renders.get, { render: id });
    expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
    const request = { format: 'mp4', quality: 'medium', resolution: '720p', fps: 'own', posterFrame: null };
    expect(await look()).toMatchObject({
      ...{ state: 'queued', request, requester: 'ada', thread: 'film', version: 1, retryOf: null, publish: null },
      spec: { width: 1280, height: 720, fps: 30, durationInFrames: 75 },
      ...{ chunks: null, toRender: null, estimatedMilliseconds: null, run: null, error: null, video: null },
      downloadUrl: null,
    });
    await t.mutation(internal.rendering.sent, { render: id });
    expect(await look()).toMatchObject({ state: 'queued', times: { sent: Date.now() } });
    expect(await receiveRender(deployment, { kind: 'claimRender', render: id })).toEqual({ kind: 'accepted' });
    expect(await look()).toMatchObject({ state: 'queued', run: runOf('2001') });
    const plan = { chunks: 4, toRender: 1, estimatedMilliseconds: 30_000 };
    await receiveRender(deployment, { kind: 'rendering', render: id, ...plan });
    expect(await look()).toMatchObject({ state: 'rendering', ...plan });
    for (const state of ['combining', 'uploading'] as const) {
      expect(await receiveRender(deployment, { kind: 'renderMoved', render: id, state })).toEqual({ kind: 'accepted' });
      expect(await look()).toMatchObject({ state });
    }
    expect(await receiveRender(deployment, await renderedReport(deployment, id))).toEqual({ kind: 'accepted' });
    const seen = await look();
    const spec = specifyVideo(FILM, videoRequestSchema.parse({ format: 'mp4', resolution: '720p' }));
    const key = await sha256Hex(new TextEncoder().encode(renderKeyText(HASH, spec)));
    const video = { key, format: 'mp4', width: 1280, height: 720, bytes: 5000 };
    expect(seen).toMatchObject({ state: 'ready', video, durationMilliseconds: 2500, timings: { total: 1100 } });
    expect(seen.downloadUrl).toBe(`${PUBLIC_URL}/p/film/1/video/${key}.mp4`);
    // In the same transaction: what the edge is to know.
    expect(await deployment.newlyStarted()).toEqual(['control']);
    const thread = await t.run(async (ctx) => (await ctx.db.query('threads').first())?._id);
    if (!thread) throw new Error('no thread');
    const load = await t.query(internal.controls.load, { thread });
    expect(load?.control).toMatchObject({ latest: 1, videos: { 1: [video] } });
    expect(await ada.query(api.renders.listByVersion, { thread: 'film', version: 1 })).toEqual([seen]);
  });

  it('hands GitHub exactly what the contract says', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada, { format: 'gif', fps: '24', posterFrame: 74 });
    const work = await deployment.t.query(internal.rendering.loadDispatch, { render: id });
    const payload = renderPayloadSchema.parse({ ...work, callback: 'https://control.example.com/permaframe/report' });
    expect(payload).toMatchObject({
      ...{ render: id, thread: 'film', project: 'film-project', version: 1, artifactHash: HASH, sha: null },
      video: { format: 'gif', quality: 'medium', resolution: 'own', fps: '24', posterFrame: 74 },
    });
    const version = await deployment.t.run(async (ctx) => (await ctx.db.query('versions').first())?._id);
    if (!version) throw new Error('no version');
    await deployment.t.mutation(internal.dispatching.committed, { version, commit: 'c'.repeat(40) });
    expect(await deployment.t.query(internal.rendering.loadDispatch, { render: id })).toMatchObject({
      sha: 'c'.repeat(40),
    });
  });

  it('asked for twice is one, under way and ready; another request is another', async () => {
    const { deployment, ada } = await publishFilm();
    const ask = (video: VideoInput) => ada.mutation(api.renders.request, { thread: 'film', version: 1, video });
    const { render } = await ask({ format: 'mp4' });
    // The film has 30 frames a second: the same video, in other words.
    for (const same of [{ format: 'mp4' }, { format: 'mp4', quality: 'medium', fps: '30' }] as const) {
      expect(await ask(same)).toEqual({ render, isNew: false });
    }
    await makeVideo(deployment, render);
    expect(await ask({ format: 'mp4' })).toEqual({ render, isNew: false });
    expect(await ask({ format: 'mp4', quality: 'high' })).toMatchObject({ isNew: true });
    expect(await ada.query(api.renders.listByVersion, { thread: 'film', version: 1 })).toHaveLength(2);
  });

  it('of another artifact is another, although the film is as long and as large', async () => {
    const { deployment, ada } = await publishFilm();
    await makeThread(ada, 'other', 1, STORYBOARD);
    await publish(deployment, await requestPublish(ada, 'other'), runOf('1009'), 'cd'.repeat(32));
    await requestRender(ada);
    const video = { format: 'mp4' as const };
    expect(await ada.mutation(api.renders.request, { thread: 'other', version: 1, video })).toMatchObject({
      isNew: true,
    });
  });

  it('that the version no longer offers is offered again when it is asked for', async () => {
    const { deployment, ada } = await publishFilm();
    const { t } = deployment;
    const id = await requestRender(ada);
    await makeVideo(deployment, id);
    const row = () => t.run((ctx) => ctx.db.query('threadControls').first());
    const before = await row();
    if (!before) throw new Error('no control');
    await t.run((ctx) => ctx.db.patch('threadControls', before._id, { videos: {} }));
    expect(await requestRender(ada)).toBe(id);
    expect((await row())?.videos).toEqual(before.videos);
    const after = await row();
    await requestRender(ada);
    expect(await row()).toEqual(after);
  });
});

describe('a request is refused before any work', () => {
  const ask = (person: Awaited<ReturnType<typeof publishFilm>>['ada'], video: VideoInput, version = 1) =>
    refusalOf(person.mutation(api.renders.request, { thread: 'film', version, video }));

  it('by the limits of videos, and for a frame that the film does not have', async () => {
    const { deployment, ada } = await publishFilm();
    const before = await everything(deployment);
    expect(await ask(ada, { format: 'gif', resolution: '4k' })).toMatchObject({ code: 'VIDEO_TOO_LARGE' });
    expect(await ask(ada, { format: 'mp4', posterFrame: 75 })).toMatchObject({ code: 'INPUT_INVALID', field: 'video' });
    const field = 'video.posterFrame';
    expect(await ask(ada, { format: 'mp4', posterFrame: 0.5 })).toMatchObject({ code: 'INPUT_INVALID', field });
    expect(await everything(deployment)).toEqual(before);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('for a film that is too long for the format', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    const scenes = [{ id: 'long', entry: 'one.tsx', durationInFrames: 1801 }];
    const manifest = { title: 'Long', kind: 'storyboard', fps: 30, width: 640, height: 360, scenes };
    const files = [{ path: 'permaframe.json', text: JSON.stringify(manifest) }, ...STORYBOARD.slice(1)];
    await makeThread(ada, 'film', 1, files);
    await publish(deployment, await requestPublish(ada));
    expect(await ask(ada, { format: 'gif' })).toMatchObject({ code: 'VIDEO_TOO_LONG' });
    await requestRender(ada, { format: 'mp4' });
  });

  it('for an app, and for a manifest that cannot be read', async () => {
    const deployment = deploy();
    const ada = deployment.person('ada');
    await makeThread(ada);
    await publish(deployment, await requestPublish(ada));
    expect(await ask(ada, { format: 'mp4' })).toMatchObject({ code: 'VIDEO_NOT_A_FILM' });
    await makeThread(ada, 'odd', 1, [{ path: 'permaframe.json', text: '{"kind":"storyboard"}' }]);
    await publish(deployment, await requestPublish(ada, 'odd'), runOf('1002'));
    expect(await codeOf(requestRender(ada, { format: 'mp4' }, 'odd'))).toBe('MANIFEST_INVALID');
  });

  it('for a version that is not published, was taken down, or does not exist', async () => {
    const { ada } = await publishFilm();
    await ada.mutation(api.versions.save, { thread: 'film', base: 1, files: STORYBOARD });
    expect(await ask(ada, { format: 'mp4' }, 2)).toMatchObject({ code: 'STATE_CONFLICT', field: 'version' });
    expect(await ask(ada, { format: 'mp4' }, 3)).toMatchObject({ code: 'NOT_FOUND' });
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    expect(await ask(ada, { format: 'mp4' })).toMatchObject({ code: 'ARTIFACT_GONE' });
    await ada.mutation(api.threads.restore, { thread: 'film', version: 1 });
    await requestRender(ada);
  });

  const KINDS: VideoInput[] = (['low', 'medium', 'high'] as const).flatMap((quality) => [
    { format: 'mp4', quality },
    { format: 'webm', quality },
  ]);

  it(`while the person has ${MAX_ACTIVE_RENDERS} under way, of whatever version`, async () => {
    const { deployment, ada } = await publishFilm();
    const ids = [];
    for (const video of KINDS.slice(0, MAX_ACTIVE_RENDERS)) ids.push(await requestRender(ada, video));
    const more = KINDS[MAX_ACTIVE_RENDERS] ?? { format: 'gif' };
    expect(await ask(ada, more)).toMatchObject({ code: 'TOO_MANY_RENDERS' });
    // What is under way may be asked for all the same; and nobody else is held up.
    expect(await requestRender(ada, KINDS[0])).toBe(ids[0]);
    await deployment.person('bob').mutation(api.users.signIn, {});
    const who = { email: 'bob@example.com' };
    await ada.mutation(api.projects.addCollaborator, { project: 'film-project', who, role: 'editor' });
    await requestRender(deployment.person('bob'), more);
    await ada.mutation(api.renders.cancel, { render: ids[0] ?? '' });
    await requestRender(ada, KINDS.at(-1));
  });

  it('too often, and goes through later', async () => {
    const { ada } = await publishFilm();
    for (let count = 0; count < RATE_LIMITS.renderByPerson.burst; count++) {
      await ada.mutation(api.renders.cancel, { render: await requestRender(ada) });
      vi.setSystemTime(Date.now() + 1);
    }
    expect(await ask(ada, { format: 'mp4' })).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    vi.setSystemTime(Date.now() + RATE_LIMITS.renderByPerson.refillMilliseconds);
    await requestRender(ada);
  });

  it('by a whole team too often', async () => {
    const { deployment, ada } = await publishFilm();
    const { t } = deployment;
    const project = await t.run(async (ctx) => (await ctx.db.query('projects').first())?._id);
    const key = `renderByProject ${project}`;
    await t.run((ctx) => ctx.db.insert('rateLimits', { key, tokens: 0, at: Date.now(), fullAt: Date.now() + 1 }));
    expect(await ask(ada, { format: 'mp4' })).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    vi.setSystemTime(Date.now() + RATE_LIMITS.renderByProject.refillMilliseconds);
    await requestRender(ada);
  });
});

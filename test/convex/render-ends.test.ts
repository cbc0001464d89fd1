import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, internal } from '../../convex/_generated/api.js';
import {
  codeOf,
  makeThread,
  makeVideo,
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

const FILM = { fps: 30, width: 640, height: 360, durationInFrames: 75 };

describe('cancel and retry', () => {
  it.each(['queued', 'sent', 'claimed', 'rendering', 'combining', 'uploading'] as const)(
    'while %s: the run is called off',
    async (stage) => {
      const { deployment, ada } = await publishFilm();
      const { t } = deployment;
      const id = await requestRender(ada);
      if (stage !== 'queued') await t.mutation(internal.rendering.sent, { render: id });
      if (stage !== 'queued' && stage !== 'sent') await receiveRender(deployment, { kind: 'claimRender', render: id });
      const plan = { chunks: 1, toRender: 1, estimatedMilliseconds: 1 };
      if (stage === 'rendering') await receiveRender(deployment, { kind: 'rendering', render: id, ...plan });
      if (stage === 'combining' || stage === 'uploading') {
        await receiveRender(deployment, { kind: 'renderMoved', render: id, state: stage });
      }
      await deployment.newlyStarted();
      await ada.mutation(api.renders.cancel, { render: id });
      await ada.mutation(api.renders.cancel, { render: id });
      expect(await deployment.newlyStarted()).toEqual(['cancelRender']);
      expect(await t.query(internal.rendering.loadDispatch, { render: id })).toBeNull();
      expect(await t.query(internal.rendering.loadInspection, { render: id })).toBeNull();
      const over = { kind: 'refused', reason: 'over' };
      expect(await receiveRender(deployment, { kind: 'claimRender', render: id })).toEqual(over);
      expect(await receiveRender(deployment, await renderedReport(deployment, id))).toEqual(over);
      expect(await ada.query(api.renders.get, { render: id })).toMatchObject({ state: 'cancelled', downloadUrl: null });
      expect(await t.query(internal.rendering.loadCancelling, { render: id })).not.toBeNull();
      await t.mutation(internal.rendering.runCancelled, { render: id });
      await deployment.pass(3_600_000);
      expect(await deployment.newlyStarted()).toEqual([]);
    },
  );

  it('a dispatch that goes through after the cancel has its run called off', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada);
    await ada.mutation(api.renders.cancel, { render: id });
    await deployment.t.mutation(internal.rendering.runCancelled, { render: id });
    await deployment.newlyStarted();
    expect(await deployment.t.mutation(internal.rendering.sent, { render: id })).toEqual({ kind: 'over' });
    expect(await deployment.newlyStarted()).toEqual(['cancelRender']);
  });

  it('what is ready is not cancelled, and what is under way or ready is not retried', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada);
    expect(await codeOf(ada.mutation(api.renders.retry, { render: id }))).toBe('STATE_CONFLICT');
    await makeVideo(deployment, id);
    expect(await codeOf(ada.mutation(api.renders.retry, { render: id }))).toBe('STATE_CONFLICT');
    expect(await codeOf(ada.mutation(api.renders.cancel, { render: id }))).toBe('STATE_CONFLICT');
  });

  it('what failed is retried as a new render of the same request, once', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada, { format: 'webm', quality: 'low' });
    await receiveRender(deployment, { kind: 'claimRender', render: id });
    const diagnostics = [{ code: 'RENDER_SCENE_FAILED' as const, message: 'x is not a function', file: 'one.tsx' }];
    const code = 'RENDER_SCENE_FAILED';
    await receiveRender(deployment, {
      kind: 'renderFailed',
      render: id,
      code,
      message: 'The scene threw.',
      diagnostics,
    });
    expect(await ada.query(api.renders.get, { render: id })).toMatchObject({
      state: 'failed',
      error: { code, message: 'The scene threw.', diagnostics },
    });
    await deployment.newlyStarted();
    const again = await ada.mutation(api.renders.retry, { render: id });
    expect(again).toMatchObject({ isNew: true });
    expect(await ada.mutation(api.renders.retry, { render: id })).toEqual({ render: again.render, isNew: false });
    expect(await deployment.newlyStarted()).toEqual(['dispatchRender']);
    expect(await ada.query(api.renders.get, { render: again.render })).toMatchObject({
      ...{ state: 'queued', retryOf: id, error: null },
      request: { format: 'webm', quality: 'low' },
    });
    await makeVideo(deployment, again.render, runOf('2002'));
  });

  it('nothing is retried of a version that was taken down', async () => {
    const { ada } = await publishFilm();
    const id = await requestRender(ada);
    await ada.mutation(api.renders.cancel, { render: id });
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    expect(await codeOf(ada.mutation(api.renders.retry, { render: id }))).toBe('ARTIFACT_GONE');
  });
});

describe('what people see', () => {
  it('a version that is taken down has its renders called off, and only its own', async () => {
    const { deployment, ada } = await publishFilm(2);
    const queued = await requestRender(ada);
    const claimed = await requestRender(ada, { format: 'gif' });
    await receiveRender(deployment, { kind: 'claimRender', render: claimed });
    const other = await requestRender(ada, { format: 'mp4' }, 'film', 2);
    await deployment.newlyStarted();
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    expect((await deployment.newlyStarted()).sort()).toEqual(['cancelRender', 'cancelRender', 'control']);
    const state = async (render: string) => (await ada.query(api.renders.get, { render })).state;
    expect([await state(queued), await state(claimed), await state(other)]).toEqual([
      'cancelled',
      'cancelled',
      'queued',
    ]);
  });

  it('a download address only while everybody may open the version', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada);
    await makeVideo(deployment, id);
    const address = async () => (await ada.query(api.renders.get, { render: id })).downloadUrl;
    expect(await address()).toMatch(/^https:\/\/share\.example\.com\/p\/film\/1\/video\/[0-9a-f]{64}\.mp4$/);
    await ada.mutation(api.threads.setVisibility, { thread: 'film', visibility: 'unlisted' });
    expect(await address()).toBeNull();
    await ada.mutation(api.threads.setVisibility, { thread: 'film', visibility: 'public' });
    await ada.mutation(api.threads.takeDown, { thread: 'film', version: 1 });
    expect(await address()).toBeNull();
  });

  it('the renders of one version, the newest first', async () => {
    const { ada } = await publishFilm(2);
    const first = await requestRender(ada);
    const second = await requestRender(ada, { format: 'gif' });
    const list = (version: number) => ada.query(api.renders.listByVersion, { thread: 'film', version });
    expect((await list(1)).map(({ render }) => render)).toEqual([second, first]);
    expect(await list(2)).toEqual([]);
  });

  it('what a version is as a film, or that it is none', async () => {
    const { ada } = await publishFilm();
    expect(await ada.query(api.renders.film, { thread: 'film', version: 1 })).toEqual({
      ...FILM,
      scenes: [
        { title: 'one', middle: 22 },
        { title: 'two', middle: 52 },
      ],
    });
    await makeThread(ada, 'app');
    expect(await ada.query(api.renders.film, { thread: 'app', version: 1 })).toBeNull();
  });
});

import { describe, expect, it, vi } from 'vitest';
import { REPORT_PATH } from '../../action/contract/reports.ts';
import { api, internal } from '../../convex/_generated/api.js';
import {
  everything,
  makeVideo,
  publishedReport,
  publishFilm,
  renderedReport,
  requestPublish,
  requestRender,
  runOf,
  saveVersion,
} from './deployment.ts';
import { accepted, claimsOf, RENDER_WORKFLOW_REF, refused, send, startIssuer, token } from './reporting.ts';

const issuer = startIssuer();

const FROM_RENDER = { job_workflow_ref: RENDER_WORKFLOW_REF };

/** Of a job of the workflow that makes videos. */
const renderToken = (run = '2001', attempt = '1', changes: Record<string, unknown> = {}) =>
  token({ ...claimsOf(run, attempt), ...FROM_RENDER, ...changes });

async function dispatched() {
  const { deployment, ada } = await publishFilm();
  vi.stubEnv('PERMAFRAME_OIDC_ISSUER', issuer.address());
  const id = await requestRender(ada);
  await deployment.t.mutation(internal.rendering.sent, { render: id });
  await deployment.newlyStarted();
  return { deployment, ada, id };
}

const plan = { chunks: 3, toRender: 2, estimatedMilliseconds: 20_000 };

describe('the report endpoint, of renders', () => {
  it('takes the reports of a run from claim to video', async () => {
    const { deployment, ada, id } = await dispatched();
    for (const body of [
      { kind: 'claimRender', render: id },
      { kind: 'rendering', render: id, ...plan },
      { kind: 'renderMoved', render: id, state: 'combining' },
      { kind: 'renderMoved', render: id, state: 'uploading' },
      await renderedReport(deployment, id),
    ]) {
      expect(await send(deployment, body, await renderToken())).toEqual(accepted);
    }
    const url = 'https://github.com/acme/films/actions/runs/2001/attempts/1';
    const seen = await ada.query(api.renders.get, { render: id });
    expect(seen).toMatchObject({ state: 'ready', ...plan, run: { id: '2001', attempt: 1, url } });
  });

  it('says of repeated, late and out-of-order reports that they change nothing', async () => {
    const { deployment, id } = await dispatched();
    const report = async (body: unknown) => send(deployment, body, await renderToken());
    const rendered = await renderedReport(deployment, id);
    expect(await report({ kind: 'rendering', render: id, ...plan })).toEqual(refused('notYours'));
    expect(await report(rendered)).toEqual(refused('notYours'));
    expect(await report({ kind: 'claimRender', render: id })).toEqual(accepted);
    expect(await report({ kind: 'renderMoved', render: id, state: 'uploading' })).toEqual(accepted);
    const before = await everything(deployment);
    expect(await report({ kind: 'claimRender', render: id })).toEqual(refused('late'));
    expect(await report({ kind: 'rendering', render: id, ...plan })).toEqual(refused('late'));
    expect(await report({ kind: 'renderMoved', render: id, state: 'combining' })).toEqual(refused('late'));
    expect(await everything(deployment)).toEqual(before);
    expect(await report(rendered)).toEqual(accepted);
    const after = await everything(deployment);
    const failed = { kind: 'renderFailed', render: id, code: 'INTERNAL', message: 'late', diagnostics: [] };
    for (const body of [rendered, failed, { kind: 'claimRender', render: id }]) {
      expect(await report(body)).toEqual(refused('over'));
    }
    expect(await everything(deployment)).toEqual(after);
  });

  it('lets the last jobs of a run speak when GitHub runs them again, and the first attempt no longer', async () => {
    const { deployment, ada, id } = await dispatched();
    const first = await renderToken('2001', '1');
    const second = await renderToken('2001', '2');
    expect(await send(deployment, { kind: 'claimRender', render: id }, first)).toEqual(accepted);
    const combining = { kind: 'renderMoved', render: id, state: 'combining' };
    expect(await send(deployment, combining, second)).toEqual(accepted);
    const before = await everything(deployment);
    const rendered = await renderedReport(deployment, id);
    expect(await send(deployment, rendered, first)).toEqual(refused('notYours'));
    expect(await send(deployment, rendered, await renderToken('2002', '9'))).toEqual(refused('notYours'));
    expect(await everything(deployment)).toEqual(before);
    expect(await send(deployment, rendered, second)).toEqual(accepted);
    expect(await ada.query(api.renders.get, { render: id })).toMatchObject({ state: 'ready', run: { attempt: 2 } });
  });

  it('of two runs lets the first in, and the other stop', async () => {
    const { deployment, id } = await dispatched();
    expect(await send(deployment, { kind: 'claimRender', render: id }, await renderToken('2001'))).toEqual(accepted);
    const claim = { kind: 'claimRender', render: id };
    expect(await send(deployment, claim, await renderToken('2002'))).toEqual(refused('notYours'));
  });

  it('a run that owns one render says nothing about another', async () => {
    const { deployment, ada, id } = await dispatched();
    const other = await requestRender(ada, { format: 'gif' });
    await makeVideo(deployment, id);
    expect(await send(deployment, { kind: 'claimRender', render: other }, await renderToken('3001'))).toEqual(accepted);
    const before = await everything(deployment);
    expect(await send(deployment, await renderedReport(deployment, other), await renderToken())).toEqual(
      refused('notYours'),
    );
    expect(await everything(deployment)).toEqual(before);
  });
});

describe('a report about something else', () => {
  it('than its workflow does changes nothing: videos say nothing of pages, and pages nothing of videos', async () => {
    const { deployment, ada, id } = await dispatched();
    await saveVersion(ada, 'film', 1);
    const publish = await requestPublish(ada, 'film', 2);
    const before = await everything(deployment);
    for (const body of [{ kind: 'claim', publish }, publishedReport(publish)]) {
      expect(await send(deployment, body, await renderToken())).toEqual(refused('unknown'));
    }
    for (const body of [{ kind: 'claimRender', render: id }, await renderedReport(deployment, id)]) {
      expect(await send(deployment, body, await token())).toEqual(refused('unknown'));
    }
    // Nor when the id of one is given out as that of the other.
    expect(await send(deployment, { kind: 'claimRender', render: publish }, await renderToken())).toEqual(
      refused('unknown'),
    );
    expect(await send(deployment, { kind: 'claim', publish: id }, await token())).toEqual(refused('unknown'));
    expect(await everything(deployment)).toEqual(before);
  });

  it.each([
    ['another repository', { repository_id: '4712' }, 200],
    ['a workflow of that name in a branch', { job_workflow_ref: RENDER_WORKFLOW_REF.replace('main', 'evil') }, 200],
    ['a workflow of that name elsewhere', { job_workflow_ref: RENDER_WORKFLOW_REF.replace('acme', 'evil') }, 200],
    ['a workflow with a longer name', { job_workflow_ref: `${RENDER_WORKFLOW_REF}-evil` }, 200],
    ['a pull request', { event_name: 'pull_request' }, 200],
    ['another branch', { ref: 'refs/heads/evil' }, 200],
    ['another audience', { aud: 'https://other.example.com' }, 401],
  ])('and a forged one from %s changes nothing', async (_, changes, status) => {
    const { deployment, id } = await dispatched();
    const before = await everything(deployment);
    for (const body of [{ kind: 'claimRender', render: id }, await renderedReport(deployment, id)]) {
      const answer = await send(deployment, body, await renderToken('2001', '1', changes));
      expect(answer.status).toBe(status);
      if (status === 200) expect(answer).toEqual(refused('unknown'));
    }
    expect(await everything(deployment)).toEqual(before);
    expect(await send(deployment, { kind: 'claimRender', render: id }, await renderToken())).toEqual(accepted);
  });

  it('or that is none is refused', async () => {
    const { deployment, id } = await dispatched();
    await send(deployment, { kind: 'claimRender', render: id }, await renderToken());
    const before = await everything(deployment);
    const rendered = await renderedReport(deployment, id);
    const failing = { kind: 'renderFailed', render: id, code: 'INTERNAL', message: '', diagnostics: [] };
    for (const body of [
      { kind: 'claimRender' },
      { kind: 'claimRender', render: id, publish: id },
      { kind: 'rendering', render: id, ...plan, chunks: 0 },
      { kind: 'rendering', render: id, ...plan, chunks: 1000 },
      { kind: 'renderMoved', render: id, state: 'ready' },
      { ...rendered, video: { ...rendered.video, key: '../../evil' } },
      { ...rendered, video: { ...rendered.video, bytes: -1 } },
      { ...rendered, url: 'https://evil.example.com' },
      { ...failing, code: '__proto__' },
      { ...failing, message: 'x'.repeat(2000) },
    ]) {
      const { status } = await send(deployment, body, await renderToken());
      expect(status, JSON.stringify(body).slice(0, 90)).toBe(400);
    }
    const unsigned = await deployment.t.fetch(REPORT_PATH, { method: 'POST', body: JSON.stringify(rendered) });
    expect(unsigned.status).toBe(401);
    expect(await everything(deployment)).toEqual(before);
  });

  it('a video of another key than was asked for fails the render, and is attached to nothing', async () => {
    const { deployment, ada, id } = await dispatched();
    await send(deployment, { kind: 'claimRender', render: id }, await renderToken());
    const rendered = await renderedReport(deployment, id);
    const other = { ...rendered, video: { ...rendered.video, key: 'ef'.repeat(32) } };
    expect(await send(deployment, other, await renderToken())).toEqual(accepted);
    const seen = await ada.query(api.renders.get, { render: id });
    expect(seen).toMatchObject({ state: 'failed', error: { code: 'RENDER_OUTPUT_INVALID' }, video: null });
    const control = await deployment.t.run((ctx) => ctx.db.query('threadControls').first());
    expect(control?.videos ?? {}).toEqual({});
    expect(await ada.mutation(api.renders.retry, { render: id })).toMatchObject({ isNew: true });
  });

  it('by the run that published the version is not taken', async () => {
    const { deployment, id } = await dispatched();
    const report = await renderedReport(deployment, id);
    const run = runOf('1001');
    // The run that has published the version.
    expect(await deployment.t.mutation(internal.reports.receiveRender, { report, run })).toEqual({
      ...{ kind: 'refused', reason: 'notYours' },
    });
  });
});

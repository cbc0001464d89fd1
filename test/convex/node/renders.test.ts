/** The Node actions of renders against the stand-in for GitHub and Cloudflare's local R2. Waits about two seconds for wrangler. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createObjectStore } from '../../../action/adapters/r2.ts';
import { renderPayloadSchema } from '../../../action/contract/dispatch.ts';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { videoKey } from '../../../action/contract/keys.ts';
import { renderRunName } from '../../../action/contract/reports.ts';
import { api, internal } from '../../../convex/_generated/api.js';
import { startTestGitHub, TEST_WORKFLOW, type TestGitHub } from '../../support/github.ts';
import { type LocalR2, startLocalR2 } from '../../support/local-r2.ts';
import { ENVIRONMENT, HASH, publishedReport, STORYBOARD } from '../deployment.ts';
import { deployReal } from './real-deployment.ts';

/** A workflow as short as can be that has the trigger and the name of the real one. */
const RENDER_WORKFLOW = `name: Render
run-name: >-
  Render \${{ github.event.client_payload.thread }} v\${{ github.event.client_payload.version }}
  (\${{ github.event.client_payload.render }})
on:
  repository_dispatch:
    types: [permaframe-render]
permissions: {}
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`;

const FILES = [
  { path: '.github/workflows/publish.yml', content: TEST_WORKFLOW },
  { path: '.github/workflows/render.yml', content: RENDER_WORKFLOW },
];

let r2: LocalR2;
let github: TestGitHub;

beforeAll(async () => {
  r2 = await startLocalR2();
}, 60_000);
afterAll(() => r2?.[Symbol.asyncDispose]());

beforeEach(async () => {
  github = await startTestGitHub({ maxRunning: 9, files: FILES });
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await github[Symbol.asyncDispose]();
});

/** A published version, and a render of it. */
async function deploy() {
  const deployed = await deployReal(github, r2, STORYBOARD);
  const { t, ada, thread, publish, outbox } = deployed;
  const run = { id: '1', attempt: 1, url: 'https://example.com/run' };
  await t.mutation(internal.reports.receive, { report: { kind: 'claim', publish }, run });
  await t.mutation(internal.reports.receive, { report: publishedReport(publish), run });
  const asked = await ada.mutation(api.renders.request, { thread, version: 1, video: { format: 'webm' } });
  const render = asked.render;
  const row = async () => (await t.run((ctx) => ctx.db.get('renders', render))) ?? expect.unreachable();
  const act = {
    dispatch: () => t.action(internal.node.renders.dispatch, { render }),
    inspect: () => t.action(internal.node.renders.inspect, { render }),
    cancel: () => t.action(internal.node.renders.cancel, { render }),
  };
  return { t, ada, thread, render, row, outbox, act };
}

type Deployed = Awaited<ReturnType<typeof deploy>>;

/** Puts the video into the store, as the run would. */
async function storeVideo({ thread, row }: Deployed): Promise<void> {
  using store = createObjectStore(r2.config);
  const body = new Uint8Array(321).fill(7);
  const key = videoKey(thread, 1, (await row()).key ?? expect.unreachable(), 'webm');
  const object = { body, sha256: await sha256Hex(body), contentType: 'video/webm', cacheControl: 'no-cache' };
  await store.create({ key, ...object });
}

describe('dispatch', () => {
  it('starts a run that bears the name, with a payload of the contract', async () => {
    const deployed = await deploy();
    const { thread, render } = deployed;
    await deployed.act.dispatch();
    expect(github.standIn.runs.map(({ title }) => title)).toEqual([renderRunName(thread, 1, render)]);
    const [run] = github.standIn.runs;
    expect(renderPayloadSchema.parse(run?.event.client_payload)).toEqual({
      ...{ render, thread, project: `${thread}-project`, version: 1, artifactHash: HASH, sha: null },
      video: { format: 'webm', quality: 'medium', resolution: 'own', fps: 'own', posterFrame: null },
      callback: `${ENVIRONMENT.CONVEX_SITE_URL}/permaframe/report`,
    });
    expect(await deployed.row()).toMatchObject({ state: 'queued', dispatches: 1, times: { sent: expect.any(Number) } });
    // Sent once: another action that was started for it finds nothing to do.
    await deployed.act.dispatch();
    expect(github.standIn.runs).toHaveLength(1);
  });

  it.each([
    ['refused credentials', { status: 401 }, 'DISPATCH_DENIED'],
    ['a repository that is not there', { status: 404 }, 'DISPATCH_MISSING'],
  ])('fails the render at once with %s', async (_, answer, code) => {
    const deployed = await deploy();
    github.standIn.faults.push({ path: /dispatches$/, fault: { kind: 'answer', ...answer } });
    await deployed.act.dispatch();
    expect(await deployed.row()).toMatchObject({ state: 'failed', error: { code } });
  });

  it('is tried again later when GitHub asks for patience', async () => {
    const deployed = await deploy();
    const fault = { kind: 'answer' as const, status: 403, headers: { 'retry-after': '600' } };
    github.standIn.faults.push({ path: /dispatches$/, fault });
    await deployed.act.dispatch();
    expect(await deployed.row()).toMatchObject({ state: 'queued', dispatches: 0 });
    const rows = await deployed.t.run((ctx) => ctx.db.query('outbox').collect());
    const row = rows.find((each) => each.kind === 'dispatch' && each.render === deployed.render);
    expect(row?.dueAt).toBeGreaterThan(Date.now() + 500_000);
  });

  it('does nothing for a render that was cancelled', async () => {
    const deployed = await deploy();
    await deployed.ada.mutation(api.renders.cancel, { render: deployed.render });
    await deployed.act.dispatch();
    expect(github.standIn.seen).toEqual([]);
  });
});

describe('inspect', () => {
  it('adopts a video that was stored and not reported', async () => {
    const deployed = await deploy();
    await deployed.act.dispatch();
    await storeVideo(deployed);
    await github.standIn.idle();
    await deployed.act.inspect();
    const run = { id: String(github.standIn.runs[0]?.id), attempt: 1 };
    expect(await deployed.row()).toMatchObject({ state: 'ready', run, video: { format: 'webm', bytes: 321 } });
  });

  it('finds that the run which had claimed is over, with no video', async () => {
    const deployed = await deploy();
    await deployed.act.dispatch();
    await github.standIn.idle();
    const id = String(github.standIn.runs[0]?.id);
    await deployed.t.mutation(internal.reports.receiveRender, {
      report: { kind: 'claimRender', render: deployed.render },
      run: { id, attempt: 1, url: 'https://example.com/run' },
    });
    await deployed.act.inspect();
    expect(await deployed.row()).toMatchObject({ state: 'failed', error: { code: 'RUN_LOST' } });
  });

  it('changes nothing when neither GitHub nor the store can be asked', async () => {
    const deployed = await deploy();
    await deployed.act.dispatch();
    vi.stubEnv('PERMAFRAME_GITHUB_TOKEN', undefined);
    vi.stubEnv('PERMAFRAME_S3_BUCKET', undefined);
    await deployed.act.inspect();
    expect(await deployed.row()).toMatchObject({ state: 'queued', dispatches: 1 });
  });
});

describe('cancel', () => {
  it('ends the run that was started', async () => {
    let isEnded = false;
    // One that has not begun yet would be ended without being told.
    const begun = Promise.withResolvers<void>();
    await github[Symbol.asyncDispose]();
    github = await startTestGitHub({
      files: FILES,
      execute: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            isEnded = true;
            resolve('cancelled');
          });
          begun.resolve();
        }),
    });
    const deployed = await deploy();
    await deployed.act.dispatch();
    await begun.promise;
    await deployed.ada.mutation(api.renders.cancel, { render: deployed.render });
    await deployed.act.cancel();
    await github.standIn.idle();
    expect(isEnded).toBe(true);
    expect(await deployed.outbox('cancelRun')).toBeNull();
  });

  it('looks again when there may be a run to come', async () => {
    const deployed = await deploy();
    await deployed.ada.mutation(api.renders.cancel, { render: deployed.render });
    await deployed.act.cancel();
    expect(await deployed.outbox('cancelRun')).not.toBeNull();
  });
});

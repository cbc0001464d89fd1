/** The Node actions against the stand-in for GitHub and Cloudflare's local R2. Waits about two seconds for wrangler. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createThreadControlStore } from '../../../action/adapters/r2.ts';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { readThreadControl } from '../../../action/core/thread-control.ts';
import { api, internal } from '../../../convex/_generated/api.js';
import type { Id } from '../../../convex/_generated/dataModel.js';
import { startTestGitHub, type TestGitHub } from '../../support/github.ts';
import { type LocalR2, startLocalR2 } from '../../support/local-r2.ts';
import { ENVIRONMENT, PUBLIC_URL, requestPublish, saveVersion } from '../deployment.ts';
import { commitArtifact, type Deployed, deployReal, dispatch } from './real-deployment.ts';

let r2: LocalR2;
let github: TestGitHub;

beforeAll(async () => {
  r2 = await startLocalR2();
}, 60_000);
afterAll(() => r2?.[Symbol.asyncDispose]());

beforeEach(async () => {
  github = await startTestGitHub({ maxRunning: 9 });
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await github[Symbol.asyncDispose]();
});

const deploy = () => deployReal(github, r2);

describe('dispatch', () => {
  it('commits the version with its uploads, starts a run, and says so', async () => {
    const deployed = await deploy();
    const { t, ada, thread, row, branch } = deployed;
    const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
    const storage = await t.run((ctx) => ctx.storage.store(new Blob([bytes])));
    const sha256 = await sha256Hex(bytes);
    await t.run(async (ctx) => {
      const project = (await ctx.db.query('projects').first())?._id ?? expect.unreachable();
      await ctx.db.insert('files', { project, sha256, bytes: bytes.length, content: { kind: 'stored', storage } });
    });
    const files = [
      { path: 'permaframe.json', text: '{"title":"Film","kind":"app","entry":"app.tsx"}' },
      { path: 'app.tsx', text: 'export default () => null;' },
      { path: 'public/big.png', sha256 },
    ];
    await ada.mutation(api.versions.save, { thread, base: 1, files });
    await dispatch(deployed);
    const second = await requestPublish(ada, thread, 2);
    await dispatch(deployed, second);
    expect(github.git('log', '--reverse', '--format=%an: %s', branch).split('\n')).toEqual([
      'Ada: Version 1: A thread',
      'Ada: Version 2: A thread',
    ]);
    expect(github.git('cat-file', '-s', `${branch}:public/big.png`)).toBe('300000');
    const commit = github.git('rev-parse', branch);
    expect(github.standIn.runs.map(({ event }) => event.client_payload)).toEqual([
      expect.objectContaining({ version: 1 }),
      {
        ...{ publish: second, thread, project: `${thread}-project`, version: 2, sha: commit, outputs: ['page'] },
        callback: `${ENVIRONMENT.CONVEX_SITE_URL}/permaframe/report`,
      },
    ]);
    expect(github.standIn.runs[1]?.title).toBe(`Publish ${thread} v2 (${second})`);
    expect(await row(second)).toMatchObject({ state: 'dispatched', dispatches: 1 });
    const version = await t.run((ctx) => ctx.db.query('versions').order('desc').first());
    expect(version?.commit).toBe(commit);
  });

  it('that is lost after the commit, and run again, commits nothing twice', async () => {
    const deployed = await deploy();
    const { t, row, branch } = deployed;
    github.standIn.faults.push({
      path: /dispatches$/,
      fault: { kind: 'answer', status: 403, headers: { 'retry-after': '600' } },
    });
    await dispatch(deployed);
    const commit = github.git('rev-parse', branch);
    // As if the action had died before it could record the commit.
    await t.run(async (ctx) => {
      const version = (await ctx.db.query('versions').first()) ?? expect.unreachable();
      const { commit: _, _id, _creationTime, ...rest } = version;
      await ctx.db.replace('versions', _id, rest);
    });
    await dispatch(deployed);
    expect(github.git('rev-list', branch)).toBe(commit);
    expect(await row()).toMatchObject({ state: 'dispatched' });
    expect(github.standIn.runs).toHaveLength(1);
  });

  it('run several times at once makes one commit, and runs of which one will be let in', async () => {
    const deployed = await deploy();
    await Promise.all([dispatch(deployed), dispatch(deployed), dispatch(deployed)]);
    expect(github.git('rev-list', '--count', deployed.branch)).toBe('1');
    const shas = github.standIn.runs.map(({ event }) => (event.client_payload as { sha: string }).sha);
    expect(new Set(shas)).toEqual(new Set([github.git('rev-parse', deployed.branch)]));
    expect(await deployed.row()).toMatchObject({ state: 'dispatched' });
  });

  it('does nothing for a publish that was cancelled', async () => {
    const deployed = await deploy();
    await deployed.ada.mutation(api.publishes.cancel, { publish: deployed.publish });
    await dispatch(deployed);
    expect(github.standIn.seen).toEqual([]);
  });

  it.each([
    ['refused credentials', { status: 401 }, 'DISPATCH_DENIED'],
    ['a repository that is not there', { status: 404 }, 'DISPATCH_MISSING'],
  ])('fails the publish at once with %s', async (_, answer, code) => {
    const deployed = await deploy();
    github.standIn.faults.push({ path: /dispatches$/, fault: { kind: 'answer', ...answer } });
    await dispatch(deployed);
    expect(await deployed.row()).toMatchObject({
      state: 'failed',
      error: { code, message: expect.stringContaining('GitHub') },
    });
    expect(await deployed.outbox('dispatch')).toBeNull();
  });

  it('fails the publish by the name of a setting that is missing', async () => {
    const deployed = await deploy();
    vi.stubEnv('PERMAFRAME_GITHUB_TOKEN', undefined);
    await dispatch(deployed);
    const error = { code: 'CONFIG_INVALID', message: expect.stringContaining('PERMAFRAME_GITHUB_TOKEN is not set') };
    expect(await deployed.row()).toMatchObject({ state: 'failed', error });
  });

  it('waits as long as GitHub asks', async () => {
    const deployed = await deploy();
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1800) };
    github.standIn.faults.push({ path: /commits/, fault: { kind: 'answer', status: 403, headers } });
    await dispatch(deployed);
    expect(await deployed.row()).toMatchObject({ state: 'queued' });
    expect((await deployed.outbox('dispatch'))?.dueAt).toBeGreaterThan(Date.now() + 1_700_000);
  });
});

describe('inspect', () => {
  const inspect = ({ t, publish }: Deployed) => t.action(internal.node.inspect.run, { publish });

  it('adopts an artifact that was committed and not reported', async () => {
    const deployed = await deploy();
    await commitArtifact(deployed);
    await dispatch(deployed);
    await github.standIn.idle();
    await inspect(deployed);
    const run = { id: String(github.standIn.runs[0]?.id), attempt: 1 };
    const result = { files: 1, bytes: 10, javascriptBytes: 5, artifactHash: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(await deployed.row()).toMatchObject({ state: 'published', result, run });
  });

  it('does not adopt the artifact of other files', async () => {
    const deployed = await deploy();
    await commitArtifact(deployed, 'b'.repeat(64));
    await dispatch(deployed);
    await inspect(deployed);
    expect(await deployed.row()).toMatchObject({ state: 'failed', error: { code: 'ARTIFACT_CONFLICT' } });
  });

  it('finds that the run which had claimed is over', async () => {
    const deployed = await deploy();
    await dispatch(deployed);
    await github.standIn.idle();
    const [run] = github.standIn.runs;
    const claimed = { id: String(run?.id), attempt: 1, url: 'https://example.com/run' };
    await deployed.t.mutation(internal.reports.receive, {
      report: { kind: 'claim', publish: deployed.publish },
      run: claimed,
    });
    await inspect(deployed);
    expect(await deployed.row()).toMatchObject({ state: 'failed', error: { code: 'RUN_LOST' } });
  });

  it('changes nothing when neither GitHub nor the store can be asked', async () => {
    const deployed = await deploy();
    await dispatch(deployed);
    vi.stubEnv('PERMAFRAME_GITHUB_TOKEN', undefined);
    vi.stubEnv('PERMAFRAME_S3_BUCKET', undefined);
    await inspect(deployed);
    expect(await deployed.row()).toMatchObject({ state: 'dispatched' });
  });
});

describe('cancel', () => {
  const cancel = ({ t, publish }: Deployed) => t.action(internal.node.cancel.run, { publish });

  it('ends the run that was started, before or after it claimed', async () => {
    let isEnded = false;
    // One that has not begun yet would be ended without being told.
    const begun = Promise.withResolvers<void>();
    await github[Symbol.asyncDispose]();
    github = await startTestGitHub({
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
    await dispatch(deployed);
    await begun.promise;
    await deployed.ada.mutation(api.publishes.cancel, { publish: deployed.publish });
    await cancel(deployed);
    await github.standIn.idle();
    expect(isEnded).toBe(true);
    expect(await deployed.outbox('cancelRun')).toBeNull();
  });

  it('looks again when there may be a run to come', async () => {
    const deployed = await deploy();
    await deployed.ada.mutation(api.publishes.cancel, { publish: deployed.publish });
    await cancel(deployed);
    expect(await deployed.outbox('cancelRun')).not.toBeNull();
  });
});

describe('status', () => {
  const show = ({ t, publish }: Deployed) => t.action(internal.node.status.run, { publish });

  it('shows pending, then the link', async () => {
    const deployed = await deploy();
    await dispatch(deployed);
    await show(deployed);
    expect(github.standIn.statuses).toMatchObject([
      { state: 'pending', sha: github.git('rev-parse', deployed.branch) },
    ]);
    await commitArtifact(deployed);
    await deployed.t.action(internal.node.inspect.run, { publish: deployed.publish });
    await show(deployed);
    expect(github.standIn.statuses[1]).toMatchObject({
      state: 'success',
      targetUrl: `${PUBLIC_URL}/p/${deployed.thread}/1`,
    });
    expect(await deployed.outbox('status')).toBeNull();
  });

  it('shows the reason, and gives up where the token may not show it', async () => {
    const deployed = await deploy();
    github.standIn.faults.push({ path: /dispatches$/, fault: { kind: 'answer', status: 401 } });
    await dispatch(deployed);
    await show(deployed);
    expect(github.standIn.statuses).toMatchObject([
      { state: 'failure', description: expect.stringMatching(/^DISPATCH_DENIED: .{1,125}$/) },
    ]);
    const again = await deployed.ada.mutation(api.publishes.retry, { publish: deployed.publish });
    const publish = again.publish as Id<'publishes'>;
    await dispatch(deployed, publish);
    github.standIn.faults.push({ path: /statuses/, fault: { kind: 'answer', status: 403 } });
    await show({ ...deployed, publish });
    expect(await deployed.outbox('status')).toBeNull();
  });
});

describe('control', () => {
  async function publishVersions(deployed: Deployed, count: number): Promise<Id<'threads'>> {
    const { t, ada, thread } = deployed;
    for (let version = 1; version <= count; version++) {
      if (version > 1) await saveVersion(ada, thread, version - 1);
      const publish = version === 1 ? deployed.publish : await requestPublish(ada, thread, version);
      const run = { id: String(version), attempt: 1, url: 'https://example.com/run' };
      await t.mutation(internal.reports.receive, { report: { kind: 'claim', publish }, run });
      const sizes = { files: 1, bytes: 1, javascriptBytes: 1, uploaded: 1, skipped: 0, uploadedBytes: 1 };
      const rest = { artifactHash: 'a'.repeat(64), deduplicated: false, timings: { total: 1 }, warnings: [] };
      await t.mutation(internal.reports.receive, { report: { kind: 'published', publish, ...sizes, ...rest }, run });
    }
    const row = await t.run((ctx) => ctx.db.query('threads').first());
    return row?._id ?? expect.unreachable();
  }

  async function stored({ thread }: Deployed) {
    using store = createThreadControlStore(r2.config);
    return (await readThreadControl(store, thread)).control;
  }

  it('writes what the row says, once', async () => {
    const deployed = await deploy();
    const thread = await publishVersions(deployed, 1);
    await deployed.t.action(internal.node.control.write, { thread });
    expect(await stored(deployed)).toEqual({
      ...{ schema: 1, thread: deployed.thread, latest: 1, visibility: 'public', tombstones: [], videos: {} },
    });
    expect(await deployed.outbox('control')).toBeNull();
    expect(await deployed.t.query(internal.controls.load, { thread })).toBeNull();
  });

  it('written by several at once is in the end what the row says', async () => {
    const deployed = await deploy();
    const { t } = deployed;
    const thread = await publishVersions(deployed, 1);
    const write = () => t.action(internal.node.control.write, { thread });
    const early = [write(), write()];
    await publishVersions({ ...deployed, publish: deployed.publish }, 3);
    await Promise.all([...early, write(), write()]);
    for (let i = 0; i < 3 && (await t.query(internal.controls.load, { thread })); i++) await write();
    expect((await stored(deployed)).latest).toBe(3);
  });
});

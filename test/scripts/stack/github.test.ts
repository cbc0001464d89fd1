import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Conclusion, Run } from '../../../scripts/stack/github/run.ts';
import { startTestGitHub, TEST_REPOSITORY, TEST_TOKEN, TEST_WORKFLOW, type TestGitHub } from '../../support/github.ts';

async function request(
  test: TestGitHub,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = TEST_TOKEN,
) {
  const answer = await fetch(`${test.standIn.apiUrl}${path}`, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
  };
}

/** Kept as it is, executed by nobody. */
const EVIL = `$(id) \${{ github.token }}`;
const repo = `/repos/${TEST_REPOSITORY}`;
const payload = { publish: 'p1', thread: 'launch', version: 3 };

function dispatch(test: TestGitHub, publish = 'p1', more: Record<string, unknown> = {}) {
  return request(test, 'POST', `${repo}/dispatches`, {
    event_type: 'permaframe-publish',
    client_payload: { ...payload, publish, ...more },
  });
}

/** An executor whose runs end when the test says so. */
function executor() {
  const started: { run: Run; signal: AbortSignal; end: (conclusion: Conclusion) => void }[] = [];
  return {
    started,
    execute: (run: Run, signal: AbortSignal) =>
      new Promise<Conclusion>((resolve) => {
        started.push({ run, signal, end: resolve });
        signal.addEventListener('abort', () => resolve('cancelled'));
      }),
  };
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5 }).toBe(true);
}

describe('who is let in', () => {
  it('is whoever has the token', async () => {
    await using test = await startTestGitHub();
    expect(await request(test, 'GET', repo, undefined, null)).toMatchObject({ status: 401 });
    expect(await request(test, 'GET', repo, undefined, 'ghp_other')).toMatchObject({ status: 401 });
    expect(await request(test, 'GET', `${repo}/nothing`, undefined, null)).toMatchObject({ status: 401 });
    const { repositoryId, ownerId } = test.standIn;
    expect(await request(test, 'GET', repo)).toEqual({
      status: 200,
      body: expect.objectContaining({
        id: repositoryId,
        default_branch: 'main',
        owner: { id: ownerId, login: 'local' },
      }),
    });
  });

  it('is a run with what it was granted, until it is over', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute });
    await dispatch(test);
    await until(() => started.length === 1);
    const token = started[0]?.run.issueToken({ contents: 'read', statuses: 'write' }) ?? '';
    expect(await request(test, 'GET', `${repo}/commits`, undefined, token)).toMatchObject({ status: 200 });
    expect(await request(test, 'POST', `${repo}/dispatches`, {}, token)).toMatchObject({ status: 403 });
    expect(await request(test, 'GET', `${repo}/actions/runs`, undefined, token)).toMatchObject({ status: 403 });
    const sha = test.standIn.mainSha;
    const status = { state: 'success', context: 'c' };
    expect(await request(test, 'POST', `${repo}/statuses/${sha}`, status, token)).toMatchObject({ status: 201 });
    started[0]?.end('success');
    await test.standIn.idle();
    expect(await request(test, 'GET', `${repo}/commits`, undefined, token)).toMatchObject({ status: 401 });
  });
});

describe('what the stand-in does not do', () => {
  it.each([
    ['DELETE', `${repo}/git/refs/heads/main`],
    ['GET', `${repo}/contents/README.md`],
    ['GET', '/user'],
    ['GET', '/repos/other/name'],
  ])('is refused by name: %s %s', async (method, path) => {
    await using test = await startTestGitHub();
    const { status, body } = await request(test, method, path);
    expect(status).toBe(404);
    expect(body.message).toContain(`does not support ${method} ${path}`);
  });

  it.each([
    ['git/trees', { tree: [{ path: 'a', mode: '100644', type: 'blob', content: 'x' }], base_tree: 'x' }, 'base_tree'],
    ['git/trees', { tree: [{ path: 'a', mode: '120000', type: 'blob', content: 'x' }] }, 'mode'],
    ['git/commits', { message: 'x', tree: 'a'.repeat(40), signature: 'x' }, 'signature'],
    ['statuses/x', { state: 'success', creator: 1 }, 'creator'],
    ['dispatches', { event_type: 'x', client_payload: {}, ref: 'x' }, 'ref'],
  ])('is refused by the name of the field: %s', async (path, body, field) => {
    await using test = await startTestGitHub();
    const answer = await request(test, 'POST', `${repo}/${path}`, body);
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining(field) } });
  });
});

describe('git data', () => {
  it('refuses what git refuses', async () => {
    await using test = await startTestGitHub();
    const tree = (path: string, sha?: string) =>
      request(test, 'POST', `${repo}/git/trees`, {
        tree: [{ path, mode: '100644', type: 'blob', ...(sha ? { sha } : { content: 'x' }) }],
      });
    expect((await tree('ok/file')).status).toBe(201);
    for (const path of ['../x', '/x', '.git/config', 'a/.GIT/x', 'a//b']) expect((await tree(path)).status).toBe(422);
    expect((await tree('x', 'a'.repeat(40))).status).toBe(422);
    const sha = test.standIn.mainSha;
    const ref = (name: string, at = sha) => request(test, 'POST', `${repo}/git/refs`, { ref: name, sha: at });
    expect((await ref('refs/heads/a..b')).status).toBe(422);
    expect((await ref('refs/tags/x')).status).toBe(422);
    expect((await ref('refs/heads/x', 'b'.repeat(40))).status).toBe(422);
    expect((await ref('refs/heads/x')).status).toBe(201);
    expect((await ref('refs/heads/x')).status).toBe(422);
    expect((await ref('refs/heads/x/y')).status).toBe(422);
  });

  it('moves a ref forward only', async () => {
    await using test = await startTestGitHub();
    const root = test.standIn.mainSha;
    const { tree } = (await request(test, 'GET', `${repo}/git/commits/${root}`)).body;
    const commit = async (message: string, parents: string[]) =>
      (await request(test, 'POST', `${repo}/git/commits`, { message, tree: tree.sha, parents })).body.sha as string;
    const [one, other] = [await commit('one', [root]), await commit('other', [root])];
    const move = (sha: string) => request(test, 'PATCH', `${repo}/git/refs/heads%2Fmain`, { sha, force: false });
    expect((await move(one)).status).toBe(200);
    expect(await move(other)).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } });
    expect((await move(root)).status).toBe(422);
    const { body } = await request(test, 'GET', `${repo}/commits?per_page=5`);
    expect(body.map((each: { commit: { message: string } }) => each.commit.message)).toEqual([
      'one',
      'Files of this checkout',
    ]);
  });

  it('keeps a message as it was sent', async () => {
    await using test = await startTestGitHub();
    const { tree } = (await request(test, 'GET', `${repo}/git/commits/${test.standIn.mainSha}`)).body;
    const message = '  # not a comment\n\n\n\nKey: value ✓';
    const made = await request(test, 'POST', `${repo}/git/commits`, { message, tree: tree.sha });
    expect((await request(test, 'GET', `${repo}/git/commits/${made.body.sha}`)).body.message).toBe(message);
  });
});

describe('a repository_dispatch', () => {
  it.each([
    ['a long event type', { event_type: 'x'.repeat(101) }],
    ['no event type', { client_payload: {} }],
    ['11 keys', { event_type: 'x', client_payload: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [i, i])) }],
    ['64 KB', { event_type: 'x', client_payload: { a: 'x'.repeat(65_536) } }],
    ['a payload that is no object', { event_type: 'x', client_payload: [1] }],
  ])('is refused with %s', async (_, body) => {
    await using test = await startTestGitHub();
    expect(await request(test, 'POST', `${repo}/dispatches`, body)).toMatchObject({ status: 422 });
    expect(test.standIn.runs).toEqual([]);
  });

  it('hands the executor everything that a run is told', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute });
    expect(await dispatch(test, 'p1', { evil: EVIL })).toEqual({ status: 204, body: '' });
    await until(() => started.length === 1);
    const { apiUrl, mainSha, repositoryFolder, repositoryId, ownerId } = test.standIn;
    const id = test.standIn.runs[0]?.id;
    expect(started[0]?.run).toEqual({
      id,
      number: 1,
      attempt: 1,
      name: 'Publish launch v3 (p1)',
      workflowPath: '.github/workflows/publish.yml',
      eventName: 'repository_dispatch',
      event: {
        action: 'permaframe-publish',
        branch: 'main',
        client_payload: { ...payload, evil: EVIL },
        repository: expect.objectContaining({ full_name: TEST_REPOSITORY }),
        sender: { id: ownerId, login: 'local' },
      },
      sha: mainSha,
      ref: 'refs/heads/main',
      actor: 'local',
      repository: {
        fullName: TEST_REPOSITORY,
        id: repositoryId,
        ownerId,
        defaultBranch: 'main',
        folder: repositoryFolder,
      },
      apiUrl,
      url: `${apiUrl}/${TEST_REPOSITORY}/actions/runs/${id}`,
      issueToken: expect.any(Function),
    });
    started[0]?.end('success');
  });

  it('starts nothing where no workflow listens', async () => {
    await using test = await startTestGitHub();
    const other = { event_type: 'other', client_payload: payload };
    expect((await request(test, 'POST', `${repo}/dispatches`, other)).status).toBe(204);
    expect(test.standIn.runs).toEqual([]);
  });
});

describe('a workflow_dispatch', () => {
  const path = `${repo}/actions/workflows/publish.yml/dispatches`;

  it('completes the inputs, and returns the run when asked to', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute });
    const asked = { ref: 'main', inputs: { thread: 'launch', version: '3' }, return_run_details: true };
    const { status, body } = await request(test, 'POST', path, asked);
    expect(status).toBe(200);
    await until(() => started.length === 1);
    expect(started[0]?.run).toMatchObject({
      id: body.workflow_run_id,
      name: 'Publish launch v3 (by hand)',
      eventName: 'workflow_dispatch',
      event: { inputs: { thread: 'launch', version: '3', dry: 'false' } },
    });
    started[0]?.end('success');
  });

  it.each([
    ['a missing input', { ref: 'main', inputs: { thread: 'launch' } }],
    ['an unknown input', { ref: 'main', inputs: { thread: 'launch', version: '3', x: 'y' } }],
    ['another branch', { ref: 'threads/launch', inputs: { thread: 'launch', version: '3' } }],
  ])('is refused with %s', async (_, body) => {
    await using test = await startTestGitHub();
    expect((await request(test, 'POST', path, body)).status).toBe(422);
  });
});

describe('the queue', () => {
  it('executes a few runs at a time, in order', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute, maxRunning: 2 });
    for (const publish of ['a', 'b', 'c']) await dispatch(test, publish);
    await until(() => started.length === 2);
    expect(test.standIn.runs.map(({ status }) => status)).toEqual(['in_progress', 'in_progress', 'queued']);
    started[1]?.end('failure');
    await until(() => started.length === 3);
    expect(started.map(({ run }) => run.number)).toEqual([1, 2, 3]);
    expect(test.standIn.runs[1]).toMatchObject({ status: 'completed', conclusion: 'failure' });
  });

  it.each([
    ['by default keeps one waiting', '', ['in_progress', 'cancelled', 'queued']],
    ['with queue: max keeps all', '  queue: max\n', ['in_progress', 'queued', 'queued']],
    [
      'with cancel-in-progress ends what is executed',
      '  cancel-in-progress: true\n',
      ['cancelled', 'cancelled', 'in_progress'],
    ],
  ])('of a concurrency group %s', async (_, more, expected) => {
    const { execute } = executor();
    const group = `concurrency:\n  group: \${{ github.event.client_payload.thread }}\n${more}`;
    const content = TEST_WORKFLOW.replace('permissions: {}\n', `permissions: {}\n${group}`);
    const files = [{ path: '.github/workflows/publish.yml', content }];
    await using test = await startTestGitHub({ execute, files, maxRunning: 9 });
    for (const publish of ['a', 'b', 'c']) await dispatch(test, publish);
    await dispatch(test, 'd', { thread: 'other' });
    const states = () => test.standIn.runs.map(({ status, conclusion }) => conclusion ?? status);
    await expect.poll(states, { interval: 5 }).toEqual([...expected, 'in_progress']);
  });

  it('cancels what waits at once and what is executed when its executor has ended', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute, maxRunning: 1 });
    await dispatch(test, 'a');
    await dispatch(test, 'b');
    await until(() => started.length === 1);
    for (const { id } of test.standIn.runs) {
      expect((await request(test, 'POST', `${repo}/actions/runs/${id}/cancel`)).status).toBe(202);
    }
    await test.standIn.idle();
    expect(test.standIn.runs.map(({ conclusion }) => conclusion)).toEqual(['cancelled', 'cancelled']);
    expect(started).toHaveLength(1);
  });

  it('runs again under the same id with the next attempt, once it is over', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute });
    await dispatch(test);
    await until(() => started.length === 1);
    const again = () => request(test, 'POST', `${repo}/actions/runs/${test.standIn.runs[0]?.id}/rerun`);
    expect((await again()).status).toBe(403);
    started[0]?.end('failure');
    await test.standIn.idle();
    expect((await again()).status).toBe(201);
    await until(() => started.length === 2);
    expect(started[1]?.run).toMatchObject({ id: started[0]?.run.id, attempt: 2, number: 1 });
  });

  it('calls an executor that throws a run that could not start', async () => {
    await using test = await startTestGitHub({ execute: () => Promise.reject(new Error('no')) });
    await dispatch(test);
    await test.standIn.idle();
    expect(test.standIn.runs[0]).toMatchObject({ status: 'completed', conclusion: 'startup_failure' });
  });
});

describe('a restart', () => {
  it('keeps repository, runs and statuses; what was executed lost its runner, what waited begins', async () => {
    const { started, execute } = executor();
    await using test = await startTestGitHub({ execute, maxRunning: 1 });
    const { mainSha, repositoryId } = test.standIn;
    await request(test, 'POST', `${repo}/statuses/${mainSha}`, { state: 'pending' });
    await dispatch(test, 'a');
    await dispatch(test, 'b');
    await until(() => started.length === 1);
    // As a crash would leave it: nothing was told to end.
    const file = join(test.stateFolder, 'github.json');
    expect(JSON.parse(await readFile(file, 'utf8')).runs[0].status).toBe('in_progress');
    expect((await stat(file)).mode & 0o077).toBe(0);
    await test.restart();
    await until(() => started.length === 2);
    expect(test.standIn).toMatchObject({ mainSha, repositoryId });
    expect(test.standIn.runs).toMatchObject([
      { conclusion: 'cancelled' },
      { status: 'in_progress', title: 'Publish launch v3 (b)' },
    ]);
    expect(test.standIn.statuses).toHaveLength(1);
  });

  it('commits other files of this checkout, and nothing when they are the same', async () => {
    const files = [{ path: '.github/workflows/publish.yml', content: TEST_WORKFLOW }];
    const built = [{ path: 'action/tool', content: new Uint8Array([0, 1]), executable: true }];
    await using test = await startTestGitHub({ files, branches: { release: built } });
    await test.restart();
    expect(test.git('rev-list', '--count', 'main', 'release')).toBe('2');
    expect(test.git('ls-tree', '-r', 'release')).toMatch(/^100755 blob \w+\taction\/tool$/);
    files.push({ path: 'action/dist/main.js', content: 'run();' });
    await test.restart();
    expect(test.git('rev-list', '--count', 'main')).toBe('2');
    expect(test.git('rev-parse', 'main')).toBe(test.standIn.mainSha);
    expect(test.git('show', 'main:action/dist/main.js')).toBe('run();');
  });
});

describe('the workflow_run webhook', () => {
  it('is signed and tells each step of a run, in order', async () => {
    const received: { event: string; valid: boolean; action: string; run: Record<string, unknown> }[] = [];
    const server = createServer(async (incoming, outgoing) => {
      const body = await buffer(incoming);
      const signature = `sha256=${createHmac('sha256', 'a secret').update(body).digest('hex')}`;
      const { action, workflow_run: run } = JSON.parse(body.toString());
      const valid = incoming.headers['x-hub-signature-256'] === signature;
      received.push({ event: String(incoming.headers['x-github-event']), valid, action, run });
      outgoing.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    await using test = await startTestGitHub({ webhook: { url, secret: 'a secret' } });
    await dispatch(test);
    await test.standIn.idle();
    expect(received.map(({ event, valid, action, run }) => [event, valid, action, run.conclusion])).toEqual([
      ['workflow_run', true, 'requested', null],
      ['workflow_run', true, 'in_progress', null],
      ['workflow_run', true, 'completed', 'success'],
    ]);
    expect(received[2]?.run).toMatchObject({
      display_title: 'Publish launch v3 (p1)',
      run_attempt: 1,
      head_branch: 'main',
    });
    server.closeAllConnections();
    server.close();
  });

  it('may reach nobody without holding anything up', async () => {
    await using test = await startTestGitHub({ webhook: { url: 'http://127.0.0.1:1/', secret: 's' } });
    await dispatch(test);
    await test.standIn.idle();
    expect(test.standIn.deliveries.map(({ status }) => status)).toEqual([null, null, null]);
  });
});

describe('the page of a run', () => {
  it('says how it stands, to anybody', async () => {
    await using test = await startTestGitHub({ runLog: async ({ id, attempt }) => `log of ${id}, ${attempt}` });
    await dispatch(test);
    await test.standIn.idle();
    const [run] = test.standIn.runs;
    const answer = await fetch(`${test.standIn.serverUrl}/${TEST_REPOSITORY}/actions/runs/${run?.id}/attempts/1`);
    expect(await answer.text()).toBe(`Publish launch v3 (p1): success\nattempt 1\n\nlog of ${run?.id}, 1`);
  });
});

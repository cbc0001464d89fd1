import { describe, expect, it } from 'vitest';
import { startTestGitHub, TEST_REPOSITORY } from '../../support/github.ts';
import { dispatch, executor, payload, repo, request, until } from './github-requests.ts';

/** Kept as it is, executed by nobody. */
const EVIL = `$(id) \${{ github.token }}`;

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

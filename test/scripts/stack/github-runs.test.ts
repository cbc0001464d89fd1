import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startTestGitHub, TEST_REPOSITORY, TEST_WORKFLOW } from '../../support/github.ts';
import { dispatch, executor, repo, request, until } from './github-requests.ts';

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
    const file = join(test.stateFolder, 'github.json');
    const state = await readFile(file, 'utf8');
    expect(JSON.parse(state).runs[0].status).toBe('in_progress');
    expect((await stat(file)).mode & 0o077).toBe(0);
    // As a crash would have left it: nothing was told to end.
    await test.restart(() => writeFile(file, state));
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

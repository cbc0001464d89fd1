/** The runner behind the stand-in for GitHub: from an event to a commit status that the run's own token has set. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startGitHub } from '../../../../scripts/stack/github/github.ts';
import { createRunner, type Runner } from '../../../../scripts/stack/runner/create-runner.ts';
import type { Progress } from '../../../../scripts/stack/runner/progress.ts';
import { PIN } from './workflow-run.ts';

const SET_STATUS = `
const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_SHA, TOKEN, THREAD } = process.env;
const answer = await fetch(GITHUB_API_URL + '/repos/' + GITHUB_REPOSITORY + '/statuses/' + GITHUB_SHA, {
  method: 'POST',
  headers: { authorization: 'Bearer ' + TOKEN },
  body: JSON.stringify({ state: 'success', context: 'test', description: THREAD }),
});
console.log('status', answer.status);
`;

const workflow = (permissions: string) => `
name: Publish
run-name: Publish \${{ github.event.client_payload.thread }}
on: {repository_dispatch: {types: [publish]}}
permissions: ${permissions}
concurrency: {group: "publish-\${{ github.event.client_payload.thread }}", queue: max}
jobs:
  page:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@${PIN}
      - run: node set-status.mjs
        env: {TOKEN: "\${{ github.token }}", THREAD: "\${{ github.event.client_payload.thread }}"}
      - run: '[ "$THREAD" != slow ] || sleep 30'
        env: {THREAD: "\${{ github.event.client_payload.thread }}"}
`;

it('executes what was dispatched, with a token that may do what was granted', async () => {
  await using bench = await start('{contents: read, statuses: write}');
  const { github, runner } = bench;
  await Promise.all([bench.dispatch('film'), bench.dispatch('film'), bench.dispatch('other')]);
  await github.idle();
  expect(github.runs.map(({ title, conclusion }) => `${title} ${conclusion}`).sort()).toEqual([
    ...['Publish film success', 'Publish film success', 'Publish other success'],
  ]);
  expect(github.statuses).toMatchObject([{}, {}, { state: 'success', context: 'test' }]);
  const [run] = github.runs;
  const log = run === undefined ? '' : await runner.readLog(run);
  expect(log).toMatch(/^page\/01-run-actions-checkout.*\n.*Z status 201\n/s);
});

it('refuses what was not granted', async () => {
  await using bench = await start('{contents: read}');
  await bench.dispatch('film');
  await bench.github.idle();
  expect(bench.github.statuses).toEqual([]);
  const [run] = bench.github.runs;
  expect(run === undefined ? '' : await bench.runner.readLog(run)).toContain('Z status 403\n');
});

it('is cancelled over the API', async () => {
  await using bench = await start('{contents: read, statuses: write}');
  await bench.dispatch('slow');
  await expect.poll(() => bench.progress.filter(({ kind }) => kind === 'step').length, { timeout: 10_000 }).toBe(5);
  const [run] = bench.github.runs;
  expect((await bench.post(`/actions/runs/${run?.id}/cancel`)).status).toBe(202);
  await bench.github.idle();
  expect(bench.github.runs).toMatchObject([{ conclusion: 'cancelled' }]);
});

async function start(permissions: string) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-runner-'));
  const progress: Progress[] = [];
  const grace = { interrupt: 200, terminate: 200 };
  const onProgress = (each: Progress) => progress.push(each);
  const runner: Runner = createRunner({ stateFolder: folder.path, grace, onProgress });
  const github = await startGitHub({
    stateFolder: join(folder.path, 'github'),
    port: 0,
    token: 'token-of-the-test',
    repository: 'acme/films',
    files: [
      { path: '.github/workflows/publish.yml', content: Buffer.from(workflow(permissions)) },
      { path: 'set-status.mjs', content: Buffer.from(SET_STATUS) },
    ],
    execute: runner.execute,
  });
  const post = (path: string, body: unknown = {}) =>
    fetch(`${github.apiUrl}/repos/acme/films${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer token-of-the-test' },
      body: JSON.stringify(body),
    });
  return {
    ...{ github, runner, progress, post },
    async dispatch(thread: string) {
      const answer = await post('/dispatches', { event_type: 'publish', client_payload: { thread } });
      expect(answer.status).toBe(204);
    },
    async [Symbol.asyncDispose]() {
      await github[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

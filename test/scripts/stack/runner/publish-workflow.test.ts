/** The workflow that ships, executed: with an action that only says what it was given in the place of the real one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';
import { openBench } from './workflow-run.ts';

const PATH = '.github/workflows/publish.yml';
const read = (path: string) => readFileSync(join(ROOT_FOLDER, path), 'utf8');

const SAY = `
const { execFileSync } = require('node:child_process');
const { appendFileSync } = require('node:fs');
const given = Object.entries(process.env).filter(([name, value]) => name.startsWith('INPUT_') && value !== '');
console.log('given ' + JSON.stringify(Object.fromEntries(given)));
const folder = process.env['INPUT_REPOSITORY-FOLDER'];
console.log('snapshot ' + execFileSync('git', ['-C', folder, 'show', 'HEAD:permaframe.json']));
console.log('may ask ' + (process.env.ACTIONS_ID_TOKEN_REQUEST_URL === 'http://127.0.0.1:9/token'));
appendFileSync(process.env.GITHUB_OUTPUT, 'url=http://127.0.0.1/p/film/2\\n');
`;

const SETTINGS = {
  vars: {
    PERMAFRAME_PUBLIC_URL: 'http://127.0.0.1:8787',
    PERMAFRAME_S3_BUCKET: 'films',
    PERMAFRAME_RUNTIME: 'runtime/x',
  },
  secrets: { PERMAFRAME_S3_ACCESS_KEY_ID: 'key-of-the-test', PERMAFRAME_S3_SECRET_ACCESS_KEY: 'secret-of-the-test' },
  oidc: { openRequest: () => ({ url: 'http://127.0.0.1:9/token', token: 't'.repeat(20), [Symbol.dispose]() {} }) },
};

it('gives the action what was dispatched, the snapshot of that commit, and the right to ask for tokens', async () => {
  using bench = openBench({ [PATH]: read(PATH) }, SETTINGS);
  bench.commit({ 'action/action.yml': read('action/action.yml'), 'action/dist/index.js': SAY }, 'release');
  const sha = bench.commit({ 'permaframe.json': '{"title": "Two"}' }, 'threads/film');
  bench.commit({ 'permaframe.json': '{"title": "Three"}' }, 'threads/film');
  const client_payload = {
    ...{ publish: 'p1', thread: 'film', project: 'studio', version: 2, sha, outputs: ['page'] },
    callback: 'http://127.0.0.1:9/permaframe/report',
  };
  const { conclusion, log, grants, report } = await bench.execute({ workflowPath: PATH, event: { client_payload } });
  expect(report.annotations).toEqual([]);
  expect(conclusion).toBe('success');
  expect(JSON.parse(/^given (.*)$/m.exec(log)?.[1] ?? '{}')).toMatchObject({
    INPUT_THREAD: 'film',
    INPUT_PROJECT: 'studio',
    INPUT_VERSION: '2',
    INPUT_COMMIT: sha,
    INPUT_PUBLISH: 'p1',
    INPUT_CALLBACK: 'http://127.0.0.1:9/permaframe/report',
    'INPUT_PUBLIC-URL': 'http://127.0.0.1:8787',
    'INPUT_S3-BUCKET': 'films',
    'INPUT_S3-SECRET-ACCESS-KEY': '***',
    'INPUT_GITHUB-TOKEN': '***',
  });
  expect(log).toContain('\nsnapshot {"title": "Two"}\nmay ask true\n');
  expect(grants).toEqual([{ contents: 'read', statuses: 'write' }]);
});

it('finds the newest of a thread when it is started by hand', async () => {
  using bench = openBench({ [PATH]: read(PATH) }, { ...SETTINGS, eventName: 'workflow_dispatch' });
  bench.commit({ 'action/action.yml': read('action/action.yml'), 'action/dist/index.js': SAY }, 'release');
  bench.commit({ 'permaframe.json': '{"title": "Two"}' }, 'threads/film');
  bench.commit({ 'permaframe.json': '{"title": "Three"}' }, 'threads/film');
  const event = { inputs: { thread: 'film', version: '2' } };
  const { conclusion, log } = await bench.execute({ workflowPath: PATH, event });
  expect(conclusion).toBe('success');
  expect(log).toContain('\nsnapshot {"title": "Three"}\n');
});

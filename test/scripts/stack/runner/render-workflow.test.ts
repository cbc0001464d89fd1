/** The workflow that makes videos, executed: with an action that only says what it was given in the place of the real one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';
import { type Bench, openBench } from './workflow-run.ts';

const PATH = '.github/workflows/render.yml';
const read = (path: string) => readFileSync(join(ROOT_FOLDER, path), 'utf8');

/** Hands over as the real one does. Group 1 fails when the version is 13, after it left something. */
const SAY = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
const given = Object.entries(process.env).filter(([name, value]) => name.startsWith('INPUT_') && value !== '');
const { INPUT_MODE: mode, INPUT_GROUP: group, INPUT_VERSION: version } = process.env;
console.log(mode + (group ?? '') + ' given ' + JSON.stringify(Object.fromEntries(given)));
console.log(mode + ' may ask ' + ('ACTIONS_ID_TOKEN_REQUEST_URL' in process.env));
console.log(mode + ' has ' + Object.keys(process.env).filter((name) => /SECRET|TOKEN|S3/.test(name)).sort());
const output = (name, value) => appendFileSync(process.env.GITHUB_OUTPUT, name + '=' + value + '\\n');
if (mode === 'plan') {
  if (version === '11') output('state', 'ready');
  else {
    output('state', 'planned');
    output('groups', version === '12' ? '[]' : '[0,1]');
    output('began', '1000');
    output('planned', '2000');
    mkdirSync('order/site', { recursive: true });
    writeFileSync('order/order.json', version);
    writeFileSync('order/site/index.html', '');
  }
} else if (mode === 'render') {
  mkdirSync('chunks');
  writeFileSync('chunks/' + group + '.ts', group);
  writeFileSync('chunks/.half', '');
  console.log('order ' + readFileSync('order/order.json', 'utf8') + ' in ' + readdirSync('.') + ' ' + existsSync('permaframe/action/dist/esbuild'));
  if (group === '1' && readFileSync('order/order.json', 'utf8') === '13') process.exit(1);
} else {
  console.log('came ' + (existsSync('chunks') ? readdirSync('chunks').sort() : 'nothing') + '; snapshot ' + existsSync('snapshot/permaframe.json'));
}
`;

const SETTINGS = {
  vars: { PERMAFRAME_S3_BUCKET: 'films', PERMAFRAME_RENDERER: '/opt/renderer', PERMAFRAME_RENDER_JOBS: '2' },
  secrets: { PERMAFRAME_S3_ACCESS_KEY_ID: 'key-of-the-test', PERMAFRAME_S3_SECRET_ACCESS_KEY: 'secret-of-the-test' },
  oidc: { openRequest: () => ({ url: 'http://127.0.0.1:9/token', token: 't'.repeat(20), [Symbol.dispose]() {} }) },
};

function openRenders(settings: object = {}): Bench {
  const bench = openBench({ [PATH]: read(PATH) }, { ...SETTINGS, ...settings });
  bench.commit(
    {
      'action/render/action.yml': read('action/render/action.yml'),
      'action/render/renderer/package.json': '{}',
      'action/dist/render.js': SAY,
      'action/dist/remotion-child.js': '',
      'action/dist/package.json': '{"type":"module"}',
      'action/dist/esbuild': 'large',
    },
    'release',
  );
  return bench;
}

async function run(bench: Bench, version: number) {
  const sha = bench.commit({ 'permaframe.json': '{}' }, 'threads/film');
  const video = { format: 'mp4', quality: 'medium', resolution: 'own', fps: 'own', posterFrame: 0 };
  const about = { render: 'r1', thread: 'film', project: 'studio', version, artifactHash: 'a'.repeat(64), sha, video };
  const client_payload = { ...about, callback: 'http://127.0.0.1:9/permaframe/report' };
  const finished = await bench.execute({ workflowPath: PATH, event: { client_payload } });
  const given = (name: string) => JSON.parse(new RegExp(`^${name} given (.*)$`, 'm').exec(finished.log)?.[1] ?? 'null');
  return { ...finished, given, sha, results: finished.report.jobs.map(({ name, result }) => `${name}: ${result}`) };
}

it('gives each job what it needs, and the jobs that render no secret, no token and no right', async () => {
  using bench = openRenders();
  const { conclusion, log, report, grants, given, sha, results } = await run(bench, 7);
  expect(report.annotations).toEqual([]);
  expect(conclusion).toBe('success');
  expect(results.sort()).toEqual(['attach: success', 'plan: success', 'render 0: success', 'render 1: success']);
  const asked = { INPUT_THREAD: 'film', INPUT_VERSION: '7', 'INPUT_ARTIFACT-HASH': 'a'.repeat(64), INPUT_RENDER: 'r1' };
  expect(given('plan')).toMatchObject({ ...asked, 'INPUT_MAX-JOBS': '2', 'INPUT_S3-SECRET-ACCESS-KEY': '***' });
  expect(JSON.parse(given('plan').INPUT_VIDEO)).toMatchObject({ format: 'mp4', posterFrame: 0 });
  expect(given('render0')).toEqual({
    ...{ INPUT_MODE: 'render', INPUT_GROUP: '0', INPUT_RENDERER: '/opt/renderer' },
    ...{ 'INPUT_ORDER-FOLDER': 'order', 'INPUT_CHUNKS-FOLDER': 'chunks', 'INPUT_REPOSITORY-FOLDER': '.' },
  });
  expect(given('attach')).toMatchObject({ ...asked, INPUT_COMMIT: sha, INPUT_BEGAN: '1000', INPUT_PLANNED: '2000' });
  expect(log.match(/^\w+ may ask .*$/gm)?.sort()).toEqual([
    ...['attach may ask true', 'plan may ask true', 'render may ask false', 'render may ask false'],
  ]);
  expect(log.match(/^render has .*$/gm)).toEqual([
    'render has INPUT_S3-ACCESS-KEY-ID,INPUT_S3-BUCKET,INPUT_S3-ENDPOINT,INPUT_S3-SECRET-ACCESS-KEY',
    'render has INPUT_S3-ACCESS-KEY-ID,INPUT_S3-BUCKET,INPUT_S3-ENDPOINT,INPUT_S3-SECRET-ACCESS-KEY',
  ]);
  expect(grants.map((each) => JSON.stringify(each)).sort()).toEqual([
    ...['{"contents":"read"}', '{"contents":"read"}', '{}', '{}'],
  ]);
  expect(log).toContain('\norder 7 in chunks,order,permaframe false\n');
  expect(log).toContain('\ncame 0.ts,1.ts; snapshot false\n');
});

it('attaches also when rendering failed, with what is complete and the sources of the version', async () => {
  using bench = openRenders();
  const { conclusion, log, results } = await run(bench, 13);
  expect(conclusion).toBe('failure');
  expect(results).toContain('render 1: failure');
  expect(results).toContain('attach: success');
  expect(log).toMatch(/\ncame (0\.ts,)?1\.ts; snapshot true\n/);
});

it('joins only, when everything was rendered before, and does nothing for a video that is there', async () => {
  using bench = openRenders();
  const joined = await run(bench, 12);
  expect(joined.conclusion).toBe('success');
  expect(joined.results.sort()).toEqual(['attach: success', 'plan: success', 'render: skipped']);
  expect(joined.log).toContain('\ncame nothing; snapshot false\n');
  const ready = await run(bench, 11);
  expect(ready.conclusion).toBe('success');
  expect(ready.results.sort()).toEqual(['attach: skipped', 'plan: success', 'render: skipped']);
});

it('installs the renderer where no folder has it, and lets the action say what is missing when that fails', async () => {
  using bench = openRenders({ vars: { PERMAFRAME_S3_BUCKET: 'films' } });
  // A package without a lock file: npm ci refuses it before it asks anybody.
  const { conclusion, log, given } = await run(bench, 7);
  expect(log).toContain('npm ci');
  expect(conclusion).toBe('success');
  expect(given('render0').INPUT_RENDERER).toBe('permaframe/action/render/renderer');
});

it('makes a video by hand: what is asked for comes from the form', async () => {
  using bench = openRenders();
  const inputs = { thread: 'film', version: '7', format: 'gif', 'poster-frame': '0' };
  const { conclusion, log } = await bench.execute({
    ...{ workflowPath: PATH, eventName: 'workflow_dispatch', event: { inputs } },
  });
  expect(conclusion).toBe('success');
  expect(JSON.parse(/^plan given (.*)$/m.exec(log)?.[1] ?? '{}')).toMatchObject({
    ...{
      INPUT_THREAD: 'film',
      INPUT_FORMAT: 'gif',
      INPUT_QUALITY: 'medium',
      INPUT_RESOLUTION: 'own',
      INPUT_FPS: 'own',
    },
    ...{ 'INPUT_POSTER-FRAME': '0', INPUT_VIDEO: 'null' },
  });
  expect(JSON.parse(/^attach given (.*)$/m.exec(log)?.[1] ?? '{}')).toMatchObject({ INPUT_FORMAT: 'gif' });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readWorkflow } from '../../../../scripts/stack/runner/workflow.ts';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';
import { PIN, runWorkflow, WORKFLOW_PATH, workflowOf } from './workflow-run.ts';

const STEP = '- run: echo never';

it.each([
  ['a container', workflowOf(STEP, 'container: node:24'), 5, '`jobs.<id>.container` is not supported here'],
  ['services', workflowOf(STEP, 'services: {db: {image: postgres}}'), 5, '`jobs.<id>.services` is not supported here'],
  ['an environment', workflowOf(STEP, 'environment: live'), 5, '`jobs.<id>.environment` is not supported here'],
  [
    'another system',
    workflowOf(STEP).replace('ubuntu-latest', 'windows-2025'),
    4,
    '`runs-on: windows-2025` is not supported here: ubuntu is',
  ],
  ['another shell', workflowOf('- {run: dir, shell: pwsh}'), 6, 'the shell `pwsh` is not supported here: bash, sh are'],
  [
    'a default shell',
    `defaults: {run: {shell: python}}\n${workflowOf(STEP)}`,
    1,
    'the shell `python` is not supported here: bash, sh are',
  ],
  [
    'another action',
    workflowOf(`- uses: actions/cache@${PIN}`),
    6,
    `the action \`actions/cache@${PIN}\` is not supported here`,
  ],
  ['an image', workflowOf('- uses: docker://alpine:3'), 6, 'the action `docker://alpine:3` is not supported here'],
  [
    'a tag',
    workflowOf('- uses: actions/checkout@v7'),
    6,
    'the action `actions/checkout@v7` must be pinned by its full commit',
  ],
  [
    'an input',
    workflowOf(`- {uses: actions/checkout@${PIN}, with: {submodules: true}}`),
    6,
    'the input `submodules` of actions/checkout is not supported here',
  ],
  [
    'a workflow of others',
    `on: {repository_dispatch: {}}\njobs: {a: {uses: acme/other/.github/workflows/a.yml@${PIN}}}`,
    2,
    `the workflow \`acme/other/.github/workflows/a.yml@${PIN}\` is not of this repository: that is not supported here`,
  ],
  ['a mistake', workflowOf(STEP, 'time-out: 3'), 5, "Unexpected value 'time-out'"],
  [
    'a broken expression',
    workflowOf(`- run: echo "\${{ github.ref | x }}"`),
    6,
    expect.stringContaining('Unexpected symbol'),
  ],
  [
    'an unknown job',
    `${workflowOf(STEP)}  next: {runs-on: ubuntu-latest, needs: other, steps: [{run: 'true'}]}`,
    7,
    "Job 'next' depends on unknown job 'other'.",
  ],
  ['a broken file', 'on: {{', 1, expect.any(String)],
])('refuses %s by name, with file and line, before anything runs', async (_, workflow, line, message) => {
  const { conclusion, report, log, grants } = await runWorkflow(workflow);
  expect(conclusion).toBe('startup_failure');
  expect(report.annotations).toContainEqual({ level: 'error', message, file: WORKFLOW_PATH, line, job: '', step: '' });
  expect({ log, grants, jobs: report.jobs }).toEqual({ log: '', grants: [], jobs: [] });
});

it('refuses what an action of the repository asks for, before anything runs', async () => {
  const action = 'name: A\ndescription: a\nruns:\n  using: node20\n  main: a.js\n';
  const files = { [WORKFLOW_PATH]: workflowOf(`${STEP}\n- uses: ./a`), 'a/action.yml': action };
  const { conclusion, report } = await runWorkflow(files);
  expect(conclusion).toBe('startup_failure');
  expect(report.annotations).toMatchObject([
    { message: '`using: node20` is not supported here: node24, composite are', file: 'a/action.yml', line: 4 },
  ]);
  expect(report.jobs).toEqual([]);
});

it('says what is missing when an action is not checked out', async () => {
  const { report } = await runWorkflow(workflowOf('- uses: ./a'));
  expect(report.annotations[0]?.message).toMatch(/^Can't find 'action.yml' or 'action.yaml' under '.\/a'/);
});

it('fails a run whose workflow is not in its commit', async () => {
  const { conclusion, report } = await runWorkflow({ 'README.md': 'nothing else' });
  expect(conclusion).toBe('startup_failure');
  expect(report.annotations[0]?.message).toMatch(/^\.github\/workflows\/test\.yml is not in commit [0-9a-f]{40}$/);
});

it('fails a job whose matrix or expression makes no sense, with its name', async () => {
  const { conclusion, report } = await runWorkflow(
    workflowOf(STEP, `strategy: {matrix: {n: "\${{ fromJSON('[]') }}"}}`),
  );
  expect(conclusion).toBe('failure');
  expect(report.annotations).toEqual([{ level: 'error', message: '`matrix.n` is empty', job: 'build', step: '' }]);
});

it('takes the workflow that ships', async () => {
  const path = '.github/workflows/publish.yml';
  const workflow = await readWorkflow(path, readFileSync(join(ROOT_FOLDER, path), 'utf8'));
  expect(workflow.jobs.map(({ id }) => id)).toContain('page');
});

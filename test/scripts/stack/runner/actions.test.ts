import { expect, it } from 'vitest';
import { openBench, PIN, runWorkflow, WORKFLOW_PATH, workflowOf } from './workflow-run.ts';

const CHECKOUT = `- uses: actions/checkout@${PIN}`;

it('runs a JavaScript action with inputs, defaults and outputs, and its post step in the end, with what it saved', async () => {
  const main = `
const { appendFileSync } = require('node:fs');
console.log('inputs', process.env['INPUT_SOME-THING'], process.env.INPUT_TWO_WORDS, process.env.INPUT_TOKEN === process.env.EXPECTED, JSON.stringify(process.env.INPUT_EMPTY));
appendFileSync(process.env.GITHUB_OUTPUT, 'answer=42\\n');
appendFileSync(process.env.GITHUB_STATE, 'temp=/tmp/x\\n');
`;
  const action = `
name: Ours
description: a test
inputs:
  some-thing: {description: a, required: true}
  two words: {description: b, default: "\${{ github.ref_name }}"}
  token: {description: c, default: "\${{ github.token }}"}
  empty: {description: d}
runs: {using: node24, main: dist/main.js, pre: pre.js, post: dist/post.js}
`;
  const { conclusion, report, log } = await runWorkflow({
    [WORKFLOW_PATH]: workflowOf(`
${CHECKOUT}
- id: ours
  uses: ./action
  with: {Some-Thing: given, typo: x}
  env: {EXPECTED: "\${{ github.token }}"}
- run: echo "answer \${{ steps.ours.outputs.answer }}"
- run: exit 1`),
    'action/action.yml': action,
    'action/dist/main.js': main,
    'action/dist/post.js': 'console.log("post", process.env.STATE_temp, process.env["INPUT_SOME-THING"])',
  });
  expect(conclusion).toBe('failure');
  expect(log).toContain('\ninputs given main true ""\n');
  expect(log).toContain('\nanswer 42\n');
  expect(log).toContain('\npost /tmp/x given\n');
  expect(report.jobs[0]?.steps.at(-1)).toMatchObject({ name: 'Post Ours', outcome: 'success' });
  // GitHub does not run `pre` of an action that is only there once the repository is checked out.
  expect(report.annotations.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "warning Unexpected input(s) 'typo', valid inputs are ['some-thing', 'two words', 'token', 'empty']",
    "warning `pre` execution is not supported for local action from './action'",
    'error Process completed with exit code 1.',
  ]);
});

it('runs a composite action with inputs, steps and outputs of its own', async () => {
  const outer = `
name: Outer
description: a test
inputs: {who: {description: whom to greet, default: world}}
outputs: {greeting: {description: it, value: "\${{ steps.greet.outputs.text }}"}}
runs:
  using: composite
  steps:
    - id: greet
      run: echo "text=hello \${{ inputs.who }} $FROM" >> "$GITHUB_OUTPUT"; ls "$GITHUB_ACTION_PATH"
      shell: bash
    - uses: ./inner
    - run: exit 1
      shell: bash
      continue-on-error: true
`;
  const inner = `name: Inner\ndescription: a test\nruns: {using: composite, steps: [{run: 'echo inner $FROM', shell: sh}]}`;
  const { conclusion, report, log } = await runWorkflow({
    [WORKFLOW_PATH]: workflowOf(`
${CHECKOUT}
- {id: outer, uses: ./outer, with: {who: Ada}, env: {FROM: caller}}
- run: echo "\${{ steps.outer.outputs.greeting }} \${{ steps.greet.outputs.text }}."`),
    'outer/action.yml': outer,
    'inner/action.yaml': inner,
  });
  expect(conclusion).toBe('success');
  expect(log).toContain('\naction.yml\n');
  expect(log).toContain('\ninner caller\n');
  expect(log).toContain('\nhello Ada caller .\n');
  expect(report.jobs[0]?.steps.map(({ name }) => name)).toHaveLength(3);
});

it('fails a composite action when one of its steps fails, and skips the rest of it', async () => {
  const action = `name: A\ndescription: a\nruns: {using: composite, steps: [{run: exit 3, shell: sh}, {run: echo never, shell: sh}, {run: echo tidy, shell: sh, if: always()}]}`;
  const { conclusion, log } = await runWorkflow({
    [WORKFLOW_PATH]: workflowOf(`${CHECKOUT}\n- uses: ./a`),
    'a/action.yml': action,
  });
  expect(conclusion).toBe('failure');
  expect(log).toContain('\ntidy\n');
  expect(log).not.toContain('\nnever\n');
});

it('checks out the commit of the run, or a branch, a tag or a commit that is asked for, without hooks', async () => {
  using bench = openBench({
    [WORKFLOW_PATH]: workflowOf(`
${CHECKOUT}
- run: git rev-parse --abbrev-ref HEAD; git rev-list --count HEAD; cat file; ls .git/hooks 2> /dev/null | grep -vc sample || true
- uses: actions/checkout@${PIN}
  with: {ref: threads/film, path: snapshot, fetch-depth: 0, persist-credentials: false}
- run: cd snapshot && git rev-list --count HEAD && cat film && git config --list | grep -c -i extraheader
  continue-on-error: true
- {id: tag, uses: actions/checkout@${PIN}, with: {ref: v1, path: tag}}
- uses: actions/checkout@${PIN}
  with: {ref: "\${{ github.event.client_payload.sha }}", path: commit}
- run: cat tag/file commit/film; cd tag; git fetch -q origin main && git rev-parse FETCH_HEAD; echo "\${{ steps.tag.outputs.commit }}"
`),
    file: 'old\n',
  });
  bench.git('tag', 'v1');
  const sha = bench.commit({ film: 'one\n' }, 'threads/film');
  bench.commit({ film: 'two\n' }, 'threads/film');
  const newest = bench.commit({ file: 'new\n' });
  const { conclusion, log } = await bench.execute({ event: { client_payload: { sha } } });
  expect(conclusion).toBe('success');
  expect(log).toContain('\nmain\n1\nold\n0\n');
  expect(log).toContain('\n2\ntwo\n0\n##[error]');
  expect(log).toContain(`\nold\none\n${newest}\n${bench.run.sha}\n`);
});

it.each([
  ['{repository: other/one}', 'the repository other/one is not on this machine: only acme/films is'],
  ['{ref: nowhere}', "A branch or tag with the name 'nowhere' could not be found"],
  ['{ref: "--upload-pack=touch pwned"}', 'ref: --upload-pack=touch pwned is no ref'],
  ['{path: ../../out}', /^Repository path '.*\/out' is not under '/],
])('says why it cannot check out %s', async (inputs, message) => {
  const { conclusion, report } = await runWorkflow(workflowOf(`- {uses: actions/checkout@${PIN}, with: ${inputs}}`));
  expect(conclusion).toBe('failure');
  expect(report.annotations[0]?.message).toMatch(message);
});

it('checks nothing out without the permission to read', async () => {
  const { report, grants } = await runWorkflow(`permissions: {statuses: write}\n${workflowOf(CHECKOUT)}`);
  expect(report.annotations[0]?.message).toMatch(/^checkout needs `permissions: contents: read`/);
  expect(grants).toEqual([{ statuses: 'write' }]);
});

it('carries artifacts from job to job', async () => {
  const upload = (inputs: string) => `{uses: actions/upload-artifact@${PIN}, with: ${inputs}}`;
  const download = (inputs: string) => `{uses: actions/download-artifact@${PIN}, with: ${inputs}}`;
  const { conclusion, log, report } = await runWorkflow(`
on: {repository_dispatch: {}}
jobs:
  make:
    runs-on: ubuntu-latest
    strategy: {matrix: {n: [1, 2]}}
    steps:
      - run: mkdir -p out/deep && echo chunk \${{ matrix.n }} > out/deep/\${{ matrix.n }}.txt && touch out/.hidden && ln -s /etc/passwd out/link
      - ${upload(`{name: "chunk-\${{ matrix.n }}", path: out}`)}
  use:
    runs-on: ubuntu-latest
    needs: make
    steps:
      - ${download('{name: chunk-1, path: one}')}
      - ${download('{pattern: chunk-*, path: all}')}
      - ${download('{pattern: chunk-*, path: merged, merge-multiple: true}')}
      - run: find one all merged -type f | sort | xargs
      - ${upload('{name: chunk-1, path: one}').replace('{uses', '{continue-on-error: true, uses')}
      - ${upload('{name: none, path: "none/*.txt"}')}
      - ${download('{name: missing}').replace('{uses', '{continue-on-error: true, uses')}
`);
  expect(conclusion).toBe('success');
  expect(log).toContain(
    '\nall/chunk-1/deep/1.txt all/chunk-2/deep/2.txt merged/deep/1.txt merged/deep/2.txt one/deep/1.txt\n',
  );
  expect(report.annotations.map(({ message }) => message)).toEqual([
    "an artifact with the name 'chunk-1' already exists in this run",
    'No files were found with the provided path: none/*.txt. No artifacts will be uploaded.',
    'Artifact not found for name: missing',
  ]);
});

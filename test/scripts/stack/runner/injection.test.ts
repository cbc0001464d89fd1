/** What a payload says reaches no shell and no environment file, as long as a workflow passes it by `env:` or `with:`. */
import { expect, it } from 'vitest';
import { runWorkflow, WORKFLOW_PATH, workflowOf } from './workflow-run.ts';

const TRICKS: Readonly<Record<string, string>> = {
  substitution: '$(touch pwned) `touch pwned` $HOME $((1+1))',
  quotes: `'"; touch pwned; echo "`,
  expression: `\${{ secrets.KEY }} \${{ github.token }}`,
  lines: 'first\ntouch pwned\n',
  command: 'x\n::set-env name=PWNED::1\n::add-path::/tmp/pwned\n::error::pwned\n##[set-output name=word]pwned',
  heredoc: 'a\nEOF\nPWNED=1\nBASH_ENV<<EOF\n/tmp/pwned\nEOF',
  carriage: 'x\r::add-mask::a\u2028::add-mask::b',
  option: '--upload-pack=touch pwned',
  backslash: '\\\\$(touch pwned)\\n%0A::error::pwned',
  nul: 'a\\u0000b',
  constructor: '__proto__',
};

it('keeps every trick a value, in variables, inputs of actions and expressions', async () => {
  const names = Object.keys(TRICKS);
  const workflow = `
on: {repository_dispatch: {}}
env: {WHOLE: "\${{ toJSON(github.event.client_payload) }}"}
jobs:
  build:
    runs-on: ubuntu-latest
    name: "\${{ github.event.client_payload.lines }}"
    steps:
      - uses: actions/checkout@${'a'.repeat(40)}
      - name: "\${{ github.event.client_payload.command }}"
        run: node check.mjs env
        env:
${names.map((name) => `          TRICK_${name.toUpperCase()}: \${{ github.event.client_payload.${name} }}`).join('\n')}
      - uses: ./echo
        with:
${names.map((name) => `          ${name}: \${{ github.event.client_payload.${name} }}`).join('\n')}
      - run: '[ ! -e pwned ] && [ -z "$PWNED" ] && [ -z "$BASH_ENV" ] && echo nothing happened'
`;
  const check = `
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
const sent = JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8')).client_payload;
assert.deepStrictEqual(JSON.parse(process.env.WHOLE), sent);
const prefix = process.argv[2] === 'env' ? 'TRICK_' : 'INPUT_';
for (const [name, value] of Object.entries(sent)) assert.strictEqual(process.env[prefix + name.toUpperCase()], value, name);
console.log('all equal', Object.keys(sent).length);
`;
  const inputs = names.map((name) => `  ${name}: {description: a trick}`).join('\n');
  const { conclusion, log, report } = await runWorkflow(
    {
      [WORKFLOW_PATH]: workflow,
      'check.mjs': check,
      'echo/action.yml': `name: Echo\ndescription: checks\ninputs:\n${inputs}\nruns: {using: node24, main: ../check.mjs}`,
    },
    { event: { client_payload: TRICKS }, secrets: { KEY: 'the-secret' } },
  );
  expect(log).not.toContain('AssertionError');
  expect(conclusion).toBe('success');
  expect(log.match(/all equal 11/g)).toHaveLength(2);
  expect(log).toContain('nothing happened');
  expect(report.annotations).toEqual([]);
});

it('names no file after what a payload says', async () => {
  const { report } = await runWorkflow(
    workflowOf(
      `- name: "\${{ github.event.client_payload.path }}"\n  run: "true"`,
      `name: "\${{ github.event.client_payload.path }}"`,
    ),
    { event: { client_payload: { path: '../../../../etc/x\n/../y' } } },
  );
  expect(report.jobs[0]?.steps[0]?.log).toBe('etc-x-y/01-etc-x-y.log');
});

it.each([
  [
    'GITHUB_OUTPUT',
    'no equals sign',
    "Unable to process file command 'output' successfully. Invalid format 'no equals sign'",
  ],
  [
    'GITHUB_ENV',
    'A<<EOF\\nnever ends',
    "Unable to process file command 'env' successfully. Invalid value. Matching delimiter not found 'EOF'",
  ],
  [
    'GITHUB_ENV',
    'NODE_OPTIONS=--require=x',
    "Unable to process file command 'env' successfully. Can't store NODE_OPTIONS in GITHUB_ENV.",
  ],
])('fails a step whose %s has "%s"', async (variable, content, message) => {
  const { conclusion, report } = await runWorkflow(workflowOf(`- run: printf '${content}\\n' >> "$${variable}"`));
  expect(conclusion).toBe('failure');
  expect(report.annotations[0]?.message).toBe(message);
});

it.each([
  '::set-env name=A::b',
  '::add-path::/x',
  '::set-output name=a::b',
  '##[save-state name=a]b',
  '::stop-commands::error',
])('fails a step that prints %s: who prints what others say must stop commands first', async (command) => {
  const { conclusion, report } = await runWorkflow(workflowOf(`- run: echo '${command}'`));
  expect(conclusion).toBe('failure');
  expect(report.annotations[0]?.message).toMatch(/is disabled: use files|Invalid token 'error' for stop-commands/);
});

it('lets no step set what the runner says of the run', async () => {
  const { log } = await runWorkflow(
    workflowOf(
      '- run: echo "GITHUB_SHA=forged" >> "$GITHUB_ENV"; echo "RUNNER_TEMP=forged" >> "$GITHUB_ENV"\n- run: env | grep -c forged || echo none',
    ),
  );
  expect(log).toContain('\n0\nnone\n');
});

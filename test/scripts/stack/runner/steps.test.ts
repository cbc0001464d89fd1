import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openBench, runWorkflow, workflowOf } from './workflow-run.ts';

it('passes outputs, variables, paths and summaries on by files', async () => {
  const { report, log } = await runWorkflow(
    workflowOf(`
- id: write
  run: |
    echo "one=1" >> "$GITHUB_OUTPUT"
    { echo 'many<<END'; echo 'a=b'; echo 'c<<d'; echo END; } >> "$GITHUB_OUTPUT"
    echo "FROM=env \${{ env.FROM }}" >> "$GITHUB_ENV"
    mkdir tools; printf '#!/bin/sh\\necho tool' > tools/our-tool; chmod +x tools/our-tool
    echo "$PWD/tools" >> "$GITHUB_PATH"
    echo '### Done' >> "$GITHUB_STEP_SUMMARY"
- run: |
    our-tool
    cat <<'TEXT'
    \${{ steps.write.outputs.one }}, \${{ steps.write.outputs.many }}, $FROM
    TEXT
    echo "$FROM and \${{ env.FROM }}, own $OWN"
  env: {OWN: "\${{ env.FROM }}!"}
- run: echo '- more' >> "$GITHUB_STEP_SUMMARY"
`),
  );
  expect(log).toContain('\ntool\n1, a=b\nc<<d, $FROM\nenv  and env , own env !\n');
  expect(report.jobs[0]?.summary).toBe('### Done\n\n- more\n');
});

it('goes on after a step that may fail, and tells its outcome from its conclusion', async () => {
  const { conclusion, report, log } = await runWorkflow(
    workflowOf(`
- {id: bad, run: exit 7, continue-on-error: true}
- run: echo "\${{ steps.bad.outcome }} \${{ steps.bad.conclusion }} \${{ job.status }}"
- {run: exit 1}
- run: echo "at last \${{ job.status }}"
  if: failure() && steps.bad.outcome == 'failure'
- {run: echo never, if: "steps.bad.outcome == 'failure'"}
`),
  );
  expect(conclusion).toBe('failure');
  expect(log).toContain('\nfailure success success\n');
  expect(log).toContain('\nat last failure\n');
  expect(report.jobs[0]?.steps.map((step) => `${step.outcome} ${step.conclusion}`)).toEqual([
    ...['failure success', 'success success', 'failure failure', 'success success', 'skipped skipped'],
  ]);
});

it('fails a step that runs longer than it may, with everything that it started', async () => {
  const { conclusion, report } = await runWorkflow(workflowOf('- {run: sleep 60 & sleep 60, timeout-minutes: 1}'), {
    minuteMilliseconds: 200,
    grace: { interrupt: 100, terminate: 100 },
  });
  expect(conclusion).toBe('failure');
  expect(report.annotations[0]?.message).toBe('The step "Run sleep 60 & sleep 60" has timed out.');
  expect(report.jobs[0]?.steps[0]?.seconds).toBeLessThan(3);
});

it('obeys commands in what a step prints, and nothing between stop-commands', async () => {
  const { report, log } = await runWorkflow(
    workflowOf(`
- name: talk
  run: |
    echo "::group::Files"
    echo "::error file=scenes/a.tsx,line=3,col=5,title=Syntax::first%0Asecond"
    echo "::endgroup::"
    echo "::notice::look"
    echo "::stop-commands::token-1"
    echo "::error::not an error"
    echo "::token-1::"
    echo "::warning::careful" >&2
    echo "::unknown::thing"
`),
  );
  expect(report.annotations).toEqual([
    {
      ...{ level: 'error', message: 'first\nsecond', title: 'Syntax', file: 'scenes/a.tsx', line: 3, column: 5 },
      ...{ job: 'build', step: 'talk' },
    },
    { level: 'notice', message: 'look', job: 'build', step: 'talk' },
    { level: 'warning', message: 'careful', job: 'build', step: 'talk' },
  ]);
  expect(log).toContain('##[group]Files\n##[error]first\nsecond\n##[endgroup]\n');
  expect(log).toContain('\n::error::not an error\n');
  expect(log).toContain('\n::unknown::thing\n');
});

it('hides secrets and masks in logs, annotations, summaries and outputs', async () => {
  const secret = 'correct horse\nbattery "staple"';
  using bench = openBench(
    workflowOf(
      `
- id: leak
  env: {SECRET: "\${{ secrets.KEY }}", TOKEN: "\${{ github.token }}"}
  run: |
    part=made-up
    value="$part-value"
    echo "plain $SECRET"
    echo "::add-mask::$value"
    echo "masked $value and $TOKEN"
    printf 'base64 '; printf 'user:%s' "$SECRET" | base64 -w0; echo
    echo "::error::with $value"
    echo "summary $TOKEN" >> "$GITHUB_STEP_SUMMARY"
    echo "secret=$value" >> "$GITHUB_OUTPUT"
    echo "fine=fine" >> "$GITHUB_OUTPUT"
- run: echo "later \${{ steps.leak.outputs.secret }}"
`,
      `outputs: {secret: "\${{ steps.leak.outputs.secret }}", fine: "\${{ steps.leak.outputs.fine }}"}`,
    ),
    { secrets: { KEY: secret } },
  );
  const { report, log, progress } = await bench.execute();
  const kept = JSON.stringify([
    report,
    log,
    progress,
    readFileSync(join(bench.folder, 'state/runs/7/1/result.json'), 'utf8'),
  ]);
  for (const part of ['correct horse', 'staple', 'made-up-value', 'ghs_token']) expect(kept).not.toContain(part);
  expect(kept).not.toContain(Buffer.from(secret).toString('base64').slice(4, 24));
  expect(log).toContain('plain ***\n***\n');
  expect(report.annotations).toMatchObject([
    { level: 'error', message: 'with ***' },
    { level: 'warning', message: "Skip output 'secret' since it may contain secret." },
  ]);
});

it('gives a step nothing of our own environment', async () => {
  process.env.PERMAFRAME_TEST_CANARY = 'canary';
  const { log } = await runWorkflow(
    workflowOf(`- run: env | cut -d= -f1 | grep -vE '^(GITHUB|RUNNER)_' | sort | xargs
- run: |
    node --version; [ -d "$HOME" ] && [ -z "$(ls -A "$HOME")" ] && echo own home
    echo "$GITHUB_REPOSITORY $GITHUB_SHA $GITHUB_API_URL $GITHUB_EVENT_NAME \${GITHUB_TOKEN-none} \${ACTIONS_ID_TOKEN_REQUEST_URL-none}"
    grep -c '"action": "go"' "$GITHUB_EVENT_PATH"`),
  ).finally(() => delete process.env.PERMAFRAME_TEST_CANARY);
  expect(log).toMatch(/\nCI HOME LANG OLDPWD PATH PWD SHLVL _\n|\nCI HOME LANG PATH PWD SHLVL _\n/);
  expect(log).toMatch(
    /\nv24\.\d+\.\d+\nown home\nacme\/films [0-9a-f]{40} http:\/\/127\.0\.0\.1:9\/api repository_dispatch none none\n1\n/,
  );
});

it('leaves no folder and no process behind, not even one that left its group', async () => {
  using bench = openBench(
    workflowOf('- run: |\n    setsid sleep 61.5 & sleep 62.5 &\n    echo "here $GITHUB_WORKSPACE"\n    echo "pid $!"'),
  );
  const { conclusion, log } = await bench.execute();
  expect(conclusion).toBe('success');
  const workspace = /here (\S+)/.exec(log)?.[1] ?? '';
  expect(() => readFileSync(join(workspace, '../../_temp/_github_workflow/event.json'))).toThrow('ENOENT');
  const pid = Number(/pid (\d+)/.exec(log)?.[1]);
  await expect.poll(() => isAlive(pid)).toBe(false);
  await expect.poll(() => isAlive(pid - 1)).toBe(false);
});

it('hashes files as they are, not as they are called', async () => {
  const { log } = await runWorkflow(
    workflowOf(`- run: mkdir d && echo a > d/a.txt && echo b > d/b.txt && echo c > d/c.md
- run: echo "\${{ hashFiles('**/*.txt') }} \${{ hashFiles('**/*.txt', '!**/b.txt') == hashFiles('d/a.txt') }} \${{ hashFiles('none') }}."`),
  );
  expect(log).toMatch(/\n[0-9a-f]{64} true \.\n/);
});

function isAlive(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2];
    return state !== 'Z' && /sleep/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Bench, openBench, PIN, WORKFLOW_PATH, workflowOf } from './workflow-run.ts';

it('cancels in the middle of a step: asked gently, and what has always() still runs', async () => {
  using bench = openBench({
    [WORKFLOW_PATH]: `
on: {repository_dispatch: {}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@${PIN}
      - uses: ./action
      - name: long
        run: |
          trap 'echo interrupted; exit 5' INT
          echo "started"
          while true; do sleep 0.05; done
      - run: echo never
      - {run: 'echo "tidy \${{ job.status }}"', if: always()}
      - {run: echo on cancel, if: cancelled()}
      - {run: echo on failure, if: failure()}
  next: {runs-on: ubuntu-latest, needs: build, steps: [{run: echo never}]}
  last: {runs-on: ubuntu-latest, needs: build, if: always(), steps: [{run: 'echo "last \${{ needs.build.result }}"'}]}
`,
    'action/action.yml': 'name: A\ndescription: a\nruns: {using: node24, main: a.js, post: b.js}',
    'action/a.js': '',
    'action/b.js': 'console.log("post step")',
  });
  const controller = new AbortController();
  const finished = bench.execute({}, controller.signal);
  await untilLine(bench, 'started');
  controller.abort();
  const { conclusion, report, log } = await finished;
  expect(conclusion).toBe('cancelled');
  expect(log).toContain('\ninterrupted\n##[error]The operation was canceled.\n');
  expect(log).toContain('\ntidy cancelled\n');
  expect(log).toContain('\non cancel\n');
  expect(log).toContain('\npost step\n');
  expect(log).toContain('\nlast cancelled\n');
  expect(log).not.toMatch(/^(never|on failure)$/m);
  expect(Object.fromEntries(report.jobs.map(({ name, result }) => [name, result]))).toEqual({
    build: 'cancelled',
    next: 'cancelled',
    last: 'success',
  });
});

it('kills what does not want to end', async () => {
  using bench = openBench(workflowOf("- run: trap '' INT TERM; echo started; while true; do sleep 0.05; done"), {
    grace: { interrupt: 150, terminate: 150 },
  });
  const controller = new AbortController();
  const finished = bench.execute({}, controller.signal);
  await untilLine(bench, 'started');
  const asked = performance.now();
  controller.abort();
  const { conclusion, report } = await finished;
  expect(conclusion).toBe('cancelled');
  expect(report.jobs[0]?.steps[0]?.outcome).toBe('cancelled');
  expect(performance.now() - asked).toBeGreaterThan(290);
});

it('lets a step with always() run to its end, but not for ever', async () => {
  using bench = openBench(
    workflowOf('- {run: echo started; sleep 0.4; echo finished, if: always()}\n- {run: sleep 30, if: always()}'),
    { cancelMilliseconds: 900 },
  );
  const controller = new AbortController();
  const finished = bench.execute({}, controller.signal);
  await untilLine(bench, 'started');
  controller.abort();
  const { conclusion, log } = await finished;
  expect(conclusion).toBe('cancelled');
  expect(log).toContain('\nfinished\n');
});

it('runs nothing of a run that was cancelled before it began', async () => {
  using bench = openBench(workflowOf('- run: echo never'));
  const { conclusion, report } = await bench.execute({}, AbortSignal.abort());
  expect({ conclusion, jobs: report.jobs.map(({ result }) => result) }).toEqual({
    conclusion: 'cancelled',
    jobs: ['cancelled'],
  });
});

it('dies at once when its machine goes away: nothing is tidied up, nobody is left', async () => {
  const mark = `mark-${crypto.randomUUID()}`;
  using bench = openBench(
    workflowOf(
      `- run: "trap '' INT TERM; sleep 77 & echo pid $!; touch ${mark}; sleep 78"\n- {run: echo tidy, if: always()}`,
    ),
  );
  const finished = bench.execute();
  await untilLine(bench, /^pid/);
  bench.runner.die(bench.run.id);
  const { conclusion, report, log } = await finished;
  expect({ conclusion, died: report.died }).toEqual({ conclusion: 'failure', died: true });
  expect(log).not.toContain('tidy');
  const pid = /pid (\d+)/.exec(log)?.[1];
  await expect.poll(() => commandOf(pid)).not.toContain('sleep');
});

it('goes on with the next attempt after a death, with logs of its own', async () => {
  using bench = openBench(
    workflowOf('- run: echo "attempt $GITHUB_RUN_ATTEMPT"; [ "$GITHUB_RUN_ATTEMPT" = 2 ] || sleep 30'),
  );
  const first = bench.execute();
  await untilLine(bench, 'attempt 1');
  bench.runner.die(bench.run.id);
  await first;
  const second = await bench.execute({ attempt: 2 });
  expect(second.conclusion).toBe('success');
  expect(
    readFileSync(
      join(bench.runner.logFolder(7, 1), 'build/01-run-echo-attempt-github-run-attempt-github-run-attempt-2-sle.log'),
      'utf8',
    ),
  ).toContain('attempt 1');
  expect(second.log).toContain('\nattempt 2\n');
});

it('ends a run that dies while it waits for another one, and lets the other one be', async () => {
  using bench = openBench(`concurrency: one\n${workflowOf('- run: echo started; sleep 0.5')}`);
  const first = bench.execute({ id: 1 });
  await untilLine(bench, 'started');
  const second = bench.execute({ id: 2 });
  await expect.poll(() => bench.progress).toContainEqual(expect.objectContaining({ run: 2, state: 'waiting' }));
  bench.runner.die(2);
  expect((await second).report).toMatchObject({ conclusion: 'failure', died: true, jobs: [] });
  expect((await first).conclusion).toBe('success');
});

async function untilLine({ progress }: Bench, line: string | RegExp): Promise<void> {
  const isIt = (text: string) => (typeof line === 'string' ? text === line : line.test(text));
  await expect
    .poll(() => progress.some((each) => each.kind === 'line' && isIt(each.line)), { timeout: 10_000 })
    .toBe(true);
}

function commandOf(pid: string | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

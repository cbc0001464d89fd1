import { expect, it } from 'vitest';
import { openBench, runWorkflow, WORKFLOW_PATH, workflowOf } from './workflow-run.ts';

const RUNS_ON = 'runs-on: ubuntu-latest';

it('runs the steps of a job one after the other, and tells each as it passes', async () => {
  const { conclusion, report, progress, log } = await runWorkflow(
    workflowOf("- name: first\n  run: echo one\n- run: |\n    echo two\n    echo three\n- {run: 'true', if: false}"),
  );
  expect(conclusion).toBe('success');
  expect(log).toMatch(/one\n.*two\nthree\n/s);
  expect(report.jobs).toMatchObject([
    {
      name: 'build',
      result: 'success',
      steps: [
        { name: 'first', outcome: 'success', log: 'build/01-first.log' },
        { name: 'Run echo two', outcome: 'success' },
        { name: 'Run true', outcome: 'skipped', log: null },
      ],
    },
  ]);
  const told = progress.filter((each) => each.kind !== 'line').map(({ kind, state }) => `${kind} ${state}`);
  expect(told).toEqual([
    ...['run waiting', 'run running', 'job queued', 'job running', 'step running', 'step success', 'step running'],
    ...['step success', 'step skipped', 'job success', 'run success'],
  ]);
});

it('hands outputs from job to job, and skips what needs a job that failed', async () => {
  const { conclusion, report, log } = await runWorkflow(`
on: {repository_dispatch: {}}
jobs:
  first:
    ${RUNS_ON}
    outputs: {word: "\${{ steps.say.outputs.word }}!"}
    steps: [{id: say, run: 'echo word=hello >> "$GITHUB_OUTPUT"'}]
  second:
    ${RUNS_ON}
    needs: first
    env: {WORD: "\${{ needs.first.outputs.word }}"}
    steps: [{run: 'echo "got $WORD from \${{ needs.first.result }}"; exit 3'}]
  third: {${RUNS_ON}, needs: [first, second], steps: [{run: echo never}]}
  after: {${RUNS_ON}, needs: third, if: failure(), steps: [{run: 'echo after \${{ needs.third.result }}'}]}
  always: {${RUNS_ON}, needs: third, if: always(), steps: [{run: echo always}]}
  last: {${RUNS_ON}, needs: always, steps: [{run: echo never}]}
`);
  expect(conclusion).toBe('failure');
  expect(Object.fromEntries(report.jobs.map(({ name, result }) => [name, result]))).toEqual({
    first: 'success',
    second: 'failure',
    third: 'skipped',
    after: 'success',
    always: 'success',
    // Not only what it needs counts, but all that came before.
    last: 'skipped',
  });
  expect(log).toContain('got hello! from success');
  expect(log).toContain('after skipped');
  expect(report.annotations).toMatchObject([
    { level: 'error', message: 'Process completed with exit code 3.', job: 'second' },
  ]);
});

it('makes a job of each combination of a matrix, also of one that a job has computed', async () => {
  const { report, log } = await runWorkflow(`
on: {repository_dispatch: {}}
jobs:
  plan:
    ${RUNS_ON}
    outputs: {chunks: "\${{ steps.plan.outputs.chunks }}"}
    steps: [{id: plan, run: 'echo "chunks=[0, 1]" >> "$GITHUB_OUTPUT"'}]
  render:
    ${RUNS_ON}
    needs: plan
    strategy:
      matrix:
        chunk: \${{ fromJSON(needs.plan.outputs.chunks) }}
        codec: [h264, vp8]
        exclude: [{chunk: 1, codec: vp8}]
        include: [{chunk: 0, poster: true}]
    steps:
      - run: echo "\${{ matrix.chunk }} \${{ matrix.codec }} \${{ matrix.poster }} of \${{ strategy.job-total }}"
`);
  const names = report.jobs.map(({ name }) => name).sort();
  expect(names).toEqual(['plan', 'render (0, h264, true)', 'render (0, vp8, true)', 'render (1, h264)']);
  expect(log).toContain('1 h264  of 3');
});

it('ends the other jobs of a matrix when one fails, unless told not to', async () => {
  const matrix = (failFast: boolean) =>
    runWorkflow(
      workflowOf(
        `- run: '[ \${{ matrix.n }} = 1 ] && exit 1; sleep 0.4'`,
        `strategy: {fail-fast: ${failFast}, matrix: {n: [1, 2]}}`,
      ),
      { grace: { interrupt: 100, terminate: 100 } },
    );
  const results = async (failFast: boolean) => (await matrix(failFast)).report.jobs.map(({ result }) => result).sort();
  expect(await Promise.all([results(true), results(false)])).toEqual([
    ['cancelled', 'failure'],
    ['failure', 'success'],
  ]);
});

it('does not fail the run for a job that may fail', async () => {
  const { conclusion, report } = await runWorkflow(workflowOf('- run: exit 1', 'continue-on-error: true'));
  expect(conclusion).toBe('success');
  expect(report.jobs).toMatchObject([{ result: 'failure' }]);
});

it('cancels a job that runs longer than it may; what has always() still runs', async () => {
  const steps = '- run: sleep 20\n- run: echo tidy\n  if: always()\n- run: echo never';
  const { conclusion, report, log } = await runWorkflow(workflowOf(steps, 'timeout-minutes: 1'), {
    minuteMilliseconds: 300,
  });
  expect(conclusion).toBe('cancelled');
  expect(report.jobs[0]?.steps.map(({ outcome }) => outcome)).toEqual(['cancelled', 'success', 'skipped']);
  expect(log).toContain('\ntidy\n');
  expect(report.annotations.map(({ message }) => message)).toContain(
    'The job has exceeded the maximum execution time of 1 minutes.',
  );
});

it('takes env and defaults from the workflow, the job and the step, the nearest first', async () => {
  const { log } = await runWorkflow(`
on: {repository_dispatch: {}}
env: {A: workflow, B: workflow, C: workflow}
defaults: {run: {shell: sh, working-directory: a}}
jobs:
  build:
    ${RUNS_ON}
    env: {B: job, C: "\${{ github.job }} and job"}
    defaults: {run: {working-directory: b}}
    steps:
      - {run: mkdir -p a/x b, working-directory: .}
      - run: echo "$A $B $C $D $(basename "$PWD") \${{ env.D }}"
        env: {D: step}
      - {run: 'echo "in $(basename "$PWD")"; false | true; echo "$0" | grep -c sh', working-directory: a/x, shell: bash, continue-on-error: true}
`);
  expect(log).toContain('workflow job build and job step b step\n');
  expect(log).toMatch(/shell: sh -e/);
  expect(log).toMatch(/shell: bash --noprofile --norc -e -o pipefail/);
  expect(log).toContain('in x\n');
  expect(log).toContain('##[error]Process completed with exit code 1.');
});

it('lets one job of a group run and one wait; a newer one takes the place of the one that waits', async () => {
  const workflow = workflowOf(
    `- run: sleep 0.3; echo "ran \${{ github.event.client_payload.name }}"`,
    `concurrency: {group: "thread-\${{ github.event.client_payload.thread }}"}`,
  );
  using bench = openBench(workflow);
  const start = async (id: number, name: string, thread: string) => {
    const { conclusion } = await bench.execute({ id, event: { client_payload: { name, thread } } });
    return `${name} ${conclusion}`;
  };
  const first = start(1, 'first', 'a');
  await untilRunning(bench, 1);
  const rest = [start(2, 'second', 'A'), start(9, 'other', 'b')];
  await untilRunning(bench, 9);
  const third = start(3, 'third', 'a');
  expect(await Promise.all([first, ...rest, third])).toEqual([
    ...['first success', 'second cancelled', 'other success', 'third success'],
  ]);
});

it('cancels what runs when a newer run says so, and keeps all who wait when told to', async () => {
  using bench = openBench({
    [WORKFLOW_PATH]: `concurrency: {group: a, cancel-in-progress: true}\n${workflowOf('- run: sleep 5')}`,
    '.github/workflows/queue.yml': `concurrency: {group: b, queue: max}\n${workflowOf('- run: sleep 0.1')}`,
  });
  const first = bench.execute({ id: 1 });
  await untilRunning(bench, 1);
  const second = bench.execute({ id: 2 });
  expect((await first).conclusion).toBe('cancelled');
  await untilRunning(bench, 2);
  const cancelled = new AbortController();
  const third = bench.execute({ id: 3 }, cancelled.signal);
  expect((await second).conclusion).toBe('cancelled');
  cancelled.abort();
  expect((await third).conclusion).toBe('cancelled');
  const all = [4, 5, 6].map((id) => bench.execute({ id, workflowPath: '.github/workflows/queue.yml' }));
  expect((await Promise.all(all)).map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success']);
});

it('calls a workflow of the same repository, with inputs, secrets, outputs, and no more permissions than its own', async () => {
  const called = `
on:
  workflow_call:
    inputs: {thread: {type: string, required: true}, count: {type: number, default: 2}}
    secrets: {KEY: {required: true}}
    outputs: {url: {value: "\${{ jobs.page.outputs.url }}"}}
permissions: {contents: write, statuses: write}
jobs:
  page:
    ${RUNS_ON}
    outputs: {url: "\${{ steps.page.outputs.url }}"}
    steps:
      - id: page
        run: |
          echo "url=/p/\${{ inputs.thread }}/\${{ inputs.count }}" >> "$GITHUB_OUTPUT"
          echo "\${{ job.workflow_file_path }} $([ "$KEY" = hidden-value ] && echo has the key)"
        env: {KEY: "\${{ secrets.KEY }}"}
`;
  const caller = `
on: {repository_dispatch: {}}
permissions: {contents: read}
jobs:
  publish:
    uses: ./.github/workflows/called.yml
    with: {thread: "\${{ github.event.client_payload.thread }}"}
    secrets: {KEY: "\${{ secrets.OURS }}"}
  show: {${RUNS_ON}, needs: publish, steps: [{run: 'echo "at \${{ needs.publish.outputs.url }}"'}]}
`;
  const { conclusion, report, log, grants } = await runWorkflow(
    { [WORKFLOW_PATH]: caller, '.github/workflows/called.yml': called },
    { event: { client_payload: { thread: 'film' } }, secrets: { OURS: 'hidden-value' } },
  );
  expect(conclusion).toBe('success');
  expect(report.jobs.map(({ name }) => name)).toEqual(['publish / page', 'show']);
  expect(log).toContain('.github/workflows/called.yml has the key');
  expect(log).toContain('at /p/film/2');
  expect(grants).toEqual([{ contents: 'read' }, { contents: 'read' }]);
});

it('gives a workflow that is started by hand its inputs, in their types', async () => {
  const workflow = `
on:
  workflow_dispatch:
    inputs:
      thread: {type: string, required: true}
      force: {type: boolean, default: false}
      note: {type: string, default: none}
jobs:
  build: {${RUNS_ON}, steps: [{run: 'echo "\${{ inputs.thread }} \${{ inputs.note }} \${{ inputs.force && 1 || 2 }}"'}]}
`;
  const event = (inputs: Record<string, unknown>) => ({ eventName: 'workflow_dispatch' as const, event: { inputs } });
  const given = await runWorkflow(workflow, event({ thread: 'film', force: 'true' }));
  expect(given.log).toContain('film none 1');
  const missing = await runWorkflow(workflow, event({}));
  expect(missing.conclusion).toBe('startup_failure');
  expect(missing.report.annotations[0]?.message).toBe("Input 'thread' is required, but not provided");
});

it('runs no more jobs at a time than it has room for', async () => {
  const { conclusion, report } = await runWorkflow(
    workflowOf('- run: sleep 0.1', 'strategy: {matrix: {n: [1, 2, 3]}}'),
    {
      parallelJobs: 1,
    },
  );
  expect(conclusion).toBe('success');
  const times = report.jobs.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt]);
  expect(times).toEqual(times.toSorted());
});

it('keeps the logs of jobs apart whose names look alike', async () => {
  const { conclusion, report, log } = await runWorkflow(
    workflowOf(`- run: echo "name \${{ matrix.n }}"`, `strategy: {matrix: {n: ["a b", "a-b", "a/b", ""]}}`),
  );
  expect(conclusion).toBe('success');
  expect(new Set(report.jobs.map(({ steps }) => steps[0]?.log)).size).toBe(4);
  expect(log.match(/^name .*$/gm)?.sort()).toEqual(['name ', 'name a b', 'name a-b', 'name a/b']);
});

it('fails the one combination that cannot run, not the others', async () => {
  const { conclusion, report } = await runWorkflow(
    workflowOf("- run: 'true'", 'strategy: {fail-fast: false, matrix: {on: [ubuntu-latest, my-own]}}').replace(
      'runs-on: ubuntu-latest',
      `runs-on: \${{ matrix.on }}`,
    ),
  );
  expect(conclusion).toBe('failure');
  expect(report.jobs.map(({ name, result }) => `${name} ${result}`).sort()).toEqual([
    ...['build (my-own) failure', 'build (ubuntu-latest) success'],
  ]);
  expect(report.annotations[0]?.message).toBe('`runs-on: my-own` is not supported here: ubuntu is');
});

async function untilRunning({ progress }: { progress: readonly unknown[] }, run: number): Promise<void> {
  await expect.poll(() => progress).toContainEqual(expect.objectContaining({ run, kind: 'step', state: 'running' }));
}

/** Executes runs of workflows on this machine, in the place of GitHub's runners. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Conclusion, Run } from '../github/run.ts';
import type { OidcIssuer } from '../oidc.ts';
import { readActionFile } from './action-file.ts';
import { createConcurrencyGroups, enterConcurrency } from './concurrency.ts';
import { runContext } from './contexts.ts';
import { dispatchInputs } from './inputs.ts';
import { DEFAULT_GRACE, type Grace } from './processes.ts';
import type { Progress, RunReport } from './progress.ts';
import { createSlots, DIED, type Execution } from './run-execution.ts';
import { executeWorkflow } from './schedule.ts';
import { messageOf } from './step-process.ts';
import { readWorkflow, type Workflow, WorkflowError } from './workflow.ts';

/** GitHub ends what still runs this long after a run was cancelled, in milliseconds. */
const CANCEL_MILLISECONDS = 300_000;
const MINUTE_MILLISECONDS = 60_000;
/** Jobs at a time, as with GitHub's free plan. */
const PARALLEL_JOBS = 20;

export interface RunnerOptions {
  /** Logs, summaries, artifacts and results of runs are kept in `runs/` below it. */
  stateFolder: string;
  /** Mints the tokens of jobs with `id-token: write`; without it no job gets any. */
  oidc?: Pick<OidcIssuer, 'openRequest'>;
  /** `secrets.…`. Never shown in a log. */
  secrets?: Readonly<Record<string, string>>;
  /** `vars.…`. */
  vars?: Readonly<Record<string, string>>;
  onProgress?: (progress: Progress) => void;
  /** Node 24 for actions; the one that runs this program by default. */
  nodePath?: string;
  grace?: Grace;
  /** How long a cancelled run may still run what has `always()`, in milliseconds. */
  cancelMilliseconds?: number;
  /** How long a minute of `timeout-minutes` is, in milliseconds; shorter in tests. */
  minuteMilliseconds?: number;
  parallelJobs?: number;
  now?: () => Date;
}

export interface Runner {
  /** Executes a run to its end. Rejects only when this program is at fault. */
  execute(run: Run, signal: AbortSignal): Promise<Conclusion>;
  /** Fault: the machine goes away. All processes of the run get SIGKILL, nothing is cleaned up by its steps. */
  die(runId: number): void;
  /** What is known of a run that is over. @throws Error when there was none */
  reportOf(runId: number, attempt: number): Promise<RunReport>;
  /** Where the logs of a run are: a folder for each job, a file for each step. */
  logFolder(runId: number, attempt: number): string;
  /** All of them in one text, as far as there is any: for the page of a run. */
  readLog(run: Pick<Run, 'id' | 'attempt'>): Promise<string>;
}

/** @throws Error when no Node 24 is given, and this is none: actions ask for it */
export function createRunner(options: RunnerOptions): Runner {
  if (options.nodePath === undefined && !process.version.startsWith('v24.')) {
    throw new Error(`actions want Node 24, this is ${process.version}`);
  }
  const folderOf = (id: number, attempt: number) => join(options.stateFolder, 'runs', String(id), String(attempt));
  const concurrency = createConcurrencyGroups();
  const slots = createSlots(options.parallelJobs ?? PARALLEL_JOBS);
  const dying = new Map<number, () => void>();
  return {
    async execute(run, signal) {
      const folder = folderOf(run.id, run.attempt);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const dead = new AbortController();
      const cancel = new AbortController();
      const forward = () => cancel.abort(signal.reason);
      if (signal.aborted) forward();
      signal.addEventListener('abort', forward);
      dying.set(run.id, () => {
        dead.abort(DIED);
        cancel.abort();
      });
      const execution = executionOf(options, run, folder, {
        cancel: cancel.signal,
        dead: dead.signal,
        concurrency,
        slots,
      });
      try {
        return await executeRun(execution, cancel, dead, options.cancelMilliseconds ?? CANCEL_MILLISECONDS);
      } finally {
        signal.removeEventListener('abort', forward);
        dying.delete(run.id);
        await writeFile(join(folder, 'result.json'), JSON.stringify(execution.report, null, 2), { mode: 0o600 });
      }
    },
    die(runId) {
      dying.get(runId)?.();
    },
    async reportOf(runId, attempt) {
      return JSON.parse(await readFile(join(folderOf(runId, attempt), 'result.json'), 'utf8'));
    },
    logFolder: (runId, attempt) => join(folderOf(runId, attempt), 'logs'),
    readLog: ({ id, attempt }) => readLogs(join(folderOf(id, attempt), 'logs')),
  };
}

async function readLogs(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = paths.sort().map(async (path) => `${relative(folder, path)}\n${await readFile(path, 'utf8')}`);
  return (await Promise.all(texts)).join('\n');
}

type Shared = Pick<Execution, 'cancel' | 'dead' | 'concurrency' | 'slots'>;

function executionOf(options: RunnerOptions, run: Run, folder: string, shared: Shared): Execution {
  return {
    ...shared,
    run,
    secrets: options.secrets ?? {},
    vars: options.vars ?? {},
    oidc: options.oidc ?? null,
    nodePath: options.nodePath ?? process.execPath,
    grace: options.grace ?? DEFAULT_GRACE,
    minute: options.minuteMilliseconds ?? MINUTE_MILLISECONDS,
    folders: { logs: join(folder, 'logs'), artifacts: join(folder, 'artifacts') },
    readWorkflow: (path) => readWorkflowAt(run, path),
    report: { conclusion: 'success', died: false, jobs: [], annotations: [] },
    emit: (progress) => options.onProgress?.({ run: run.id, attempt: run.attempt, ...progress }),
    now: options.now ?? (() => new Date()),
  };
}

async function executeRun(
  execution: Execution,
  cancel: AbortController,
  dead: AbortController,
  cancelMilliseconds: number,
): Promise<Conclusion> {
  const { report, emit, now } = execution;
  const began = now().getTime();
  const timers: NodeJS.Timeout[] = [];
  const onCancel = () => timers.push(setTimeout(() => dead.abort('cancelled for too long'), cancelMilliseconds));
  cancel.signal.addEventListener('abort', onCancel);
  emit({ kind: 'run', state: 'waiting', seconds: 0 });
  try {
    report.conclusion = await conclude(execution, cancel);
  } catch (error) {
    report.conclusion = cancel.signal.aborted ? 'cancelled' : 'startup_failure';
    const problems =
      error instanceof WorkflowError ? error.problems : [{ file: null, line: null, message: messageOf(error) }];
    if (!cancel.signal.aborted || error !== cancel.signal.reason) {
      for (const { file, line, message } of problems) {
        const place = { ...(file !== null && { file }), ...(line !== null && { line }) };
        report.annotations.push({ level: 'error', message, ...place, job: '', step: '' });
      }
    }
  }
  for (const timer of timers) clearTimeout(timer);
  report.died = dead.signal.reason === DIED;
  if (report.died) report.conclusion = 'failure';
  emit({ kind: 'run', state: report.conclusion, seconds: (now().getTime() - began) / 1000 });
  return report.conclusion;
}

async function conclude(execution: Execution, cancel: AbortController): Promise<Conclusion> {
  const { run, vars, secrets } = execution;
  const workflow = await readWorkflowAt(run, run.workflowPath);
  await checkActions(workflow, run);
  const name = workflow.fields.get('name')?.toString() ?? workflow.path;
  const github = runContext(run, name);
  const inputs = dispatchInputs(workflow, run);
  const contexts = { github, inputs, vars };
  using _turn = await enterConcurrency(workflow.fields.get('concurrency'), { contexts }, execution.concurrency, cancel);
  execution.emit({ kind: 'run', state: 'running', seconds: 0 });
  const call = { workflow, github, inputs, vars, secrets, ceiling: null, prefix: '', depth: 0, cancel: cancel.signal };
  return (await executeWorkflow(call, execution)).result;
}

/** Actions of the repository, as they stand at the run's commit: what they ask for that is missing is said at once. */
async function checkActions(workflow: Workflow, run: Run): Promise<void> {
  const steps = workflow.jobs.flatMap((job) => job.steps);
  const uses = steps.flatMap(({ kind }) => (kind.kind === 'uses' && kind.uses.startsWith('./') ? [kind.uses] : []));
  for (const folder of new Set(uses.map((each) => relative('.', each)))) {
    for (const name of ['action.yml', 'action.yaml']) {
      const path = join(folder, name);
      const content = await readAt(run, path).catch(() => null);
      if (content !== null) readActionFile(path, content);
    }
  }
}

async function readWorkflowAt(run: Pick<Run, 'repository' | 'sha'>, path: string): Promise<Workflow> {
  const content = await readAt(run, path).catch((cause) => {
    throw new Error(`${path} is not in commit ${run.sha}`, { cause });
  });
  return readWorkflow(path, content);
}

async function readAt({ repository, sha }: Pick<Run, 'repository' | 'sha'>, path: string): Promise<string> {
  const args = ['--git-dir', repository.folder, 'cat-file', 'blob', `${sha}:${path}`];
  const { stdout } = await promisify(execFile)('git', args, { maxBuffer: 1024 * 1024 });
  return stdout;
}

/** One job, one machine: fresh folders, a token and a clean environment, its steps, then everything is cleared away. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { baseVariables, claimsOf, contextVariables, jobContext, jobFolders, runnerContext } from './contexts.ts';
import { resolve, resolveTexts, type Scope } from './expressions.ts';
import { type Frame, type JobSession, scopeOf, slug } from './job-session.ts';
import { createMasks } from './masks.ts';
import { type Permissions, tokenPermissions } from './permissions.ts';
import { createProcesses } from './processes.ts';
import type { Result } from './progress.ts';
import { DIED, type Execution } from './run-execution.ts';
import { messageOf } from './step-process.ts';
import { executePosts, executeSteps } from './steps.ts';
import { fieldsOf, type JobDefinition, type Workflow } from './workflow.ts';

/** GitHub's, in minutes. */
const DEFAULT_TIMEOUT_MINUTES = 360;

export interface JobPlan {
  workflow: Workflow;
  definition: JobDefinition;
  /** As people see it. */
  name: string;
  /** `needs`, `inputs`, `matrix`, `strategy`, `vars`, and `github` without a token. */
  contexts: Scope['contexts'];
  secrets: Readonly<Record<string, string>>;
  permissions: Permissions;
  /** Aborted when this job is to end, its own condition considered. */
  cancel: AbortSignal;
}

export interface JobOutcome {
  result: Result;
  outputs: Record<string, string>;
}

export async function executeJob(plan: JobPlan, execution: Execution): Promise<JobOutcome> {
  const startedAt = execution.now();
  await using folder = await makeFolder();
  await using processes = createProcesses(folder.path, execution.grace);
  const kill = () => processes.killAll();
  execution.dead.addEventListener('abort', kill);
  const expired = new AbortController();
  const cancel = AbortSignal.any([plan.cancel, expired.signal]);
  using request = requestFor(plan, execution);
  const session = await openSession(plan, execution, { root: folder.path, processes, cancel, request });
  const { timer, minutes } = startTimer(plan, execution, expired);
  try {
    const frame = await goThroughSteps(plan, session, execution.minute);
    if (expired.signal.aborted)
      annotate(session, `The job has exceeded the maximum execution time of ${minutes} minutes.`);
    const result = resultOf(frame, execution);
    const outputs = outputsOf(plan, frame);
    report(session, execution, result, startedAt);
    return { result, outputs };
  } catch (error) {
    annotate(session, messageOf(error));
    report(session, execution, 'failure', startedAt);
    return { result: 'failure', outputs: {} };
  } finally {
    clearTimeout(timer);
    execution.dead.removeEventListener('abort', kill);
  }
}

async function makeFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'permaframe-job-'));
  // Again and again: a process that was just killed may still have made a file.
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  return { path, [Symbol.asyncDispose]: remove };
}

function startTimer({ definition, contexts }: JobPlan, { minute }: Execution, expired: AbortController) {
  const asked = definition.fields.get('timeout-minutes');
  const minutes = asked === undefined ? DEFAULT_TIMEOUT_MINUTES : Number(resolve(asked, { contexts }));
  return { minutes, timer: setTimeout(() => expired.abort(), minutes * minute) };
}

async function goThroughSteps(plan: JobPlan, session: JobSession, minute: number): Promise<Frame> {
  const frame: Frame = {
    session,
    steps: {},
    inputs: plan.contexts.inputs ?? {},
    env: {},
    failed: false,
    actionPath: null,
    log: null,
    signal: new AbortController().signal,
    depth: 0,
  };
  await executeSteps(plan.definition.steps, frame, minute);
  await executePosts(session.posts);
  // A post step has a frame of its own; when it fails, so does the job.
  frame.failed ||= session.reports.some(({ conclusion }) => conclusion === 'failure');
  return frame;
}

function resultOf({ failed, session }: Frame, { dead }: Execution): Result {
  if (dead.aborted) return dead.reason === DIED ? 'failure' : 'cancelled';
  if (session.cancel.aborted) return 'cancelled';
  return failed ? 'failure' : 'success';
}

function outputsOf({ definition }: JobPlan, frame: Frame): Record<string, string> {
  const { session } = frame;
  const all = resolveTexts(definition.fields.get('outputs'), scopeOf(frame));
  const secret = Object.keys(all).filter((name) => session.masks.occurIn(all[name] ?? ''));
  for (const name of secret) annotate(session, `Skip output '${name}' since it may contain secret.`, 'warning');
  return Object.fromEntries(Object.entries(all).filter(([name]) => !secret.includes(name)));
}

/** Only a job that was granted `id-token: write` may ask for tokens. */
function requestFor(plan: JobPlan, { run, oidc }: Execution) {
  if (plan.permissions['id-token'] !== 'write' || oidc === null) return null;
  const { workflow } = plan.contexts.github as { workflow: string };
  return oidc.openRequest(claimsOf(run, workflow, plan.workflow.path));
}

interface Machine {
  root: string;
  processes: JobSession['processes'];
  cancel: AbortSignal;
  request: { url: string; token: string } | null;
}

async function openSession(plan: JobPlan, execution: Execution, machine: Machine): Promise<JobSession> {
  const { run } = execution;
  const { workflow, definition, name } = plan;
  const folders = jobFolders(machine.root, run.repository.fullName);
  for (const folder of [folders.workspace, folders.tools, folders.home, dirname(folders.event)]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(folders.event, JSON.stringify(run.event, null, 2));
  const token = run.issueToken(tokenPermissions(plan.permissions));
  const masks = createMasks();
  for (const secret of [...Object.values(plan.secrets), token, machine.request?.token ?? '']) masks.add(secret);
  const github = {
    ...(plan.contexts.github as Record<string, unknown>),
    event_path: folders.event,
    job: definition.id,
    workspace: folders.workspace,
  };
  const contexts = {
    ...plan.contexts,
    github: { ...github, token },
    secrets: { ...plan.secrets, GITHUB_TOKEN: token },
    runner: runnerContext(folders),
    job: jobContext(run, workflow.path),
  };
  const env = resolveTexts(workflow.fields.get('env'), { contexts });
  const ofJob = resolveTexts(definition.fields.get('env'), { contexts });
  const relative = await claimFolder(execution.folders.logs, slug(name));
  return {
    run,
    name,
    folders,
    contexts,
    env: { ...env, ...ofJob },
    added: { variables: {}, paths: [] },
    variables: {
      base: baseVariables(folders, dirname(execution.nodePath)),
      fixed: { ...contextVariables(github, folders), ...requestVariables(machine.request) },
    },
    defaults: defaultsOf(workflow, definition),
    mayReadContents: ['read', 'write'].includes(plan.permissions.contents ?? 'none'),
    artifactsFolder: execution.folders.artifacts,
    nodePath: execution.nodePath,
    masks,
    processes: machine.processes,
    annotations: execution.report.annotations,
    summary: [],
    reports: [],
    posts: [],
    logs: { folder: join(execution.folders.logs, relative), relative },
    cancel: machine.cancel,
    dead: execution.dead,
    emit: execution.emit,
    now: execution.now,
  };
}

/** Two jobs may have names that make the same name of a folder. */
async function claimFolder(parent: string, wanted: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    const isNew = await mkdir(join(parent, name)).then(
      () => true,
      (error) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (isNew) return name;
  }
}

function requestVariables(request: Machine['request']): Record<string, string> {
  if (request === null) return {};
  return { ACTIONS_ID_TOKEN_REQUEST_URL: request.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: request.token };
}

function defaultsOf(workflow: Workflow, definition: JobDefinition): JobSession['defaults'] {
  const ofWorkflow = fieldsOf(fieldsOf(workflow.fields.get('defaults')).get('run'));
  const ofJob = fieldsOf(fieldsOf(definition.fields.get('defaults')).get('run'));
  const either = (name: string) => ofJob.get(name) ?? ofWorkflow.get(name);
  return { shell: either('shell'), workingDirectory: either('working-directory') };
}

function annotate(session: JobSession, message: string, level: 'error' | 'warning' = 'error'): void {
  session.annotations.push({ level, message: session.masks.apply(message), job: session.name, step: '' });
}

function report(session: JobSession, { report: all, now }: Execution, result: Result, startedAt: Date): void {
  all.jobs.push({
    name: session.name,
    result,
    startedAt: startedAt.toISOString(),
    completedAt: now().toISOString(),
    steps: session.reports,
    summary: session.summary.join('\n'),
  });
}

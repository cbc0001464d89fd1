/** The jobs of a workflow: which may begin, which are skipped, and what comes of it all. */
import { evaluateCondition, type Scope } from './expressions.ts';
import type { JobOutcome } from './job.ts';
import { executeInstances } from './job-instances.ts';
import type { Permissions } from './permissions.ts';
import type { Result } from './progress.ts';
import { type Execution, reportWithoutSteps } from './run-execution.ts';
import { messageOf } from './step-process.ts';
import type { JobDefinition, Workflow } from './workflow.ts';

/** A workflow, with what it was called with. */
export interface Call {
  workflow: Workflow;
  /** Without a token. */
  github: Record<string, unknown>;
  inputs: Record<string, unknown>;
  vars: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
  /** What the calling job may do; null for the run's own workflow. */
  ceiling: Permissions | null;
  /** Stands before the names of its jobs. */
  prefix: string;
  /** 0 for the run's own workflow. */
  depth: number;
  cancel: AbortSignal;
}

export interface CallOutcome {
  result: Exclude<Result, 'skipped'>;
  jobs: Record<string, JobOutcome>;
}

/** A job whose needs are met: what its expressions see. */
export interface ReadyJob {
  definition: JobDefinition;
  call: Call;
  contexts: Scope['contexts'];
  /** Whether the job is to run, as things stand now: cancelling changes it. */
  isDue(): boolean;
}

/** Runs all jobs of a workflow to their end. Rejects only when this program is at fault. */
export async function executeWorkflow(call: Call, execution: Execution): Promise<CallOutcome> {
  const { jobs } = call.workflow;
  const outcomes = new Map<string, JobOutcome>();
  const started = new Map<string, Promise<void>>();
  const start = (definition: JobDefinition): Promise<void> => {
    const running = started.get(definition.id) ?? begin(definition);
    started.set(definition.id, running);
    return running;
  };
  const begin = async (definition: JobDefinition): Promise<void> => {
    await Promise.all(jobs.filter(({ id }) => definition.needs.includes(id)).map(start));
    outcomes.set(definition.id, await executeReady(readyJob(definition, call, outcomes), execution));
  };
  await Promise.all(jobs.map(start));
  const results = [...outcomes.values()].map(({ result }) => result);
  return { result: combineResults(results, call.cancel.aborted), jobs: Object.fromEntries(outcomes) };
}

/** What many jobs are taken together. */
export function combineResults(results: readonly Result[], isCancelled: boolean): Exclude<Result, 'skipped'> {
  if (isCancelled && results.includes('cancelled')) return 'cancelled';
  if (results.includes('failure')) return 'failure';
  return results.includes('cancelled') ? 'cancelled' : 'success';
}

function readyJob(definition: JobDefinition, call: Call, outcomes: ReadonlyMap<string, JobOutcome>): ReadyJob {
  const { workflow, github, inputs, cancel } = call;
  const needs = Object.fromEntries(
    definition.needs.map((id) => [id, outcomes.get(id) ?? { result: 'skipped', outputs: {} }]),
  );
  const before = [...ancestorsOf(definition, workflow)].map((id) => outcomes.get(id)?.result);
  const contexts = { github, inputs, needs, vars: call.vars };
  const isDue = () => {
    const cancelled = cancel.aborted;
    const success = !cancelled && before.every((result) => result === 'success');
    const failure = !cancelled && before.includes('failure');
    return evaluateCondition(definition.condition, { contexts, status: { success, failure, cancelled } });
  };
  return { definition, call, contexts, isDue };
}

/** GitHub's `success()` and `failure()` look at all of them, not only at `needs`. */
function ancestorsOf(definition: JobDefinition, workflow: Workflow): Set<string> {
  const parents = workflow.jobs.filter(({ id }) => definition.needs.includes(id));
  return new Set(parents.flatMap((parent) => [parent.id, ...ancestorsOf(parent, workflow)]));
}

async function executeReady(job: ReadyJob, execution: Execution): Promise<JobOutcome> {
  const { definition, call } = job;
  const name = `${call.prefix}${definition.id}`;
  try {
    if (execution.dead.aborted) return { result: 'cancelled', outputs: {} };
    if (job.isDue()) return await executeInstances(job, execution);
    const result = call.cancel.aborted ? 'cancelled' : 'skipped';
    execution.emit({ kind: 'job', job: name, state: result, seconds: 0 });
    reportWithoutSteps(execution, name, result);
    return { result, outputs: {} };
  } catch (error) {
    // An expression that cannot be evaluated, a matrix that is none.
    execution.report.annotations.push({ level: 'error', message: messageOf(error), job: name, step: '' });
    execution.emit({ kind: 'job', job: name, state: 'failure', seconds: 0 });
    return { result: 'failure', outputs: {} };
  }
}

/** From a job of the file to the jobs that run: one for each combination of its matrix, or those of a workflow it calls. */
import { enterConcurrency } from './concurrency.ts';
import { resolve, resolveText, resolveTexts, type Scope } from './expressions.ts';
import { callInputs, callOutputs, callSecrets } from './inputs.ts';
import { executeJob, type JobOutcome } from './job.ts';
import { type Combination, describeCombination, expandMatrix } from './matrix.ts';
import { grantedPermissions } from './permissions.ts';
import { createSlots, type Execution, reportWithoutSteps } from './run-execution.ts';
import { combineResults, executeWorkflow, type ReadyJob } from './schedule.ts';
import { messageOf } from './step-process.ts';
import { isKnownRunner } from './unsupported.ts';

/** GitHub lets workflows call workflows this deep. */
const MAX_CALLS = 4;

interface Strategy {
  combinations: readonly Combination[];
  failFast: boolean;
  maxParallel: number;
}

/** One combination of a job. */
interface Instance {
  name: string;
  contexts: Scope['contexts'];
  cancel: AbortController;
}

export async function executeInstances(job: ReadyJob, execution: Execution): Promise<JobOutcome> {
  const strategy = strategyOf(job);
  const slots = createSlots(strategy.maxParallel);
  const instances = strategy.combinations.map((combination, at) => instanceOf(job, strategy, combination, at));
  const outcomes = await Promise.all(
    instances.map(async (instance) => {
      const outcome = await guard(job, instance, execution, slots);
      if (outcome.result === 'failure' && strategy.failFast) {
        for (const other of instances) if (other !== instance) other.cancel.abort();
      }
      return outcome;
    }),
  );
  const result = combineResults(
    outcomes.map((each) => each.result),
    job.call.cancel.aborted,
  );
  // Of a matrix, whoever was last to set an output has set it.
  return { result, outputs: Object.assign({}, ...outcomes.map(({ outputs }) => outputs)) };
}

function strategyOf({ definition, contexts }: ReadyJob): Strategy {
  const token = definition.fields.get('strategy');
  const value = token === undefined ? {} : (resolve(token, { contexts }) as Record<string, unknown>);
  const combinations = value.matrix === undefined ? [{}] : expandMatrix(value.matrix);
  return {
    combinations,
    failFast: value['fail-fast'] !== false,
    maxParallel: typeof value['max-parallel'] === 'number' ? value['max-parallel'] : combinations.length,
  };
}

function instanceOf(job: ReadyJob, strategy: Strategy, matrix: Combination, at: number): Instance {
  const { definition, call } = job;
  const strategyContext = {
    'fail-fast': strategy.failFast,
    'job-index': at,
    'job-total': strategy.combinations.length,
    'max-parallel': strategy.maxParallel,
  };
  const contexts = { ...job.contexts, matrix, strategy: strategyContext };
  const token = definition.fields.get('name');
  const own = token === undefined ? '' : resolveText(token, { contexts });
  const name = own === '' ? `${definition.id}${describeCombination(matrix)}` : own;
  return { name: `${call.prefix}${name}`, contexts, cancel: new AbortController() };
}

/** Waits for its turn, runs, and tells so. */
async function guard(
  job: ReadyJob,
  instance: Instance,
  execution: Execution,
  slots: ReturnType<typeof createSlots>,
): Promise<JobOutcome> {
  const { definition, call } = job;
  const { name, contexts, cancel } = instance;
  const began = execution.now().getTime();
  const tell = (state: 'queued' | 'running' | JobOutcome['result']) =>
    execution.emit({ kind: 'job', job: name, state, seconds: (execution.now().getTime() - began) / 1000 });
  // A job whose condition still holds when the run is cancelled goes on.
  const onCancel = () => !job.isDue() && cancel.abort();
  const onDead = () => cancel.abort();
  call.cancel.addEventListener('abort', onCancel);
  execution.dead.addEventListener('abort', onDead);
  tell('queued');
  try {
    using _turn = await slots(cancel.signal);
    const concurrency = definition.fields.get('concurrency');
    using _group = await enterConcurrency(concurrency, { contexts }, execution.concurrency, cancel);
    const outcome = await executeOne(job, instance, execution, () => tell('running'));
    const isForgiven = outcome.result === 'failure' && continuesOnError(job, contexts);
    tell(outcome.result);
    return isForgiven ? { ...outcome, result: 'success' } : outcome;
  } catch (error) {
    const result = cancel.signal.aborted || execution.dead.aborted ? 'cancelled' : 'failure';
    if (result === 'failure') {
      execution.report.annotations.push({ level: 'error', message: messageOf(error), job: name, step: '' });
    }
    reportWithoutSteps(execution, name, result);
    tell(result);
    return { result, outputs: {} };
  } finally {
    call.cancel.removeEventListener('abort', onCancel);
    execution.dead.removeEventListener('abort', onDead);
  }
}

function continuesOnError({ definition }: ReadyJob, contexts: Scope['contexts']): boolean {
  const token = definition.fields.get('continue-on-error');
  return token !== undefined && resolve(token, { contexts }) === true;
}

async function executeOne(
  job: ReadyJob,
  { name, contexts, cancel }: Instance,
  execution: Execution,
  onStart: () => void,
): Promise<JobOutcome> {
  const { definition, call } = job;
  const { workflow, secrets, ceiling } = call;
  const permissions = grantedPermissions(definition.permissions, workflow.permissions, ceiling);
  if (definition.calls !== null) {
    onStart();
    return callWorkflow(definition.calls, job, { name, contexts, cancel }, execution, permissions);
  }
  const label = definition.fields.get('runs-on');
  const labels = label === undefined ? [] : [resolve(label, { contexts })].flat().map(String);
  if (!labels.every(isKnownRunner))
    throw new Error(`\`runs-on: ${labels.join(', ')}\` is not supported here: ubuntu is`);
  using _slot = await execution.slots(cancel.signal);
  onStart();
  return await executeJob(
    { workflow, definition, name, contexts, secrets, permissions, cancel: cancel.signal },
    execution,
  );
}

async function callWorkflow(
  path: string,
  { definition, call }: ReadyJob,
  { name, contexts, cancel }: Instance,
  execution: Execution,
  ceiling: ReturnType<typeof grantedPermissions>,
): Promise<JobOutcome> {
  if (call.depth + 1 >= MAX_CALLS) throw new Error(`workflows may call workflows ${MAX_CALLS} deep`);
  const workflow = await execution.readWorkflow(path);
  const { fields } = definition;
  const withToken = fields.get('with');
  const given = withToken === undefined ? {} : (resolve(withToken, { contexts }) as Record<string, unknown>);
  const inputs = callInputs(workflow, given, { contexts });
  const asked = fields.get('secrets');
  const inner = { contexts: { ...contexts, secrets: call.secrets } };
  const named = String(asked) === 'inherit' ? null : resolveTexts(asked, inner);
  const outcome = await executeWorkflow(
    {
      ...call,
      workflow,
      inputs,
      secrets: callSecrets(workflow, named, call.secrets),
      ceiling,
      prefix: `${name} / `,
      depth: call.depth + 1,
      cancel: cancel.signal,
    },
    execution,
  );
  const outputs = callOutputs(workflow, { contexts: { ...contexts, inputs, jobs: outcome.jobs } });
  return { result: outcome.result, outputs };
}

/** Goes through the steps of a job or of a composite action: conditions, timeouts, cancelling, outcomes. */

import { runAction } from './action-step.ts';
import { evaluateCondition, resolve, resolveText, resolveTexts, type Scope } from './expressions.ts';
import { hashFiles } from './hash-files.ts';
import { type Execution, type Frame, openLog, type PostStep, StepFailure, scopeOf, statusOf } from './job-session.ts';
import type { Result } from './progress.ts';
import { runScript } from './run-step.ts';
import type { StepLog } from './step-log.ts';
import { messageOf } from './step-process.ts';
import type { StepDefinition } from './workflow.ts';

/** How one step is to be gone through, a step of the file or an action's post step. */
interface Plan {
  id: string | null;
  name: string;
  condition: string;
  frame: Frame;
  continueOnError: boolean;
  timeoutMilliseconds: number | null;
  env: Record<string, string>;
  execute(execution: Execution): Promise<void>;
}

/** @param minute how long a minute is, in milliseconds */
export async function executeSteps(steps: readonly StepDefinition[], frame: Frame, minute: number): Promise<void> {
  for (const step of steps) {
    if (frame.session.dead.aborted || frame.signal.aborted) return;
    await executeStep(step, frame, minute);
  }
}

/** What actions want to do in the end; the last that began is the first to end. */
export async function executePosts(posts: readonly PostStep[]): Promise<void> {
  for (const { name, condition, frame, execute } of posts.toReversed()) {
    if (frame.session.dead.aborted) return;
    const plain = { id: null, continueOnError: false, timeoutMilliseconds: null, env: {} };
    await carryOut({ ...plain, name: `Post ${name}`, condition, frame: { ...frame, log: null }, execute });
  }
}

async function executeStep(step: StepDefinition, frame: Frame, minute: number): Promise<void> {
  const scope = fullScope(frame);
  const plan = { id: step.id, frame, condition: step.condition };
  const broken = (error: unknown): Plan => ({
    ...plan,
    name: nameOf(step, null),
    continueOnError: false,
    timeoutMilliseconds: null,
    env: {},
    execute: () => Promise.reject(new StepFailure(`line ${step.line}: ${messageOf(error)}`)),
  });
  await carryOut(attempt(() => ({ ...plan, ...detailsOf(step, scope, frame, minute) }), broken));
}

function detailsOf(step: StepDefinition, scope: Scope, frame: Frame, minute: number) {
  // Not before the condition holds: a step that is skipped may name what does not exist.
  const isDue = evaluateCondition(step.condition, scope);
  const env = isDue ? resolveTexts(step.env, scope) : {};
  const inner = isDue ? fullScope(frame, env) : scope;
  const minutes = isDue && step.timeoutMinutes ? Number(resolve(step.timeoutMinutes, inner)) : null;
  return {
    name: frame.session.masks.apply(nameOf(step, isDue ? inner : null)),
    env,
    continueOnError: isDue && step.continueOnError !== undefined && resolve(step.continueOnError, inner) === true,
    timeoutMilliseconds: minutes === null ? null : minutes * minute,
    execute: (execution: Execution) =>
      step.kind.kind === 'run'
        ? runScript(step.kind, execution, inner)
        : runAction(step.kind.uses, resolveTexts(step.kind.with, inner), execution, (steps, composite) =>
            executeSteps(steps, composite, minute),
          ),
  };
}

async function carryOut(plan: Plan): Promise<void> {
  const { frame, id, name } = plan;
  const { session } = frame;
  const began = session.now().getTime();
  const isNested = frame.log !== null;
  const due = isDue(plan);
  if (due === false) {
    if (id !== null) frame.steps[id] = { outputs: {}, outcome: 'skipped', conclusion: 'skipped' };
    if (!isNested) tell(plan, 'skipped', 'skipped', 0, null);
    return;
  }
  if (!isNested) session.emit({ kind: 'step', job: session.name, step: name, state: 'running', seconds: 0 });
  const opened = isNested ? null : openLog(session, name);
  const log = frame.log ?? opened?.log;
  if (log === undefined) throw new Error('a step has a log');
  const outputs: Record<string, string> = {};
  const outcome = await outcomeOf(plan, log, outputs, due);
  await opened?.log[Symbol.asyncDispose]();
  const conclusion = outcome === 'failure' && plan.continueOnError ? 'success' : outcome;
  if (id !== null) frame.steps[id] = { outputs, outcome, conclusion };
  if (conclusion !== 'success') frame.failed = true;
  const seconds = (session.now().getTime() - began) / 1000;
  if (!isNested) tell(plan, outcome, conclusion, seconds, opened?.relative ?? null);
}

function isDue({ condition, frame }: Plan): boolean | Error {
  try {
    return evaluateCondition(condition, fullScope(frame));
  } catch (error) {
    return new StepFailure(`if: ${messageOf(error)}`);
  }
}

async function outcomeOf(
  plan: Plan,
  log: StepLog,
  outputs: Record<string, string>,
  due: true | Error,
): Promise<Result> {
  const { frame, env } = plan;
  const { session } = frame;
  const [cancelled, expired] = [new AbortController(), new AbortController()];
  // A step whose condition still holds when the job is cancelled goes on.
  const onCancel = () => isDue(plan) !== true && cancelled.abort(new StepFailure('The operation was canceled.'));
  const onExpired = () => expired.abort(new StepFailure(`The step "${plan.name}" has timed out.`));
  const timer = plan.timeoutMilliseconds === null ? null : setTimeout(onExpired, plan.timeoutMilliseconds);
  session.cancel.addEventListener('abort', onCancel);
  const limit = AbortSignal.any([expired.signal, frame.signal]);
  const signal = AbortSignal.any([cancelled.signal, limit]);
  try {
    if (due instanceof Error) throw due;
    await plan.execute({ frame, action: plan.id ?? '__step', env, log, signal, limit, outputs, state: {} });
    signal.throwIfAborted();
    return 'success';
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    log.annotate('error', messageOf(reason));
    return cancelled.signal.aborted && reason === cancelled.signal.reason ? 'cancelled' : 'failure';
  } finally {
    session.cancel.removeEventListener('abort', onCancel);
    if (timer !== null) clearTimeout(timer);
  }
}

function tell(plan: Plan, outcome: Result, conclusion: Result, seconds: number, log: string | null): void {
  const { session } = plan.frame;
  session.reports.push({ name: plan.name, outcome, conclusion, seconds, log });
  session.emit({ kind: 'step', job: session.name, step: plan.name, state: outcome, seconds });
}

function fullScope(frame: Frame, env?: Record<string, string>): Scope {
  const { workspace } = frame.session.folders;
  return {
    ...scopeOf(frame, env),
    status: statusOf(frame),
    hashFiles: (patterns) => hashFiles(workspace, patterns),
  };
}

/** As people see it: what it is called, else what it does. */
function nameOf({ name, kind }: StepDefinition, scope: Scope | null): string {
  const text = (token: Parameters<typeof resolveText>[0]) => (scope ? resolveText(token, scope) : token.toString());
  if (name !== undefined) return text(name);
  if (kind.kind === 'uses') return `Run ${kind.uses}`;
  return `Run ${text(kind.run).trim().split('\n')[0] ?? ''}`;
}

function attempt<Value>(action: () => Value, otherwise: (error: unknown) => Value): Value {
  try {
    return action();
  } catch (error) {
    return otherwise(error);
  }
}

/** A step with `uses:` — an action of the repository (JavaScript or composite), or an equivalent of one of GitHub's. */
import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { type ActionFile, readActionFile } from './action-file.ts';
import { checkout } from './actions/checkout.ts';
import { downloadArtifact } from './actions/download-artifact.ts';
import { uploadArtifact } from './actions/upload-artifact.ts';
import { resolveText } from './expressions.ts';
import { type Execution, type Frame, StepFailure, scopeOf } from './job-session.ts';
import { runProcess } from './step-process.ts';
import { knownAction } from './unsupported.ts';
import type { StepDefinition } from './workflow.ts';

/** Composite actions may use composite actions; GitHub stops at this depth too. */
const MAX_DEPTH = 10;

/** @returns outputs. @throws StepFailure */
export type Equivalent = (
  inputs: Readonly<Record<string, string>>,
  execution: Execution,
) => Promise<Record<string, string>>;

const EQUIVALENTS: Readonly<Record<string, Equivalent>> = {
  'actions/checkout': checkout,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
};

export type ExecuteSteps = (steps: readonly StepDefinition[], frame: Frame) => Promise<void>;

/** @param inputs `with:`, evaluated */
export async function runAction(
  uses: string,
  inputs: Readonly<Record<string, string>>,
  execution: Execution,
  executeSteps: ExecuteSteps,
): Promise<void> {
  const { log } = execution;
  log.say(`##[group]Run ${uses}`);
  for (const [name, value] of Object.entries(inputs)) log.say(`  ${name}: ${value}`);
  log.say('##[endgroup]');
  const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name.toLowerCase(), value]));
  const equivalent = EQUIVALENTS[knownAction(uses) ?? ''];
  if (equivalent !== undefined) {
    Object.assign(execution.outputs, await equivalent(given, execution));
    return;
  }
  const { folder, action } = await loadAction(uses, execution);
  const all = withDefaults(action, given, execution);
  switch (action.runs.kind) {
    case 'node':
      return runNode(action, action.runs, { uses, folder, inputs: all }, execution);
    case 'composite':
      return runComposite(action, action.runs.steps, { folder, inputs: all }, execution, executeSteps);
    default:
      action.runs satisfies never;
  }
}

async function loadAction(uses: string, { frame }: Execution): Promise<{ folder: string; action: ActionFile }> {
  const { workspace } = frame.session.folders;
  const folder = resolve(workspace, uses);
  const found = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) {
    throw new StepFailure(
      `Can't find 'action.yml' or 'action.yaml' under '${uses}'. Did you forget to run actions/checkout?`,
    );
  }
  const file = await realpath(found);
  if (!file.startsWith((await realpath(workspace)) + sep))
    throw new StepFailure(`'${uses}' leads out of the workspace`);
  return { folder, action: readActionFile(join(uses, found.slice(folder.length + 1)), await readFile(file, 'utf8')) };
}

function withDefaults(action: ActionFile, given: Record<string, string>, { frame, log }: Execution) {
  const names = [...action.inputs.keys()].map((name) => name.toLowerCase());
  const unexpected = Object.keys(given).filter((name) => !names.includes(name));
  if (unexpected.length > 0) {
    const valid = names.map((name) => `'${name}'`).join(', ');
    log.annotate('warning', `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are [${valid}]`);
  }
  const scope = scopeOf(frame);
  const defaults = [...action.inputs].map(([name, token]) => {
    const value = given[name.toLowerCase()] ?? (token === undefined ? undefined : resolveText(token, scope));
    return [name, value] as const;
  });
  const extra = unexpected.map((name) => [name, given[name]] as const);
  return Object.fromEntries([...defaults, ...extra].map(([name, value]) => [name, value ?? '']));
}

interface Used {
  folder: string;
  inputs: Record<string, string>;
}

async function runNode(
  action: ActionFile,
  runs: Extract<ActionFile['runs'], { kind: 'node' }>,
  { uses, folder, inputs }: Used & { uses: string },
  execution: Execution,
): Promise<void> {
  const { frame, env, log } = execution;
  const { session } = frame;
  if (runs.pre !== null) log.annotate('warning', `\`pre\` execution is not supported for local action from '${uses}'`);
  const variables = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  const extra: Record<string, string> = Object.fromEntries(variables);
  const start = (script: string, at: Execution, more: Record<string, string>) =>
    runProcess(at, {
      file: session.nodePath,
      args: [join(folder, script)],
      cwd: session.folders.workspace,
      extra: { ...extra, ...more },
    });
  const { post } = runs;
  if (post !== null) {
    session.posts.push({
      name: action.name,
      condition: runs.postCondition,
      frame,
      execute: (at) => {
        const saved = Object.entries(execution.state).map(([name, value]) => [`STATE_${name}`, value]);
        return start(post, { ...at, action: execution.action, env }, Object.fromEntries(saved));
      },
    });
  }
  await start(runs.main, execution, {});
}

async function runComposite(
  action: ActionFile,
  steps: readonly StepDefinition[],
  { folder, inputs }: Used,
  execution: Execution,
  executeSteps: ExecuteSteps,
): Promise<void> {
  const { frame, env, log } = execution;
  const inner: Frame = {
    session: frame.session,
    steps: {},
    inputs,
    env: { ...frame.env, ...env },
    failed: false,
    actionPath: folder,
    log,
    // Ended by its own steps when the job is cancelled: one of them may be there to clean up.
    signal: execution.limit,
    depth: frame.depth + 1,
  };
  if (inner.depth > MAX_DEPTH) throw new StepFailure(`composite actions are nested deeper than ${MAX_DEPTH}`);
  await executeSteps(steps, inner);
  const scope = scopeOf(inner);
  for (const [name, token] of action.outputs) execution.outputs[name] = resolveText(token, scope);
  if (inner.failed) throw new StepFailure(`a step of '${action.name}' failed`);
}

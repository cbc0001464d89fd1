/** Which workflows of the default branch an event starts, and how a run of them is called and queued. */
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { resolve, resolveText, type Scope } from '../runner/expressions.ts';
import { convertWorkflowTemplate, isMapping, parseWorkflowFile } from '../runner/parser.ts';
import type { Repository } from './repository.ts';
import type { RunEventName } from './run.ts';

export interface InputDefinition {
  type: string;
  required: boolean;
  default: string | number | boolean | undefined;
  options: readonly string[];
}

/** A workflow, as far as starting it goes. */
export interface StartableWorkflow {
  path: string;
  name: string;
  /** Event types that start it; null for all, undefined for none. */
  dispatchTypes: readonly string[] | null | undefined;
  /** Undefined: it cannot be started by hand. */
  inputs: Readonly<Record<string, InputDefinition>> | undefined;
  runName: TemplateToken | undefined;
  concurrency: TemplateToken | undefined;
}

export interface Concurrency {
  group: string;
  cancelInProgress: boolean;
  /** `queue: max`: more than one may wait. */
  keepsAll: boolean;
}

/** The workflows at a commit. Files that GitHub could not read start nothing there, and nothing here. */
export async function readWorkflows(repository: Repository, sha: string): Promise<StartableWorkflow[]> {
  const tree = await repository.readTree(sha, true);
  const files = (tree?.entries ?? []).filter(({ path }) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
  const workflows = await Promise.all(
    files.map(async (file) => readWorkflow(file.path, (await repository.readBlob(file.sha)).toString())),
  );
  return workflows.filter((workflow) => workflow !== null);
}

async function readWorkflow(path: string, content: string): Promise<StartableWorkflow | null> {
  const { context, value } = parseWorkflowFile(path, content);
  if (value === undefined || !isMapping(value)) return null;
  const { events } = await convertWorkflowTemplate(context, value);
  if (context.errors.count > 0) return null;
  const dispatch = events.repository_dispatch;
  const byHand = events.workflow_dispatch;
  const name = value.find('name');
  return {
    path,
    name: name === undefined ? path : String(name),
    dispatchTypes: dispatch === undefined ? undefined : (dispatch.types ?? null),
    inputs: byHand === undefined ? undefined : toInputs(byHand.inputs ?? {}),
    runName: value.find('run-name'),
    concurrency: value.find('concurrency'),
  };
}

interface ParsedInput {
  type?: string;
  required?: boolean;
  default?: string | number | boolean;
  options?: string[];
}

function toInputs(inputs: Record<string, ParsedInput>): Record<string, InputDefinition> {
  const entries = Object.entries(inputs).map(([name, input]): [string, InputDefinition] => {
    const { type = 'string', required = false, options = [] } = input;
    return [name, { type, required, options, default: input.default }];
  });
  return Object.fromEntries(entries);
}

/** What `run-name` and `concurrency` of a workflow see. */
export interface StartContext {
  eventName: RunEventName;
  event: Record<string, unknown>;
  sha: string;
  ref: string;
  repository: string;
  actor: string;
  inputs: Record<string, unknown>;
}

export function titleOf(workflow: StartableWorkflow, context: StartContext): string {
  if (workflow.runName === undefined) return workflow.name;
  return resolveText(workflow.runName, scopeOf(workflow, context)).trim() || workflow.name;
}

export function concurrencyOf(workflow: StartableWorkflow, context: StartContext): Concurrency | null {
  if (workflow.concurrency === undefined) return null;
  const value = resolve(workflow.concurrency, scopeOf(workflow, context));
  if (typeof value === 'string') return { group: value, cancelInProgress: false, keepsAll: false };
  const fields = value as { group?: unknown; 'cancel-in-progress'?: unknown; queue?: unknown };
  const cancelInProgress = fields['cancel-in-progress'] === true;
  return { group: String(fields.group), cancelInProgress, keepsAll: fields.queue === 'max' };
}

function scopeOf(workflow: StartableWorkflow, context: StartContext): Scope {
  const { eventName, event, sha, ref, repository, actor, inputs } = context;
  const [owner] = repository.split('/');
  const github = {
    event_name: eventName,
    event,
    sha,
    ref,
    ref_name: ref.replace('refs/heads/', ''),
    repository,
    repository_owner: owner,
    actor,
    workflow: workflow.name,
  };
  return { contexts: { github, inputs, vars: {} } };
}

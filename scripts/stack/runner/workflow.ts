/** A workflow file as the runner goes through it: checked by GitHub's parser, expressions not yet evaluated. */
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import {
  convertToIfCondition,
  convertWorkflowTemplate,
  isBasicExpression,
  isMapping,
  isSequence,
  type Parsed,
  parseWorkflowFile,
} from './parser.ts';
import { type RequestedPermissions, readPermissions } from './permissions.ts';
import { findUnsupported } from './unsupported.ts';

/** Something wrong with a file, where it is. */
export interface Problem {
  file: string;
  line: number | null;
  message: string;
}

/** The workflow cannot be run. The message lists what is wrong, with file and line. */
export class WorkflowError extends Error {
  override readonly name = 'WorkflowError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems.map(({ file, line, message }) => `${file}${line === null ? '' : `:${line}`}: ${message}`).join('\n'),
    );
    this.problems = problems;
  }
}

export interface StepDefinition {
  id: string | null;
  name: TemplateToken | undefined;
  /** An expression; always names a status function. */
  condition: string;
  continueOnError: TemplateToken | undefined;
  timeoutMinutes: TemplateToken | undefined;
  env: TemplateToken | undefined;
  kind:
    | { kind: 'run'; run: TemplateToken; shell: TemplateToken | undefined; workingDirectory: TemplateToken | undefined }
    | { kind: 'uses'; uses: string; with: TemplateToken | undefined };
  line: number;
}

export interface JobDefinition {
  id: string;
  /** Each `jobs.<id>.…` as it stands in the file. */
  fields: Fields;
  needs: readonly string[];
  condition: string;
  permissions: RequestedPermissions | null;
  steps: readonly StepDefinition[];
  /** Path of the workflow that is called instead of steps. */
  calls: string | null;
}

export interface Workflow {
  path: string;
  fields: Fields;
  permissions: RequestedPermissions | null;
  jobs: readonly JobDefinition[];
}

export type Fields = ReadonlyMap<string, TemplateToken>;

/** @throws WorkflowError when the file is invalid, or has what this runner does not support */
export async function readWorkflow(path: string, content: string): Promise<Workflow> {
  const parsed = parseWorkflowFile(path, content);
  if (parsed.value !== undefined) await convertWorkflowTemplate(parsed.context, parsed.value);
  refuseErrors(path, parsed);
  const root = mappingOf(parsed.value);
  const unsupported = findUnsupported(root).map(({ token, message }) => problemAt(path, token, message));
  if (unsupported.length > 0) throw new WorkflowError(unsupported);
  const fields = fieldsOf(root);
  const jobs = [...mappingOf(fields.get('jobs'))].map(({ key, value }) => readJob(parsed, String(key), value));
  refuseErrors(path, parsed);
  return { path, fields, permissions: readPermissions(fields.get('permissions')), jobs };
}

/** @throws WorkflowError with what GitHub's parser found */
export function refuseErrors(file: string, { context }: Parsed): void {
  const problems = context.errors.getErrors().map(({ rawMessage, message, range, prefix }) => {
    const line = range?.start.line ?? Number(/Line: (\d+)/.exec(prefix ?? '')?.[1] ?? Number.NaN);
    return { file, line: Number.isNaN(line) ? null : line, message: rawMessage || message };
  });
  if (problems.length > 0) throw new WorkflowError(problems);
}

export function problemAt(file: string, token: TemplateToken | undefined, message: string): Problem {
  return { file, line: token?.line ?? null, message };
}

export function mappingOf(token: TemplateToken | undefined): MappingToken {
  if (token === undefined || !isMapping(token)) throw new Error('expected a mapping');
  return token;
}

export function fieldsOf(token: TemplateToken | undefined): Fields {
  if (token === undefined || !isMapping(token)) return new Map();
  return new Map(Array.from(token, ({ key, value }) => [String(key), value]));
}

function readJob(parsed: Parsed, id: string, token: TemplateToken): JobDefinition {
  const fields = fieldsOf(token);
  const needs = fields.get('needs');
  const called = fields.get('uses');
  return {
    id,
    fields,
    needs: needs === undefined ? [] : isSequence(needs) ? Array.from(needs, String) : [String(needs)],
    condition: conditionOf(parsed, fields.get('if')),
    permissions: readPermissions(fields.get('permissions')),
    steps: readSteps(parsed, fields.get('steps')),
    calls: called === undefined ? null : String(called).slice('./'.length),
  };
}

/** Of a job or of a composite action. */
export function readSteps(parsed: Parsed, steps: TemplateToken | undefined): StepDefinition[] {
  return steps !== undefined && isSequence(steps) ? Array.from(steps, (step) => readStep(parsed, step)) : [];
}

function readStep(parsed: Parsed, token: TemplateToken): StepDefinition {
  const fields = fieldsOf(token);
  const [run, uses, id] = [fields.get('run'), fields.get('uses'), fields.get('id')];
  const kind: StepDefinition['kind'] =
    run === undefined
      ? { kind: 'uses', uses: String(uses), with: fields.get('with') }
      : { kind: 'run', run, shell: fields.get('shell'), workingDirectory: fields.get('working-directory') };
  return {
    id: id === undefined ? null : String(id),
    name: fields.get('name'),
    condition: conditionOf(parsed, fields.get('if')),
    continueOnError: fields.get('continue-on-error'),
    timeoutMinutes: fields.get('timeout-minutes'),
    env: fields.get('env'),
    kind,
    line: token.line ?? 0,
  };
}

function conditionOf({ context }: Parsed, token: TemplateToken | undefined): string {
  if (token === undefined) return 'success()';
  const condition = convertToIfCondition(context, token);
  return condition !== undefined && isBasicExpression(condition) ? condition.expression : 'success()';
}

/** Inputs, secrets and outputs of a workflow that is started by hand or called by another one. */
import type { Run } from '../github/run.ts';
import { evaluateText, resolve, resolveText, type Scope } from './expressions.ts';
import { isBasicExpression } from './parser.ts';
import { type Fields, fieldsOf, type Workflow } from './workflow.ts';

/** The `inputs` context of a run: of a workflow_dispatch, else empty. @throws Error when one is missing or unknown */
export function dispatchInputs(workflow: Workflow, run: Run): Record<string, unknown> {
  if (run.eventName !== 'workflow_dispatch') return {};
  const given = run.event.inputs;
  const values = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  return check(definitionsOf(workflow, 'workflow_dispatch', 'inputs'), values, { contexts: {} }, 'text');
}

/** @param given `with:` of the calling job, evaluated. @throws Error when one is missing, unknown, or of another type */
export function callInputs(workflow: Workflow, given: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  return check(definitionsOf(workflow, 'workflow_call', 'inputs'), given, scope, 'value');
}

/** @param given `secrets:` of the calling job, evaluated; null for `inherit` */
export function callSecrets(
  workflow: Workflow,
  given: Record<string, string> | null,
  ofCaller: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (given === null) return ofCaller;
  const definitions = definitionsOf(workflow, 'workflow_call', 'secrets');
  for (const name of Object.keys(given)) {
    if (!definitions.has(name)) throw new Error(`Invalid secret, ${name} is not defined in the referenced workflow.`);
  }
  for (const [name, definition] of definitions) {
    const isRequired = String(fieldsOf(definition).get('required')) === 'true';
    if (isRequired && !given[name]) throw new Error(`Secret ${name} is required, but not provided while calling.`);
  }
  return given;
}

/** What a called workflow gives back. @param scope has `jobs` */
export function callOutputs(workflow: Workflow, scope: Scope): Record<string, string> {
  const definitions = [...definitionsOf(workflow, 'workflow_call', 'outputs')];
  return Object.fromEntries(
    definitions.map(([name, definition]) => {
      const value = fieldsOf(definition).get('value');
      if (value === undefined) return [name, ''];
      return [name, isBasicExpression(value) ? evaluateText(value.expression, scope) : resolveText(value, scope)];
    }),
  );
}

function definitionsOf(workflow: Workflow, event: string, kind: string): Fields {
  return fieldsOf(fieldsOf(fieldsOf(workflow.fields.get('on')).get(event)).get(kind));
}

/** @param form whether booleans and numbers come as text, as from the API */
function check(definitions: Fields, given: Record<string, unknown>, scope: Scope, form: 'text' | 'value') {
  const unknown = Object.keys(given).find((name) => !definitions.has(name));
  if (unknown !== undefined) throw new Error(`Unexpected input '${unknown}'`);
  return Object.fromEntries(
    [...definitions].map(([name, definition]) => {
      const fields = fieldsOf(definition);
      const type = fields.get('type')?.toString() ?? 'string';
      const fallback = fields.get('default');
      const isRequired = String(fields.get('required')) === 'true';
      const value = given[name] ?? (fallback === undefined ? undefined : resolve(fallback, scope));
      if (value === undefined && isRequired) throw new Error(`Input '${name}' is required, but not provided`);
      return [name, typed(name, type, value, form)];
    }),
  );
}

function typed(name: string, type: string, value: unknown, form: 'text' | 'value'): unknown {
  switch (type) {
    case 'boolean':
      if (value === undefined) return false;
      if (typeof value === 'boolean') return value;
      if (form === 'text' && (value === 'true' || value === 'false')) return value === 'true';
      break;
    case 'number':
      if (value === undefined) return 0;
      if (typeof value === 'number') return value;
      if (form === 'text' && value !== '' && Number.isFinite(Number(value))) return Number(value);
      break;
    default:
      if (value === undefined) return '';
      if (typeof value !== 'object') return String(value);
  }
  throw new Error(`Input '${name}' is no ${type}`);
}

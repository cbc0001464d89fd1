/** `action.yml` of an action of the repository. */
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { parseActionFile } from './parser.ts';
import { findUnsupportedSteps } from './unsupported.ts';
import {
  fieldsOf,
  mappingOf,
  problemAt,
  readSteps,
  refuseErrors,
  type StepDefinition,
  WorkflowError,
} from './workflow.ts';

/** GitHub's runners no longer have the older ones. */
const NODE_VERSION = 'node24';

export interface ActionFile {
  name: string;
  /** Name → default. */
  inputs: ReadonlyMap<string, TemplateToken | undefined>;
  /** Of a composite action: name → value. */
  outputs: ReadonlyMap<string, TemplateToken>;
  runs:
    | { kind: 'node'; main: string; pre: string | null; post: string | null; postCondition: string }
    | { kind: 'composite'; steps: readonly StepDefinition[] };
}

/** @throws WorkflowError when it is invalid, or has what this runner does not support */
export function readActionFile(path: string, content: string): ActionFile {
  const parsed = parseActionFile(path, content);
  refuseErrors(path, parsed);
  const fields = fieldsOf(mappingOf(parsed.value));
  const runs = fieldsOf(fields.get('runs'));
  const using = runs.get('using');
  const unsupported = findUnsupportedSteps(runs.get('steps'));
  if (String(using) !== NODE_VERSION && String(using) !== 'composite') {
    unsupported.push({
      token: using,
      message: `\`using: ${using}\` is not supported here: ${NODE_VERSION}, composite are`,
    });
  }
  if (unsupported.length > 0) {
    throw new WorkflowError(unsupported.map(({ token, message }) => problemAt(path, token, message)));
  }
  const inputs = [...fieldsOf(fields.get('inputs'))].map(
    ([name, each]) => [name, fieldsOf(each).get('default')] as const,
  );
  const outputs = [...fieldsOf(fields.get('outputs'))].flatMap(([name, each]) => {
    const value = fieldsOf(each).get('value');
    return value === undefined ? [] : [[name, value] as const];
  });
  const text = (name: string) => runs.get(name)?.toString() ?? null;
  const action: ActionFile = {
    name: String(fields.get('name')),
    inputs: new Map(inputs),
    outputs: new Map(outputs),
    runs:
      String(using) === 'composite'
        ? { kind: 'composite', steps: readSteps(parsed, runs.get('steps')) }
        : {
            kind: 'node',
            main: text('main') ?? '',
            pre: text('pre'),
            post: text('post'),
            postCondition: text('post-if') ?? 'always()',
          },
  };
  refuseErrors(path, parsed);
  return action;
}

/** What this runner does not do. It says so by name, before anything runs. docs/local-gaps.md has the reasons. */
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { isBasicExpression, isMapping, isSequence, isString } from './parser.ts';

/** Actions of others that have an equivalent here, and the inputs that it knows. */
export const KNOWN_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': [
    'repository',
    'ref',
    'path',
    'token',
    'fetch-depth',
    'persist-credentials',
    'clean',
    'show-progress',
  ],
  'actions/upload-artifact': [
    ...[
      'name',
      'path',
      'if-no-files-found',
      'retention-days',
      'compression-level',
      'overwrite',
      'include-hidden-files',
    ],
  ],
  'actions/download-artifact': ['name', 'pattern', 'path', 'merge-multiple'],
};

export const KNOWN_SHELLS = ['bash', 'sh'];

const JOB_FIELDS = ['container', 'services', 'environment', 'snapshot'];
const STEP_FIELDS = ['background', 'wait', 'wait-all', 'cancel', 'parallel'];
const RUNNER_LABEL = /^ubuntu-(latest|\d\d\.\d\d|slim)$/;
const PINNED = /^([\w.-]+\/[\w.-]+)@[0-9a-f]{40}$/;
const LOCAL_WORKFLOW = /^\.\/\.github\/workflows\/[^/@]+\.ya?ml$/;
const LOCAL_ACTION = /^\.\/[^@]*$/;

export interface Unsupported {
  token: TemplateToken | undefined;
  message: string;
}

/** @param root a whole workflow, already found valid */
export function findUnsupported(root: MappingToken): Unsupported[] {
  const found: Unsupported[] = [];
  const defaults = at(root, 'defaults', 'run', 'shell');
  found.push(...unsupportedShell(defaults));
  const jobs = root.find('jobs');
  if (jobs === undefined || !isMapping(jobs)) return found;
  for (const { value } of jobs) if (isMapping(value)) found.push(...unsupportedInJob(value));
  return found;
}

function unsupportedInJob(job: MappingToken): Unsupported[] {
  const uses = job.find('uses');
  return [
    ...unsupportedFields(job, JOB_FIELDS, 'jobs.<id>.'),
    ...unsupportedRunner(job.find('runs-on')),
    ...unsupportedShell(at(job, 'defaults', 'run', 'shell')),
    ...(uses === undefined || LOCAL_WORKFLOW.test(String(uses))
      ? []
      : [{ token: uses, message: `the workflow \`${uses}\` is not of this repository: that is not supported here` }]),
    ...findUnsupportedSteps(job.find('steps')),
  ];
}

/** @param steps of a job, or of a composite action */
export function findUnsupportedSteps(steps: TemplateToken | undefined): Unsupported[] {
  const mappings = steps !== undefined && isSequence(steps) ? Array.from(steps).filter((step) => isMapping(step)) : [];
  return mappings.flatMap((step) => {
    const uses = step.find('uses');
    return [
      ...unsupportedFields(step, STEP_FIELDS, 'steps.'),
      ...unsupportedShell(step.find('shell')),
      ...(uses === undefined ? [] : unsupportedAction(uses, step.find('with'))),
    ];
  });
}

/** The name of a known action, or null when `uses` is a folder of the repository. */
export function knownAction(uses: string): string | null {
  return PINNED.exec(uses)?.[1]?.toLowerCase() ?? null;
}

function unsupportedFields(owner: MappingToken, names: readonly string[], prefix: string): Unsupported[] {
  return [...owner]
    .filter(({ key }) => names.includes(String(key)))
    .map(({ key }) => ({ token: key, message: `\`${prefix}${key}\` is not supported here` }));
}

function unsupportedShell(shell: TemplateToken | undefined): Unsupported[] {
  if (shell === undefined || isBasicExpression(shell) || KNOWN_SHELLS.includes(String(shell))) return [];
  return [{ token: shell, message: `the shell \`${shell}\` is not supported here: ${KNOWN_SHELLS.join(', ')} are` }];
}

function unsupportedRunner(label: TemplateToken | undefined): Unsupported[] {
  if (label === undefined || isBasicExpression(label)) return [];
  const labels = isSequence(label) ? Array.from(label, String) : isString(label) ? [label.value] : ['a runner group'];
  if (labels.every((each) => isKnownRunner(each))) return [];
  return [{ token: label, message: `\`runs-on: ${labels.join(', ')}\` is not supported here: ubuntu is` }];
}

export function isKnownRunner(label: string): boolean {
  return RUNNER_LABEL.test(label);
}

function unsupportedAction(uses: TemplateToken, inputs: TemplateToken | undefined): Unsupported[] {
  const text = String(uses);
  if (LOCAL_ACTION.test(text)) return [];
  const name = knownAction(text);
  const known = name === null ? undefined : KNOWN_ACTIONS[name];
  if (known !== undefined && name !== null) {
    if (inputs === undefined || !isMapping(inputs)) return [];
    return [...inputs]
      .filter(({ key }) => !known.includes(String(key).toLowerCase()))
      .map(({ key }) => ({ token: key, message: `the input \`${key}\` of ${name} is not supported here` }));
  }
  const unpinned = KNOWN_ACTIONS[text.split('@')[0]?.toLowerCase() ?? ''] !== undefined;
  const reason = unpinned ? 'must be pinned by its full commit' : 'is not supported here';
  return [{ token: uses, message: `the action \`${text}\` ${reason}` }];
}

function at(token: TemplateToken | undefined, ...path: string[]): TemplateToken | undefined {
  return path.reduce((inner, key) => (inner && isMapping(inner) ? inner.find(key) : undefined), token);
}

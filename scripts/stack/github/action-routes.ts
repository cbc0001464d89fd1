/** The routes of dispatches, runs and commit statuses, and what a repository says of itself. */
import { z } from 'zod';
import { parseBody, parseQuery } from './git-routes.ts';
import { type Answer, type Call, Refusal, type Route } from './http.ts';
import type { Repository } from './repository.ts';
import type { RunRepository } from './run.ts';
import type { RunQueue } from './run-queue.ts';
import type { CommitStatus, RunRecord, StateFile } from './state.ts';
import {
  concurrencyOf,
  type InputDefinition,
  readWorkflows,
  type StartableWorkflow,
  type StartContext,
  titleOf,
} from './workflows.ts';

/** https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event */
const MAX_EVENT_TYPE_CHARACTERS = 100;
const MAX_PAYLOAD_KEYS = 10;
const MAX_PAYLOAD_BYTES = 65_535;
/** https://docs.github.com/rest/commits/statuses */
const MAX_STATUS_DESCRIPTION_CHARACTERS = 140;
/** https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event */
const MAX_INPUTS = 25;

export interface ActionContext {
  repository: Repository;
  identity: RunRepository;
  queue: RunQueue;
  file: StateFile;
  describe: (run: RunRecord) => Record<string, unknown>;
  /** What the page of a run says below its state. */
  runLog: ((run: { id: number; attempt: number }) => Promise<string>) | undefined;
  now: () => number;
  /** Workflows by commit, as far as they were read already. */
  workflowsOf: Map<string, Promise<StartableWorkflow[]>>;
}

const dispatchSchema = z.strictObject({
  event_type: z.string().min(1).max(MAX_EVENT_TYPE_CHARACTERS),
  client_payload: z
    .record(z.string(), z.unknown())
    .refine(
      (payload) => Object.keys(payload).length <= MAX_PAYLOAD_KEYS,
      `No more than ${MAX_PAYLOAD_KEYS} properties are allowed`,
    )
    .refine((payload) => Buffer.byteLength(JSON.stringify(payload)) <= MAX_PAYLOAD_BYTES, 'client_payload is too large')
    .default({}),
});

const byHandSchema = z.strictObject({
  ref: z.string(),
  inputs: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .refine((inputs) => Object.keys(inputs).length <= MAX_INPUTS, `you may only define up to ${MAX_INPUTS} inputs`)
    .default({}),
  return_run_details: z.boolean().default(false),
});

const statusSchema = z.strictObject({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().min(1).default('default'),
  description: z.string().max(MAX_STATUS_DESCRIPTION_CHARACTERS).nullable().default(null),
  target_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

const runQuerySchema = z.strictObject({
  event: z.string().optional(),
  status: z.string().optional(),
  created: z
    .string()
    .regex(/^>=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    .optional(),
  per_page: z.coerce.number().int().min(1).max(100).default(30),
  page: z.coerce.number().int().min(1).default(1),
});

export function actionRoutes(context: ActionContext): Route[] {
  const { identity } = context;
  const runPage = (call: Call) => showRun(context, call);
  const page = `/${identity.fullName}/actions/runs/{id}`;
  return [
    { method: 'GET', path: '', needs: ['contents', 'read'], handle: async () => describeRepository(identity) },
    { method: 'POST', path: 'dispatches', needs: ['contents', 'write'], handle: (call) => dispatch(context, call) },
    {
      method: 'POST',
      path: 'actions/workflows/{workflow}/dispatches',
      needs: ['actions', 'write'],
      handle: (call) => startByHand(context, call),
    },
    {
      method: 'GET',
      path: 'actions/runs',
      needs: ['actions', 'read'],
      handle: async (call) => listRuns(context, call),
    },
    {
      method: 'GET',
      path: 'actions/runs/{id}',
      needs: ['actions', 'read'],
      handle: async (call) => getRun(context, call),
    },
    {
      method: 'POST',
      path: 'actions/runs/{id}/cancel',
      needs: ['actions', 'write'],
      handle: (call) => cancelRun(context, call),
    },
    {
      method: 'POST',
      path: 'actions/runs/{id}/rerun',
      needs: ['actions', 'write'],
      handle: (call) => rerun(context, call),
    },
    {
      method: 'POST',
      path: 'statuses/{sha}',
      needs: ['statuses', 'write'],
      handle: (call) => createStatus(context, call),
    },
    {
      method: 'GET',
      path: 'commits/{ref}/statuses',
      needs: ['statuses', 'read'],
      handle: (call) => listStatuses(context, call),
    },
    { method: 'GET', path: page, needs: null, handle: runPage },
    { method: 'GET', path: `${page}/attempts/{attempt}`, needs: null, handle: runPage },
  ];
}

export function describeOwner({ fullName, id, ownerId, defaultBranch }: RunRepository) {
  const [owner = '', name = ''] = fullName.split('/');
  return { id, name, full_name: fullName, default_branch: defaultBranch, owner: { id: ownerId, login: owner } };
}

function describeRepository(identity: RunRepository): Answer {
  return { status: 200, body: { ...describeOwner(identity), private: true } };
}

async function dispatch(context: ActionContext, { body }: Call): Promise<Answer> {
  const { event_type: action, client_payload } = parseBody(dispatchSchema, body);
  const branch = context.identity.defaultBranch;
  const event = { action, branch, client_payload };
  const { workflows, sha } = await readMain(context);
  // Like GitHub: 204 even when no workflow listens.
  for (const workflow of workflows) {
    const { dispatchTypes } = workflow;
    if (dispatchTypes === undefined || (dispatchTypes !== null && !dispatchTypes.includes(action))) continue;
    await addRun(context, workflow, { eventName: 'repository_dispatch', event, inputs: {}, sha });
  }
  return { status: 204 };
}

async function startByHand(context: ActionContext, { params: [file = ''], body }: Call): Promise<Answer> {
  const { ref, inputs: given, return_run_details } = parseBody(byHandSchema, body);
  const { workflows, sha } = await readMain(context);
  const branch = context.identity.defaultBranch;
  if (ref !== branch && ref !== `refs/heads/${branch}`) {
    throw new Refusal(422, `No ref found for: ${ref} (the stand-in starts workflows on ${branch} only)`);
  }
  const workflow = workflows.find(({ path }) => path === `.github/workflows/${file}`);
  if (!workflow) throw new Refusal(404, 'Not Found');
  if (!workflow.inputs) throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  const inputs = completeInputs(given, workflow.inputs);
  const texts = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
  const event = { ref: `refs/heads/${branch}`, workflow: workflow.path, inputs: texts };
  const run = await addRun(context, workflow, { eventName: 'workflow_dispatch', event, inputs, sha });
  if (!return_run_details) return { status: 204 };
  const { url, html_url } = context.describe(run);
  return { status: 200, body: { workflow_run_id: run.id, run_url: url, html_url } };
}

function completeInputs(given: Record<string, unknown>, defined: Readonly<Record<string, InputDefinition>>) {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(defined, name));
  if (unknown.length > 0) throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(unknown)}`);
  const entries = Object.entries(defined).map(([name, input]): [string, unknown] => {
    const value = given[name] ?? input.default ?? (input.type === 'boolean' ? false : '');
    if (input.required && value === '') throw new Refusal(422, `Required input '${name}' not provided`);
    if (input.type === 'boolean') return [name, String(value) === 'true'];
    if (input.type === 'choice' && !input.options.includes(String(value))) {
      throw new Refusal(422, `Provided value '${value}' for input '${name}' not in the list of allowed values`);
    }
    return [name, input.type === 'number' ? Number(value) : String(value)];
  });
  return Object.fromEntries(entries);
}

async function readMain({ repository, identity, workflowsOf }: ActionContext) {
  const sha = await repository.readRef(`refs/heads/${identity.defaultBranch}`);
  if (sha === null) throw new Refusal(409, 'Git Repository is empty.');
  // A commit never changes: it is read and parsed once.
  const workflows = workflowsOf.get(sha) ?? readWorkflows(repository, sha);
  workflowsOf.set(sha, workflows);
  return { sha, workflows: await workflows };
}

type Start = Pick<StartContext, 'eventName' | 'event' | 'inputs' | 'sha'>;

async function addRun(context: ActionContext, workflow: StartableWorkflow, start: Start): Promise<RunRecord> {
  const { identity, queue } = context;
  const actor = identity.fullName.split('/')[0] ?? '';
  const event = { ...start.event, repository: describeOwner(identity), sender: { id: identity.ownerId, login: actor } };
  const ref = `refs/heads/${identity.defaultBranch}`;
  const scope = { ...start, event, ref, repository: identity.fullName, actor };
  return queue.add({
    title: titleOf(workflow, scope),
    workflowName: workflow.name,
    workflowPath: workflow.path,
    eventName: start.eventName,
    event,
    sha: start.sha,
    actor,
    concurrency: concurrencyOf(workflow, scope),
  });
}

function listRuns(context: ActionContext, { query }: Call): Answer {
  const { event, status, created, per_page, page } = parseQuery(runQuerySchema, query);
  const since = created === undefined ? 0 : Date.parse(created.slice('>='.length));
  const fitting = context.queue.runs.filter(
    (run) =>
      (event === undefined || run.eventName === event) &&
      (status === undefined || run.status === status || run.conclusion === status) &&
      Math.floor(run.createdAt / 1000) * 1000 >= since,
  );
  const shown = fitting.reverse().slice((page - 1) * per_page, page * per_page);
  return {
    status: 200,
    body: { total_count: fitting.length, workflow_runs: shown.map((run) => context.describe(run)) },
  };
}

function getRun(context: ActionContext, call: Call): Answer {
  return { status: 200, body: context.describe(findRun(context, call)) };
}

async function cancelRun(context: ActionContext, call: Call): Promise<Answer> {
  const cancelled = await context.queue.cancel(findRun(context, call));
  if (!cancelled) throw new Refusal(409, 'Cannot cancel a workflow run that is completed.');
  return { status: 202, body: {} };
}

async function rerun(context: ActionContext, call: Call): Promise<Answer> {
  const isAgain = await context.queue.rerun(findRun(context, call));
  if (!isAgain) throw new Refusal(403, 'This workflow is already running');
  return { status: 201, body: {} };
}

async function showRun(context: ActionContext, call: Call): Promise<Answer> {
  const run = findRun(context, call);
  const attempt = Number(call.params[1] ?? run.attempt);
  const state = run.conclusion ?? run.status.replace('_', ' ');
  const log = await context.runLog?.({ id: run.id, attempt });
  return { status: 200, text: [`${run.title}: ${state}`, `attempt ${attempt}`, '', log ?? ''].join('\n') };
}

function findRun({ queue }: ActionContext, { params: [id = ''] }: Call): RunRecord {
  const run = /^\d{1,15}$/.test(id) ? queue.find(Number(id)) : undefined;
  if (!run) throw new Refusal(404, 'Not Found');
  return run;
}

async function createStatus(context: ActionContext, { params: [sha = ''], body }: Call): Promise<Answer> {
  const { state, context: name, description, target_url } = parseBody(statusSchema, body);
  const { repository, file, now } = context;
  if (!/^[0-9a-f]{40}$/.test(sha) || (await repository.resolve(`${sha}^{commit}`)) !== sha) {
    throw new Refusal(422, `No commit found for SHA: ${sha}`);
  }
  const id = file.state.nextId++;
  const status = { id, sha, state, context: name, description, targetUrl: target_url, createdAt: now() };
  file.state.statuses.push(status);
  await file.save();
  return { status: 201, body: describeStatus(status) };
}

async function listStatuses({ repository, file }: ActionContext, { params: [ref = ''] }: Call): Promise<Answer> {
  const sha = await repository.resolve(`${ref}^{commit}`);
  if (sha === null) throw new Refusal(404, 'Not Found');
  const statuses = file.state.statuses.filter((status) => status.sha === sha);
  return { status: 200, body: statuses.reverse().map(describeStatus) };
}

function describeStatus({ id, state, context, description, targetUrl, createdAt }: CommitStatus) {
  return { id, state, context, description, target_url: targetUrl, created_at: new Date(createdAt).toISOString() };
}

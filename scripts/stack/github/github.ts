/** The stand-in for GitHub: the few routes that we use, over a real repository and a queue of runs. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { actionRoutes, describeOwner } from './action-routes.ts';
import { gitRoutes } from './git-routes.ts';
import { type Fault, type HttpServer, type SeenRequest, serve } from './http.ts';
import { DEFAULT_BRANCH, Repository, type RepositoryFile } from './repository.ts';
import type { Execute, RunRepository } from './run.ts';
import { RunQueue } from './run-queue.ts';
import { type CommitStatus, openState, type RunRecord } from './state.ts';
import { createWebhook, type Delivery, type WebhookTarget } from './webhook.ts';

export type { Fault, FaultKind, SeenRequest } from './http.ts';
export type { RepositoryFile } from './repository.ts';
export type { CommitStatus, RunRecord } from './state.ts';

/** GitHub runs more at a time; two cores do not. */
const DEFAULT_MAX_RUNNING = 2;
const COMMIT_MESSAGE = 'Files of this checkout';

export interface GitHubStandInOptions {
  /** Repository, runs and statuses are kept below it, over restarts. */
  stateFolder: string;
  /** Of 127.0.0.1. 0: any. */
  port: number;
  /** The one token that may do everything. */
  token: string;
  /** `owner/name`. */
  repository: string;
  /** What the default branch holds, the workflows among it. A start with other files makes a commit. */
  files: readonly RepositoryFile[];
  /** Likewise what other branches hold: the built action on `release`, say. */
  branches?: Readonly<Record<string, readonly RepositoryFile[]>>;
  execute: Execute;
  /** Runs that are executed at a time. Default: 2. */
  maxRunning?: number;
  webhook?: WebhookTarget;
  /** What the page of a run says below its state. */
  runLog?: (run: { id: number; attempt: number }) => Promise<string>;
  /** Milliseconds since 1970. Default: the real time. */
  now?: () => number;
}

export interface GitHubStandIn extends AsyncDisposable {
  /** Address of the API, without a slash at the end. */
  apiUrl: string;
  /** Of the pages for people: `{serverUrl}/{repository}/actions/runs/{id}`. */
  serverUrl: string;
  repositoryFolder: string;
  repositoryId: number;
  ownerId: number;
  /** The commit that runs execute. */
  mainSha: string;
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  /** Oldest first. */
  readonly statuses: readonly CommitStatus[];
  /** Faults to come: the first that fits a request befalls it. Push to it. */
  faults: Fault[];
  /** The newest requests, oldest first. */
  seen: SeenRequest[];
  /** The newest webhook deliveries, oldest first. */
  deliveries: readonly Delivery[];
  /** Resolves when no run waits or is executed and every webhook was delivered. */
  idle(): Promise<void>;
}

export async function startGitHub(options: GitHubStandInOptions): Promise<GitHubStandIn> {
  const { stateFolder, now = Date.now } = options;
  await mkdir(stateFolder, { recursive: true });
  const repositoryFolder = join(stateFolder, 'repository.git');
  const repository = await Repository.open(repositoryFolder);
  const seconds = Math.floor(now() / 1000);
  const mainSha = await repository.commitFiles(DEFAULT_BRANCH, options.files, COMMIT_MESSAGE, seconds);
  for (const [branch, files] of Object.entries(options.branches ?? {})) {
    await repository.commitFiles(branch, files, COMMIT_MESSAGE, seconds);
  }
  const file = await openState(join(stateFolder, 'github.json'));
  const webhook = createWebhook(options.webhook);
  const server = await listen(options, repository, { file, webhook, now });
  const { repositoryId, ownerId } = file.state;
  return {
    apiUrl: server.origin,
    serverUrl: server.origin,
    repositoryFolder,
    repositoryId,
    ownerId,
    mainSha,
    get runs() {
      return file.state.runs;
    },
    get statuses() {
      return file.state.statuses;
    },
    faults: server.faults,
    seen: server.seen,
    deliveries: webhook.deliveries,
    async idle() {
      await server.queue.idle();
      await webhook.idle();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await server.queue[Symbol.asyncDispose]();
      await webhook[Symbol.asyncDispose]();
    },
  };
}

interface Parts {
  file: Awaited<ReturnType<typeof openState>>;
  webhook: ReturnType<typeof createWebhook>;
  now: () => number;
}

/** The port is known only once the server listens, and the queue tells it to runs. */
async function listen(
  options: GitHubStandInOptions,
  repository: Repository,
  { file, webhook, now }: Parts,
): Promise<HttpServer & { origin: string; queue: RunQueue }> {
  const { repositoryId, ownerId } = file.state;
  const identity: RunRepository = {
    fullName: options.repository,
    id: repositoryId,
    ownerId,
    defaultBranch: DEFAULT_BRANCH,
    folder: repository.folder,
  };
  let origin = `http://127.0.0.1:${options.port}`;
  const describe = (run: RunRecord) => describeRun(run, identity, origin);
  const describeEvent = (run: RunRecord) => ({
    workflow_run: describe(run),
    workflow: { id: workflowId(run.workflowPath), name: run.workflowName, path: run.workflowPath },
    repository: describeOwner(identity),
    sender: { id: ownerId, login: run.actor },
  });
  const queue = new RunQueue({
    file,
    execute: options.execute,
    maxRunning: options.maxRunning ?? DEFAULT_MAX_RUNNING,
    webhook,
    repository: identity,
    address: () => ({ apiUrl: origin, serverUrl: origin }),
    now,
    describe: describeEvent,
  });
  const actions = { repository, identity, queue, file, describe, runLog: options.runLog, now, workflowsOf: new Map() };
  const server = await serve({
    port: options.port,
    repository: options.repository,
    routes: [...gitRoutes(repository, now), ...actionRoutes(actions)],
    identify: (token) => (token === options.token ? { kind: 'owner' } : queue.identify(token)),
  });
  origin = `http://127.0.0.1:${server.port}`;
  await queue.resume();
  return Object.assign(server, { origin, queue });
}

function describeRun(run: RunRecord, identity: RunRepository, origin: string): Record<string, unknown> {
  const { id, number, attempt, title, workflowName, workflowPath, eventName, sha, actor, status, conclusion } = run;
  const url = `${origin}/repos/${identity.fullName}/actions/runs/${id}`;
  return {
    id,
    name: workflowName,
    display_title: title,
    run_number: number,
    run_attempt: attempt,
    event: eventName,
    status,
    conclusion,
    workflow_id: workflowId(workflowPath),
    path: workflowPath,
    head_branch: identity.defaultBranch,
    head_sha: sha,
    url,
    html_url: `${origin}/${identity.fullName}/actions/runs/${id}`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    created_at: toTime(run.createdAt),
    run_started_at: toTime(run.startedAt ?? run.createdAt),
    updated_at: toTime(run.updatedAt),
    actor: { login: actor },
    triggering_actor: { login: actor },
    repository: describeOwner(identity),
  };
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A number that stays the same. */
function workflowId(path: string): number {
  return createHash('sha256').update(path).digest().readUInt32BE(0);
}

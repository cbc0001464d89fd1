/** GitHub, as the control plane needs it: snapshot commits, dispatches, runs, commit statuses. */
import {
  DISPATCH_EVENT,
  type DispatchPayload,
  encodeDispatchPayload,
  encodeRenderPayload,
  RENDER_EVENT,
  type RenderPayload,
} from '../contract/dispatch.ts';
import { STATUS_CONTEXT } from '../contract/reports.ts';
import { oneLine } from './commit-message.ts';
import { GitHubClient, type GitHubConfig, type GitHubOptions } from './github-client.ts';
import { commitSnapshot, type SnapshotCommit, type SnapshotToCommit } from './github-commit.ts';
import { cancelRun, findRuns, getRun, type RunSought, type WorkflowRun } from './github-runs.ts';

export type { GitHubAuth, GitHubConfig, GitHubOptions } from './github-client.ts';
export type { SnapshotCommit, SnapshotToCommit } from './github-commit.ts';
export { retryAtOf } from './github-errors.ts';
export type { RunSought, WorkflowRun } from './github-runs.ts';
export type { FileToCommit } from './github-tree.ts';

/** Characters that GitHub shows of a status. */
const MAX_STATUS_CHARACTERS = 140;

export interface StatusToSet {
  /** The commit. */
  sha: string;
  state: 'pending' | 'success' | 'failure' | 'error';
  /** Cut at 140 characters. */
  description: string;
  /** Where its "Details" lead. */
  targetUrl?: string | undefined;
}

/**
 * Every method rejects with a PermaframeError (`DISPATCH_…`) once its retries are used up; where GitHub asked to be
 * called again at some time, `retryAtOf` tells it. `signal` ends waiting and retrying at once with its reason.
 */
export interface GitHub {
  /** Commits a version on the branch of its thread, or finds the commit that was made before. */
  commitSnapshot(snapshot: SnapshotToCommit, signal?: AbortSignal): Promise<SnapshotCommit>;
  /**
   * Starts the workflow. May start it twice when an answer gets lost: `claim` lets one run pass.
   * @throws ZodError or RangeError when the payload breaks the contract
   */
  dispatch(payload: DispatchPayload, signal?: AbortSignal): Promise<void>;
  /** As {@link dispatch}, for the workflow that makes videos. */
  dispatchRender(payload: RenderPayload, signal?: AbortSignal): Promise<void>;
  findRuns(sought: RunSought, signal?: AbortSignal): Promise<WorkflowRun[]>;
  getRun(id: number, signal?: AbortSignal): Promise<WorkflowRun | null>;
  cancelRun(id: number, signal?: AbortSignal): Promise<'cancelling' | 'over' | 'missing'>;
  /** Shows on the commit how its publish stands. The newest status counts. */
  setStatus(status: StatusToSet, signal?: AbortSignal): Promise<void>;
}

export function createGitHub(config: GitHubConfig, options: GitHubOptions = {}): GitHub {
  const client = new GitHubClient(config, options);
  return {
    commitSnapshot: (snapshot, signal) => commitSnapshot(client, snapshot, signal),
    dispatch: async (payload, signal) => dispatch(client, DISPATCH_EVENT, encodeDispatchPayload(payload), signal),
    dispatchRender: async (payload, signal) => dispatch(client, RENDER_EVENT, encodeRenderPayload(payload), signal),
    findRuns: (sought, signal) => findRuns(client, sought, signal),
    getRun: (id, signal) => getRun(client, id, signal),
    cancelRun: (id, signal) => cancelRun(client, id, signal),
    setStatus: (status, signal) => setStatus(client, status, signal),
  };
}

async function dispatch(
  client: GitHubClient,
  event: string,
  payload: DispatchPayload | RenderPayload,
  signal?: AbortSignal,
): Promise<void> {
  await client.call(
    'start the workflow',
    async (api, place) => {
      await api.repos.createDispatchEvent({ ...place, event_type: event, client_payload: payload });
    },
    { signal },
  );
}

async function setStatus(client: GitHubClient, status: StatusToSet, signal?: AbortSignal): Promise<void> {
  const { sha, state, targetUrl } = status;
  await client.call(
    'set the status of a commit',
    async (api, place) => {
      await api.repos.createCommitStatus({
        ...place,
        sha,
        state,
        context: STATUS_CONTEXT,
        description: oneLine(status.description, MAX_STATUS_CHARACTERS),
        ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      });
    },
    { signal },
  );
}

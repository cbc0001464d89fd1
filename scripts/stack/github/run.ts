/** What the stand-in for GitHub and the runner say to each other: a run of a workflow, and how it is executed. */

export type RunEventName = 'repository_dispatch' | 'workflow_dispatch';

export const CONCLUSIONS = ['success', 'failure', 'cancelled', 'timed_out', 'startup_failure'] as const;
export type Conclusion = (typeof CONCLUSIONS)[number];

export type RunStatus = 'queued' | 'in_progress' | 'completed';

/** What a run's own token may do, as `permissions:` of a job says it. What is not named is refused. */
export interface TokenPermissions {
  contents?: 'read' | 'write';
  statuses?: 'read' | 'write';
  actions?: 'read' | 'write';
}

/** The repository that a run belongs to. */
export interface RunRepository {
  /** `owner/name`. */
  fullName: string;
  id: number;
  ownerId: number;
  defaultBranch: string;
  /** The bare repository on this machine. */
  folder: string;
}

/** One run, as its executor sees it. */
export interface Run {
  id: number;
  /** Counts the runs of one workflow, from 1. */
  number: number;
  /** From 1. */
  attempt: number;
  /** The evaluated `run-name`; the workflow's name where it has none. */
  name: string;
  /** `.github/workflows/publish.yml`. */
  workflowPath: string;
  eventName: RunEventName;
  /**
   * The `github.event` context: `action`, `branch` and `client_payload` of a repository_dispatch, `inputs`, `ref` and
   * `workflow` of a workflow_dispatch; `repository` and `sender` with both.
   */
  event: Record<string, unknown>;
  /** The commit whose workflow file is executed. */
  sha: string;
  /** `refs/heads/main`. */
  ref: string;
  /** Login of whoever sent the event. */
  actor: string;
  repository: RunRepository;
  /** Address of the API, without a slash at the end: `GITHUB_API_URL`. */
  apiUrl: string;
  /** A person's page about this run. */
  url: string;
  /** A token for `github.token`. It is refused once the run is over. */
  issueToken(permissions: TokenPermissions): string;
}

/**
 * Executes a run to its end. The signal is aborted when the run is cancelled; the executor then ends what it started
 * and resolves with `cancelled`. A rejection counts as `startup_failure`.
 */
export type Execute = (run: Run, signal: AbortSignal) => Promise<Conclusion>;

/** Runs of the publish workflow: found by the name that a dispatch gives them, looked up, cancelled. */
import { z } from 'zod';
import { type CallOptions, type GitHubClient, parseAnswer } from './github-client.ts';
import { faultOf } from './github-errors.ts';

/** Runs that GitHub lists at a time, at most. */
const PAGE_RUNS = 100;
/** A run that is not among so many newest pages of a narrow time is not there. */
const MAX_PAGES = 5;
/** Clocks differ: how much earlier than our time a run may seem to have begun, in milliseconds. */
const CLOCK_MARGIN_MILLISECONDS = 120_000;

export interface WorkflowRun {
  id: number;
  /** From 1; running it again counts up. */
  attempt: number;
  /** What GitHub calls waiting, pending or requested is `queued` here. */
  status: 'queued' | 'in_progress' | 'completed';
  /** `success`, `failure`, `cancelled`, `timed_out`, …; null until it is completed. */
  conclusion: string | null;
  /** A person's page about it. */
  url: string;
}

/** What a run is looked for by. */
export interface RunSought {
  /** As `runName` of the contract makes it. */
  name: string;
  /** No run is older, in milliseconds since 1970. */
  since: number;
}

const runSchema = z.looseObject({
  id: z.int(),
  run_attempt: z.int().default(1),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  html_url: z.string(),
  display_title: z.string(),
});

const runListSchema = z.looseObject({ workflow_runs: z.array(runSchema) });

/** The runs that a publish's dispatches have begun so far, newest first. A run appears seconds after its dispatch. */
export async function findRuns(client: GitHubClient, sought: RunSought, signal?: AbortSignal): Promise<WorkflowRun[]> {
  const since = new Date(sought.since - CLOCK_MARGIN_MILLISECONDS).toISOString().slice(0, 19);
  const found: WorkflowRun[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const runs = await client.call(
      'list the runs',
      async (api, place) => {
        const query = { event: 'repository_dispatch', created: `>=${since}Z`, per_page: PAGE_RUNS, page };
        const { data } = await api.actions.listWorkflowRunsForRepo({ ...place, ...query });
        return parseAnswer(runListSchema, data).workflow_runs;
      },
      { signal },
    );
    found.push(...runs.filter((run) => run.display_title === sought.name).map(toRun));
    if (runs.length < PAGE_RUNS) break;
  }
  return found;
}

/** Null when there is no such run (any more). */
export async function getRun(client: GitHubClient, id: number, signal?: AbortSignal): Promise<WorkflowRun | null> {
  const run = await orNull(client, 'look up a run', { signal }, async (api, place) => {
    return toRun(parseAnswer(runSchema, (await api.actions.getWorkflowRun({ ...place, run_id: id })).data));
  });
  return run;
}

/** `over`: it had ended already. `missing`: there is no such run. */
export async function cancelRun(
  client: GitHubClient,
  id: number,
  signal?: AbortSignal,
): Promise<'cancelling' | 'over' | 'missing'> {
  const outcome = await orNull(client, 'cancel a run', { signal }, async (api, place) => {
    try {
      await api.actions.cancelWorkflowRun({ ...place, run_id: id });
      return 'cancelling' as const;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind === 'answer' && fault.status === 409) return 'over' as const;
      throw error;
    }
  });
  return outcome ?? 'missing';
}

/** GitHub also says 404 when it does not show the repository at all: then nothing is known about the run. */
async function orNull<T>(
  client: GitHubClient,
  action: string,
  options: CallOptions,
  send: Parameters<typeof client.call<T>>[1],
): Promise<T | null> {
  const outcome = await client.call<T | null>(
    action,
    async (api, place) => {
      try {
        return await send(api, place);
      } catch (error) {
        const fault = faultOf(error);
        if (fault.kind === 'answer' && fault.status === 404) return null;
        throw error;
      }
    },
    options,
  );
  if (outcome === null) await client.checkOnce(options.signal);
  return outcome;
}

function toRun(run: z.infer<typeof runSchema>): WorkflowRun {
  const status = run.status === 'completed' || run.status === 'in_progress' ? run.status : 'queued';
  const conclusion = status === 'completed' ? run.conclusion : null;
  return { id: run.id, attempt: run.run_attempt, status, conclusion, url: run.html_url };
}

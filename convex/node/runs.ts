/** What the Node actions ask GitHub about the run of a job, and how they call it off. */
'use node';
import type { GitHub, WorkflowRun } from '../../action/adapters/github.ts';
import type { Run, RunFact } from '../model/validators.ts';

/** GitHub shows a run some seconds after its dispatch; until then its absence says nothing. In milliseconds. */
const APPEARANCE_MILLISECONDS = 60_000;

/** The run of a job: the one that has claimed, else whichever bears the name. */
export interface SoughtRun {
  run: Run | null;
  runName: string;
  /** Milliseconds since 1970: no run of the job is older. */
  queuedAt: number;
}

export async function askAboutRun(github: GitHub, { run, runName, queuedAt }: SoughtRun): Promise<RunFact> {
  const found = run ? await github.getRun(Number(run.id)) : await findRun(github, runName, queuedAt);
  if (!found) return { kind: 'none' };
  const { id, attempt, url, status, conclusion } = found;
  const known = { id: String(id), attempt, url };
  if (status !== 'completed') return { kind: 'active', run: known };
  return { kind: 'completed', run: known, conclusion: conclusion ?? 'unknown' };
}

/** Of several (a dispatch whose answer was lost is sent again) one that may still claim, else the newest. */
async function findRun(github: GitHub, name: string, since: number): Promise<WorkflowRun | undefined> {
  const runs = await github.findRuns({ name, since });
  return runs.find(({ status }) => status !== 'completed') ?? runs[0];
}

/** False: there may be one to come. */
export async function cancelRuns(github: GitHub, { run, runName, queuedAt }: SoughtRun): Promise<boolean> {
  if (run) {
    await github.cancelRun(Number(run.id));
    return true;
  }
  const runs = await github.findRuns({ name: runName, since: queuedAt });
  for (const { id, status } of runs) if (status !== 'completed') await github.cancelRun(id);
  return runs.length > 0 || Date.now() > queuedAt + APPEARANCE_MILLISECONDS;
}

/** Whoever cannot be asked now is asked again later: the sweep sees to it. */
export async function orUnknown<T>(what: string, ask: () => Promise<T>): Promise<T | { kind: 'unknown' }> {
  try {
    return await ask();
  } catch (error) {
    console.error(`Nothing can be said of ${what}.`, error);
    return { kind: 'unknown' };
  }
}

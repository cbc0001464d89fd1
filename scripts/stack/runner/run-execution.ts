/** What all jobs of one run share. */
import type { Run } from '../github/run.ts';
import type { OidcIssuer } from '../oidc.ts';
import type { ConcurrencyGroups } from './concurrency.ts';
import type { DistributiveOmit } from './job-session.ts';
import type { Grace } from './processes.ts';
import type { Progress, Result, RunReport } from './progress.ts';
import type { Workflow } from './workflow.ts';

/** Why `dead` is aborted when the machine went away. */
export const DIED = 'died';

export interface Execution {
  run: Run;
  secrets: Readonly<Record<string, string>>;
  vars: Readonly<Record<string, string>>;
  oidc: Pick<OidcIssuer, 'openRequest'> | null;
  nodePath: string;
  grace: Grace;
  /** How long a minute of `timeout-minutes` is, in milliseconds. */
  minute: number;
  folders: { logs: string; artifacts: string };
  /** Aborted when the run is cancelled. */
  cancel: AbortSignal;
  /** Aborted when nothing more runs: the runner died, or cancelling took too long. */
  dead: AbortSignal;
  concurrency: ConcurrencyGroups;
  /** Bounds the jobs that run at a time, over all runs. */
  slots: Slots;
  /** Reads another workflow of the same commit. */
  readWorkflow(path: string): Promise<Workflow>;
  report: RunReport;
  emit(progress: DistributiveOmit<Progress, 'run' | 'attempt'>): void;
  now(): Date;
}

/** A job that came to nothing. */
export function reportWithoutSteps({ report, now }: Execution, name: string, result: Result): void {
  const at = now().toISOString();
  report.jobs.push({ name, result, startedAt: at, completedAt: at, steps: [], summary: '' });
}

/** @throws the signal's reason when it is aborted while it waits */
export type Slots = (signal: AbortSignal) => Promise<Disposable>;

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (free > 0) free -= 1;
    else {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const leave = () => {
        const at = waiting.indexOf(resolve);
        if (at < 0) return;
        waiting.splice(at, 1);
        reject(signal.reason);
      };
      waiting.push(resolve);
      signal.addEventListener('abort', leave, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', leave));
    }
    return { [Symbol.dispose]: release };
  };
}

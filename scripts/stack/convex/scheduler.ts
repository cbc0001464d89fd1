/** Runs scheduled functions at their time: mutations exactly once, actions at most once, over restarts too. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Value } from 'convex/values';
import type { FunctionKind } from './functions.ts';
import type { Document } from './internals.ts';
import { JOBS_TABLE, tableOfId } from './system-calls.ts';

/** Timers of Node do not wait longer, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

export type JobState = { kind: 'pending' | 'inProgress' | 'success' | 'canceled' } | { kind: 'failed'; error: string };

export interface SchedulerTools {
  /** The committed row. */
  read(id: string): Document | null;
  /** Changes the row in a transaction of its own; `change` answers null when nothing is to be done. */
  update(id: string, change: (state: JobState) => JobState | null): Promise<void>;
  kindOf(path: string): Promise<FunctionKind>;
  /** Runs the mutation and marks the row in the same transaction, unless it is no longer pending. */
  runMutation(path: string, args: Record<string, Value>, job: string): Promise<void>;
  runAction(path: string, args: Record<string, Value>): Promise<void>;
  /** Logs the error; its message as Convex shows it. */
  report(path: string, error: unknown): string;
}

export interface Scheduler extends AsyncDisposable {
  /** Takes note of what a commit wrote. */
  observe(writes: Readonly<Record<string, Document | null>>): void;
  /** Takes up what an earlier process left. */
  resume(documents: Readonly<Record<string, Document>>): Promise<void>;
}

export function createScheduler(tools: SchedulerTools): Scheduler {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  // A function that is scheduled by another runs outside of that one's transaction, identity and globals.
  const outside = AsyncLocalStorage.snapshot();
  const fire = (id: string): void => {
    const run = runJob(id, tools).catch((error) => void tools.report(id, error));
    running.add(run);
    void run.then(() => running.delete(run));
  };
  const arm = (id: string, time: number): void => {
    const wait = Math.min(Math.max(0, time - Date.now()), LONGEST_WAIT);
    const ring = (): void => {
      timers.delete(id);
      if (time > Date.now()) arm(id, time);
      else fire(id);
    };
    timers.set(id, setTimeout(ring, wait));
  };
  const observe: Scheduler['observe'] = (writes) => {
    for (const [id, document] of Object.entries(writes)) {
      if (tableOfId(id) !== JOBS_TABLE) continue;
      clearTimeout(timers.get(id));
      timers.delete(id);
      if (document !== null && stateOf(document).kind === 'pending') {
        outside(() => arm(id, Number(document.scheduledTime)));
      }
    }
  };
  return {
    observe,
    resume: async (documents) => {
      const jobs = Object.values(documents).filter(({ _id }) => tableOfId(_id) === JOBS_TABLE);
      const interrupted: JobState = { kind: 'failed', error: 'Transient error while executing action' };
      for (const { _id, state } of jobs) {
        if ((state as JobState).kind === 'inProgress') await tools.update(_id, () => interrupted);
      }
      observe(Object.fromEntries(jobs.map((job) => [job._id, job])));
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(running);
    },
  };
}

async function runJob(id: string, tools: SchedulerTools): Promise<void> {
  const job = tools.read(id);
  if (job === null || stateOf(job).kind !== 'pending') return;
  const path = String(job.name);
  const [args = {}] = job.args as Record<string, Value>[];
  try {
    if ((await tools.kindOf(path)) === 'mutation') return await tools.runMutation(path, args, id);
    await tools.update(id, ({ kind }) => (kind === 'pending' ? { kind: 'inProgress' } : null));
    if (stateOf(tools.read(id) ?? job).kind !== 'inProgress') return;
    await tools.runAction(path, args);
    await tools.update(id, ({ kind }) => (kind === 'inProgress' ? { kind: 'success' } : null));
  } catch (error) {
    const failed: JobState = { kind: 'failed', error: tools.report(path, error) };
    await tools.update(id, ({ kind }) => (kind === 'pending' || kind === 'inProgress' ? failed : null));
  }
}

function stateOf(job: Document): JobState {
  return job.state as JobState;
}

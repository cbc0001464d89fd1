/** What the stand-in remembers besides git: its repository's numbers, runs and statuses. One JSON file. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CONCLUSIONS } from './run.ts';

/** Runs that have ended are kept up to this number; the oldest go first. */
const KEPT_RUNS = 1000;
/** Likewise statuses. */
const KEPT_STATUSES = 5000;

const runRecordSchema = z.strictObject({
  id: z.int(),
  number: z.int(),
  attempt: z.int(),
  /** The evaluated `run-name`. */
  title: z.string(),
  workflowName: z.string(),
  workflowPath: z.string(),
  eventName: z.enum(['repository_dispatch', 'workflow_dispatch']),
  event: z.record(z.string(), z.unknown()),
  sha: z.string(),
  actor: z.string(),
  concurrency: z.strictObject({ group: z.string(), cancelInProgress: z.boolean(), keepsAll: z.boolean() }).nullable(),
  status: z.enum(['queued', 'in_progress', 'completed']),
  conclusion: z.enum(CONCLUSIONS).nullable(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  updatedAt: z.number(),
});

const statusSchema = z.strictObject({
  id: z.int(),
  sha: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string(),
  description: z.string().nullable(),
  targetUrl: z.string().nullable(),
  createdAt: z.number(),
});

const stateSchema = z.strictObject({
  repositoryId: z.int(),
  ownerId: z.int(),
  nextId: z.int(),
  /** Oldest first. */
  runs: z.array(runRecordSchema),
  /** Oldest first. */
  statuses: z.array(statusSchema),
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type CommitStatus = z.infer<typeof statusSchema>;
export type State = z.infer<typeof stateSchema>;

export interface StateFile {
  state: State;
  /** Resolves once everything that was changed before is on disk. */
  save(): Promise<void>;
}

export async function openState(file: string): Promise<StateFile> {
  const state = existsSync(file) ? await readState(file) : newState();
  let writing = Promise.resolve();
  let isPending = false;
  const write = async () => {
    isPending = false;
    trim(state);
    const temporary = `${file}.new`;
    await writeFile(temporary, `${JSON.stringify(state)}\n`, { mode: 0o600 });
    await rename(temporary, file);
  };
  return {
    state,
    save() {
      // Whoever comes while one write is under way shares the next.
      if (!isPending) {
        isPending = true;
        writing = writing.catch(() => {}).then(write);
      }
      return writing;
    },
  };
}

async function readState(file: string): Promise<State> {
  const parsed = stateSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} cannot be read. Remove it to begin anew: the commits stay.`);
}

function newState(): State {
  const ids = { repositoryId: randomInt(100_000_000, 999_999_999), ownerId: randomInt(1_000_000, 99_999_999) };
  return { ...ids, nextId: 1_000_001, runs: [], statuses: [] };
}

function trim(state: State): void {
  const over = state.runs.filter(({ status }) => status === 'completed').slice(0, -KEPT_RUNS);
  if (over.length > 0) state.runs = state.runs.filter((run) => !over.includes(run));
  state.statuses.splice(0, Math.max(0, state.statuses.length - KEPT_STATUSES));
}

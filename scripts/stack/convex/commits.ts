/** Between convex-test and the journal: what was committed is written down before anybody hears of it. */
import { convexToJson } from 'convex/values';
import { calls } from './call.ts';
import type { FileStorage } from './files.ts';
import type { Document, Internals } from './internals.ts';
import { type Answered, type Journal, keepAnswer, type Restored } from './journal.ts';
import type { JobState } from './scheduler.ts';
import { FILES_TABLE, JOBS_TABLE, tableOfId } from './system-calls.ts';

/** As on Convex, scheduled functions that are through are forgotten after a week, in milliseconds. */
const KEPT_JOB_MILLISECONDS = 7 * 24 * 3_600_000;

export type Writes = Readonly<Record<string, Document | null>>;
/** Must not throw. */
export type CommitListener = (writes: Writes, tables: ReadonlySet<string>) => void;

export interface CommitTools {
  journal: Journal | null;
  answered: Restored['answered'];
  onFatal(error: unknown): void;
  listeners: readonly CommitListener[];
}

export function watchCommits({ db, transactions }: Internals, tools: CommitTools): void {
  const commit = transactions.commit.bind(transactions);
  transactions.commit = (isNested) => {
    if (isNested) return commit(isNested);
    const call = calls.getStore();
    if (call?.job !== undefined) {
      db.patch(JOBS_TABLE, call.job, { state: { kind: 'success' }, completedTime: Date.now() });
    }
    const ids = Object.keys(db._writes[0] ?? {});
    const ts = commit(isNested) ?? 0n;
    if (call !== undefined) call.ts = ts;
    const writes = Object.fromEntries(ids.map((id) => [id, db._documents[id] ?? null]));
    const answered: Answered | undefined =
      call?.request === undefined ? undefined : { key: call.request, value: convexToJson(call.value ?? null) };
    if (answered) keepAnswer(tools.answered, answered, ts);
    if (ids.length === 0) return ts;
    const counters = { nextDocId: db._nextDocId, lastCreationTime: db._lastCreationTime };
    try {
      tools.journal?.append({ ts, ...counters, writes, ...(answered ? { answered } : {}) });
    } catch (error) {
      tools.onFatal(error);
    }
    const tables = new Set(ids.map(tableOfId));
    for (const listener of tools.listeners) listener(writes, tables);
    return ts;
  };
}

/** Puts back what the journal holds. */
export async function restore(
  { db, transactions }: Internals,
  files: FileStorage,
  restored: Restored | null,
): Promise<void> {
  const now = Date.now();
  // Not behind what clients have seen: commits that wrote nothing are in no journal.
  const nowNanoseconds = BigInt(now) * 1_000_000n;
  const ts = restored?.ts ?? 0n;
  transactions._lastCommitTs = ts > nowNanoseconds ? ts : nowNanoseconds;
  if (restored === null) return;
  const kept = Object.entries(restored.documents).filter(([, document]) => !isForgotten(document, now));
  db._documents = Object.fromEntries(kept);
  db._nextDocId = restored.nextDocId;
  db._lastCreationTime = restored.lastCreationTime;
  const fileRows = kept.filter(([id]) => tableOfId(id) === FILES_TABLE);
  db._storage = await files.open(new Map(fileRows.map(([id, { contentType }]) => [id, String(contentType ?? '')])));
}

/** Changes the row of a scheduled function in a transaction of its own. */
export async function updateJob(
  { test, db }: Internals,
  id: string,
  change: (state: JobState) => JobState | null,
): Promise<void> {
  await test.run(async () => {
    const job = db.get(JOBS_TABLE, id);
    const state = job === null ? null : change(job.state as JobState);
    if (state === null) return null;
    const isThrough = state.kind !== 'inProgress' && state.kind !== 'pending';
    db.patch(JOBS_TABLE, id, { state: { ...state }, ...(isThrough ? { completedTime: Date.now() } : {}) });
    return null;
  });
}

function isForgotten({ _id, completedTime }: Document, now: number): boolean {
  if (tableOfId(_id) !== JOBS_TABLE || typeof completedTime !== 'number') return false;
  return completedTime < now - KEPT_JOB_MILLISECONDS;
}

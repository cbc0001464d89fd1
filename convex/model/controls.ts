/** What may change about published versions, as rows; the rules are the contract's. */
import { newThreadControl, type ThreadControl } from '../../action/contract/thread-control.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { enqueue } from './outbox.ts';

type ControlRow = Doc<'threadControls'>;

/** @throws Error when the thread has none: a bug */
export async function controlRow(ctx: QueryCtx, thread: Id<'threads'>): Promise<ControlRow> {
  const row = await ctx.db
    .query('threadControls')
    .withIndex('by_thread', (q) => q.eq('thread', thread))
    .unique();
  if (!row) throw new Error(`the thread ${thread} has no control`);
  return row;
}

/** What threads/{thread}.json is to say. */
export function controlOf(row: ControlRow, thread: string): ThreadControl {
  const { latest, visibility, tombstones, videos = {} } = row;
  return { ...newThreadControl(thread), latest, visibility, tombstones, videos };
}

export function isControlWritten(row: ControlRow): boolean {
  return row.written === row.revision;
}

/** A new thread's control. Nothing is written outside while it says what the edge assumes anyway. */
export async function insertControl(
  ctx: MutationCtx,
  thread: Id<'threads'>,
  visibility: ThreadControl['visibility'],
  now: number,
): Promise<void> {
  const { latest, tombstones } = newThreadControl('new');
  const written = visibility === 'public' ? 1 : 0;
  await ctx.db.insert('threadControls', { thread, latest, visibility, tombstones, revision: 1, written });
  if (written === 0) await enqueue(ctx, { kind: 'control', thread }, now);
}

/** Changes the control of a thread; if that makes a difference, the store is told. */
export async function changeControl(
  ctx: MutationCtx,
  thread: Pick<Doc<'threads'>, '_id' | 'name'>,
  change: (control: ThreadControl) => ThreadControl,
  now: number,
): Promise<ThreadControl> {
  const row = await controlRow(ctx, thread._id);
  const before = controlOf(row, thread.name);
  const after = change(before);
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const { latest, visibility, tombstones, videos } = after;
  const revision = row.revision + 1;
  await ctx.db.patch('threadControls', row._id, { latest, visibility, tombstones, videos, revision });
  await enqueue(ctx, { kind: 'control', thread: thread._id }, now);
  return after;
}

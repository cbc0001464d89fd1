/** The outbox: what still has to be done outside, and when it is started again because nobody said that it was done. */
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import {
  cancelRun,
  controlWrite,
  dispatchRun,
  inspectRun,
  renderCancel,
  renderDispatch,
  renderInspect,
  statusRun,
} from './references.ts';

/** What a run at GitHub is for. */
export type JobId = { publish: Id<'publishes'> } | { render: Id<'renders'> };

/** One thing to be done outside. There is at most one row for each. */
export type Task =
  | ({ kind: 'dispatch' | 'cancelRun' } & JobId)
  | { kind: 'status'; publish: Id<'publishes'> }
  | { kind: 'control'; thread: Id<'threads'> };

/** An action that has said nothing for this long is lost, in milliseconds. */
export const LEASE_MILLISECONDS = 2 * 60_000;
/** Waiting time after the first failure; doubles with each, in milliseconds. */
export const FIRST_BACKOFF_MILLISECONDS = 5_000;
export const MAX_BACKOFF_MILLISECONDS = 10 * 60_000;
/** Attempts after which a courtesy to GitHub is given up. The others go on until they succeed or are pointless. */
export const MAX_COURTESY_ATTEMPTS = 10;
/** Attempts at a dispatch, each with its own failure that may pass. */
export const MAX_DISPATCH_ATTEMPTS = 8;

/** A new row: `start` says the rest. */
export const UNSTARTED = { dueAt: 0, leaseUntil: 0, attempts: 0 };

/** Milliseconds to wait before attempt `attempts + 1`. */
export function backoffMilliseconds(attempts: number): number {
  return Math.min(MAX_BACKOFF_MILLISECONDS, FIRST_BACKOFF_MILLISECONDS * 2 ** Math.max(0, attempts - 1));
}

/** The row of a task, while it is not done. */
export async function findTask(ctx: QueryCtx, task: Task): Promise<Doc<'outbox'> | null> {
  const { kind } = task;
  const rows = ctx.db.query('outbox');
  if ('thread' in task) {
    return rows.withIndex('by_thread_kind', (q) => q.eq('thread', task.thread).eq('kind', kind)).unique();
  }
  if ('render' in task) {
    return rows.withIndex('by_render_kind', (q) => q.eq('render', task.render).eq('kind', kind)).unique();
  }
  return rows.withIndex('by_publish_kind', (q) => q.eq('publish', task.publish).eq('kind', kind)).unique();
}

/**
 * Puts work into the outbox and starts it. While an action is at it already, nothing is started: what it reports as done
 * is compared with what is wanted by then.
 */
export async function enqueue(ctx: MutationCtx, task: Task, now: number): Promise<void> {
  const row = await findTask(ctx, task);
  if (row && row.leaseUntil > now) return;
  await start(ctx, row?._id ?? (await ctx.db.insert('outbox', { ...task, ...UNSTARTED })), now);
}

/** Schedules the action of a row after `delay` milliseconds, and lets the sweep do so again once the lease is over. */
export async function start(ctx: MutationCtx, id: Id<'outbox'>, now: number, delay = 0): Promise<void> {
  const row = await ctx.db.get('outbox', id);
  if (!row) return;
  const attempts = row.attempts + 1;
  const isCourtesy = row.kind === 'cancelRun' || row.kind === 'status';
  if (isCourtesy && attempts > MAX_COURTESY_ATTEMPTS) {
    await ctx.db.delete('outbox', id);
    return;
  }
  const leaseUntil = now + delay + LEASE_MILLISECONDS;
  const dueAt = Math.max(leaseUntil, now + delay + backoffMilliseconds(attempts));
  await ctx.db.patch('outbox', id, { attempts, leaseUntil, dueAt });
  await schedule(ctx, row, delay);
}

async function schedule(ctx: MutationCtx, row: Doc<'outbox'>, delay: number): Promise<void> {
  const { kind, publish, render, thread } = row;
  if (kind === 'control') {
    if (thread) await ctx.scheduler.runAfter(delay, controlWrite, { thread });
  } else if (publish) {
    const actions = { dispatch: dispatchRun, cancelRun, status: statusRun };
    await ctx.scheduler.runAfter(delay, actions[kind], { publish });
  } else if (render && kind !== 'status') {
    const actions = { dispatch: renderDispatch, cancelRun: renderCancel };
    await ctx.scheduler.runAfter(delay, actions[kind], { render });
  }
}

/** Sends somebody to GitHub and the store. In no outbox: whoever asked sees to it that somebody else goes. */
export async function startInspection(ctx: MutationCtx, job: JobId): Promise<void> {
  if ('publish' in job) await ctx.scheduler.runAfter(0, inspectRun, job);
  else await ctx.scheduler.runAfter(0, renderInspect, job);
}

/**
 * A dispatch did not go through: it is started again, if that may help.
 * @param failure.retryAfter milliseconds that GitHub asked to wait, if it did
 * @returns false when there is no use in another attempt
 */
export async function retryDispatch(
  ctx: MutationCtx,
  row: Doc<'outbox'>,
  { retryable, retryAfter = 0 }: { retryable: boolean; retryAfter?: number },
  now: number,
): Promise<boolean> {
  if (!retryable || row.attempts >= MAX_DISPATCH_ATTEMPTS) return false;
  await start(ctx, row._id, now, Math.max(backoffMilliseconds(row.attempts), retryAfter));
  return true;
}

/** The work is done, or pointless. */
export async function finish(ctx: MutationCtx, task: Task): Promise<void> {
  const row = await findTask(ctx, task);
  if (row) await ctx.db.delete('outbox', row._id);
}

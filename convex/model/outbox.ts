/** The outbox: what still has to be done outside, and when it is started again because nobody said that it was done. */
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx } from '../_generated/server.js';
import { cancelRun, controlWrite, dispatchRun, statusRun } from './references.ts';

type Kind = Doc<'outbox'>['kind'];
type PublishKind = Exclude<Kind, 'control'>;

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

export async function findPublishRow(
  ctx: MutationCtx,
  publish: Id<'publishes'>,
  kind: PublishKind,
): Promise<Doc<'outbox'> | null> {
  return ctx.db
    .query('outbox')
    .withIndex('by_publish_kind', (q) => q.eq('publish', publish).eq('kind', kind))
    .unique();
}

export async function findControlRow(ctx: MutationCtx, thread: Id<'threads'>): Promise<Doc<'outbox'> | null> {
  return ctx.db
    .query('outbox')
    .withIndex('by_thread_kind', (q) => q.eq('thread', thread).eq('kind', 'control'))
    .unique();
}

/**
 * Puts work into the outbox and starts it. While an action is at it already, nothing is started: what it reports as done
 * is compared with what is wanted by then.
 */
export async function enqueueForPublish(
  ctx: MutationCtx,
  publish: Id<'publishes'>,
  kind: PublishKind,
  now: number,
): Promise<void> {
  const row = await findPublishRow(ctx, publish, kind);
  if (row && row.leaseUntil > now) return;
  await start(ctx, row?._id ?? (await ctx.db.insert('outbox', { kind, publish, ...UNSTARTED })), now);
}

export async function enqueueControl(ctx: MutationCtx, thread: Id<'threads'>, now: number): Promise<void> {
  const row = await findControlRow(ctx, thread);
  if (row && row.leaseUntil > now) return;
  const id = row?._id ?? (await ctx.db.insert('outbox', { kind: 'control', thread, ...UNSTARTED }));
  await start(ctx, id, now);
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
  if (row.kind === 'control') {
    if (row.thread) await ctx.scheduler.runAfter(delay, controlWrite, { thread: row.thread });
  } else if (row.publish) {
    await ctx.scheduler.runAfter(delay, actionOf(row.kind), { publish: row.publish });
  }
}

function actionOf(kind: PublishKind) {
  switch (kind) {
    case 'dispatch':
      return dispatchRun;
    case 'cancelRun':
      return cancelRun;
    case 'status':
      return statusRun;
  }
}

/** The work is done, or pointless. */
export async function finishForPublish(ctx: MutationCtx, publish: Id<'publishes'>, kind: PublishKind): Promise<void> {
  const row = await findPublishRow(ctx, publish, kind);
  if (row) await ctx.db.delete('outbox', row._id);
}

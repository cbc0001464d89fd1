/** Which versions of a thread are published, and what that means for `latest`. */
import { type ThreadControl, withoutTombstone } from '../../action/contract/thread-control.ts';
import type { Doc } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';

export async function isVersionPublished(ctx: QueryCtx, version: Doc<'versions'>): Promise<boolean> {
  const published = await ctx.db
    .query('publishes')
    .withIndex('by_version_state', (q) => q.eq('version', version._id).eq('state', 'published'))
    .first();
  return published !== null;
}

/** The newest published version that was not taken down, as a list of at most one. */
export async function newestPublished(
  ctx: QueryCtx,
  thread: Doc<'threads'>,
  tombstones: readonly number[],
): Promise<number[]> {
  const published = ctx.db
    .query('publishes')
    .withIndex('by_thread_state_number', (q) => q.eq('thread', thread._id).eq('state', 'published'))
    .order('desc');
  for await (const { number } of published) if (!tombstones.includes(number)) return [number];
  return [];
}

/** Without the tombstone. `latest` never comes to lead to a version that is not published. */
export function restored(control: ThreadControl, version: number, isPublished: boolean): ThreadControl {
  const after = withoutTombstone(control, version);
  return isPublished ? after : { ...after, latest: control.latest };
}

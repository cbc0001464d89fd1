/** Removes what nobody needs any more: uploads that were never finished, buckets that are full again. */
import { v } from 'convex/values';
import { internalMutation } from './_generated/server.js';
import { cleanupStorage } from './model/references.ts';

/** An upload that was not finished in this time never will be, in milliseconds. Longer than an upload URL lives. */
export const UNFINISHED_MILLISECONDS = 24 * 60 * 60_000;
/** Rows in one mutation. */
const BATCH = 200;

/** Called every hour (crons.ts). What is left over stays for the next hour. */
export const rows = internalMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const now = Date.now();
    const full = await ctx.db
      .query('rateLimits')
      .withIndex('by_fullAt', (q) => q.lte('fullAt', now))
      .take(BATCH);
    for (const { _id } of full) await ctx.db.delete('rateLimits', _id);
    const unfinished = await ctx.db
      .query('uploads')
      .withIndex('by_creation_time', (q) => q.lte('_creationTime', now - UNFINISHED_MILLISECONDS))
      .take(BATCH);
    for (const { _id } of unfinished) await ctx.db.delete('uploads', _id);
    return null;
  },
});

/** Called every day (crons.ts): goes through stored files in steps, and deletes those that no row names. */
export const storage = internalMutation({
  args: { cursor: v.union(v.string(), v.null()) },
  returns: v.null(),
  handler: async (ctx, { cursor }) => {
    const before = Date.now() - UNFINISHED_MILLISECONDS;
    const page = await ctx.db.system.query('_storage').paginate({ cursor, numItems: BATCH });
    for (const { _id, _creationTime } of page.page) {
      const user = await ctx.db
        .query('files')
        .withIndex('by_storage', (q) => q.eq('content.storage', _id))
        .first();
      if (!user && _creationTime < before) await ctx.storage.delete(_id);
    }
    if (!page.isDone) await ctx.scheduler.runAfter(0, cleanupStorage, { cursor: page.continueCursor });
    return null;
  },
});

/** For convex/node/control.ts: what threads/{thread}.json is to say, and that it says so. */
import { v } from 'convex/values';
import { internalMutation, internalQuery } from './_generated/server.js';
import { controlOf, controlRow } from './model/controls.ts';
import { findControlRow, findPublishRow, start } from './model/outbox.ts';
import { visibilityValidator } from './model/validators.ts';

/** `control` is the content of the object, `revision` what to hand back to `written`. Null when nothing is to do. */
export const load = internalQuery({
  args: { thread: v.id('threads') },
  returns: v.union(
    v.object({
      thread: v.string(),
      revision: v.number(),
      control: v.object({
        schema: v.literal(1),
        thread: v.string(),
        latest: v.union(v.number(), v.null()),
        visibility: visibilityValidator,
        tombstones: v.array(v.number()),
      }),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const thread = await ctx.db.get('threads', args.thread);
    if (!thread) return null;
    const row = await controlRow(ctx, thread._id);
    if (row.written === row.revision) return null;
    return { thread: thread.name, revision: row.revision, control: controlOf(row, thread.name) };
  },
});

/**
 * The store has that revision. When there is a newer one by now, or when somebody slower has just written an older one,
 * the write is started again: in the end the store has the newest.
 */
export const written = internalMutation({
  args: { thread: v.id('threads'), revision: v.number() },
  returns: v.null(),
  handler: async (ctx, args) => {
    const now = Date.now();
    const row = await controlRow(ctx, args.thread);
    await ctx.db.patch('threadControls', row._id, { written: args.revision });
    const work = await findControlRow(ctx, args.thread);
    if (args.revision === row.revision) {
      if (work) await ctx.db.delete('outbox', work._id);
      await startWaitingDispatches();
      return null;
    }
    const again = work?._id ?? (await ctx.db.insert('outbox', newWork(now)));
    await ctx.db.patch('outbox', again, { attempts: 0 });
    await start(ctx, again, now);
    return null;

    function newWork(dueAt: number) {
      return { kind: 'control' as const, thread: args.thread, dueAt, attempts: 0 };
    }

    /** Publishes of a thread that is not public wait until the store knows. */
    async function startWaitingDispatches(): Promise<void> {
      const waiting = await ctx.db
        .query('publishes')
        .withIndex('by_thread_state_number', (q) => q.eq('thread', args.thread).eq('state', 'queued'))
        .take(100);
      for (const publish of waiting) {
        const dispatch = await findPublishRow(ctx, publish._id, 'dispatch');
        if (dispatch && row.visibility !== 'public') await start(ctx, dispatch._id, now);
      }
    }
  },
});

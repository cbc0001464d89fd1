/** For convex/node/control.ts: what threads/{thread}.json is to say, and that it says so. */
import { v } from 'convex/values';
import type { Id } from './_generated/dataModel.js';
import { internalMutation, internalQuery, type MutationCtx } from './_generated/server.js';
import { controlOf, controlRow, isControlWritten } from './model/controls.ts';
import { findTask, start, UNSTARTED } from './model/outbox.ts';
import { attachedVideoValidator, visibilityValidator } from './model/validators.ts';

/** Waiting publishes that are started when the store knows who may see them; the sweep starts the others. */
const MAX_STARTED = 100;

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
        videos: v.record(v.string(), v.array(attachedVideoValidator)),
      }),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const thread = await ctx.db.get('threads', args.thread);
    const row = thread && (await controlRow(ctx, thread._id));
    if (!row || isControlWritten(row)) return null;
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
  handler: async (ctx, { thread, revision }) => {
    const now = Date.now();
    const row = await controlRow(ctx, thread);
    await ctx.db.patch('threadControls', row._id, { written: revision });
    const work = await findTask(ctx, { kind: 'control', thread });
    if (revision === row.revision) {
      if (work) await ctx.db.delete('outbox', work._id);
      if (row.visibility !== 'public') await startWaiting(ctx, thread, now);
      return null;
    }
    const id = work?._id ?? (await ctx.db.insert('outbox', { kind: 'control', thread, ...UNSTARTED }));
    await ctx.db.patch('outbox', id, { attempts: 0 });
    await start(ctx, id, now);
    return null;
  },
});

/** Publishes of a thread that is not public wait until the store knows (dispatching.load). */
async function startWaiting(ctx: MutationCtx, thread: Id<'threads'>, now: number): Promise<void> {
  const waiting = await ctx.db
    .query('publishes')
    .withIndex('by_thread_state_number', (q) => q.eq('thread', thread).eq('state', 'queued'))
    .take(MAX_STARTED);
  for (const publish of waiting) {
    const dispatch = await findTask(ctx, { kind: 'dispatch', publish: publish._id });
    if (dispatch) await start(ctx, dispatch._id, now);
  }
}

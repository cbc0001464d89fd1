/** Finds what died and sees to it that it goes on: work that nobody finished, publishes and renders that nobody speaks for. */
import { v } from 'convex/values';
import { env, internalMutation, type MutationCtx } from './_generated/server.js';
import { start } from './model/outbox.ts';
import { loadPublish, settle } from './model/publishes.ts';
import { sweepRun } from './model/references.ts';
import { loadRender, settleRender } from './model/renders.ts';
import { publicUrl } from './model/settings.ts';

/** Rows of each kind in one mutation; more are taken by the next, at once. */
const BATCH = 50;

/** Called every minute (crons.ts), and by itself while there is more. */
export const run = internalMutation({
  args: {},
  returns: v.object({ started: v.number(), settled: v.number() }),
  handler: async (ctx) => {
    const now = Date.now();
    const started = await startDue(ctx, now);
    const publishes = await settlePublishes(ctx, now);
    const renders = await settleRenders(ctx, now);
    if ([started, publishes, renders].includes(BATCH)) await ctx.scheduler.runAfter(0, sweepRun, {});
    return { started, settled: publishes + renders };
  },
});

/** Starts again what was started and never finished. Each is due later afterwards, so a batch makes progress. */
async function startDue(ctx: MutationCtx, now: number): Promise<number> {
  const due = await ctx.db
    .query('outbox')
    .withIndex('by_dueAt', (q) => q.lte('dueAt', now))
    .take(BATCH);
  for (const row of due) await start(ctx, row._id, now);
  return due.length;
}

async function settlePublishes(ctx: MutationCtx, now: number): Promise<number> {
  const silent = await ctx.db
    .query('publishes')
    .withIndex('by_deadline', (q) => q.gte('deadline', 0).lte('deadline', now))
    .take(BATCH);
  for (const { _id } of silent) {
    const loaded = await loadPublish(ctx, _id);
    if (loaded) await settle(ctx, loaded, undefined, { now, publicUrl: publicUrl(env) });
  }
  return silent.length;
}

async function settleRenders(ctx: MutationCtx, now: number): Promise<number> {
  const silent = await ctx.db
    .query('renders')
    .withIndex('by_deadline', (q) => q.gte('deadline', 0).lte('deadline', now))
    .take(BATCH);
  for (const { _id } of silent) {
    const loaded = await loadRender(ctx, _id);
    if (loaded) await settleRender(ctx, loaded, undefined, now);
  }
  return silent.length;
}

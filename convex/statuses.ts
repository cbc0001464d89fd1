/** For convex/node/status.ts: what the commit of a version shows about its newest publish. */
import { v } from 'convex/values';
import type { Doc } from './_generated/dataModel.js';
import { internalMutation, internalQuery, type QueryCtx } from './_generated/server.js';
import { findTask, finish, start } from './model/outbox.ts';
import { loadPublish } from './model/publishes.ts';

/** GitHub cuts longer descriptions off, in characters. */
const MAX_DESCRIPTION_CHARACTERS = 140;

const statusStateValidator = v.union(
  v.literal('pending'),
  v.literal('success'),
  v.literal('failure'),
  v.literal('error'),
);

/** Null when there is nothing to show: no commit, or a newer publish of the same version. */
export const load = internalQuery({
  args: { publish: v.id('publishes') },
  returns: v.union(
    v.object({
      commit: v.string(),
      state: statusStateValidator,
      description: v.string(),
      /** The link once published, else the run, if there is one. */
      targetUrl: v.union(v.string(), v.null()),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const loaded = await loadPublish(ctx, args.publish);
    if (!loaded || loaded.version.commit === undefined || (await hasSuccessor(ctx, loaded.publish))) return null;
    const { publish, version } = loaded;
    return {
      commit: loaded.version.commit,
      state: statusState(publish),
      description: describe(publish, version.number).slice(0, MAX_DESCRIPTION_CHARACTERS),
      targetUrl: publish.url ?? publish.run?.url ?? null,
    };
  },
});

/** The status was written, or cannot be. It is written again if the publish has moved on meanwhile. */
export const written = internalMutation({
  args: { publish: v.id('publishes'), state: v.union(statusStateValidator, v.null()) },
  returns: v.null(),
  handler: async (ctx, args) => {
    const publish = await ctx.db.get('publishes', args.publish);
    const row = await findTask(ctx, { kind: 'status', publish: args.publish });
    if (!publish || !row) return null;
    const isCurrent = args.state === null || args.state === statusState(publish);
    if (isCurrent) await finish(ctx, { kind: 'status', publish: publish._id });
    else await start(ctx, row._id, Date.now());
    return null;
  },
});

async function hasSuccessor(ctx: QueryCtx, publish: Doc<'publishes'>): Promise<boolean> {
  const newest = await ctx.db
    .query('publishes')
    .withIndex('by_thread', (q) => q.eq('thread', publish.thread).gt('_creationTime', publish._creationTime))
    .filter((q) => q.eq(q.field('version'), publish.version))
    .first();
  return newest !== null;
}

function statusState({ state, error }: Doc<'publishes'>): 'pending' | 'success' | 'failure' | 'error' {
  switch (state) {
    case 'queued':
    case 'dispatched':
    case 'bundling':
    case 'uploading':
      return 'pending';
    case 'published':
      return 'success';
    case 'cancelled':
      return 'error';
    case 'failed':
      return error === undefined ? 'error' : 'failure';
  }
}

function describe({ state, error }: Doc<'publishes'>, version: number): string {
  switch (state) {
    case 'published':
      return `Version ${version} is published`;
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
      return `${error?.code ?? 'INTERNAL'}: ${error?.message ?? ''}`;
    default:
      return `Version ${version} is being published`;
  }
}

/** Publishes: asked for, called off, tried again, watched; and settled when nobody reports. */
import { v } from 'convex/values';
import { MAX_ACTIVE_PUBLISHES } from '../action/contract/limits.ts';
import { videoRequestSchema } from '../action/contract/video.ts';
import type { Doc } from './_generated/dataModel.js';
import { env, internalMutation, type MutationCtx, mutation, query } from './_generated/server.js';
import { admitToPublish, admitToThread, currentUser, rememberUser, requireVersion } from './model/access.ts';
import { parseVersionNumber, parseVideos, parseWhole } from './model/inputs.ts';
import { decideRetry } from './model/jobMachine.ts';
import type { JobPlace } from './model/jobs.ts';
import { enqueue } from './model/outbox.ts';
import {
  applyChange,
  insertPublish,
  loadPublish,
  settle as settlePublish,
  standingPublish,
  type WantedVideos,
} from './model/publishes.ts';
import { decideCancel } from './model/publishMachine.ts';
import { viewPublish, viewPublishBriefly } from './model/publishViews.ts';
import { countCall } from './model/rateLimits.ts';
import { refusal } from './model/refusal.ts';
import { beginWantedRenders } from './model/renderRequests.ts';
import { publicUrl } from './model/settings.ts';
import { factsValidator, videoInputValidator } from './model/validators.ts';

/** Publishes in one answer. */
const MAX_LISTED = 50;
/** Videos that one publish brings about, whoever wanted them. */
const MAX_WANTED_VIDEOS = 12;

/**
 * Asks for a version to be published. While it is under way, and once it is published, asking again is the same.
 * @param args.video videos to be made of it once it is published: renders of the same person, which never fail the publish
 */
export const request = mutation({
  args: { thread: v.string(), version: v.number(), video: v.optional(v.array(videoInputValidator)) },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { thread, project } = await admitToThread(ctx, user, args.thread, 'edit');
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const videos = parseVideos(args.video ?? []).map((each) => ({ requester: user._id, request: each }));
    return begin(ctx, { user, thread, version, project, videos });
  },
});

/** Tries again what failed or was cancelled, as a new publish. */
export const retry = mutation({
  args: { publish: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { publish } = await admitToPublish(ctx, user, args.publish, 'edit');
    const loaded = await loadPublish(ctx, publish._id);
    if (!loaded) throw new Error('a publish has vanished');
    if (decideRetry(publish).kind === 'notOver') {
      throw refusal('STATE_CONFLICT', `The publish is ${publish.state}: only what failed or was cancelled is retried.`);
    }
    return begin(ctx, { user, ...loaded, videos: publish.videos ?? [], retryOf: publish });
  },
});

async function begin(
  ctx: MutationCtx,
  asked: JobPlace & { user: Doc<'users'>; videos: WantedVideos; retryOf?: Doc<'publishes'> },
): Promise<{ publish: string; isNew: boolean }> {
  const { user, thread, version, videos, retryOf } = asked;
  const now = Date.now();
  const standing = await standingPublish(ctx, version._id);
  if (standing) {
    await wantVideos(ctx, standing, asked, videos, now);
    return { publish: standing._id, isNew: false };
  }
  await countCall(ctx, 'publishByPerson', user._id, now);
  await countCall(ctx, 'publishByProject', thread.project, now);
  const active = await ctx.db
    .query('publishes')
    .withIndex('by_requester_deadline', (q) => q.eq('requester', user._id).gte('deadline', 0))
    .take(MAX_ACTIVE_PUBLISHES);
  if (active.length >= MAX_ACTIVE_PUBLISHES) {
    throw refusal('TOO_MANY_PUBLISHES', `You have ${active.length} publishes under way, which is the limit.`);
  }
  const row = { version, thread, requester: user._id, videos, ...(retryOf && { retryOf: retryOf._id }) };
  return { publish: await insertPublish(ctx, row, now), isNew: true };
}

/** Adds to the videos that a publish is to bring about. When it is published already, they are begun now. */
async function wantVideos(
  ctx: MutationCtx,
  publish: Doc<'publishes'>,
  place: JobPlace & { user: Doc<'users'> },
  videos: WantedVideos,
  now: number,
): Promise<void> {
  if (videos.length === 0) return;
  await countCall(ctx, 'publishByPerson', place.user._id, now);
  if (publish.state === 'published') return beginWantedRenders(ctx, publish, place, videos, now);
  const known = publish.videos ?? [];
  const isKnown = (video: WantedVideos[number]) => known.some((other) => isSameVideo(video, other));
  const added = videos.filter((video) => !isKnown(video));
  if (added.length === 0) return;
  if (known.length + added.length > MAX_WANTED_VIDEOS) {
    throw refusal('TOO_MANY_RENDERS', `At most ${MAX_WANTED_VIDEOS} videos are begun with a publish.`, 'video');
  }
  await ctx.db.patch('publishes', publish._id, { videos: [...known, ...added] });
}

function isSameVideo(a: WantedVideos[number], b: WantedVideos[number]): boolean {
  // Parsed, because the database keeps fields in an order of its own.
  const [one, other] = [a, b].map(({ request: asked }) => JSON.stringify(videoRequestSchema.parse(asked)));
  return a.requester === b.requester && one === other;
}

/** Calls a publish off. Its run is told, and whatever it still reports changes nothing. */
export const cancel = mutation({
  args: { publish: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { publish } = await admitToPublish(ctx, user, args.publish, 'edit');
    const now = Date.now();
    await countCall(ctx, 'changeByPerson', user._id, now);
    const decision = decideCancel(publish, now);
    if (decision.kind === 'tooLate') throw refusal('STATE_CONFLICT', `The publish is ${publish.state} already.`);
    if (decision.kind === 'already') return null;
    const loaded = await loadPublish(ctx, publish._id);
    if (!loaded) throw new Error('a publish has vanished');
    await applyChange(ctx, loaded, decision.change, publicUrl(env));
    await enqueue(ctx, { kind: 'cancelRun', publish: publish._id }, now);
    return null;
  },
});

/** One publish with everything that is known of it, for subscription. */
export const get = query({
  args: { publish: v.string() },
  handler: async (ctx, args) => {
    const { publish } = await admitToPublish(ctx, await currentUser(ctx), args.publish, 'view');
    const thread = await ctx.db.get('threads', publish.thread);
    return viewPublish(ctx, publish, thread?.name ?? '');
  },
});

/** Newest first, for subscription. */
export const listByThread = query({
  args: { thread: v.string(), limit: v.optional(v.number()) },
  handler: async (ctx, args) => {
    const { thread } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const limit = parseWhole(args.limit ?? MAX_LISTED, 'limit', 1, MAX_LISTED);
    const rows = await ctx.db
      .query('publishes')
      .withIndex('by_thread', (q) => q.eq('thread', thread._id))
      .order('desc')
      .take(limit);
    return Promise.all(rows.map((row) => viewPublishBriefly(ctx, row, thread.name)));
  },
});

/**
 * What convex/node/inspect.ts found out. Facts about an older revision (inspecting.load) are stale: the publish has
 * moved on, and is looked at again when its time comes.
 */
export const settle = internalMutation({
  args: { publish: v.id('publishes'), revision: v.number(), facts: factsValidator },
  returns: v.object({ kind: v.string() }),
  handler: async (ctx, { publish, revision, facts }) => {
    const loaded = await loadPublish(ctx, publish);
    if (!loaded || loaded.publish.revision !== revision) return { kind: 'stale' };
    return { kind: await settlePublish(ctx, loaded, facts, { now: Date.now(), publicUrl: publicUrl(env) }) };
  },
});

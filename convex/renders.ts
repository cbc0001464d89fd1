/** Renders: videos of published versions, asked for, called off, tried again, watched. */
import { v } from 'convex/values';
import { env, mutation, query } from './_generated/server.js';
import { admitToRender, admitToThread, currentUser, rememberUser, requireVersion } from './model/access.ts';
import { readFilm } from './model/films.ts';
import { parseVersionNumber, parseVideo } from './model/inputs.ts';
import { decideRetry } from './model/jobMachine.ts';
import { countCall } from './model/rateLimits.ts';
import { refusal } from './model/refusal.ts';
import { beginRender } from './model/renderRequests.ts';
import { cancelRender, loadRender } from './model/renders.ts';
import { renderStage, viewRender } from './model/renderViews.ts';
import { publicUrl } from './model/settings.ts';
import { videoInputValidator } from './model/validators.ts';

/** Renders in one answer. */
const MAX_LISTED = 50;

/**
 * Asks for a video of a published version. While it is under way, and once it is ready, asking again is the same.
 * @param args.video what is left out has the contract's default
 */
export const request = mutation({
  args: { thread: v.string(), version: v.number(), video: videoInputValidator },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { thread } = await admitToThread(ctx, user, args.thread, 'edit');
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    return beginRender(ctx, { user, thread, version, request: parseVideo(args.video) }, Date.now());
  },
});

/** Tries again what failed or was cancelled, as a new render. What was rendered already is not rendered again. */
export const retry = mutation({
  args: { render: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { render } = await admitToRender(ctx, user, args.render, 'edit');
    const loaded = await loadRender(ctx, render._id);
    if (!loaded) throw new Error('a render has vanished');
    if (decideRetry(render).kind === 'notOver') {
      throw refusal('STATE_CONFLICT', `The video is ${render.state}: only what failed or was cancelled is retried.`);
    }
    const { thread, version } = loaded;
    return beginRender(ctx, { user, thread, version, request: render.request, retryOf: render._id }, Date.now());
  },
});

/** Calls a render off. Its run is told, and whatever it still reports changes nothing. */
export const cancel = mutation({
  args: { render: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { render } = await admitToRender(ctx, user, args.render, 'edit');
    const now = Date.now();
    await countCall(ctx, 'changeByPerson', user._id, now);
    const loaded = await loadRender(ctx, render._id);
    if (!loaded) throw new Error('a render has vanished');
    if ((await cancelRender(ctx, loaded, now)) === 'tooLate') {
      throw refusal('STATE_CONFLICT', `The video is ${render.state} already.`);
    }
    return null;
  },
});

/** One render with everything that is known of it, for subscription. */
export const get = query({
  args: { render: v.string() },
  handler: async (ctx, args) => {
    const { render } = await admitToRender(ctx, await currentUser(ctx), args.render, 'view');
    const thread = await ctx.db.get('threads', render.thread);
    if (!thread) throw new Error('a thread has vanished');
    return viewRender(ctx, render, await renderStage(ctx, thread, publicUrl(env)));
  },
});

/** The renders of a version, newest first, for subscription. */
export const listByVersion = query({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const rows = await ctx.db
      .query('renders')
      .withIndex('by_version', (q) => q.eq('version', version._id))
      .order('desc')
      .take(MAX_LISTED);
    const stage = await renderStage(ctx, thread, publicUrl(env));
    return Promise.all(rows.map((row) => viewRender(ctx, row, stage)));
  },
});

/** What a version is as a film, from which a request can be worked out beforehand; null when it is none. */
export const film = query({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const reading = await readFilm(ctx, version._id);
    return reading.kind === 'film' ? reading.film : null;
  },
});

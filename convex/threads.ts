/** Threads, and what their published versions look like from outside: latest, visibility, taken down. */
import { v } from 'convex/values';
import { MAX_LINK_SECONDS } from '../action/contract/limits.ts';
import { signedPath } from '../action/contract/links.ts';
import { signLink } from '../action/contract/signing.ts';
import { withTombstone } from '../action/contract/thread-control.ts';
import { env, type MutationCtx, mutation, query } from './_generated/server.js';
import { admitToProject, admitToThread, currentUser, rememberUser, requireVersion } from './model/access.ts';
import { changeControl, controlOf, controlRow, insertControl, isControlWritten } from './model/controls.ts';
import { parseThreadName, parseTitle, parseVersionNumber, parseWhole } from './model/inputs.ts';
import { isVersionPublished, newestPublished, restored } from './model/published.ts';
import { countCall } from './model/rateLimits.ts';
import { refusal } from './model/refusal.ts';
import { cancelRendersOf } from './model/renders.ts';
import { linkKey, publicUrl } from './model/settings.ts';
import { visibilityValidator } from './model/validators.ts';

/** Threads that are listed of one project. */
const MAX_LISTED = 500;

/** `thread` is its name in links and keys, unique in the deployment, and never changes. */
export const create = mutation({
  args: { project: v.string(), thread: v.string(), title: v.string(), visibility: v.optional(visibilityValidator) },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'edit');
    const name = parseThreadName(args.thread);
    const title = parseTitle(args.title);
    const now = Date.now();
    await countCall(ctx, 'createByPerson', user._id, now);
    const taken = await ctx.db
      .query('threads')
      .withIndex('by_name', (q) => q.eq('name', name))
      .unique();
    if (taken) throw refusal('NAME_TAKEN', `The thread name "${name}" is in use.`, 'thread');
    const thread = await ctx.db.insert('threads', { project: project._id, name, title, newest: 0 });
    await insertControl(ctx, thread, args.visibility ?? 'public', now);
    return { thread: name, title };
  },
});

export const list = query({
  args: { project: v.string() },
  handler: async (ctx, args) => {
    const { project } = await admitToProject(ctx, await currentUser(ctx), args.project, 'view');
    const threads = await ctx.db
      .query('threads')
      .withIndex('by_project', (q) => q.eq('project', project._id))
      .take(MAX_LISTED);
    return threads.map(({ name, title, newest }) => ({ thread: name, title, newest }));
  },
});

/** A thread and its control, for subscription. `isWritten`: whether the edge has been told. */
export const get = query({
  args: { thread: v.string() },
  handler: async (ctx, args) => {
    const { thread, project, standing } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const row = await controlRow(ctx, thread._id);
    const { latest, visibility, tombstones } = row;
    return {
      thread: thread.name,
      project: project.slug,
      title: thread.title,
      role: standing,
      newest: thread.newest,
      latest,
      visibility,
      tombstones,
      isWritten: isControlWritten(row),
    };
  },
});

/** Lets `latest` lead to a published version, earlier or later. The next publish moves it forward again. */
export const setLatest = mutation({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread, now } = await change(ctx, args.thread);
    const number = parseVersionNumber(args.version);
    const version = await requireVersion(ctx, thread, number);
    if (!(await isVersionPublished(ctx, version))) {
      throw refusal('STATE_CONFLICT', `Version ${number} is not published.`, 'version');
    }
    const before = controlOf(await controlRow(ctx, thread._id), thread.name);
    if (before.tombstones.includes(number)) {
      throw refusal('STATE_CONFLICT', `Version ${number} was taken down. Restore it first.`, 'version');
    }
    const after = await changeControl(ctx, thread, (control) => ({ ...control, latest: number }), now);
    return { latest: after.latest };
  },
});

/**
 * Takes a version down: its page is gone from the edge within a minute, and its videos under way are called off. Any
 * version that was saved, because a page may be out although nobody reported it.
 */
export const takeDown = mutation({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread, now } = await change(ctx, args.thread);
    const { _id, number } = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const { tombstones } = controlOf(await controlRow(ctx, thread._id), thread.name);
    const standing = await newestPublished(ctx, thread, [...tombstones, number]);
    const after = await changeControl(ctx, thread, (control) => withTombstone(control, number, standing), now);
    await cancelRendersOf(ctx, _id, now);
    return { latest: after.latest, tombstones: after.tombstones };
  },
});

/** Puts a version back that was taken down. */
export const restore = mutation({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread, now } = await change(ctx, args.thread);
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const isPublished = await isVersionPublished(ctx, version);
    const after = await changeControl(ctx, thread, (control) => restored(control, version.number, isPublished), now);
    return { latest: after.latest, tombstones: after.tombstones };
  },
});

/** `unlisted`: only signed links open, from a minute later at most. */
export const setVisibility = mutation({
  args: { thread: v.string(), visibility: visibilityValidator },
  handler: async (ctx, args) => {
    const { thread, now } = await change(ctx, args.thread);
    const { visibility } = args;
    await changeControl(ctx, thread, (control) => ({ ...control, visibility }), now);
    return { visibility };
  },
});

/**
 * A link that opens a published version of an unlisted thread.
 * A mutation, because it is counted; signing needs nothing but the key.
 * @param args.seconds how long the link lives
 */
export const createLink = mutation({
  args: { thread: v.string(), version: v.number(), seconds: v.number() },
  handler: async (ctx, args) => {
    const { thread, now } = await change(ctx, args.thread);
    const seconds = parseWhole(args.seconds, 'seconds', 60, MAX_LINK_SECONDS);
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    if (!(await isVersionPublished(ctx, version))) {
      throw refusal('STATE_CONFLICT', `Version ${version.number} is not published.`, 'version');
    }
    const origin = publicUrl(env);
    const nowSeconds = Math.floor(now / 1000);
    const expires = nowSeconds + seconds;
    const scope = { host: new URL(origin).host, thread: thread.name, version: version.number };
    const token = await signLink(linkKey(env), scope, expires, nowSeconds);
    return { url: `${origin}${signedPath(token, thread.name, version.number)}`, expires };
  },
});

/** What every change of a thread begins with. */
async function change(ctx: MutationCtx, name: string) {
  const user = await rememberUser(ctx);
  const { thread } = await admitToThread(ctx, user, name, 'edit');
  const now = Date.now();
  await countCall(ctx, 'changeByPerson', user._id, now);
  return { thread, now };
}

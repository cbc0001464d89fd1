/** Saves. A version never changes. */
import { v } from 'convex/values';
import { mutation, query } from './_generated/server.js';
import { admitToThread, currentUser, rememberUser, requireVersion } from './model/access.ts';
import { parseVersionNumber, parseWhole } from './model/inputs.ts';
import { countCall } from './model/rateLimits.ts';
import { refusal } from './model/refusal.ts';
import { insertVersion, readSnapshot, storeFiles } from './model/snapshots.ts';

/** Versions in one answer. */
const MAX_LISTED = 100;

/**
 * Saves a version, whole or not at all.
 * @param args.base the version that was edited, 0 for none: if there is a newer one by now, SAVE_CONFLICT. The same save
 * sent twice is one version.
 * @param args.files texts as they are; other contents by hash, uploaded before (files.startUpload), or saved before in
 * any version of the project
 */
export const save = mutation({
  args: {
    thread: v.string(),
    base: v.number(),
    files: v.array(
      v.union(v.object({ path: v.string(), text: v.string() }), v.object({ path: v.string(), sha256: v.string() })),
    ),
  },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { thread, project } = await admitToThread(ctx, user, args.thread, 'edit');
    const base = parseWhole(args.base, 'base', 0, 999_999_998);
    const now = Date.now();
    await countCall(ctx, 'saveByPerson', user._id, now);
    await countCall(ctx, 'saveByProject', project._id, now);
    if (base > thread.newest) throw refusal('INPUT_INVALID', `base is ${base}; there is no such version`, 'base');
    if (base < thread.newest - 1) throw conflict(thread.newest);
    const saved = await storeFiles(ctx, project._id, args.files);
    if (base < thread.newest) {
      // Its answer may have been lost: the same save again is no conflict.
      const newest = await requireVersion(ctx, thread, thread.newest);
      if (newest.snapshotHash !== saved.hash || newest.author !== user._id) throw conflict(thread.newest);
      return { version: newest.number, snapshotHash: saved.hash };
    }
    const { number } = await insertVersion(ctx, thread, user._id, saved);
    return { version: number, snapshotHash: saved.hash };
  },
});

function conflict(newest: number) {
  return refusal('SAVE_CONFLICT', `Version ${newest} was saved meanwhile.`, 'base');
}

/** Newest first. */
export const list = query({
  args: { thread: v.string(), limit: v.optional(v.number()), before: v.optional(v.number()) },
  handler: async (ctx, args) => {
    const { thread } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const limit = parseWhole(args.limit ?? MAX_LISTED, 'limit', 1, MAX_LISTED);
    const before = args.before === undefined ? thread.newest + 1 : parseVersionNumber(args.before, 'before');
    const versions = await ctx.db
      .query('versions')
      .withIndex('by_thread_number', (q) => q.eq('thread', thread._id).lt('number', before))
      .order('desc')
      .take(limit);
    return Promise.all(
      versions.map(async ({ number, author, snapshotHash, fileCount, bytes, commit, _creationTime }) => ({
        version: number,
        author: (await ctx.db.get('users', author))?.name ?? null,
        savedAt: _creationTime,
        snapshotHash,
        files: fileCount,
        bytes,
        commit: commit ?? null,
      })),
    );
  },
});

/** One version with its files: texts as they are, the rest by an address that stays secret by being unguessable. */
export const get = query({
  args: { thread: v.string(), version: v.number() },
  handler: async (ctx, args) => {
    const { thread } = await admitToThread(ctx, await currentUser(ctx), args.thread, 'view');
    const version = await requireVersion(ctx, thread, parseVersionNumber(args.version));
    const files = await readSnapshot(ctx, version._id);
    const { number, author, snapshotHash, commit, _creationTime } = version;
    return {
      version: number,
      author: (await ctx.db.get('users', author))?.name ?? null,
      savedAt: _creationTime,
      snapshotHash,
      commit: commit ?? null,
      files: await Promise.all(
        files.map(async ({ path, sha256, bytes, content }) => ({
          path,
          sha256,
          bytes,
          content:
            content.kind === 'text'
              ? content
              : { kind: 'url' as const, url: await ctx.storage.getUrl(content.storage) },
        })),
      ),
    };
  },
});

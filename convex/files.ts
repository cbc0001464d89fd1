/** Uploads of what is too large, or no text, to travel inside a save. */
import { v } from 'convex/values';
import { formatExcess, MAX_ASSET_BYTES } from '../action/contract/limits.ts';
import { mutation } from './_generated/server.js';
import { admitToProject, rememberUser } from './model/access.ts';
import { parseSha256, parseWhole } from './model/inputs.ts';
import { countCall } from './model/rateLimits.ts';
import { notFound, refusal } from './model/refusal.ts';
import { findContent } from './model/snapshots.ts';
import { sha256OfStorage } from './model/storage.ts';

/** First step. `known`: the project has the content already, and a save may name it. */
export const startUpload = mutation({
  args: { project: v.string(), sha256: v.string(), bytes: v.number() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'edit');
    const sha256 = parseSha256(args.sha256);
    const bytes = parseWhole(args.bytes, 'bytes', 0, Number.MAX_SAFE_INTEGER);
    if (bytes > MAX_ASSET_BYTES) {
      throw refusal('ASSET_TOO_LARGE', `the file is ${formatExcess(bytes, MAX_ASSET_BYTES)}`, 'bytes');
    }
    await countCall(ctx, 'uploadByPerson', user._id, Date.now());
    if (await findContent(ctx, project._id, sha256)) return { kind: 'known' as const };
    const upload = await ctx.db.insert('uploads', { project: project._id, user: user._id, sha256, bytes });
    return { kind: 'upload' as const, upload, url: await ctx.storage.generateUploadUrl() };
  },
});

/**
 * Second step: what was stored is what was announced. What is not stays unused, and cleanup.ts removes it.
 * @param args.storage the id that the upload URL answered with
 */
export const finishUpload = mutation({
  args: { upload: v.string(), storage: v.id('_storage') },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const id = ctx.db.normalizeId('uploads', args.upload);
    const upload = id && (await ctx.db.get('uploads', id));
    const project = upload && (await ctx.db.get('projects', upload.project));
    if (!upload || !project || upload.user !== user._id) throw notFound();
    // Asked again: the person may have been removed from the project meanwhile.
    await admitToProject(ctx, user, project.slug, 'edit');
    const stored = await ctx.db.system.get('_storage', args.storage);
    const owner = await ctx.db
      .query('files')
      .withIndex('by_storage', (q) => q.eq('content.storage', args.storage))
      .first();
    if (!stored || owner) throw refusal('INPUT_INVALID', 'storage is not a fresh upload', 'storage');
    if (stored.size !== upload.bytes || sha256OfStorage(stored.sha256) !== upload.sha256) {
      throw refusal('INPUT_INVALID', 'what was uploaded is not what was announced', 'storage');
    }
    await ctx.db.delete('uploads', upload._id);
    const { sha256, bytes } = upload;
    if (!(await findContent(ctx, project._id, sha256))) {
      const content = { kind: 'stored' as const, storage: args.storage };
      await ctx.db.insert('files', { project: project._id, sha256, bytes, content });
    }
    return { sha256, bytes };
  },
});

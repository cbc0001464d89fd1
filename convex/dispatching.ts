/** For convex/node/dispatch.ts: what is to be committed and dispatched, and what came of it. */
import { v } from 'convex/values';
import { isErrorCode } from '../action/contract/errors.ts';
import { isPublishOver } from '../action/contract/states.ts';
import type { Id } from './_generated/dataModel.js';
import { env, internalMutation, internalQuery, type QueryCtx } from './_generated/server.js';
import { controlRow, isControlWritten } from './model/controls.ts';
import { failure } from './model/jobMachine.ts';
import { enqueue, findTask, LEASE_MILLISECONDS, retryDispatch } from './model/outbox.ts';
import { applyChange, loadPublish, machineRow, runNameOf } from './model/publishes.ts';
import { decideSent } from './model/publishMachine.ts';
import { publicUrl } from './model/settings.ts';
import { readSnapshot } from './model/snapshots.ts';
import { outputsValidator, versionFileValidator } from './model/validators.ts';

/** Earlier versions that are looked through for a commit to be the parent. */
const MAX_PARENT_SEARCH = 200;

const workValidator = v.object({
  kind: v.literal('ready'),
  publish: v.id('publishes'),
  /** Names of the contract. */
  thread: v.string(),
  project: v.string(),
  version: v.number(),
  outputs: outputsValidator,
  runName: v.string(),
  title: v.string(),
  snapshotHash: v.string(),
  author: v.object({ name: v.string() }),
  /** Milliseconds since 1970. */
  savedAt: v.number(),
  versionId: v.id('versions'),
  /** The commit of this version, when it is known. */
  commit: v.union(v.string(), v.null()),
  /** The newest earlier version that has a commit. */
  previous: v.union(v.object({ version: v.number(), commit: v.string() }), v.null()),
  /** How often GitHub accepted a dispatch of this publish before. */
  dispatches: v.number(),
});

/**
 * The work of one dispatch. `nothing`: it is over, claimed or dispatched already. `wait`: who may see the thread is not
 * in the store yet, and nothing may be published before; the dispatch is started again when it is.
 */
export const load = internalQuery({
  args: { publish: v.id('publishes') },
  returns: v.union(v.object({ kind: v.literal('nothing') }), v.object({ kind: v.literal('wait') }), workValidator),
  handler: async (ctx, args) => {
    const loaded = await loadPublish(ctx, args.publish);
    if (!loaded) return { kind: 'nothing' as const };
    const { publish, thread, version, project } = loaded;
    const row = await findTask(ctx, { kind: 'dispatch', publish: publish._id });
    if (!row || publish.run || isPublishOver(publish.state)) return { kind: 'nothing' as const };
    const control = await controlRow(ctx, thread._id);
    if (control.visibility !== 'public' && !isControlWritten(control)) return { kind: 'wait' as const };
    const author = await ctx.db.get('users', version.author);
    return {
      kind: 'ready' as const,
      publish: publish._id,
      thread: thread.name,
      project: project.slug,
      version: version.number,
      outputs: publish.outputs,
      runName: runNameOf(loaded),
      title: thread.title,
      snapshotHash: version.snapshotHash,
      author: { name: author?.name ?? '' },
      savedAt: version._creationTime,
      versionId: version._id,
      commit: version.commit ?? null,
      previous: await previousCommit(ctx, thread._id, version.number),
      dispatches: publish.dispatches,
    };
  },
});

async function previousCommit(ctx: QueryCtx, thread: Id<'threads'>, before: number) {
  const earlier = ctx.db
    .query('versions')
    .withIndex('by_thread_number', (q) => q.eq('thread', thread).lt('number', before))
    .order('desc');
  for (const { number, commit } of await earlier.take(MAX_PARENT_SEARCH)) {
    if (commit !== undefined) return { version: number, commit };
  }
  return null;
}

/** The files of a version with their contents: texts as they are, the rest by storage id (`ctx.storage.get`). */
export const files = internalQuery({
  args: { version: v.id('versions') },
  returns: v.array(
    v.object({
      ...versionFileValidator.omit('file').fields,
      content: v.union(
        v.object({ kind: v.literal('text'), text: v.string() }),
        v.object({ kind: v.literal('stored'), storage: v.id('_storage') }),
      ),
    }),
  ),
  handler: async (ctx, { version }) => {
    const snapshot = await readSnapshot(ctx, version);
    return snapshot.map(({ path, sha256, bytes, content }) => ({ path, sha256, bytes, content }));
  },
});

/** Keeps the sweep from starting a second dispatch beside a long one. */
export const renew = internalMutation({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }) => {
    const row = await findTask(ctx, { kind: 'dispatch', publish: publish });
    const leaseUntil = Date.now() + LEASE_MILLISECONDS;
    if (row) await ctx.db.patch('outbox', row._id, { leaseUntil, dueAt: Math.max(row.dueAt, leaseUntil) });
    return null;
  },
});

/** Records the commit of a version. The first one stands; the answer is the one that does. */
export const committed = internalMutation({
  args: { version: v.id('versions'), commit: v.string() },
  returns: v.string(),
  handler: async (ctx, args) => {
    const version = await ctx.db.get('versions', args.version);
    if (!version) throw new Error(`there is no version ${args.version}`);
    if (version.commit !== undefined) return version.commit;
    await ctx.db.patch('versions', version._id, { commit: args.commit });
    return args.commit;
  },
});

/** GitHub accepted the dispatch. If the publish was over by then, its run is called off. */
export const sent = internalMutation({
  args: { publish: v.id('publishes') },
  returns: v.object({ kind: v.union(v.literal('recorded'), v.literal('over')) }),
  handler: async (ctx, args) => {
    const now = Date.now();
    const loaded = await loadPublish(ctx, args.publish);
    if (!loaded) return { kind: 'over' as const };
    const decision = decideSent(machineRow(loaded), now);
    if (decision.kind === 'over') {
      await enqueue(ctx, { kind: 'cancelRun', publish: args.publish }, now);
      return { kind: 'over' as const };
    }
    await applyChange(ctx, loaded, decision.change, publicUrl(env));
    return { kind: 'recorded' as const };
  },
});

/**
 * The dispatch, or the commit before it, did not go through.
 * @param args.retryAfter milliseconds that GitHub asked to wait, if it did
 */
export const failed = internalMutation({
  args: {
    publish: v.id('publishes'),
    code: v.string(),
    message: v.string(),
    retryable: v.boolean(),
    retryAfter: v.optional(v.number()),
  },
  returns: v.object({ kind: v.union(v.literal('retrying'), v.literal('failed'), v.literal('over')) }),
  handler: async (ctx, args) => {
    const now = Date.now();
    const loaded = await loadPublish(ctx, args.publish);
    const row = await findTask(ctx, { kind: 'dispatch', publish: args.publish });
    if (!loaded || !row || isPublishOver(loaded.publish.state)) return { kind: 'over' as const };
    if (await retryDispatch(ctx, row, args, now)) return { kind: 'retrying' as const };
    const code = isErrorCode(args.code) ? args.code : 'INTERNAL';
    await applyChange(ctx, loaded, failure(code, args.message.slice(0, 1000), now), publicUrl(env));
    return { kind: 'failed' as const };
  },
});

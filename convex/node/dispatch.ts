/**
 * Commits the snapshot of a publish and sends its dispatch. May be lost or run twice at any line: the commit is found
 * again, and of two runs only one is let in.
 */
'use node';
import { v } from 'convex/values';
import { createGitHub, type FileToCommit, type GitHub } from '../../action/adapters/github.ts';
import { internal } from '../_generated/api.js';
import type { Id } from '../_generated/dataModel.js';
import { type ActionCtx, env, internalAction } from '../_generated/server.js';
import { describeDispatchFailure } from './dispatchFailure.ts';
import { callbackAddress, githubSettings } from './settings.ts';

/** How often a long commit says that it is alive, in milliseconds: well within the lease of the outbox. */
const RENEW_MILLISECONDS = 45_000;

type Work = Extract<(typeof internal.dispatching.load)['_returnType'], { kind: 'ready' }>;

export const run = internalAction({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }): Promise<null> => {
    const work = await ctx.runQuery(internal.dispatching.load, { publish });
    if (work.kind !== 'ready') return null;
    try {
      const github = createGitHub(githubSettings(env));
      const callback = callbackAddress(env);
      const sha = work.commit ?? (await commit(ctx, github, work));
      const { thread, project, version, outputs } = work;
      await github.dispatch({ publish, thread, project, version, sha, outputs, callback });
    } catch (error) {
      console.error(`The dispatch of publish ${publish} failed.`, error);
      await ctx.runMutation(internal.dispatching.failed, { publish, ...describeDispatchFailure(error) });
      return null;
    }
    await ctx.runMutation(internal.dispatching.sent, { publish });
    return null;
  },
});

/** @returns the commit that the version has from now on */
async function commit(ctx: ActionCtx, github: GitHub, work: Work): Promise<string> {
  const { publish, thread, version, snapshotHash, title, author, savedAt, versionId } = work;
  const renewing = setInterval(() => renew(ctx, publish), RENEW_MILLISECONDS);
  try {
    const files = await listFiles(ctx, versionId);
    const snapshot = { publish, thread, version, snapshotHash, title, author, savedAt, files };
    const { commit: made } = await github.commitSnapshot(snapshot);
    return await ctx.runMutation(internal.dispatching.committed, { version: versionId, commit: made });
  } finally {
    clearInterval(renewing);
  }
}

function renew(ctx: ActionCtx, publish: Id<'publishes'>): void {
  // If that fails, the worst is a second dispatch beside this one.
  ctx.runMutation(internal.dispatching.renew, { publish }).catch(() => {});
}

async function listFiles(ctx: ActionCtx, version: Id<'versions'>): Promise<FileToCommit[]> {
  const files = await ctx.runQuery(internal.dispatching.files, { version });
  return files.map(({ path, sha256, bytes, content }) => ({
    path,
    sha256,
    bytes,
    read: async () => {
      if (content.kind === 'text') return new TextEncoder().encode(content.text);
      const blob = await ctx.storage.get(content.storage);
      if (blob === null) throw new Error(`a file of the version is not in storage (${content.storage})`);
      return new Uint8Array(await blob.arrayBuffer());
    },
  }));
}

/** Shows at the commit of a version how its newest publish stands: pending, the link, or the reason. */
'use node';
import { v } from 'convex/values';
import { createGitHub } from '../../action/adapters/github.ts';
import { isPermaframeError } from '../../action/contract/errors.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import { githubSettings } from './settings.ts';

/** Rejects when GitHub may take it later: the outbox starts it again. */
export const run = internalAction({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }): Promise<null> => {
    const status = await ctx.runQuery(internal.statuses.load, { publish });
    if (!status) {
      await ctx.runMutation(internal.statuses.written, { publish, state: null });
      return null;
    }
    const { commit, state, description, targetUrl } = status;
    try {
      const github = createGitHub(githubSettings(env));
      await github.setStatus({ sha: commit, state, description, targetUrl: targetUrl ?? undefined });
    } catch (error) {
      if (!isPermaframeError(error) || error.kind.retryable) throw error;
      console.error(`The status of publish ${publish} cannot be shown.`, error);
      await ctx.runMutation(internal.statuses.written, { publish, state: null });
      return null;
    }
    await ctx.runMutation(internal.statuses.written, { publish, state });
    return null;
  },
});

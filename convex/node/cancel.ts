/** Calls off the run of a publish that is over. A courtesy: what such a run reports changes nothing anyway. */
'use node';
import { v } from 'convex/values';
import { createGitHub } from '../../action/adapters/github.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import { cancelRuns } from './runs.ts';
import { githubSettings } from './settings.ts';

/** Rejects when GitHub cannot be asked: the outbox starts it again. */
export const run = internalAction({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }): Promise<null> => {
    const sought = await ctx.runQuery(internal.cancelling.load, { publish });
    const isDone = !sought || (await cancelRuns(createGitHub(githubSettings(env)), sought));
    if (isDone) await ctx.runMutation(internal.cancelling.done, { publish });
    return null;
  },
});

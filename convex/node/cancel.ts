/** Calls off the run of a publish that is over. A courtesy: what such a run reports changes nothing anyway. */
'use node';
import { v } from 'convex/values';
import { createGitHub, type GitHub } from '../../action/adapters/github.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import { githubSettings } from './settings.ts';

/** GitHub shows a run some seconds after its dispatch; until then its absence says nothing. In milliseconds. */
const APPEARANCE_MILLISECONDS = 60_000;

type Sought = NonNullable<(typeof internal.cancelling.load)['_returnType']>;

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

/** False: there may be one to come. */
async function cancelRuns(github: GitHub, { run, runName, queuedAt }: Sought): Promise<boolean> {
  if (run) {
    await github.cancelRun(Number(run.id));
    return true;
  }
  const runs = await github.findRuns({ name: runName, since: queuedAt });
  for (const { id, status } of runs) if (status !== 'completed') await github.cancelRun(id);
  return runs.length > 0 || Date.now() > queuedAt + APPEARANCE_MILLISECONDS;
}

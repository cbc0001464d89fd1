/** For convex/node/inspect.ts: which publish to ask GitHub and the store about. Its answer goes to publishes.settle. */
import { v } from 'convex/values';
import { isPublishOver } from '../action/contract/states.ts';
import { internalQuery } from './_generated/server.js';
import { loadPublish, runNameOf } from './model/publishes.ts';
import { runValidator } from './model/validators.ts';

/** Null when the publish is over. */
export const load = internalQuery({
  args: { publish: v.id('publishes') },
  returns: v.union(
    v.object({
      publish: v.id('publishes'),
      /** To be handed back with the facts: facts about an older revision are stale. */
      revision: v.number(),
      thread: v.string(),
      project: v.string(),
      version: v.number(),
      /** By which a run is found that has not claimed. */
      runName: v.string(),
      /** The run that has claimed: no other is of interest. */
      run: v.union(runValidator, v.null()),
      /** Milliseconds since 1970: no run of this publish is older. */
      queuedAt: v.number(),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const loaded = await loadPublish(ctx, args.publish);
    if (!loaded || isPublishOver(loaded.publish.state)) return null;
    const { publish, thread, version, project } = loaded;
    return {
      publish: publish._id,
      revision: publish.revision,
      thread: thread.name,
      project: project.slug,
      version: version.number,
      runName: runNameOf(loaded),
      run: publish.run ?? null,
      queuedAt: publish.times.queued,
    };
  },
});

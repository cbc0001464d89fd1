/** For convex/node/cancel.ts: whose run to call off. A courtesy: a run whose publish is over is let in nowhere. */
import { v } from 'convex/values';
import { isPublishOver } from '../action/contract/states.ts';
import { internalMutation, internalQuery } from './_generated/server.js';
import { finish } from './model/outbox.ts';
import { loadPublish, runNameOf } from './model/publishes.ts';
import { runValidator } from './model/validators.ts';

/** Null when there is nothing to call off. */
export const load = internalQuery({
  args: { publish: v.id('publishes') },
  returns: v.union(
    v.object({
      publish: v.id('publishes'),
      runName: v.string(),
      /** The run that has claimed, if one had. */
      run: v.union(runValidator, v.null()),
      /** Milliseconds since 1970: no run of this publish is older. */
      queuedAt: v.number(),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const loaded = await loadPublish(ctx, args.publish);
    if (!loaded || !isPublishOver(loaded.publish.state) || loaded.publish.state === 'published') return null;
    const { publish } = loaded;
    return {
      publish: publish._id,
      runName: runNameOf(loaded),
      run: publish.run ?? null,
      queuedAt: publish.times.queued,
    };
  },
});

/** The run is called off, has ended, or never was. */
export const done = internalMutation({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }) => {
    await finish(ctx, { kind: 'cancelRun', publish: publish });
    return null;
  },
});

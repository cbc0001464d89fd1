/** Writes threads/{thread}.json, the one object that changes, as the thread's row has it. */
'use node';
import { v } from 'convex/values';
import { createThreadControlStore } from '../../action/adapters/r2.ts';
import { changeThreadControl } from '../../action/core/thread-control.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import { storeSettings } from './settings.ts';

/** Rejects when the store does not take it: the outbox starts it again. */
export const write = internalAction({
  args: { thread: v.id('threads') },
  returns: v.null(),
  handler: async (ctx, { thread }): Promise<null> => {
    let wanted = await ctx.runQuery(internal.controls.load, { thread });
    if (!wanted) return null;
    using store = createThreadControlStore(storeSettings(env));
    let written = wanted;
    await changeThreadControl(store, wanted.thread, async () => {
      // Looked up once more, after the object was read: a slow action never puts something old over something new.
      wanted = await ctx.runQuery(internal.controls.load, { thread });
      written = wanted ?? written;
      return written.control;
    });
    await ctx.runMutation(internal.controls.written, { thread, revision: written.revision });
    return null;
  },
});

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
    const load = () => ctx.runQuery(internal.controls.load, { thread });
    let wanted = await load();
    if (!wanted) return null;
    using store = createThreadControlStore(storeSettings(env));
    await changeThreadControl(store, wanted.thread, async (control) => {
      // Looked up once more, after the object was read: a slow action never puts something old over something new.
      wanted = await load();
      return wanted?.control ?? control;
    });
    // Null when others have written all of it meanwhile.
    if (wanted) await ctx.runMutation(internal.controls.written, { thread, revision: wanted.revision });
    return null;
  },
});

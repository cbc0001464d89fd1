/** The Node actions of renders: sends the dispatch, asks what became of one, calls its run off. May be lost at any line. */
'use node';
import { v } from 'convex/values';
import { createGitHub } from '../../action/adapters/github.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { videoKey } from '../../action/contract/keys.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import type { RenderFacts } from '../model/validators.ts';
import { describeDispatchFailure } from './dispatchFailure.ts';
import { askAboutRun, cancelRuns, orUnknown } from './runs.ts';
import { callbackAddress, githubSettings, storeSettings } from './settings.ts';

type Sought = NonNullable<(typeof internal.rendering.loadInspection)['_returnType']>;

/** Of two runs that a dispatch sent twice begins, only one is let in. */
export const dispatch = internalAction({
  args: { render: v.id('renders') },
  returns: v.null(),
  handler: async (ctx, { render }): Promise<null> => {
    const work = await ctx.runQuery(internal.rendering.loadDispatch, { render });
    if (!work) return null;
    try {
      await createGitHub(githubSettings(env)).dispatchRender({ ...work, callback: callbackAddress(env) });
    } catch (error) {
      console.error(`The dispatch of render ${render} failed.`, error);
      await ctx.runMutation(internal.rendering.dispatchFailed, { render, ...describeDispatchFailure(error) });
      return null;
    }
    await ctx.runMutation(internal.rendering.sent, { render });
    return null;
  },
});

export const inspect = internalAction({
  args: { render: v.id('renders') },
  returns: v.null(),
  handler: async (ctx, { render }): Promise<null> => {
    const sought = await ctx.runQuery(internal.rendering.loadInspection, { render });
    if (!sought) return null;
    // The run first: one that ends while it is asked about has stored its video before, and the store is asked after.
    const run = await orUnknown(`the run of render ${render}`, () =>
      askAboutRun(createGitHub(githubSettings(env)), sought),
    );
    const video = await orUnknown(`the video of render ${render}`, () => askStore(sought));
    await ctx.runMutation(internal.rendering.settle, { render, revision: sought.revision, facts: { run, video } });
    return null;
  },
});

async function askStore({ thread, version, video }: Sought): Promise<RenderFacts['video']> {
  if (!video) return { kind: 'none' };
  using store = createObjectStore(storeSettings(env));
  const found = await store.head(videoKey(thread, version, video.key, video.format));
  return found ? { kind: 'there', bytes: found.bytes } : { kind: 'none' };
}

/** A courtesy: what a run reports for a render that is over changes nothing. Rejects when GitHub cannot be asked. */
export const cancel = internalAction({
  args: { render: v.id('renders') },
  returns: v.null(),
  handler: async (ctx, { render }): Promise<null> => {
    const sought = await ctx.runQuery(internal.rendering.loadCancelling, { render });
    const isDone = !sought || (await cancelRuns(createGitHub(githubSettings(env)), sought));
    if (isDone) await ctx.runMutation(internal.rendering.runCancelled, { render });
    return null;
  },
});

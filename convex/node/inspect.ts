/** Asks GitHub and the store what became of a publish that nobody speaks for, and hands the facts back. */
'use node';
import { v } from 'convex/values';
import { createGitHub } from '../../action/adapters/github.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { readMeta } from '../../action/core/versions.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import type { Facts } from '../model/validators.ts';
import { askAboutRun, orUnknown } from './runs.ts';
import { githubSettings, storeSettings } from './settings.ts';

type Sought = NonNullable<(typeof internal.inspecting.load)['_returnType']>;

export const run = internalAction({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }): Promise<null> => {
    const sought = await ctx.runQuery(internal.inspecting.load, { publish });
    if (!sought) return null;
    // The run first: one that ends while it is asked about has committed before, and the store is asked after.
    const run = await orUnknown(`the run of publish ${publish}`, () =>
      askAboutRun(createGitHub(githubSettings(env)), sought),
    );
    const artifact = await orUnknown(`the artifact of publish ${publish}`, () => askStore(sought));
    const { revision } = sought;
    await ctx.runMutation(internal.publishes.settle, { publish, revision, facts: { run, artifact } });
    return null;
  },
});

async function askStore({ thread, version }: Sought): Promise<Facts['artifact']> {
  using store = createObjectStore(storeSettings(env));
  const stored = await readMeta(store, thread, version);
  if (!stored) return { kind: 'none' };
  const { meta, hash } = stored;
  if (meta.thread !== thread || meta.version !== version) {
    throw new Error(`the artifact of ${thread} ${version} says that it is ${meta.thread} ${meta.version}`);
  }
  return {
    kind: 'complete',
    snapshot: meta.snapshot,
    artifactHash: hash,
    files: meta.files.length,
    bytes: meta.files.reduce((sum, file) => sum + file.bytes, 0),
    javascriptBytes: meta.javascriptBytes,
  };
}

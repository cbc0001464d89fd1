/** Asks GitHub and the store what became of a publish that nobody speaks for, and hands the facts back. */
'use node';
import { v } from 'convex/values';
import { createGitHub, type GitHub, type WorkflowRun } from '../../action/adapters/github.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { readMeta } from '../../action/core/versions.ts';
import { internal } from '../_generated/api.js';
import { env, internalAction } from '../_generated/server.js';
import type { Facts } from '../model/validators.ts';
import { githubSettings, storeSettings } from './settings.ts';

type Sought = NonNullable<(typeof internal.inspecting.load)['_returnType']>;

export const run = internalAction({
  args: { publish: v.id('publishes') },
  returns: v.null(),
  handler: async (ctx, { publish }): Promise<null> => {
    const sought = await ctx.runQuery(internal.inspecting.load, { publish });
    if (!sought) return null;
    // The run first: one that ends while it is asked about has committed before, and the store is asked after.
    const run = await orUnknown('the run', () => askGitHub(sought));
    const artifact = await orUnknown('the artifact', () => askStore(sought));
    const { revision } = sought;
    await ctx.runMutation(internal.publishes.settle, { publish, revision, facts: { run, artifact } });
    return null;

    /** Whoever cannot be asked now is asked again later: the sweep sees to it. */
    async function orUnknown<T>(what: string, ask: () => Promise<T>): Promise<T | { kind: 'unknown' }> {
      try {
        return await ask();
      } catch (error) {
        console.error(`Nothing can be said of ${what} of publish ${publish}.`, error);
        return { kind: 'unknown' };
      }
    }
  },
});

async function askGitHub({ run, runName, queuedAt }: Sought): Promise<Facts['run']> {
  const github = createGitHub(githubSettings(env));
  const found = run ? await github.getRun(Number(run.id)) : await findRun(github, runName, queuedAt);
  if (!found) return { kind: 'none' };
  const { id, attempt, url, status, conclusion } = found;
  const known = { id: String(id), attempt, url };
  if (status !== 'completed') return { kind: 'active', run: known };
  return { kind: 'completed', run: known, conclusion: conclusion ?? 'unknown' };
}

/** Of several (a dispatch whose answer was lost is sent again) one that may still claim, else the newest. */
async function findRun(github: GitHub, name: string, since: number): Promise<WorkflowRun | undefined> {
  const runs = await github.findRuns({ name, since });
  return runs.find(({ status }) => status !== 'completed') ?? runs[0];
}

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

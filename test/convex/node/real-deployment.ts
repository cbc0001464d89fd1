/** A deployment whose Node actions are the real ones, on the stand-in for GitHub and a local R2. */
import { convexTest } from 'convex-test';
import { expect, vi } from 'vitest';
import { createObjectStore } from '../../../action/adapters/r2.ts';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { metaKey, runtimeManifestKey, sharedModuleKey } from '../../../action/contract/keys.ts';
import { serializeMeta } from '../../../action/contract/meta.ts';
import { internal } from '../../../convex/_generated/api.js';
import type { Id } from '../../../convex/_generated/dataModel.js';
import schema from '../../../convex/schema.ts';
import { TEST_REPOSITORY, TEST_TOKEN, type TestGitHub } from '../../support/github.ts';
import type { LocalR2 } from '../../support/local-r2.ts';
import { ENVIRONMENT, FILES, makeThread, modules, type Person, requestPublish } from '../deployment.ts';

let threads = 0;

/** A deployment in which nothing that is scheduled begins by itself: the test calls the actions. */
export async function deployReal(github: TestGitHub, r2: LocalR2, files = FILES) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const environment = {
    ...ENVIRONMENT,
    PERMAFRAME_REPOSITORY: TEST_REPOSITORY,
    PERMAFRAME_GITHUB_API_URL: github.standIn.apiUrl,
    PERMAFRAME_GITHUB_TOKEN: TEST_TOKEN,
    PERMAFRAME_S3_ENDPOINT: r2.config.endpoint,
    PERMAFRAME_S3_BUCKET: r2.config.bucket,
    PERMAFRAME_S3_ACCESS_KEY_ID: r2.config.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: r2.config.secretAccessKey,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const t = convexTest({ schema, modules });
  const ada = t.withIdentity({ subject: 'ada', issuer: 'https://people', name: 'Ada' }) as unknown as Person;
  const thread = `film-${++threads}`;
  await makeThread(ada, thread, 1, files);
  const publish = await requestPublish(ada, thread);
  const row = async (id: Id<'publishes'> = publish) => {
    const found = await t.run((ctx) => ctx.db.get('publishes', id));
    return found ?? expect.unreachable();
  };
  const outbox = (kind: string) =>
    t.run(async (ctx) => (await ctx.db.query('outbox').collect()).find((r) => r.kind === kind));
  return { t, ada, thread, publish, row, outbox, r2, branch: `threads/${thread}` };
}

export type Deployed = Awaited<ReturnType<typeof deployReal>>;

export function dispatch({ t, publish }: Deployed, id = publish) {
  return t.action(internal.node.dispatch.run, { publish: id });
}

/** Puts the commit mark of version 1 into the store. */
export async function commitArtifact({ t, thread, r2 }: Deployed, snapshot?: string): Promise<void> {
  const version = await t.run((ctx) => ctx.db.query('versions').first());
  const known = snapshot ?? version?.snapshotHash ?? expect.unreachable();
  const sha256 = 'a'.repeat(64);
  const [entry, runtime] = [sharedModuleKey(`${thread}-project`, sha256), runtimeManifestKey(sha256)];
  const file = { key: entry, bytes: 10, sha256, contentType: 'text/javascript' };
  const body = new TextEncoder().encode(
    serializeMeta({
      ...{ schema: 1, kind: 'app', thread, project: `${thread}-project`, version: 1, title: 'Film', snapshot: known },
      ...{ engine: 'react', runtime, entry, javascriptBytes: 5, files: [file] },
    }),
  );
  using store = createObjectStore(r2.config);
  const object = { body, sha256: await sha256Hex(body), contentType: 'application/json', cacheControl: 'no-cache' };
  await store.create({ key: metaKey(thread, 1), ...object });
}

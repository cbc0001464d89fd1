import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { metaKey } from '../../action/contract/keys.ts';
import { COMMIT_TRAILERS, threadBranch } from '../../action/contract/reports.ts';
import { commitRelease } from '../../scripts/release.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';
import { type Bench, openBench } from '../scripts/stack/runner/workflow-run.ts';
import { ACCEPT, type ActionWorld, PROJECT, PUBLIC_URL, startActionWorld, THREAD } from '../support/action-world.ts';

const PATH = '.github/workflows/publish.yml';
const TRICKS = '$(touch evil) `touch evil` ; touch evil\n::set-output name=url::evil\nEOF';

let world: ActionWorld;
let bench: Bench;
let commit: string;
beforeAll(async () => {
  world = await startActionWorld();
  const { 's3-access-key-id': id = '', 's3-secret-access-key': key = '' } = world.inputs({});
  bench = openBench(
    { [PATH]: readFileSync(join(ROOT_FOLDER, PATH), 'utf8') },
    {
      oidc: {
        openRequest: () => ({ url: `${world.origin}/token?api-version=2`, token: 'x', [Symbol.dispose]() {} }),
      },
      vars: {
        PERMAFRAME_PUBLIC_URL: PUBLIC_URL,
        PERMAFRAME_RUNTIME: world.runtimeKey,
        PERMAFRAME_S3_ENDPOINT: world.config.endpoint,
        PERMAFRAME_S3_BUCKET: world.config.bucket,
      },
      secrets: { PERMAFRAME_S3_ACCESS_KEY_ID: id, PERMAFRAME_S3_SECRET_ACCESS_KEY: key },
    },
  );
  await commitRelease(bench.run.repository.folder);
  bench.run.repository = { ...bench.run.repository, fullName: 'owner/pages' };
  bench.run.apiUrl = `${world.origin}/api`;
  bench.run.workflowPath = PATH;
  bench.commit(
    { 'permaframe.json': '{"title":"A","kind":"app","entry":"a.tsx"}', 'a.tsx': 'export default () => <p>run</p>;' },
    threadBranch(THREAD),
  );
  commit = withTrailers(1);
}, 120_000);
afterAll(async () => {
  bench?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  world.services.reports.length = 0;
  world.services.statuses.length = 0;
  world.services.answer = ACCEPT;
});

/** A commit as the control plane makes it: the same files, and a message that says which version they are. */
function withTrailers(version: number): string {
  const branch = `refs/heads/${threadBranch(THREAD)}`;
  const { thread, version: number, publish, snapshot } = COMMIT_TRAILERS;
  const trailers = `${thread}: ${THREAD}\n${number}: ${version}\n${publish}: k57\n${snapshot}: ${'0'.repeat(64)}`;
  const made = bench.git('commit-tree', `${branch}^{tree}`, '-p', branch, '-m', `Version ${version}\n\n${trailers}`);
  bench.git('update-ref', branch, made);
  return made;
}

const payload = (own: Record<string, unknown> = {}) => ({
  publish: 'k57publish',
  thread: THREAD,
  project: PROJECT,
  version: 1,
  sha: commit,
  outputs: ['page'],
  callback: `${world.origin}/site/permaframe/report`,
  ...own,
});
const dispatched = (own?: Record<string, unknown>) => ({ action: 'permaframe-publish', client_payload: payload(own) });

describe('the workflow, executed', () => {
  it('publishes what the control plane asks for, and says so at every place', async () => {
    const { conclusion, log, report, grants } = await bench.execute({ id: 1, event: dispatched() });
    expect(log).toContain(`${PUBLIC_URL}/p/${THREAD}/1`);
    expect(conclusion).toBe('success');
    expect(world.services.reports.map(({ kind }) => kind)).toEqual(['claim', 'progress', 'progress', 'published']);
    expect(world.services.statuses.map(({ state, sha }) => [state, sha])).toEqual([
      ['pending', commit],
      ['success', commit],
    ]);
    expect(report.jobs).toHaveLength(1);
    expect(grants).toEqual([{ contents: 'read', statuses: 'write' }]);
    expect(log).not.toContain(world.config.secretAccessKey);
  });

  it('publishes again by hand: the version is found on the branch of its thread, and nothing is changed', async () => {
    const event = { inputs: { thread: THREAD, version: '1', commit: '', project: '' } };
    const before = await world.store.get(metaKey(THREAD, 1));
    const { conclusion, log } = await bench.execute({ id: 2, eventName: 'workflow_dispatch', event });
    expect(log).toContain('was there already, complete');
    expect(conclusion).toBe('success');
    expect(world.services.reports).toEqual([]);
    expect(await world.store.get(metaKey(THREAD, 1))).toEqual(before);
  });

  it.each(['publish', 'thread', 'project', 'version', 'sha', 'callback'])(
    'takes a trick in %s for what it is: no shell, no output, no key',
    async (field) => {
      const { conclusion, log } = await bench.execute({ id: 3, event: dispatched({ [field]: TRICKS }) });
      expect(conclusion).toBe('failure');
      expect(log).not.toContain('is live');
      const keys = await world.store.list('');
      expect(keys.filter((key) => /evil|touch|EOF/.test(key))).toEqual([]);
    },
  );
});

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { metaKey, pageKey } from '../../action/contract/keys.ts';
import { metaSchema } from '../../action/contract/meta.ts';
import type { RenderReport, Report } from '../../action/contract/reports.ts';
import { ACCEPT, type ActionWorld, PROJECT, PUBLIC_URL, startActionWorld, THREAD } from '../support/action-world.ts';

let world: ActionWorld;
let version = 0;
let commit = '';
beforeAll(async () => {
  world = await startActionWorld();
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => {
  const { services } = world;
  for (const list of [services.reports, services.audiences, services.tokens, services.statuses]) list.length = 0;
  services.mintFaults = [];
  services.statusFault = null;
  services.answer = ACCEPT;
  version += 1;
  commit = world.commit(app(`version ${version}`), version);
});

const app = (text: string, title = 'An app') => ({
  'permaframe.json': JSON.stringify({ title, kind: 'app', entry: 'app.tsx' }),
  'app.tsx': `export default () => <p>${text}</p>;`,
});
const nameOf = (report: Report | RenderReport) => (report.kind === 'progress' ? report.state : report.kind);
const reported = () => world.services.reports.map(nameOf);
const statuses = () => world.services.statuses.map(({ state }) => state);
const inputs = (own: Record<string, string> = {}) => world.inputs({ version: String(version), commit, ...own });
const marked = () => world.store.get(metaKey(THREAD, version));

describe('a publish', () => {
  it('claims, compiles, uploads and reports; the store, the report, the status and the outputs agree', async () => {
    const run = await world.run(inputs());
    expect(run.log).not.toContain('::error');
    expect(run.code).toBe(0);
    expect(reported()).toEqual(['claim', 'bundling', 'uploading', 'published']);
    const mark = Buffer.from((await marked()) ?? []);
    const hash = createHash('sha256').update(mark).digest('hex');
    const meta = metaSchema.parse(JSON.parse(mark.toString()));
    expect(meta).toMatchObject({ thread: THREAD, project: PROJECT, version, runtime: world.runtimeKey });
    expect(world.services.reports.at(-1)).toMatchObject({
      artifactHash: hash,
      deduplicated: false,
      files: meta.files.length,
      javascriptBytes: meta.javascriptBytes,
      warnings: [{ code: 'NO_POSTER' }],
    });
    const url = `${PUBLIC_URL}/p/${THREAD}/${version}`;
    expect(run.outputs).toEqual({
      url,
      'latest-url': `${PUBLIC_URL}/p/${THREAD}/latest`,
      version: String(version),
      'artifact-hash': hash,
      deduplicated: 'false',
    });
    expect(world.services.statuses).toMatchObject([
      { sha: commit, state: 'pending', context: 'permaframe/publish' },
      { sha: commit, state: 'success', context: 'permaframe/publish', target_url: url },
    ]);
    expect(run.summary).toContain(`<a href="${url}">`);
  });

  it('mints a token for each report, for the origin of the callback, and shows none of its secrets', async () => {
    const given = inputs();
    const run = await world.run(given);
    const origin = new URL(given.callback ?? '').origin;
    const { services } = world;
    expect(services.audiences).toEqual([origin, origin, origin, origin]);
    expect(services.tokens).toEqual([1, 2, 3, 4].map((n) => `Bearer token-${n}`));
    const shown = run.log.replaceAll(/^::add-mask::.*$/gm, '') + run.summary + JSON.stringify(services.reports);
    for (const name of ['s3-access-key-id', 's3-secret-access-key', 'github-token']) {
      expect(run.log).toContain(`::add-mask::${given[name]}`);
      expect(shown).not.toContain(given[name]);
    }
    expect(shown).not.toMatch(/token-[0-9]/);
  });

  it('carries on when minting and reporting fail for a while, and when answers get lost', async () => {
    world.services.mintFaults = [503];
    const faults: (number | 'lose')[] = [503, 'lose', 500];
    world.services.answer = (report) =>
      faults.shift() ?? (report.kind === 'claim' ? { kind: 'refused', reason: 'late' } : ACCEPT());
    const run = await world.run(inputs());
    expect(run.code).toBe(0);
    expect(reported()).toEqual(['claim', 'claim', 'claim', 'claim', 'bundling', 'uploading', 'published']);
    expect(run.outputs.url).toBeDefined();
  });

  it('is live all the same when the control plane takes no last report: it says so and succeeds', async () => {
    world.services.answer = (report) => (report.kind === 'published' ? 400 : ACCEPT());
    const run = await world.run(inputs());
    expect(run.code).toBe(0);
    expect(run.log).toContain('::warning title=CONTROL_PLANE_UNAVAILABLE::');
    expect(await marked()).not.toBeNull();
    expect(statuses().at(-1)).toBe('success');
  });
});

describe('a republish', () => {
  it('of a complete version verifies it and changes nothing', async () => {
    const first = await world.run(inputs());
    const before = await marked();
    const again = await world.run(inputs({ publish: '', callback: '' }));
    expect(again.code).toBe(0);
    expect(again.outputs).toEqual({ ...first.outputs, deduplicated: 'true' });
    expect(await marked()).toEqual(before);
    expect(reported()).toHaveLength(4);
  });

  it('finds the commit of a version, the version of a commit, and the project that it was published in', async () => {
    await world.run(inputs());
    const plain = { publish: '', callback: '', project: '' };
    const byVersion = await world.run(inputs({ ...plain, commit: '' }));
    const byCommit = await world.run(inputs({ ...plain, version: '' }));
    expect([byVersion.code, byCommit.code]).toEqual([0, 0]);
    expect(byVersion.outputs).toEqual(byCommit.outputs);
    expect(byVersion.outputs).toMatchObject({ version: String(version), deduplicated: 'true' });
    expect(world.services.statuses.every(({ sha }) => sha === commit)).toBe(true);
  });

  it('of a version that was never published needs a project, and says so', async () => {
    const run = await world.run(inputs({ publish: '', callback: '', project: '' }));
    expect(run.code).toBe(1);
    expect(run.log).toContain('::error title=INPUT_INVALID::project is missing');
  });

  it('of a version with other content stops before anything is compiled, and changes nothing', async () => {
    await world.run(inputs());
    const before = await marked();
    const other = world.commit(app('something else'), version);
    const run = await world.run(inputs({ commit: other }));
    expect(run.code).toBe(1);
    expect(world.services.reports.at(-1)).toMatchObject({ kind: 'failed', code: 'ARTIFACT_CONFLICT' });
    expect(world.services.reports.at(-1)).not.toHaveProperty('timings.compile');
    expect(await marked()).toEqual(before);
  });
});

describe('a publish that nobody waits for', () => {
  it('stops calmly when its claim is refused: nothing stored, no status, no error', async () => {
    world.services.answer = () => ({ kind: 'refused', reason: 'notYours' });
    const run = await world.run(inputs());
    expect(run.code).toBe(0);
    expect(run.log).toContain('::notice title=Nothing to do::This run stops: another run has it.');
    expect(run.log).not.toContain('::error');
    expect(reported()).toEqual(['claim']);
    expect(statuses()).toEqual([]);
    expect(await marked()).toBeNull();
  });

  it('commits nothing when it was cancelled while the blobs were on their way', async () => {
    world.services.answer = (report) =>
      nameOf(report) === 'uploading' ? { kind: 'refused', reason: 'over' } : ACCEPT();
    const run = await world.run(inputs());
    expect(run.code).toBe(0);
    expect(reported()).toEqual(['claim', 'bundling', 'uploading']);
    expect(await marked()).toBeNull();
    // Somebody asks again: what lies there is completed.
    world.services.answer = ACCEPT;
    expect((await world.run(inputs())).outputs.deduplicated).toBe('false');
    expect(await marked()).not.toBeNull();
  });
});

describe('a mistake of the author', () => {
  it('is reported with its place, annotated, summarized, and fails the run', async () => {
    const broken = { ...app('x'), 'app.tsx': "import { x } from './missing.ts';\nexport default () => <p>{x}</p>;\n" };
    commit = world.commit(broken, version);
    const run = await world.run(inputs());
    expect(run.code).toBe(1);
    expect(reported()).toEqual(['claim', 'bundling', 'failed']);
    const place = { file: 'app.tsx', line: 1 };
    expect(world.services.reports.at(-1)).toMatchObject({
      code: 'IMPORT_NOT_FOUND',
      diagnostics: [{ code: 'IMPORT_NOT_FOUND', ...place, excerpt: "import { x } from './missing.ts';" }],
    });
    expect(run.log).toMatch(/^::error title=IMPORT_NOT_FOUND,file=app\.tsx,line=1,col=\d+::/m);
    expect(run.summary).toContain('app.tsx:1:');
    expect(statuses()).toEqual(['pending', 'failure']);
    expect(run.outputs).toEqual({});
  });

  const command = '::add-mask::x%0A::set-output name=url::evil ##[add-mask]x';
  it.each([
    ['a title', app('x', `::error::${command} <img src=x> @everyone`), 0],
    ['a title that is wrong', app('x', `::error::\u202e${command}`.repeat(20)), 1],
    ['a path', { ...app('x'), 'public/##[group]::error::a.txt': 'text' }, 0],
    ['a path that is wrong', { ...app('x'), '::error::\u0007##[add-mask]a.tsx': 'text' }, 1],
    ['an import', { ...app('x'), 'app.tsx': `import '${command}';\nexport default () => null;\n` }, 1],
    ['a line', { ...app('x'), 'app.tsx': '::stop-commands::x\n::add-mask::x\n' }, 1],
  ])('can issue no command of the runner by %s', async (_, files, code) => {
    commit = world.commit(files, version);
    const run = await world.run(inputs());
    expect(run.code).toBe(code);
    const outside = run.log.replaceAll(/^::stop-commands::(.+)$[\s\S]*?^::\1::$/gm, '');
    const commands = outside.split('\n').filter((line) => /^\s*::/.test(line));
    for (const line of commands) expect(line).toMatch(/^::(debug|group|endgroup|error|warning|add-mask)\b/);
    // Its masks are its own secrets, and no other command of the older form stands anywhere.
    const masks = commands.filter((line) => line.startsWith('::add-mask::'));
    expect(masks.filter((line) => !/::add-mask::(local-|ghs_|token-\d)/.test(line))).toEqual([]);
    expect(run.log).not.toContain('##[');
    expect(run.summary).not.toMatch(/<img|\u202e/);
    expect(Object.keys(run.outputs)).toHaveLength(code === 0 ? 5 : 0);
  });
});

describe('a fault of the system', () => {
  it('is reported with its code: wrong credentials', async () => {
    const run = await world.run(inputs({ 's3-secret-access-key': 'wrong-secret-access-key' }));
    expect(run.code).toBe(1);
    expect(world.services.reports.at(-1)).toMatchObject({ kind: 'failed', code: 'STORE_DENIED' });
    expect(statuses().at(-1)).toBe('error');
  });

  it('is reported with its code: a runtime that was never pushed', async () => {
    const run = await world.run(inputs({ runtime: `runtime/manifest-${'0'.repeat(64)}.json` }));
    expect(run.code).toBe(1);
    expect(world.services.reports.at(-1)).toMatchObject({ kind: 'failed', code: 'RUNTIME_INVALID' });
  });

  it('is reported with its code: a setting that is missing, before anything else', async () => {
    const run = await world.run(inputs({ 's3-bucket': '', 'public-url': 'https://share.test/path' }));
    expect(run.code).toBe(1);
    expect(run.log).toContain('public-url must be an http(s) address without a path');
    expect(reported()).toEqual(['claim', 'failed']);
    expect(world.services.reports.at(-1)).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('publishes without a status when GitHub refuses one, with a warning', async () => {
    world.services.statusFault = 403;
    const run = await world.run(inputs());
    expect(run.code).toBe(0);
    expect(run.log).toContain('::warning title=DISPATCH_DENIED::');
    expect(reported().at(-1)).toBe('published');
  });

  it('publishes without a status when there is no token', async () => {
    expect((await world.run(inputs({ 'github-token': '' }))).code).toBe(0);
    expect(statuses()).toEqual([]);
  });
});

describe('GitHub cancels the run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s while blobs are uploaded: no commit mark, nothing reported that is not true',
    async (signal) => {
      const reached = Promise.withResolvers<void>();
      const held = Promise.withResolvers<never>();
      world.services.answer = (report) => {
        if (nameOf(report) !== 'uploading') return ACCEPT();
        reached.resolve();
        return held.promise;
      };
      const { child, finished } = await world.start(inputs());
      await reached.promise;
      const began = performance.now();
      child.kill(signal);
      const run = await finished;
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(run.code).toBe(1);
      expect(run.log).toContain('The run was cancelled');
      expect(reported()).toEqual(['claim', 'bundling', 'uploading']);
      expect(statuses()).toEqual(['pending', 'error']);
      expect(await marked()).toBeNull();
      world.services.answer = ACCEPT;
      expect((await world.run(inputs())).code).toBe(0);
      expect(await world.store.head(pageKey(THREAD, version))).not.toBeNull();
    },
  );
});

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256Hex } from '../../action/contract/hash.ts';
import {
  MAX_ASSET_BYTES,
  MAX_INLINE_FILE_BYTES,
  MAX_LINK_SECONDS,
  MAX_SNAPSHOT_FILES,
} from '../../action/contract/limits.ts';
import { verifyLink } from '../../action/contract/signing.ts';
import { snapshotHash } from '../../action/contract/snapshot-hash.ts';
import * as core from '../../action/core/snapshot.ts';
import { api, internal } from '../../convex/_generated/api.js';
import * as rules from '../../convex/model/snapshotRules.ts';
import { sha256OfStorage } from '../../convex/model/storage.ts';
import {
  codeOf,
  type Deployment,
  deploy,
  everything,
  FILES,
  LINK_SECRET,
  makeThread,
  type Person,
  publish,
  refusalOf,
  requestPublish,
  upload,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

type Files = ({ path: string; text: string } | { path: string; sha256: string })[];

async function begin(): Promise<{
  deployment: Deployment;
  ada: Person;
  save: (files: Files, base?: number) => Promise<{ version: number; snapshotHash: string }>;
}> {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada, 'film', 0);
  const save = (files: Files, base = 0) => ada.mutation(api.versions.save, { thread: 'film', base, files });
  return { deployment, ada, save };
}

describe('a save', () => {
  it('is a version that reads back as it was written, each content stored once', async () => {
    const { deployment, ada, save } = await begin();
    const twice = [...FILES, { path: 'copy.tsx', text: FILES[1]?.text ?? '' }];
    const { version, snapshotHash: hash } = await save(twice);
    const read = await ada.query(api.versions.get, { thread: 'film', version });
    const contents = read.files.map(({ path, content }) => ({
      path,
      text: content.kind === 'text' ? content.text : '',
    }));
    expect(contents).toEqual(twice);
    expect(hash).toBe(await snapshotHash(read.files));
    await save([...twice, { path: 'more.ts', text: 'export {};' }], 1);
    const known = read.files.map(({ path, sha256 }) => ({ path, sha256 }));
    expect(await save(known, 2)).toEqual({ version: 3, snapshotHash: hash });
    expect(await deployment.t.run((ctx) => ctx.db.query('files').collect())).toHaveLength(3);
    const listed = await ada.query(api.versions.list, { thread: 'film' });
    expect(listed.map((each) => each.version)).toEqual([3, 2, 1]);
    expect(await ada.query(api.versions.list, { thread: 'film', before: 2, limit: 1 })).toMatchObject([{ version: 1 }]);
  });

  it('of two at once, one wins and the other is told', async () => {
    const { deployment, ada } = await begin();
    await deployment.person('bob').mutation(api.users.signIn, {});
    const who = { email: 'bob@example.com' };
    await ada.mutation(api.projects.addCollaborator, { project: 'film-project', who, role: 'editor' });
    const saves = ['ada', 'bob'].map((name) => {
      const files = [{ path: 'a.txt', text: name }];
      return deployment.person(name).mutation(api.versions.save, { thread: 'film', base: 0, files });
    });
    const outcomes = await Promise.allSettled(saves);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(rejected?.reason.data).toMatchObject({ code: 'SAVE_CONFLICT', field: 'base' });
    expect(await ada.query(api.versions.list, { thread: 'film' })).toHaveLength(1);
  });

  it('sent twice, because the answer was lost, is one version', async () => {
    const { ada, save } = await begin();
    const first = await save(FILES);
    expect(await save(FILES)).toEqual(first);
    expect(await codeOf(save([{ path: 'a.txt', text: 'other' }]))).toBe('SAVE_CONFLICT');
    await save([{ path: 'a.txt', text: 'a' }], 1);
    expect(await codeOf(save(FILES))).toBe('SAVE_CONFLICT');
    expect(await codeOf(save(FILES, 7))).toBe('INPUT_INVALID');
    expect(await ada.query(api.versions.list, { thread: 'film' })).toHaveLength(2);
  });

  it('is whole or not at all', async () => {
    const { deployment, save } = await begin();
    const before = await everything(deployment);
    const unknown = { path: 'b.png', sha256: 'ab'.repeat(32) };
    expect(await refusalOf(save([...FILES, unknown]))).toMatchObject({
      code: 'INPUT_INVALID',
      field: 'files[2].sha256',
    });
    expect(await everything(deployment)).toEqual(before);
  });

  it.each([
    '../escape.ts',
    '/etc/passwd',
    'a//b.ts',
    './a.ts',
    'a/../b.ts',
    'a\\b.ts',
    'a\nb.ts',
    'a\u2028b.ts',
    'a\0b.ts',
    '',
    '.git/config',
    '.github/workflows/publish.yml',
    'a/.env',
    'node_modules/x/index.js',
    `${'x'.repeat(256)}`,
  ])('of the path %j is refused', async (path) => {
    const { save } = await begin();
    expect(await refusalOf(save([...FILES, { path, text: '' }]))).toMatchObject({
      code: 'PATH_INVALID',
      field: 'files[2].path',
    });
  });

  it('of paths that look like shell or expressions is only text', async () => {
    const { ada, save } = await begin();
    const paths = [
      '$(id).ts',
      '`id`.ts',
      '$' + '{{ github.token }}.ts',
      'a;rm -rf x.ts',
      'a\'b".ts',
      '%0a.ts',
      '-rf.ts',
    ];
    await save(paths.map((path) => ({ path, text: path })));
    const { files } = await ada.query(api.versions.get, { thread: 'film', version: 1 });
    expect(files.map(({ path }) => path)).toEqual(paths);
  });

  it('of a path twice, or of a file below a file, is refused', async () => {
    const { save } = await begin();
    const text = '';
    expect(
      await codeOf(
        save([
          { path: 'a', text },
          { path: 'a', text },
        ]),
      ),
    ).toBe('PATH_INVALID');
    expect(
      await codeOf(
        save([
          { path: 'a/b', text },
          { path: 'a', text },
        ]),
      ),
    ).toBe('PATH_INVALID');
    expect(await codeOf(save([]))).toBe('INPUT_INVALID');
  });

  it('at a limit goes through, over it is refused with the number', async () => {
    const { save } = await begin();
    const text = 'é'.repeat(MAX_INLINE_FILE_BYTES / 2);
    expect(await save([{ path: 'a.ts', text }])).toMatchObject({ version: 1 });
    expect(await refusalOf(save([{ path: 'a.ts', text: `${text}a` }], 1))).toMatchObject({
      code: 'SOURCE_FILE_TOO_LARGE',
      message: expect.stringContaining('256001 bytes; the limit is 256000 bytes'),
    });
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `f${index}.ts`, text: `${index}` }));
    expect(await save(many(MAX_SNAPSHOT_FILES), 1)).toMatchObject({ version: 2 });
    expect(await codeOf(save(many(MAX_SNAPSHOT_FILES + 1), 2))).toBe('TOO_MANY_FILES');
    const large = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `f${index}.ts`, text: `${index % 10}`.repeat(250_000) }));
    expect(await save(large(20), 2)).toMatchObject({ version: 3 });
    expect(await codeOf(save([...large(20), { path: 'one.ts', text: '1' }], 3))).toBe('SNAPSHOT_TOO_LARGE');
  });

  it('of the longest paths fits into documents', async () => {
    const { ada, save } = await begin();
    const name = (index: number) => `${index}`.padStart(5, '0') + '…'.repeat(250);
    const files = Array.from({ length: MAX_SNAPSHOT_FILES }, (_, index) => ({ path: name(index), text: '' }));
    await save(files);
    expect((await ada.query(api.versions.get, { thread: 'film', version: 1 })).files).toHaveLength(MAX_SNAPSHOT_FILES);
  });

  it('of text that is not Unicode is refused', async () => {
    const { save } = await begin();
    await expect(save([{ path: 'a.ts', text: 'a\ud800b' }])).rejects.toThrow();
  });
});

describe('an upload', () => {
  const bytes = new Uint8Array([137, 80, 78, 71]);

  async function start({ ada }: { ada: Person }, sha256: string, length = bytes.length): Promise<string> {
    const begun = await ada.mutation(api.files.startUpload, { project: 'film-project', sha256, bytes: length });
    if (begun.kind !== 'upload') throw new Error('known already');
    expect(begun.url).toMatch(/^https:/);
    return begun.upload;
  }

  it('is checked, belongs to its project, and can then be saved by hash', async () => {
    const world = await begin();
    const { storage, sha256 } = await upload(world.deployment, bytes);
    const id = await start(world, sha256);
    expect(await codeOf(world.save([{ path: 'public/a.png', sha256 }]))).toBe('INPUT_INVALID');
    const finished = await world.ada.mutation(api.files.finishUpload, { upload: id, storage });
    expect(finished).toEqual({ sha256, bytes: 4 });
    await world.save([{ path: 'public/a.png', sha256 }]);
    const { files } = await world.ada.query(api.versions.get, { thread: 'film', version: 1 });
    expect(files).toMatchObject([{ bytes: 4, content: { kind: 'url', url: expect.stringMatching(/^https:/) } }]);
    const again = { project: 'film-project', sha256, bytes: 4 };
    expect(await world.ada.mutation(api.files.startUpload, again)).toEqual({ kind: 'known' });
    // Another project does not get at it by knowing its hash.
    const eve = world.deployment.person('eve');
    await makeThread(eve, 'hers', 0);
    const theft = [{ path: 'public/a.png', sha256 }];
    expect(await codeOf(eve.mutation(api.versions.save, { thread: 'hers', base: 0, files: theft }))).toBe(
      'INPUT_INVALID',
    );
    const begun = await eve.mutation(api.files.startUpload, { ...again, project: 'hers-project' });
    if (begun.kind !== 'upload') throw new Error('known already');
    const stolen = { upload: begun.upload, storage };
    expect(await codeOf(eve.mutation(api.files.finishUpload, stolen))).toBe('INPUT_INVALID');
  });

  it('of other bytes, another size or too many bytes is refused', async () => {
    const world = await begin();
    const { storage, sha256 } = await upload(world.deployment, bytes);
    const finish = (id: string) => world.ada.mutation(api.files.finishUpload, { upload: id, storage });
    expect(await codeOf(finish(await start(world, 'ab'.repeat(32))))).toBe('INPUT_INVALID');
    expect(await codeOf(finish(await start(world, sha256, 5)))).toBe('INPUT_INVALID');
    expect(await codeOf(start(world, sha256, MAX_ASSET_BYTES + 1))).toBe('ASSET_TOO_LARGE');
    expect(await codeOf(start(world, 'nonsense'))).toBe('INPUT_INVALID');
    await start(world, 'cd'.repeat(32), MAX_ASSET_BYTES);
  });

  it('of a source file over its limit is refused when saved', async () => {
    const world = await begin();
    const large = new Uint8Array(MAX_INLINE_FILE_BYTES + 1).fill(32);
    const { storage, sha256 } = await upload(world.deployment, large);
    await world.ada.mutation(api.files.finishUpload, { upload: await start(world, sha256, large.length), storage });
    expect(await codeOf(world.save([{ path: 'a.tsx', sha256 }]))).toBe('SOURCE_FILE_TOO_LARGE');
    expect(await world.save([{ path: 'public/a.csv', sha256 }])).toMatchObject({ version: 1 });
  });

  it('that was never finished is cleaned away; what a version needs stays', async () => {
    const world = await begin();
    const kept = await upload(world.deployment, bytes);
    const id = await start(world, kept.sha256);
    await world.ada.mutation(api.files.finishUpload, { upload: id, storage: kept.storage });
    const lost = await upload(world.deployment, new Uint8Array([1]));
    await start(world, lost.sha256, 1);
    vi.setSystemTime(Date.now() + 25 * 3_600_000);
    const young = await upload(world.deployment, new Uint8Array([2]));
    await world.deployment.t.mutation(internal.cleanup.rows, {});
    await world.deployment.t.mutation(internal.cleanup.storage, { cursor: null });
    const left = await world.deployment.t.run(async (ctx) => ({
      uploads: await ctx.db.query('uploads').collect(),
      limits: await ctx.db.query('rateLimits').collect(),
      storage: (await ctx.db.system.query('_storage').collect()).map(({ _id }) => _id),
    }));
    expect(left).toEqual({ uploads: [], limits: [], storage: [kept.storage, young.storage] });
  });

  it('digests are read in both spellings of Convex', async () => {
    const hex = await sha256Hex('a');
    const base64 = Buffer.from(hex, 'hex').toString('base64');
    expect([sha256OfStorage(hex), sha256OfStorage(base64)]).toEqual([hex, hex]);
    expect(sha256OfStorage('nonsense')).toBeNull();
  });
});

describe('what names and titles may be', () => {
  it.each(['', ' ', 'a\nb', 'a\u0000', '\u202eevil', 'a\u2028b', 'x'.repeat(121)])(
    'not the title %j',
    async (title) => {
      const { ada } = await begin();
      const refused = { code: 'INPUT_INVALID', field: 'title' };
      expect(await refusalOf(ada.mutation(api.projects.create, { project: 'p', title }))).toMatchObject(refused);
      expect(await refusalOf(ada.mutation(api.projects.rename, { project: 'film-project', title }))).toMatchObject(
        refused,
      );
      const thread = { project: 'film-project', thread: 't', title };
      expect(await refusalOf(ada.mutation(api.threads.create, thread))).toMatchObject(refused);
    },
  );

  it.each(['', 'A', 'a b', '../a', 'a\n', '$(id)', '$' + '{{ x }}', '-a', 'a/b', 'x'.repeat(64)])(
    'not the name %j',
    async (name) => {
      const { ada } = await begin();
      const refused = { code: 'INPUT_INVALID' };
      expect(await refusalOf(ada.mutation(api.projects.create, { project: name, title: 'T' }))).toMatchObject(refused);
      const thread = { project: 'film-project', thread: name, title: 'T' };
      expect(await refusalOf(ada.mutation(api.threads.create, thread))).toMatchObject(refused);
    },
  );

  it('a title with shell in it is only text; a name in use is taken', async () => {
    const { ada } = await begin();
    const title = '$(id) `id` ' + '$' + '{{ secrets.X }} "; rm -rf / #';
    await ada.mutation(api.threads.create, { project: 'film-project', thread: 'tricks', title });
    expect(await ada.query(api.threads.get, { thread: 'tricks' })).toMatchObject({ title });
    expect(await codeOf(ada.mutation(api.projects.create, { project: 'film-project', title: 'T' }))).toBe('NAME_TAKEN');
    const again = { project: 'film-project', thread: 'tricks', title: 'T' };
    expect(await codeOf(ada.mutation(api.threads.create, again))).toBe('NAME_TAKEN');
  });

  it('versions are whole numbers', async () => {
    const { ada, save } = await begin();
    await save(FILES);
    for (const version of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(await codeOf(ada.mutation(api.publishes.request, { thread: 'film', version }))).toBe('INPUT_INVALID');
    }
    expect(await codeOf(ada.mutation(api.publishes.request, { thread: 'film', version: 2 }))).toBe('NOT_FOUND');
  });
});

describe('a signed link', () => {
  it('opens the one version that it is for, as long as it was asked for', async () => {
    const { deployment, ada, save } = await begin();
    await save(FILES);
    const ask = (seconds: number) => ada.mutation(api.threads.createLink, { thread: 'film', version: 1, seconds });
    expect(await codeOf(ask(3600))).toBe('STATE_CONFLICT');
    await publish(deployment, await requestPublish(ada));
    const { url, expires } = await ask(3600);
    const now = Math.floor(Date.now() / 1000);
    expect(expires).toBe(now + 3600);
    const token = /^https:\/\/share\.example\.com\/s\/([^/]+)\/p\/film\/1$/.exec(url)?.[1] ?? '';
    const keys = [{ id: 'k1', secret: new Uint8Array(Buffer.from(LINK_SECRET, 'hex')) }];
    const scope = { host: 'share.example.com', thread: 'film', version: 1 };
    expect(await verifyLink(keys, token, scope, now)).toBe('valid');
    expect(await verifyLink(keys, token, { ...scope, version: 2 }, now)).toBe('invalid');
    expect(await verifyLink(keys, token, scope, expires)).toBe('expired');
    for (const seconds of [0, 59, 1.5, MAX_LINK_SECONDS + 1]) expect(await codeOf(ask(seconds))).toBe('INPUT_INVALID');
    await ask(MAX_LINK_SECONDS);
    vi.stubEnv('PERMAFRAME_LINK_KEY', JSON.stringify({ id: 'k1', secret: 'short' }));
    const refusal = await refusalOf(ask(3600));
    expect(refusal.code).toBe('CONFIG_INVALID');
    expect(refusal.message).not.toContain('short');
  });
});

describe('rules of snapshots', () => {
  it('are those of the pipeline, although it cannot be imported', () => {
    const name = fc.constantFrom(
      'a.ts',
      'a.TSX',
      'a.css',
      'a.json',
      'a.png',
      'a.md',
      'a',
      'a.mjs',
      'a.cts',
      'a.svg',
      'a.html',
    );
    const folder = fc.constantFrom('', 'public/', 'src/', 'a/public/', 'publicity/');
    fc.assert(
      fc.property(folder, name, (below, file) => {
        expect(rules.isSourcePath(below + file)).toBe(core.isSourcePath(below + file));
      }),
    );
  });
});

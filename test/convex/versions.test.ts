import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_INLINE_FILE_BYTES, MAX_SNAPSHOT_FILES } from '../../action/contract/limits.ts';
import { snapshotHash } from '../../action/contract/snapshot-hash.ts';
import { api } from '../../convex/_generated/api.js';
import { beginFilm, codeOf, everything, FILES, refusalOf } from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('a save', () => {
  it('is a version that reads back as it was written, each content stored once', async () => {
    const { deployment, ada, save } = await beginFilm();
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
    const { deployment, ada } = await beginFilm();
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
    const { ada, save } = await beginFilm();
    const first = await save(FILES);
    expect(await save(FILES)).toEqual(first);
    expect(await codeOf(save([{ path: 'a.txt', text: 'other' }]))).toBe('SAVE_CONFLICT');
    await save([{ path: 'a.txt', text: 'a' }], 1);
    expect(await codeOf(save(FILES))).toBe('SAVE_CONFLICT');
    expect(await codeOf(save(FILES, 7))).toBe('INPUT_INVALID');
    expect(await ada.query(api.versions.list, { thread: 'film' })).toHaveLength(2);
  });

  it('of the same content by somebody else is a conflict', async () => {
    const { deployment, ada, save } = await beginFilm();
    const bob = deployment.person('bob');
    await bob.mutation(api.users.signIn, {});
    const who = { email: 'bob@example.com' };
    await ada.mutation(api.projects.addCollaborator, { project: 'film-project', who, role: 'editor' });
    await save(FILES);
    const same = bob.mutation(api.versions.save, { thread: 'film', base: 0, files: FILES });
    expect(await codeOf(same)).toBe('SAVE_CONFLICT');
  });

  it('is whole or not at all', async () => {
    const { deployment, save } = await beginFilm();
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
    const { save } = await beginFilm();
    expect(await refusalOf(save([...FILES, { path, text: '' }]))).toMatchObject({
      code: 'PATH_INVALID',
      field: 'files[2].path',
    });
  });

  it('of paths that look like shell or expressions is only text', async () => {
    const { ada, save } = await beginFilm();
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
    const { save } = await beginFilm();
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
    const { save } = await beginFilm();
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
    const { ada, save } = await beginFilm();
    const name = (index: number) => `${index}`.padStart(5, '0') + '…'.repeat(250);
    const files = Array.from({ length: MAX_SNAPSHOT_FILES }, (_, index) => ({ path: name(index), text: '' }));
    await save(files);
    expect((await ada.query(api.versions.get, { thread: 'film', version: 1 })).files).toHaveLength(MAX_SNAPSHOT_FILES);
  });

  it('of text that is not Unicode is refused', async () => {
    const { save } = await beginFilm();
    await expect(save([{ path: 'a.ts', text: 'a\ud800b' }])).rejects.toThrow();
  });
});

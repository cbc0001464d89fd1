import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256Hex } from '../../action/contract/hash.ts';
import { MAX_ASSET_BYTES, MAX_INLINE_FILE_BYTES } from '../../action/contract/limits.ts';
import { api, internal } from '../../convex/_generated/api.js';
import { sha256OfStorage } from '../../convex/model/storage.ts';
import { beginFilm, codeOf, makeThread, type Person, upload } from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
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
    const world = await beginFilm();
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
    const world = await beginFilm();
    const { storage, sha256 } = await upload(world.deployment, bytes);
    const finish = (id: string) => world.ada.mutation(api.files.finishUpload, { upload: id, storage });
    expect(await codeOf(finish(await start(world, 'ab'.repeat(32))))).toBe('INPUT_INVALID');
    expect(await codeOf(finish(await start(world, sha256, 5)))).toBe('INPUT_INVALID');
    expect(await codeOf(start(world, sha256, MAX_ASSET_BYTES + 1))).toBe('ASSET_TOO_LARGE');
    expect(await codeOf(start(world, 'nonsense'))).toBe('INPUT_INVALID');
    await start(world, 'cd'.repeat(32), MAX_ASSET_BYTES);
  });

  it('cannot be finished by somebody who was removed meanwhile', async () => {
    const { deployment, ada } = await beginFilm();
    const bob = deployment.person('bob');
    await bob.mutation(api.users.signIn, {});
    const project = 'film-project';
    const bobs = { project, who: { email: 'bob@example.com' }, role: 'editor' as const };
    const { collaborator } = await ada.mutation(api.projects.addCollaborator, bobs);
    const { storage, sha256 } = await upload(deployment, bytes);
    const id = await start({ ada: bob }, sha256);
    await ada.mutation(api.projects.removeCollaborator, { project, collaborator });
    expect(await codeOf(bob.mutation(api.files.finishUpload, { upload: id, storage }))).toBe('NOT_FOUND');
  });

  it('of a source file over its limit is refused when saved', async () => {
    const world = await beginFilm();
    const large = new Uint8Array(MAX_INLINE_FILE_BYTES + 1).fill(32);
    const { storage, sha256 } = await upload(world.deployment, large);
    await world.ada.mutation(api.files.finishUpload, { upload: await start(world, sha256, large.length), storage });
    expect(await codeOf(world.save([{ path: 'a.tsx', sha256 }]))).toBe('SOURCE_FILE_TOO_LARGE');
    expect(await world.save([{ path: 'public/a.csv', sha256 }])).toMatchObject({ version: 1 });
  });

  it('that was never finished is cleaned away; what a version needs stays', async () => {
    const world = await beginFilm();
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

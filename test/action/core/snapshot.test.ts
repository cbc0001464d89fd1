import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../action/contract/errors.ts';
import { isPermaframeError, type PermaframeError } from '../../../action/contract/errors.ts';
import {
  MAX_ARTIFACT_BYTES,
  MAX_ASSET_BYTES,
  MAX_DIAGNOSTICS,
  MAX_MANIFEST_BYTES,
  MAX_PATH_CHARACTERS,
  MAX_SNAPSHOT_FILES,
  MAX_SNAPSHOT_SOURCE_BYTES,
  MAX_SOURCE_FILE_BYTES,
} from '../../../action/contract/limits.ts';
import { isIgnoredPath, isSourcePath } from '../../../action/contract/snapshot-paths.ts';
import { checkListing, createSnapshot } from '../../../action/core/snapshot.ts';
import { APP, contentsOf, type Files, filmOf, snapshotOf } from '../../support/snapshots.ts';

const APP_FILES: Files = { 'app.tsx': 'export default () => null;' };

async function refusal(work: () => unknown): Promise<PermaframeError> {
  try {
    await work();
  } catch (error) {
    if (isPermaframeError(error)) return error;
    throw error;
  }
  throw new Error('this is accepted');
}

const refusedListing = (...files: [path: string, bytes: number][]) =>
  refusal(() => checkListing(files.map(([path, bytes]) => ({ path, bytes }))));
const accepts = (...files: [path: string, bytes: number][]) =>
  expect(() => checkListing(files.map(([path, bytes]) => ({ path, bytes })))).not.toThrow();

describe('a listing', () => {
  test.each<[path: string, limit: number, code: ErrorCode, said: string]>([
    ['app.tsx', MAX_SOURCE_FILE_BYTES, 'SOURCE_FILE_TOO_LARGE', '256001 bytes; the limit is 256000 bytes'],
    ['data/a.json', MAX_SOURCE_FILE_BYTES, 'SOURCE_FILE_TOO_LARGE', '256001 bytes; the limit is 256000 bytes'],
    ['notes.md', MAX_SOURCE_FILE_BYTES, 'SOURCE_FILE_TOO_LARGE', '256001 bytes; the limit is 256000 bytes'],
    ['a.css', MAX_SOURCE_FILE_BYTES, 'SOURCE_FILE_TOO_LARGE', '256001 bytes; the limit is 256000 bytes'],
    ['a.mts', MAX_SOURCE_FILE_BYTES, 'SOURCE_FILE_TOO_LARGE', '256001 bytes; the limit is 256000 bytes'],
    ['a.png', MAX_ASSET_BYTES, 'ASSET_TOO_LARGE', '25000001 bytes; the limit is 25000000 bytes'],
    ['unknown.bin', MAX_ASSET_BYTES, 'ASSET_TOO_LARGE', '25000001 bytes; the limit is 25000000 bytes'],
    ['public/data.json', MAX_ASSET_BYTES, 'ASSET_TOO_LARGE', '25000001 bytes; the limit is 25000000 bytes'],
  ])('takes %s of %d bytes and no byte more', async (path, limit, code, said) => {
    accepts([path, limit]);
    const error = await refusedListing([path, limit + 1]);
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${path}: is ${said}`);
    expect(error.diagnostics).toEqual([{ code, file: path, message: `is ${said}` }]);
  });

  test('takes 5 MB of sources in all and no byte more, and says how much there is', async () => {
    const files = (last: number): [string, number][] => [
      ...Array.from({ length: 19 }, (_, i): [string, number] => [`a${i}.ts`, MAX_SOURCE_FILE_BYTES]),
      ['b.ts', last],
    ];
    const rest = MAX_SNAPSHOT_SOURCE_BYTES - 19 * MAX_SOURCE_FILE_BYTES;
    accepts(...files(rest));
    const error = await refusedListing(...files(rest + 1));
    expect(error.code).toBe('SNAPSHOT_TOO_LARGE');
    expect(error.message).toBe('the sources are 5000001 bytes; the limit is 5000000 bytes');
  });

  test('takes 100 MB of assets in all and no byte more, and does not count them as sources', async () => {
    const files = (last: number): [string, number][] => [
      ...Array.from({ length: 3 }, (_, i): [string, number] => [`a${i}.mp4`, MAX_ASSET_BYTES]),
      ['public/a.json', last],
    ];
    const rest = MAX_ARTIFACT_BYTES - 3 * MAX_ASSET_BYTES;
    expect(rest).toBe(MAX_ASSET_BYTES);
    accepts(...files(rest));
    const error = await refusedListing(...files(rest), ['b.png', 1]);
    expect(error.code).toBe('ARTIFACT_TOO_LARGE');
    expect(error.message).toBe('the assets are 100000001 bytes; the limit is 100000000 bytes');
  });

  test('takes 2000 files and no file more', async () => {
    const files = (count: number) => Array.from({ length: count }, (_, i): [string, number] => [`a${i}.ts`, 1]);
    accepts(...files(MAX_SNAPSHOT_FILES));
    const error = await refusedListing(...files(MAX_SNAPSHOT_FILES + 1));
    expect(error.code).toBe('TOO_MANY_FILES');
    expect(error.message).toBe('the project has 2001 files; the limit is 2000');
  });

  test('takes a path of 255 characters and no character more', async () => {
    const path = (length: number) => `${'a'.repeat(length - 3)}.ts`;
    accepts([path(MAX_PATH_CHARACTERS), 1]);
    const error = await refusedListing([path(MAX_PATH_CHARACTERS + 1), 1]);
    expect(error.code).toBe('PATH_INVALID');
    expect(error.message.length).toBeLessThan(320);
  });

  test.each([
    '/etc/passwd',
    'a//b.ts',
    'a/',
    'a\\b.ts',
    'a\nb.ts',
    'a\tb.ts',
    'a\u0000.ts',
    'a\u2028.ts',
    'a\u009b31m.ts',
    '\ud800.ts',
  ])('refuses the path %j, and repeats it in a form that no terminal obeys', async (path) => {
    const error = await refusedListing([path, 1]);
    expect(error.code).toBe('PATH_INVALID');
    expect(error.message).toMatch(/^"[^\p{Cc}\u2028]+" cannot be a path of a project$/u);
    expect(error.message.isWellFormed()).toBe(true);
  });

  test.each(['public/run.js', 'public/page.html', 'public/code.tsx', 'public/a.exe', 'public/noextension'])(
    'refuses %s, which would be served as it is',
    async (path) => {
      const error = await refusedListing([path, 1]);
      expect(error.code).toBe('FILE_TYPE_NOT_SUPPORTED');
      expect(error.diagnostics[0]?.file).toBe(path);
      expect(error.message).toContain('svg, png, jpg');
    },
  );

  test('reports all that is wrong at once, up to a limit, and counts the rest', async () => {
    const error = await refusedListing(
      ...Array.from({ length: 30 }, (_, i): [string, number] => [`a${i}.ts`, MAX_SOURCE_FILE_BYTES + 1]),
    );
    expect(error.diagnostics).toHaveLength(MAX_DIAGNOSTICS);
    // All 30 files, and the sum of them.
    expect(error.message).toContain('(and 30 more)');
  });
});

describe('what belongs to a snapshot', () => {
  test.each([
    ['.git/config', true],
    ['a/.env', true],
    ['node_modules/react/index.js', true],
    ['a/node_modules/x.ts', true],
    ['..', true],
    ['node_modules.ts', false],
    ['a/not_node_modules/x.ts', false],
    ['a.b/c.ts', false],
  ])('%s is ignored: %s', (path, isIgnored) => {
    expect(isIgnoredPath(path)).toBe(isIgnored);
  });

  test.each([
    ['a.ts', true],
    ['a.TSX', true],
    ['a.json', true],
    ['public/a.json', false],
    ['publican/a.json', true],
    ['a.svg', false],
    ['a', false],
  ])('%s is a source: %s', (path, isSource) => {
    expect(isSourcePath(path)).toBe(isSource);
  });

  test('hidden files and installed packages are left out, whatever their size and name', async () => {
    const ignored = { '.env': 'SECRET', '.git/a\nb': 'x', 'node_modules/a/index.ts': new Uint8Array(300_000) };
    const snapshot = await snapshotOf({ ...APP_FILES, ...ignored });
    expect([...snapshot.files.keys()]).toEqual(['app.tsx', 'permaframe.json']);
    expect(snapshot.hash).toBe((await snapshotOf(APP_FILES)).hash);
  });
});

describe('the hash of a snapshot', () => {
  const files: Files = { ...APP_FILES, 'z.ts': '1', 'a/b.ts': '2', 'a.ts': '3', 'ä.ts': '4' };

  test('does not depend on the order of the files', async () => {
    const contents = contentsOf(files);
    const forward = await createSnapshot(contents);
    const backward = await createSnapshot(new Map([...contents].reverse()));
    expect(backward.hash).toBe(forward.hash);
    expect([...backward.files.keys()]).toEqual([...forward.files.keys()]);
  });

  test('changes with a byte, with a name, and when a part of a name moves into the content', async () => {
    const variants: Files[] = [
      files,
      { ...files, 'z.ts': '2' },
      { ...APP_FILES, 'y.ts': '1', 'a/b.ts': '2', 'a.ts': '3', 'ä.ts': '4' },
      { ...APP_FILES, 'x.ts': 'y.ts' },
      { ...APP_FILES, 'x.tsy.ts': '' },
    ];
    const hashes = await Promise.all(variants.map(async (each) => (await snapshotOf(each)).hash));
    expect(new Set(hashes).size).toBe(variants.length);
  });
});

describe('the manifest of a snapshot', () => {
  test('must be there', async () => {
    const error = await refusal(() => createSnapshot(new Map()));
    expect(error.code).toBe('MANIFEST_MISSING');
    expect(error.diagnostics).toMatchObject([{ code: 'MANIFEST_MISSING', file: 'permaframe.json' }]);
  });

  test('is refused with the field that is wrong', async () => {
    const error = await refusal(() => snapshotOf(APP_FILES, { ...APP, title: 1 }));
    expect(error.code).toBe('MANIFEST_INVALID');
    expect(error.diagnostics).toMatchObject([{ file: 'permaframe.json', field: 'title' }]);
    expect(error.message).toBe('permaframe.json: title must be a string, not a number');
  });

  test('is refused with its size when it is too large', async () => {
    const padding = ' '.repeat(MAX_MANIFEST_BYTES);
    const error = await refusal(() => snapshotOf({ ...APP_FILES, 'permaframe.json': JSON.stringify(APP) + padding }));
    expect(error.code).toBe('MANIFEST_INVALID');
    expect(error.message).toBe('permaframe.json: the manifest is 64049 bytes; the limit is 64000 bytes');
  });

  test('may begin with a byte order mark', async () => {
    const text = `\ufeff${JSON.stringify(APP)}`;
    expect((await snapshotOf({ ...APP_FILES, 'permaframe.json': text })).manifest.title).toBe('An app');
  });

  test('names an entry that exists, for each scene', async () => {
    const error = await refusal(() => snapshotOf({ 'scenes/a.tsx': '' }, filmOf('a', 'b', 'c')));
    expect(error.code).toBe('ENTRY_MISSING');
    expect(error.diagnostics.map(({ field }) => field)).toEqual(['scenes[1].entry', 'scenes[2].entry']);
    expect(error.message).toContain('scenes[1].entry names scenes/b.tsx, which is not a file of the project');
  });

  test('names an entry that is code', async () => {
    const error = await refusal(() => snapshotOf({ 'app.css': '' }, { ...APP, entry: 'app.css' }));
    expect(error.code).toBe('ENTRY_MISSING');
    expect(error.diagnostics[0]?.field).toBe('entry');
    expect(error.message).toContain('an entry is a file of ts, tsx, js, jsx, mts, mjs');
  });

  test('cannot name an entry that is left out of the snapshot', async () => {
    const hidden = { '.hidden/app.tsx': 'export default 1' };
    const error = await refusal(() => snapshotOf(hidden, { ...APP, entry: '.hidden/app.tsx' }));
    expect(error.code).toBe('ENTRY_MISSING');
  });

  test.each(['missing.png', 'poster.svg', 'app.tsx', '.hidden/poster.png'])(
    'cannot name %s as the poster',
    async (poster) => {
      const files = { ...APP_FILES, 'poster.svg': '<svg/>', '.hidden/poster.png': 'x' };
      const error = await refusal(() => snapshotOf(files, { ...APP, poster }));
      expect(error.code).toBe('POSTER_INVALID');
      expect(error.diagnostics).toMatchObject([{ file: 'permaframe.json', field: 'poster' }]);
      expect(error.message).toContain(poster);
    },
  );

  test.each(['poster.png', 'images/poster.JPG', 'public/poster.webp'])('can name %s as the poster', async (poster) => {
    const snapshot = await snapshotOf({ ...APP_FILES, [poster]: 'x' }, { ...APP, poster });
    expect(snapshot.manifest.poster).toBe(poster);
  });
});

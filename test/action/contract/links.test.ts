import { describe, expect, test } from 'vitest';
import { artifactPrefix, pageKey, parseKey, runtimeFileKey, sceneModuleKey } from '../../../action/contract/keys.ts';
import { latestPath, parseLink, pinnedPath, signedPath } from '../../../action/contract/links.ts';

const sha = '0123456789abcdef'.repeat(4);

describe('links', () => {
  test('a pinned link is read back', () => {
    expect(pinnedPath('launch', 12)).toBe('/p/launch/12');
    expect(parseLink(pinnedPath('launch', 12))).toEqual({ kind: 'pinned', thread: 'launch', version: 12 });
    expect(parseLink(pinnedPath('p', 999_999_999))).toEqual({ kind: 'pinned', thread: 'p', version: 999_999_999 });
  });

  test('latest is asked for by name, or by naming no version', () => {
    expect(latestPath('launch')).toBe('/p/launch/latest');
    expect(parseLink(latestPath('launch'))).toEqual({ kind: 'latest', thread: 'launch' });
    expect(parseLink('/p/launch')).toEqual({ kind: 'latest', thread: 'launch' });
    expect(parseLink('/p/latest')).toEqual({ kind: 'latest', thread: 'latest' });
    expect(parseLink('/p/latest/latest')).toEqual({ kind: 'latest', thread: 'latest' });
  });

  test('a file below a pinned link belongs to that version', () => {
    const link = parseLink(`/p/launch/3/assets/${sha}.png`);
    expect(link).toEqual({ kind: 'artifactFile', thread: 'launch', version: 3, file: `assets/${sha}.png` });
    expect(parseLink('/p/launch/3/style.css')).toMatchObject({ kind: 'artifactFile', file: 'style.css' });
  });

  test('modules and the runtime are asked for by their keys', () => {
    for (const key of [sceneModuleKey('p', 'intro', sha), runtimeFileKey(sha, 'js')]) {
      expect(parseLink(`/${key}`)).toEqual({ kind: 'shared', key });
    }
  });

  test('a signed link is a pinned link behind its token', () => {
    const token = 'k1.1800000000.mac';
    expect(signedPath(token, 'launch', 3)).toBe(`/s/${token}${pinnedPath('launch', 3)}`);
    expect(parseLink(signedPath(token, 'launch', 3))).toBeNull();
  });
});

describe('hostile paths', () => {
  test.each([
    '',
    '/',
    '//',
    'p/launch/3',
    'x/p/launch/3',
    'https://x/p/launch/3',
    '//p/launch/3',
    '/p',
    '/p/',
    '/p//3',
    '/P/launch/3',
    '/p/Launch/3',
    '/p/launch/',
    '/p/launch//3',
    '/p/launch/03',
    '/p/launch/0',
    '/p/launch/-3',
    '/p/launch/3.0',
    '/p/launch/3 ',
    '/p/launch/1000000000',
    '/p/launch/Latest',
    '/p/launch/latest/',
    '/p/launch/latest/page.html',
    '/p/../threads/launch.json',
    '/p/%6caunch/3',
    '/p/launch%2f3',
    '/p/launch\\3',
    '/p/launch\u0000/3',
    '/p/launch/3?x',
    '/p/launch/3#x',
    `/p/${'a'.repeat(64)}/3`,
    `/p/${'a/'.repeat(100_000)}`,
    '/threads/launch.json',
    '/artifacts/launch/3/page.html',
    '/oembed',
    '/health',
    '/constructor',
    '/__proto__/x',
  ])('%j leads nowhere', (path) => {
    expect(parseLink(path)).toBeNull();
  });

  test.each([
    '/p/launch/3/',
    '/p/launch/3//page.html',
    '/p/launch/3/../4/page.html',
    '/p/launch/3/../../../threads/launch.json',
    '/p/launch/3/%2e%2e/4/page.html',
    '/p/launch/3/..\\4\\page.html',
    '/p/launch/3/page.html/',
    '/p/launch/3/page.html.br',
    '/p/launch/3/page.html\u0000',
  ])('%j names no file of the version', (path) => {
    const link = parseLink(path);
    if (link?.kind !== 'artifactFile') throw new Error('not read as a file of a version');
    expect(link).toMatchObject({ thread: 'launch', version: 3 });
    expect(parseKey(artifactPrefix(link.thread, link.version) + link.file)).toBeNull();
  });

  test('a file of the version is named by the key that it is stored under', () => {
    const link = parseLink('/p/launch/3/page.html');
    if (link?.kind !== 'artifactFile') throw new Error('not read as a file of a version');
    expect(artifactPrefix(link.thread, link.version) + link.file).toBe(pageKey('launch', 3));
  });

  test.each([
    '/projects',
    '/runtime/',
    '/runtime/../threads/launch.json',
    '/projects/../artifacts/launch/3/page.html',
    '/projects/..',
    `/runtime/${sha}.js.br`,
    `/runtime/${sha}.js/`,
    `/runtime//${sha}.js`,
    `/runtime/${sha.toUpperCase()}.js`,
  ])('%j names nothing that is shared', (path) => {
    const link = parseLink(path);
    if (link?.kind !== 'shared') throw new Error('not read as a shared file');
    expect(parseKey(link.key)).toBeNull();
  });

  test('a shared link can name only keys of its own area', () => {
    for (const path of ['/projects/threads/launch.json', '/runtime/threads/launch.json']) {
      const link = parseLink(path);
      expect(link).toMatchObject({ kind: 'shared' });
      expect(link?.kind === 'shared' && parseKey(link.key)).toBeNull();
    }
  });
});

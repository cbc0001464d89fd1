import { describe, expect, test } from 'vitest';
import {
  ASSET_EXTENSIONS,
  CACHE_IMMUTABLE,
  CACHE_PRIVATE,
  CACHE_SHORT,
  extensionOf,
  fileTypeOf,
  isPublishableAsset,
  TEXT_EXTENSIONS,
} from '../../../action/contract/content-types.ts';

describe('the extension of a path', () => {
  test.each([
    ['a.png', 'png'],
    ['public/deep/a.PNG', 'png'],
    ['a.tar.gz', 'gz'],
    ['a.b/c', ''],
    ['a.b/c.js', 'js'],
    ['.env', ''],
    ['public/.env', ''],
    ['.env.json', 'json'],
    ['a.', ''],
    ['a', ''],
    ['', ''],
    ['dir/', ''],
    ['a.png/', ''],
    ['a.png ', 'png '],
    ['a.png\u0000.js', 'js'],
  ])('of %j is %j', (path, extension) => {
    expect(extensionOf(path)).toBe(extension);
  });
});

describe('how a file is served', () => {
  test('text is served as UTF-8, pictures and sounds by their own types', () => {
    expect(fileTypeOf('x/page.html')?.contentType).toBe('text/html; charset=utf-8');
    expect(fileTypeOf('x.js')?.contentType).toBe('text/javascript; charset=utf-8');
    expect(fileTypeOf('x.json')?.contentType).toBe('application/json; charset=utf-8');
    expect(fileTypeOf('x.JPG')).toEqual(fileTypeOf('x.jpeg'));
    expect(fileTypeOf('x.woff2')?.contentType).toBe('font/woff2');
  });

  test.each([
    'x.exe',
    'x.php',
    'x.ts',
    'x.tsx',
    'x.wasm',
    'x.js.map',
    'x',
    '',
    'x.constructor',
    'x.__proto__',
    'x.toString',
  ])('%j is never published', (path) => {
    expect(fileTypeOf(path)).toBeUndefined();
    expect(isPublishableAsset(path)).toBe(false);
  });

  test('code is compiled or composed, never published as it lies there', () => {
    for (const path of ['public/x.js', 'public/x.css', 'public/x.html', 'public/X.HTML']) {
      expect(isPublishableAsset(path), path).toBe(false);
    }
  });

  test('everything that can be imported as a URL or as text can be published', () => {
    for (const extension of [...ASSET_EXTENSIONS, ...TEXT_EXTENSIONS]) {
      expect(isPublishableAsset(`public/x.${extension}`), extension).toBe(true);
    }
    expect(ASSET_EXTENSIONS).toContain('png');
    expect(TEXT_EXTENSIONS).toContain('json');
    expect(ASSET_EXTENSIONS.filter((extension) => TEXT_EXTENSIONS.includes(extension))).toEqual([]);
  });

  test('only what is not compressed already is compressed', () => {
    for (const path of ['x.js', 'x.css', 'x.html', 'x.json', 'x.svg', 'x.ttf', 'x.otf']) {
      expect(fileTypeOf(path)?.compressible, path).toBe(true);
    }
    for (const path of ['x.png', 'x.jpg', 'x.woff2', 'x.mp4', 'x.mp3', 'x.webm']) {
      expect(fileTypeOf(path)?.compressible, path).toBe(false);
    }
  });
});

test('what never changes may be kept for ever, what changes is asked again, what is signed is kept nowhere', () => {
  expect(CACHE_IMMUTABLE.split(', ')).toEqual(['public', 'max-age=31536000', 'immutable']);
  expect(CACHE_SHORT.split(', ')).toEqual(['public', 'max-age=60', 'must-revalidate']);
  expect(CACHE_PRIVATE.split(', ')).toEqual(['private', 'no-store']);
});

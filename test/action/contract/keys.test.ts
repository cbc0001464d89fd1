import { describe, expect, test } from 'vitest';
import { ASSET_EXTENSIONS, TEXT_EXTENSIONS } from '../../../action/contract/content-types.ts';
import {
  artifactPrefix,
  assetKey,
  brotliKey,
  isImmutableKey,
  metaKey,
  type ParsedKey,
  pageKey,
  parseKey,
  runtimeFileKey,
  runtimeManifestKey,
  sceneModuleKey,
  sharedModuleKey,
  styleKey,
  threadControlKey,
  threadPrefix,
} from '../../../action/contract/keys.ts';

const sha = '0123456789abcdef'.repeat(4);
const longest = 'z'.repeat(63);

const built: [string, string, ParsedKey][] = [
  ['page', pageKey('t', 1), { kind: 'artifact', thread: 't', version: 1, file: 'page.html' }],
  ['style', styleKey('09-t', 20), { kind: 'artifact', thread: '09-t', version: 20, file: 'style.css' }],
  [
    'meta',
    metaKey(longest, 999_999_999),
    { kind: 'artifact', thread: longest, version: 999_999_999, file: 'meta.json' },
  ],
  ['asset', assetKey('t', 3, `${sha}.png`), { kind: 'asset', thread: 't', version: 3, name: `${sha}.png` }],
  ['scene module', sceneModuleKey('p', 'intro', sha), { kind: 'scene', project: 'p', scene: 'intro', sha256: sha }],
  ['shared module', sharedModuleKey(longest, sha), { kind: 'module', project: longest, sha256: sha }],
  ['runtime script', runtimeFileKey(sha, 'js'), { kind: 'runtime', sha256: sha, extension: 'js' }],
  ['runtime style', runtimeFileKey(sha, 'css'), { kind: 'runtime', sha256: sha, extension: 'css' }],
  ['runtime manifest', runtimeManifestKey(sha), { kind: 'runtimeManifest', sha256: sha }],
  ['thread control', threadControlKey('constructor'), { kind: 'threadControl', thread: 'constructor' }],
];

describe('keys', () => {
  test.each(built)('the key of a %s is read back as what it was built from', (_, key, parsed) => {
    expect(parseKey(key)).toEqual(parsed);
  });

  test('are laid out as agreed', () => {
    expect(built.map(([, key]) => key)).toEqual([
      'artifacts/t/1/page.html',
      'artifacts/09-t/20/style.css',
      `artifacts/${longest}/999999999/meta.json`,
      `artifacts/t/3/assets/${sha}.png`,
      `projects/p/scenes/intro/${sha}.js`,
      `projects/${longest}/modules/${sha}.js`,
      `runtime/${sha}.js`,
      `runtime/${sha}.css`,
      `runtime/manifest-${sha}.json`,
      'threads/constructor.json',
    ]);
  });

  test('an asset may have every extension that can be published', () => {
    for (const extension of [...ASSET_EXTENSIONS, ...TEXT_EXTENSIONS]) {
      expect(parseKey(assetKey('t', 1, `${sha}.${extension}`)), extension).toMatchObject({ kind: 'asset' });
    }
  });

  test('the prefix of one thread or version is not the beginning of another', () => {
    expect(pageKey('t', 1).startsWith(artifactPrefix('t', 1))).toBe(true);
    expect(pageKey('t', 12).startsWith(artifactPrefix('t', 1))).toBe(false);
    expect(pageKey('t', 1).startsWith(threadPrefix('t'))).toBe(true);
    expect(pageKey('t2', 1).startsWith(threadPrefix('t'))).toBe(false);
  });

  test('only the thread control ever changes', () => {
    const changing = built.filter(([, key]) => !isImmutableKey(key)).map(([name]) => name);
    expect(changing).toEqual(['thread control']);
    expect(isImmutableKey('artifacts/t/1/other.html')).toBe(false);
  });
});

describe('near misses', () => {
  test.each(built)('nothing may stand before or after the key of a %s', (_, key) => {
    const near = [`/${key}`, `${key}/`, `${key}/x`, `${key}.br`, `${key}.bak`, `${key}\n`, `${key} `, ` ${key}`];
    near.push(`${key}?x`, `${key}#x`, `${key}\u0000`, `x/${key}`, `../${key}`, `./${key}`, key.replace('/', '//'));
    near.push(
      key.replace('/', '/../'),
      key.replace('/', '\\'),
      key.replace('/', '%2f'),
      key.slice(0, -1),
      key.slice(1),
    );
    for (const text of near) expect(parseKey(text), JSON.stringify(text)).toBeNull();
  });

  test('a brotli copy is no part of an artifact', () => {
    for (const [, key] of built) expect(parseKey(brotliKey(key))).toBeNull();
  });

  test.each([
    ['an upper-case digest', `runtime/${sha.toUpperCase()}.js`],
    ['an upper-case digest of an asset', `artifacts/t/1/assets/${sha.toUpperCase()}.png`],
    ['an upper-case thread', 'artifacts/T/1/page.html'],
    ['an upper-case extension', `artifacts/t/1/assets/${sha}.PNG`],
    ['an upper-case folder', 'Artifacts/t/1/page.html'],
    ['a short digest', `runtime/${sha.slice(1)}.js`],
    ['a long digest', `runtime/${sha}0.js`],
    ['a version with a leading zero', 'artifacts/t/01/page.html'],
    ['version zero', 'artifacts/t/0/page.html'],
    ['a version with ten digits', 'artifacts/t/1000000000/page.html'],
    ['a signed version', 'artifacts/t/-1/page.html'],
    ['no version', 'artifacts/t//page.html'],
    ['an asset of a version with a leading zero', `artifacts/t/01/assets/${sha}.png`],
    ['a thread that climbs', 'artifacts/../1/page.html'],
    ['a file that climbs', 'artifacts/t/1/../2/page.html'],
    ['a thread that begins with a hyphen', 'artifacts/-t/1/page.html'],
    ['a thread that is too long', `artifacts/${longest}z/1/page.html`],
    ['an unknown file', 'artifacts/t/1/index.html'],
    ['an unknown folder', `artifacts/t/1/files/${sha}.png`],
    ['a folder between', `artifacts/t/1/assets/x/${sha}.png`],
    ['an unknown extension', `artifacts/t/1/assets/${sha}.exe`],
    ['an extension that is a property of objects', `artifacts/t/1/assets/${sha}.constructor`],
    ['two extensions', `artifacts/t/1/assets/${sha}.png.js`],
    ['no extension', `artifacts/t/1/assets/${sha}`],
    ['a page among the assets', `artifacts/t/1/assets/${sha}.html`],
    ['a script among the assets', `artifacts/t/1/assets/${sha}.js`],
    ['a style sheet among the assets', `artifacts/t/1/assets/${sha}.css`],
    ['a scene that is no script', `projects/p/scenes/intro/${sha}.css`],
    ['a scene without a name', `projects/p/scenes/${sha}.js`],
    ['a scene that climbs', `projects/p/scenes/../${sha}.js`],
    ['a module in a folder', `projects/p/modules/x/${sha}.js`],
    ['a runtime file of another type', `runtime/${sha}.html`],
    ['a runtime manifest without a digest', 'runtime/manifest.json'],
    ['a runtime manifest that is a script', `runtime/manifest-${sha}.js`],
    ['a thread control that climbs', 'threads/../x.json'],
    ['a thread control in a folder', 'threads/a/b.json'],
    ['a thread control without a name', 'threads/.json'],
    ['a thread control with two names', 'threads/a.json.json'],
    ['a line break inside', 'threads/a\n.json'],
    ['a prefix alone', 'artifacts/t/1/'],
    ['nothing', ''],
  ])('%s is refused', (_, key) => {
    expect(parseKey(key)).toBeNull();
    expect(isImmutableKey(key)).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { quote, resolveInSnapshot } from '../../../../action/core/compile/resolve.ts';

const FILES = new Set([
  'app.tsx',
  'a.ts',
  'a/index.tsx',
  'a/data.json',
  'both.ts',
  'both.tsx',
  'both/index.ts',
  'lib/x.js.ts',
  'lib/only.ts',
  'lib/view.tsx',
  'lib/esm.mts',
  'lib/index.js',
  'scenes/one.tsx',
  'scenes/deep/two.tsx',
  'scenes/index.ts',
  'images/logo.svg',
  'images/100% #1?.png',
  '%2e%2e/secret.ts',
  'index.tsx',
  'styles',
  'constructor.ts',
]);

const inCode = (specifier: string, importer: string) => resolveInSnapshot(specifier, importer, FILES, false);
const inStyle = (specifier: string, importer: string) => resolveInSnapshot(specifier, importer, FILES, true);

describe('an import', () => {
  test.each([
    ['./a', 'app.tsx', 'a.ts'],
    ['./a.ts', 'app.tsx', 'a.ts'],
    ['./a/', 'app.tsx', 'a/index.tsx'],
    ['./a/.', 'app.tsx', 'a/index.tsx'],
    ['./a/data.json', 'app.tsx', 'a/data.json'],
    ['./a/data', 'app.tsx', 'a/data.json'],
    ['././/a//index.tsx', 'app.tsx', 'a/index.tsx'],
    ['./both', 'app.tsx', 'both.tsx'],
    ['./both/', 'app.tsx', 'both/index.ts'],
    ['./lib', 'app.tsx', 'lib/index.js'],
    ['./lib/x.js', 'app.tsx', 'lib/x.js.ts'],
    ['./lib/only.js', 'app.tsx', 'lib/only.ts'],
    ['./lib/view.js', 'app.tsx', 'lib/view.tsx'],
    ['./lib/view.jsx', 'app.tsx', 'lib/view.tsx'],
    ['./lib/esm.mjs', 'app.tsx', 'lib/esm.mts'],
    ['./lib/esm', 'app.tsx', 'lib/esm.mts'],
    ['../a', 'scenes/one.tsx', 'a.ts'],
    ['../../a/index', 'scenes/deep/two.tsx', 'a/index.tsx'],
    ['../scenes/../images/logo.svg', 'scenes/one.tsx', 'images/logo.svg'],
    ['..', 'scenes/deep/two.tsx', 'scenes/index.ts'],
    ['.', 'scenes/one.tsx', 'scenes/index.ts'],
    ['..', 'scenes/one.tsx', 'index.tsx'],
    ['../', 'scenes/one.tsx', 'index.tsx'],
    ['./images/100% #1?.png', 'app.tsx', 'images/100% #1?.png'],
    ['./styles', 'app.tsx', 'styles'],
    ['./constructor', 'app.tsx', 'constructor.ts'],
  ])('of %s from %s is %s', (specifier, importer, path) => {
    expect(inCode(specifier, importer)).toEqual({ kind: 'found', path });
  });

  test.each([
    ['./A', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./missing', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./lib/only.jsx', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./toString', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./__proto__', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./%2e%2e/%2e%2e/etc/passwd', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['.\\..\\secret', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['./a.ts\0', 'app.tsx', 'IMPORT_NOT_FOUND'],
    ['../a', 'app.tsx', 'IMPORT_OUTSIDE_PROJECT'],
    ['./a/../../a', 'app.tsx', 'IMPORT_OUTSIDE_PROJECT'],
    ['../../../../../../etc/passwd', 'scenes/deep/two.tsx', 'IMPORT_OUTSIDE_PROJECT'],
    ['/a', 'app.tsx', 'IMPORT_OUTSIDE_PROJECT'],
    ['//a', 'app.tsx', 'IMPORT_OUTSIDE_PROJECT'],
    ['./a?raw', 'app.tsx', 'IMPORT_UNSUPPORTED'],
    ['./images/logo.svg#icon', 'app.tsx', 'IMPORT_UNSUPPORTED'],
  ])('of %j from %s is refused with a name: %s', (specifier, importer, code) => {
    expect(inCode(specifier, importer)).toMatchObject({ kind: 'refused', code });
  });

  test('says which file asked, and repeats the specifier as it was written', () => {
    const { message } = inCode('./missing', 'scenes/one.tsx') as { message: string };
    expect(message).toBe('"./missing" (from scenes/one.tsx) is not a file of the project');
  });
});

describe('a reference in a style', () => {
  test.each([
    ['logo.svg', 'images/a.css', 'images/logo.svg'],
    ['./images/logo.svg', 'a.css', 'images/logo.svg'],
    ['../images/logo.svg', 'scenes/a.css', 'images/logo.svg'],
  ])('to %s in %s is %s', (specifier, importer, path) => {
    expect(inStyle(specifier, importer)).toEqual({ kind: 'found', path });
  });

  test.each([
    ['a', 'a.css', 'IMPORT_NOT_FOUND'],
    ['lib', 'a.css', 'IMPORT_NOT_FOUND'],
    ['file:///etc/passwd', 'a.css', 'IMPORT_NOT_FOUND'],
    ['../x.svg', 'a.css', 'IMPORT_OUTSIDE_PROJECT'],
    ['/images/logo.svg', 'a.css', 'IMPORT_OUTSIDE_PROJECT'],
    ['images/logo.svg?#iefix', 'a.css', 'IMPORT_UNSUPPORTED'],
    ['', 'a.css', 'IMPORT_NOT_FOUND'],
  ])('to %j in %s is refused with a name: %s', (specifier, importer, code) => {
    expect(inStyle(specifier, importer)).toMatchObject({ kind: 'refused', code });
  });
});

test('a long specifier is repeated in part', () => {
  expect(quote('x'.repeat(200))).toHaveLength(202);
  expect(quote('x'.repeat(100_000))).toHaveLength(203);
});

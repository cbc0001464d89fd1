import type { Message } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { MAX_DIAGNOSTICS, MAX_EXCERPT_CHARACTERS } from '../../../../action/contract/limits.ts';
import { toDiagnostics, toWarnings } from '../../../../action/core/compile/diagnostics.ts';
import { compileFiles, placesOf, refusalOf } from '../../../support/compiling.ts';
import type { Files } from '../../../support/snapshots.ts';

const END = '\nexport default () => null;';
const firstOf = async (files: Files) => (await refusalOf(files)).diagnostics[0];

describe('a place', () => {
  test.each([
    ['in the first column', "import './missing';", 'app.tsx:1:8'],
    ['after letters of several bytes', "const é = 'ü日本'; import './missing';", 'app.tsx:1:25'],
    ['after emoji, which are two UTF-16 units each', "const e = '🎬🎬'; import './missing';", 'app.tsx:1:26'],
    ['after tabs, which are one column each', "\t\timport './missing';", 'app.tsx:1:10'],
    ['on a later line', "\n\n  import './missing';", 'app.tsx:3:10'],
    ['after lines that end with CR LF', "// 1\r\n// 2\r\n  import './missing';\r\n// 4", 'app.tsx:3:10'],
    ['after lines that end with CR', "// 1\r// 2\r  import './missing';", 'app.tsx:3:10'],
    ['after a line separator', "// 1\u2028  import './missing';", 'app.tsx:2:10'],
    ['after a byte order mark', "\ufeffimport './missing';", 'app.tsx:1:8'],
    ['in the line of a byte order mark, after emoji', "\ufeff/*🎬*/import './missing';", 'app.tsx:1:14'],
  ])('%s', async (_, source, place) => {
    expect(await placesOf({ 'app.tsx': source + END })).toEqual([`IMPORT_NOT_FOUND ${place}`]);
  });

  test.each<[what: string, files: Files, place: string]>([
    ['code', { 'app.tsx': 'const a = ;' }, 'app.tsx:1:11'],
    ['JSX', { 'app.tsx': '<a></b>' }, 'app.tsx:1:6'],
    ['JSON', { 'app.tsx': "export { default } from './a.json'", 'a.json': '{\n  "é": x\n}' }, 'a.json:2:8'],
    [
      'JSON that is imported as JSON',
      { 'app.tsx': "export { default } from './a.json' with { type: 'json' }", 'a.json': '{"a":}' },
      'a.json:1:6',
    ],
    ['an unexpected end', { 'app.tsx': 'function a() {' }, 'app.tsx:1:15'],
  ])('of a mistake in %s', async (_, files, place) => {
    expect(await placesOf(files)).toEqual([`SYNTAX_ERROR ${place}`]);
  });

  test.each(['css', 'json'])('after a byte order mark in %s', async (type) => {
    const source = type === 'css' ? "\ufeff/*é*/@import './missing.css';" : '\ufeff{"é": x}';
    const [place] = await placesOf({ 'app.tsx': `export { default } from './a.${type}'`, [`a.${type}`]: source });
    expect(place).toBe(type === 'css' ? 'IMPORT_NOT_FOUND a.css:1:14' : 'SYNTAX_ERROR a.json:1:7');
  });

  test('of a mistake in a style module is in the file as it is called in the project', async () => {
    const style = '.a { composes: b from "./missing.css" }';
    const files = { 'app.tsx': `import './a b.module.css';${END}`, 'a b.module.css': style };
    expect(await firstOf(files)).toEqual({
      code: 'IMPORT_NOT_FOUND',
      message: '"./missing.css" (from a b.module.css) is not a file of the project',
      file: 'a b.module.css',
      line: 1,
      column: 23,
      excerpt: style,
    });
  });

  test('is in the message too, with the number of problems besides the first', async () => {
    const error = await refusalOf({ 'app.tsx': "import './a'; import './b';" });
    expect(error.message).toBe('app.tsx:1:8: "./a" (from app.tsx) is not a file of the project (and 1 more)');
  });
});

describe('an excerpt', () => {
  test('is the line as it stands in the file, without its end', async () => {
    const line = "\timport './missing'; // 🎬 é";
    expect((await firstOf({ 'app.tsx': `// 1\r\n${line}\r\n${END}` }))?.excerpt).toBe(line);
  });

  test.each([0, 500, 5000])('of a long line shows the column, at %d', async (before) => {
    const source = `/*${'x'.repeat(before)}*/import './missing';/*${'y'.repeat(1000)}*/`;
    const { excerpt = '' } = (await firstOf({ 'app.tsx': source + END })) ?? {};
    expect(excerpt).toContain("import './missing'");
    expect(excerpt.length).toBe(MAX_EXCERPT_CHARACTERS);
  });

  test('is never cut through a character', async () => {
    for (const padding of ['', 'x']) {
      const source = `/*${padding}${'🎬'.repeat(400)}*/import './missing';/*${'🎬'.repeat(400)}*/`;
      const { excerpt = '' } = (await firstOf({ 'app.tsx': source + END })) ?? {};
      expect(excerpt.isWellFormed()).toBe(true);
    }
  });

  test('holds nothing that a terminal or a log would obey', async () => {
    const source = "/*\u001b[2J\u0007\u009b31m*/import './missing';";
    const { excerpt = '', column } = (await firstOf({ 'app.tsx': source + END })) ?? {};
    expect(excerpt).not.toMatch(/\p{Cc}/u);
    expect(excerpt.slice((column ?? 0) - 1)).toBe("'./missing';");
  });
});

describe('problems', () => {
  test('are reported together, each once, first places first, up to a limit', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `import './m${i}';`);
    const { diagnostics } = await refusalOf({ 'app.tsx': lines.join('\n') + END });
    expect(diagnostics.map(({ line }) => line)).toEqual(Array.from({ length: MAX_DIAGNOSTICS }, (_, i) => i + 1));
  });

  test('are described in no time, however many a source holds', async () => {
    const source = Array.from({ length: 3000 }, (_, i) => `import"./m${i}"`).join('\n');
    expect((await refusalOf({ 'app.tsx': source })).diagnostics).toHaveLength(MAX_DIAGNOSTICS);
  });

  test('of a name that a library or a file does not export are found at the name', async () => {
    const files = {
      'app.tsx': `import { useState, useNothing } from 'react';\nimport { b, type T } from './lib';\nconsole.log(useNothing, b)${END}`,
      'lib.ts': 'export const a = 1; export type T = 1;',
    };
    expect(await placesOf(files)).toEqual(['EXPORT_NOT_FOUND app.tsx:1:20', 'EXPORT_NOT_FOUND app.tsx:2:10']);
    const { diagnostics } = await refusalOf(files);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '"react" has no export named "useNothing"',
      '"lib.ts" has no export named "b"',
    ]);
  });

  test('of a missing default export say so', async () => {
    const files = { 'app.tsx': `import A from './lib'; console.log(A)${END}`, 'lib.ts': 'export const a = 1' };
    expect((await firstOf(files))?.message).toBe('"lib.ts" has no default export');
  });

  test('of a class that a style module does not have name the style module', async () => {
    const files = {
      'app.tsx': `import { b } from './a.module.css'; console.log(b)${END}`,
      'a.module.css': '.a {}',
    };
    expect(await firstOf(files)).toMatchObject({
      code: 'EXPORT_NOT_FOUND',
      message: '"a.module.css" has no export named "b"',
    });
  });
});

describe('warnings', () => {
  test('come with their place', async () => {
    const { warnings } = await compileFiles({ 'app.tsx': `console.log(typeof a === 'nul')${END}` });
    expect(warnings).toMatchObject([{ code: 'SOURCE_WARNING', file: 'app.tsx', line: 1, column: 26 }]);
  });
});

/** What esbuild might say, in full. */
function message(text: string, file: string | null, more: Partial<Message> = {}): Message {
  const location =
    file === null ? null : { file, namespace: '', line: 1, column: 0, length: 1, lineText: text, suggestion: '' };
  return { id: '', pluginName: '', text, location, notes: [], detail: undefined, ...more };
}

describe('what esbuild says', () => {
  const read = (path: string) => (path === 'app.tsx' ? 'the line in the snapshot' : undefined);

  test.each([null, '/home/runner/package.json', '../package.json', 'snapshot:other.tsx', 'inlined:lucide-react'])(
    'about %j is not repeated, because it is no file of the snapshot',
    (file) => {
      const found = toDiagnostics([message('found TOKEN', file)], read);
      expect(found).toEqual([{ code: 'SYNTAX_ERROR', message: 'the compiler cannot put these sources together' }]);
      expect(toWarnings([message('found TOKEN', file)], read)).toEqual([]);
    },
  );

  test('is shown with the line of the snapshot, not with the line that esbuild has', () => {
    const [found] = toDiagnostics([message('Unexpected', 'snapshot:app.tsx')], read);
    expect(found).toMatchObject({ message: 'Unexpected', excerpt: 'the line in the snapshot' });
  });

  test('without a place is left out when something else has one', () => {
    const both = [message('Cannot read directory', null), message('Unexpected', 'snapshot:app.tsx')];
    expect(toDiagnostics(both, read).map((found) => found.message)).toEqual(['Unexpected']);
  });

  test('is one line, without our own names for things, and not endless', () => {
    const text = `In "snapshot:app.tsx"\n\u001b[31m"style-module:a-0123abcd.module.css" ${'x'.repeat(9000)}`;
    const [found] = toDiagnostics([message(text, 'snapshot:app.tsx')], read);
    expect(found?.message).toMatch(/^In "app\.tsx" \[31m"a\.module\.css" x+…$/);
    expect(found?.message.length).toBeLessThan(1300);
  });

  test('about a code that is not ours does not become one', () => {
    const detail = { code: 'toString' };
    expect(toDiagnostics([message('x', 'snapshot:app.tsx', { detail })], read)).toMatchObject([
      { code: 'SYNTAX_ERROR' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { pathProblem, removed, renamed, treeRows, visibleRows } from '../../../site-template/editor/files/paths.ts';
import { readFile } from '../../../site-template/editor/files/read-file.ts';
import { titled } from '../../../site-template/editor/projects/titled.ts';
import type { Files } from '../../../site-template/editor/workspace.ts';

const filesOf = (...paths: string[]): Files => new Map(paths.map((path) => [path, { kind: 'text', text: path }]));

describe('the tree', () => {
  const rows = treeRows([
    'scenes/b.tsx',
    'app.css',
    'permaframe.json',
    'scenes/a.tsx',
    'scenes/parts/x.tsx',
    'Zebra.txt',
  ]);

  it('shows folders before files, the manifest first among files, names in any case by letter', () => {
    expect(rows.map(({ path, depth }) => `${depth} ${path}`)).toEqual([
      '0 scenes',
      '1 scenes/parts',
      '2 scenes/parts/x.tsx',
      '1 scenes/a.tsx',
      '1 scenes/b.tsx',
      '0 permaframe.json',
      '0 app.css',
      '0 Zebra.txt',
    ]);
  });

  it('hides what lies in a closed folder, and no folder with a longer name', () => {
    const shown = visibleRows(treeRows(['a/x.tsx', 'ab/y.tsx']), new Set(['a']));
    expect(shown.map(({ path }) => path)).toEqual(['a', 'ab', 'ab/y.tsx']);
  });
});

describe('a path', () => {
  const files = filesOf('scenes/a.tsx', 'app.css');
  it.each([
    ['scenes/b.tsx', null],
    ['', 'A file needs a name.'],
    ['app.css', 'There is a file of that name already.'],
    ['scenes', 'There is a folder of that name already.'],
    ['app.css/x.tsx', 'A file cannot lie inside another file.'],
    ['.env', 'Hidden files and node_modules are never part of a version.'],
    ['a/../b.tsx', 'Use a plain relative path with "/", such as scenes/intro.tsx.'],
    ['/a.tsx', 'Use a plain relative path with "/", such as scenes/intro.tsx.'],
  ])('%j: %s', (path, problem) => expect(pathProblem(path, files)).toBe(problem));

  it('may be a part of the name that it had', () => {
    expect(pathProblem('scenes/more/a.tsx', files, 'scenes/a.tsx')).toBeNull();
    expect(pathProblem('scenes', files, 'scenes/a.tsx')).toBeNull();
  });
});

it('renames and deletes folders with all that is in them, and nothing else', () => {
  const files = filesOf('a/x.tsx', 'a/b/y.tsx', 'ab/z.tsx');
  expect([...renamed(files, 'a', 'c/d').keys()]).toEqual(['c/d/x.tsx', 'c/d/b/y.tsx', 'ab/z.tsx']);
  expect([...removed(files, 'a').keys()]).toEqual(['ab/z.tsx']);
});

it('a file is text when its name and its bytes say so, byte order mark and all', async () => {
  const bytes = (...values: number[]) => new Blob([new Uint8Array(values)]);
  expect(await readFile('a.tsx', bytes(0xef, 0xbb, 0xbf, 0x61))).toEqual({ kind: 'text', text: '\ufeffa' });
  expect(await readFile('a.tsx', bytes(0xff, 0xfe))).toMatchObject({ kind: 'binary', bytes: 2 });
  expect(await readFile('a.png', bytes(0x61))).toMatchObject({
    kind: 'binary',
    sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
  });
});

it('a manifest takes a title, and keeps its form', () => {
  const manifest = '{\n  "title": "Old \\"one\\"",\n  "kind": "app", "entry": "app.tsx"\n}\n';
  const files: Files = new Map([['permaframe.json', { kind: 'text', text: manifest }]]);
  expect(titled(files, 'A "$1" title').get('permaframe.json')).toEqual({
    kind: 'text',
    text: '{\n  "title": "A \\"$1\\" title",\n  "kind": "app", "entry": "app.tsx"\n}\n',
  });
});

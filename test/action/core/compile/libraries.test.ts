import * as esbuild from 'esbuild';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../../action/core/compile/compile.ts';
import { toCompileInput } from '../../../../action/core/compile/input.ts';
import { compileFiles, placesOf, refusalOf, sceneOf, textOf } from '../../../support/compiling.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { filmOf, snapshotOf } from '../../../support/snapshots.ts';

const scene = (code: string) => ({ 'scenes/one.tsx': `${code}\nexport default () => null;` });
const film = filmOf('one');

describe('a library of the runtime', () => {
  test('is left to the import map: once by name, with the names that are used', async () => {
    const app = `import { useState, useEffect } from 'react'; import { Easing } from 'remotion';
      export default () => [useState(1), Easing.linear];`;
    const compiled = await compileFiles({ 'app.tsx': app });
    expect(compiled.libraries).toEqual(['react', 'remotion']);
    expect(textOf(compiled)).toMatch(/^import\{useState as \w+\}from"react";import\{Easing as \w+\}from"remotion";/);
  });

  test('of icons is compiled in: two icons are a few kilobytes of a hundred times as much', async () => {
    const app = "import { House, Car } from 'lucide-react'; export default () => [<House />, <Car />];";
    const compiled = await compileFiles({ 'app.tsx': app });
    expect(compiled.javascriptBytes).toBeGreaterThan(500);
    expect(compiled.javascriptBytes).toBeLessThan(5000);
    expect(compiled.libraries).toEqual(['react', 'react/jsx-runtime']);
    const { runtime } = await sharedRuntime();
    const source = await runtime.read(runtime.manifest.inlined['lucide-react']?.key ?? '');
    expect(source.byteLength).toBeGreaterThan(100 * compiled.javascriptBytes);
  });

  test.each(['react', 'react-dom/client', 'remotion', '@remotion/player', 'three', 'zod', 'motion/react'])(
    '%s can be imported whole, in parts, and on demand',
    async (name) => {
      const app = `import * as all from '${name}'; export * from '${name}'; import('${name}').then(console.log);
        console.log(all); export default () => null;`;
      expect((await compileFiles({ 'app.tsx': app })).libraries).toEqual([name]);
    },
  );
});

test('libraries that are compiled in leave no import of themselves', async () => {
  const { runtime } = await sharedRuntime();
  const names = Object.keys(runtime.manifest.inlined);
  expect(names).toContain('d3-scale');
  const imports = names.map((name, index) => `import * as a${index} from '${name}';`);
  const app = `${imports.join('')} export default () => [${names.map((_, index) => `Object.keys(a${index})`)}];`;
  const { libraries } = await compileFiles({ 'app.tsx': app });
  expect(libraries.filter((name) => names.includes(name))).toEqual([]);
});

test('a library that cannot be read is no mistake of the author', async () => {
  const { runtime } = await sharedRuntime();
  const input = toCompileInput(
    await snapshotOf({ 'app.tsx': "import { Car } from 'lucide-react'; export default Car;" }),
  );
  const readText = () => Promise.reject(new Error('the disk is gone'));
  const error = await compile(esbuild, input, { manifest: runtime.manifest, readText }).catch((reason) => reason);
  expect(error).toEqual(new Error('the disk is gone'));
});

describe('anything else', () => {
  test.each([
    'lodash',
    'react/package.json',
    'three/examples/jsm/x.js',
    '@remotion/cli',
    'node:fs',
    'fs',
    'snapshot:app.tsx',
  ])('is refused by name: %s', async (name) => {
    const error = await refusalOf({ 'lib/a.ts': '', 'app.tsx': `import './lib/a';\n  import '${name}';` });
    expect(error.code).toBe('IMPORT_NOT_ALLOWED');
    expect(error.diagnostics).toMatchObject([{ file: 'app.tsx', line: 2, column: 10, excerpt: `  import '${name}';` }]);
    expect(error.message).toContain(`app.tsx:2:10: "${name}" is not in the runtime, which has: `);
  });

  test('is refused with the whole list of what there is, and nothing of our own in it', async () => {
    const { diagnostics } = await refusalOf({ 'app.tsx': "import 'lodash';" });
    const list = diagnostics[0]?.message.split('which has: ')[1]?.split(', ') ?? [];
    const { runtime } = await sharedRuntime();
    const all = [...Object.keys(runtime.manifest.engines.react.libraries), ...Object.keys(runtime.manifest.inlined)];
    const own = all.filter((name) => name.startsWith('permaframe/') || name.includes('/jsx-'));
    expect(own.length).toBeGreaterThan(0);
    expect(list).toEqual(all.filter((name) => !own.includes(name)).sort());
  });

  test('is refused at the element that asks for it, by a comment', async () => {
    const app = '/** @jsxImportSource vue */\nexport default () => <p />;';
    expect(await placesOf({ 'app.tsx': app })).toEqual(['IMPORT_NOT_ALLOWED app.tsx:2:22']);
    expect((await refusalOf({ 'app.tsx': app })).message).toContain('"vue/jsx-runtime" is not in the runtime');
  });

  test.each(['permaframe/film', 'permaframe/app', 'permaframe-entry:0', 'permaframe-entry:styles'])(
    'is refused although we have it ourselves: %s',
    async (name) => {
      expect(await placesOf({ 'app.tsx': `import '${name}';` })).toEqual(['IMPORT_NOT_ALLOWED app.tsx:1:8']);
    },
  );
});

describe('the engine', () => {
  test('of an app is React, and of a film Preact', async () => {
    expect((await compileFiles({ 'app.tsx': 'export default () => null' })).engine).toBe('react');
    expect((await compileFiles(scene(''), film)).engine).toBe('preact');
  });

  test('is the one that the manifest asks for', async () => {
    expect((await compileFiles(scene(''), { ...film, engine: 'react' })).engine).toBe('react');
  });

  test.each([
    ['a library', "import { Canvas } from '@react-three/fiber'; console.log(Canvas);"],
    ['a name', "import { useActionState } from 'react'; console.log(useActionState);"],
  ])('of a film is React when it imports %s that only React has', async (_, code) => {
    const compiled = await compileFiles(scene(code), film);
    expect(compiled.engine).toBe('react');
    expect(compiled.libraries).toHaveLength(1);
  });

  test('stays Preact when the manifest says so, and what only React has is refused', async () => {
    const files = scene("import { Canvas } from '@react-three/fiber'; console.log(Canvas);");
    expect(await placesOf(files, { ...film, engine: 'preact' })).toEqual(['IMPORT_NOT_ALLOWED scenes/one.tsx:1:24']);
  });

  test('does not hide mistakes, or add any, when React would help with some', async () => {
    const files = scene(
      "import { Canvas } from '@react-three/fiber'; import './missing'; import { nope } from 'react'; console.log(Canvas, nope);",
    );
    expect(await placesOf(files, film)).toEqual(['IMPORT_NOT_FOUND scenes/one.tsx:1:53']);
    const second = scene(
      "import { Canvas } from '@react-three/fiber'; import { nope } from 'react'; console.log(Canvas, nope);",
    );
    expect(await placesOf(second, film)).toEqual(['EXPORT_NOT_FOUND scenes/one.tsx:1:55']);
  });

  test('does not change a scene that both engines can show', async () => {
    const code = "import { useState } from 'react'; useState(1);";
    const one = await compileFiles(scene(code), film);
    const two = await compileFiles(scene(code), { ...film, engine: 'react' });
    expect(sceneOf(two, 'one')).toBe(sceneOf(one, 'one'));
  });
});

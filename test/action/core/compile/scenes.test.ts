import { describe, expect, test } from 'vitest';
import type { Compiled } from '../../../../action/core/compile/compile.ts';
import { compileFiles, placesOf, sceneOf, textOf } from '../../../support/compiling.ts';
import { evaluate } from '../../../support/running.ts';
import { type Files, filmOf } from '../../../support/snapshots.ts';

/** What each scene's component returns, in the order of the film. */
const play = (compiled: Compiled) =>
  evaluate(
    compiled,
    'Promise.all(entry.default.scenes.map(async (scene) => (await scene.load()).default(scene.props)))',
  );

const returning = (value: string, before = '') => `${before}\nexport default () => ${value};`;

describe('a film', () => {
  test('has an index that tells all that a page needs, in the order of the manifest', async () => {
    const manifest = filmOf('b', 'a');
    Object.assign(manifest.scenes[0] ?? {}, {
      title: 'The "first"',
      transition: { type: 'fade', durationInFrames: 5 },
      props: { text: '</script>\u2028"\\', list: [1, null] },
    });
    const compiled = await compileFiles({ 'scenes/a.tsx': returning('1'), 'scenes/b.tsx': returning('2') }, manifest);
    expect(await evaluate(compiled, 'entry.default')).toEqual({
      fps: 30,
      width: 640,
      height: 360,
      scenes: [
        {
          id: 'b',
          title: 'The "first"',
          durationInFrames: 30,
          transition: { type: 'fade', durationInFrames: 5 },
          props: { text: '</script>\u2028"\\', list: [1, null] },
        },
        { id: 'a', title: 'a', durationInFrames: 30, props: {} },
      ],
      staticFiles: {},
    });
    expect(await play(compiled)).toEqual([2, 1]);
    expect(Object.keys(compiled.scenes)).toEqual(['b', 'a']);
  });

  test('has each scene under its own name, and modules sorted by path', async () => {
    const compiled = await compileFiles(
      { 'scenes/a.tsx': returning('1'), 'scenes/b.tsx': returning('2') },
      filmOf('a', 'b'),
    );
    expect(compiled.scenes.a).toMatch(/^scenes\/a\/[0-9a-f]{64}\.js$/);
    expect(compiled.entry).toMatch(/^modules\/[0-9a-f]{64}\.js$/);
    const paths = compiled.modules.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toHaveLength(3);
  });

  test('may show one entry in several scenes, each with its own props', async () => {
    const manifest = filmOf('a', 'b', 'c');
    for (const [index, scene] of manifest.scenes.entries()) {
      Object.assign(scene, { entry: index === 1 ? 'scenes/b.tsx' : 'scenes/shared.tsx', props: { n: index } });
    }
    const files = {
      'scenes/shared.tsx': "import { add } from '../add'; export default ({ n }: { n: number }) => add(n);",
      'scenes/b.tsx': "import { add } from '../add'; export default () => add(10);",
      'add.ts': 'export const add = (n: number) => n + 100;',
    };
    const compiled = await compileFiles(files, manifest);
    expect(await play(compiled)).toEqual([100, 110, 102]);
    expect(compiled.scenes.a?.split('/')[2]).toBe(compiled.scenes.c?.split('/')[2]);
    expect(sceneOf(compiled, 'a')).toBe(sceneOf(compiled, 'c'));
  });

  test('may have a scene that shows another, and scenes that load each other on demand', async () => {
    const files = {
      'scenes/a.tsx': "export default () => 'a'; export const later = async () => (await import('./c')).default();",
      'scenes/b.tsx': "import A from './a'; export default () => A() + 'b';",
      'scenes/c.tsx': "import { later } from './a'; export default () => 'c'; export const again = later;",
    };
    const compiled = await compileFiles(files, filmOf('a', 'b', 'c'));
    expect(await play(compiled)).toEqual(['a', 'ab', 'c']);
    expect(await evaluate(compiled, `load('${compiled.scenes.c}').then((scene) => scene.again())`)).toBe('c');
  });

  test('shares one instance of what several scenes import', async () => {
    const counting = returning('++state.count', "import { state } from '../state';");
    const files = {
      'scenes/a.tsx': counting,
      'scenes/b.tsx': counting,
      'state.ts': 'export const state = { count: 0 };',
    };
    const compiled = await compileFiles(files, filmOf('a', 'b'));
    expect(compiled.modules).toHaveLength(4);
    expect(await play(compiled)).toEqual([1, 2]);
  });

  test('names every scene without a default export', async () => {
    const files = { 'scenes/a.tsx': 'export const A = 1', 'scenes/b.tsx': returning('1'), 'scenes/c.tsx': '' };
    expect(await placesOf(files, filmOf('a', 'b', 'c'))).toEqual([
      'ENTRY_WITHOUT_DEFAULT_EXPORT scenes/a.tsx',
      'ENTRY_WITHOUT_DEFAULT_EXPORT scenes/c.tsx',
    ]);
  });
});

describe('an unchanged scene keeps its module', () => {
  const base: Files = {
    'scenes/a.tsx': returning(
      'add(1)',
      "import { useState } from 'react'; import './a.css'; import { add } from '../add'; useState(1);",
    ),
    'scenes/a.css': '.a { top: 0 }',
    'scenes/b.tsx': returning('2', "import { add } from '../add'; add(1);"),
    'add.ts': 'export const add = (n: number) => n + 100; export const unused = () => 1;',
    'later.ts': 'export const later = 1;',
    'scenes/b.module.css': '.b { top: 0 }',
    'big.png': new Uint8Array(20_000),
  };
  const scenesOf = async (files: Files, ...ids: string[]) => (await compileFiles(files, filmOf(...ids))).scenes;

  test.each<[what: string, before: string]>([
    ['when another says something else', "import { add } from '../add'; add(2);"],
    [
      'when another imports more of a library',
      "import { add } from '../add'; import { useState, useEffect } from 'react'; useState(add(1)); useEffect(() => {});",
    ],
    [
      'when another imports all of a library',
      "import { add } from '../add'; import * as React from 'react'; console.log(React, add);",
    ],
    [
      'when another looks at its environment',
      "import { add } from '../add'; console.log(process.env.X, process.env, import.meta.env.X, add);",
    ],
    ['when another gets styles', "import { add } from '../add'; import s from './b.module.css'; add(s.b);"],
    [
      'when another gets an asset',
      "import { add } from '../add'; import png from '../big.png'; console.log(png, add);",
    ],
    ['when another loads something on demand', "import { add } from '../add'; import('../later').then(add);"],
  ])('%s', async (_, before) => {
    const one = await scenesOf(base, 'a', 'b');
    const two = await scenesOf({ ...base, 'scenes/b.tsx': returning('2', before) }, 'a', 'b');
    expect(two.b).not.toBe(one.b);
    expect(two.a).toBe(one.a);
  });

  test('when scenes change places, or a file comes that it does not import', async () => {
    const one = await scenesOf(base, 'a', 'b');
    expect(await scenesOf({ ...base, 'x.ts': '1' }, 'b', 'a')).toEqual(one);
  });

  test('and gets another when a file changes that it imports', async () => {
    const one = await scenesOf(base, 'a', 'b');
    const two = await scenesOf({ ...base, 'add.ts': 'export const add = (n: number) => n + 200;' }, 'a', 'b');
    expect(two.a).not.toBe(one.a);
    expect(two.b).not.toBe(one.b);
  });
});

test('no module of a film contains an address of a version', async () => {
  const files = {
    'scenes/a.tsx': returning('url', "import url from '../big.png';"),
    'big.png': new Uint8Array(20_000),
    'public/b.png': 'x',
  };
  const compiled = await compileFiles(files, filmOf('a'));
  for (const { path } of compiled.modules)
    expect(textOf(compiled, path)).not.toMatch(/assets\/[0-9a-f]|artifacts|https?:/);
});

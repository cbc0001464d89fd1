import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nameModules, type OutputModule, relative } from '../../../../action/core/compile/modules.ts';

/** An output that says no more than what it imports. */
function output(path: string, imports: readonly string[] = [], extra = ''): OutputModule {
  const lines = imports.map((target) => `import ${JSON.stringify(relative(path, target))};`);
  return { path, text: `${lines.join('')}${extra}`, imports };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const namesOf = async (outputs: readonly OutputModule[]) =>
  Object.fromEntries([...(await nameModules(outputs))].map(([path, named]) => [path, named.path]));

/** The named modules, as a browser finds them: every import must lead to one of them. */
async function resolveAll(outputs: readonly OutputModule[]): Promise<[from: string, to: string][]> {
  const named = await nameModules(outputs);
  const paths = new Set([...named.values()].map(({ path }) => path));
  return [...named.values()].flatMap(({ path, text }) =>
    [...text.matchAll(/import "([^"]+)"/g)].map(([, target]): [string, string] => {
      const to = new URL(target as string, `http://x/${path}`).pathname.slice(1);
      if (!paths.has(to)) throw new Error(`${path} imports ${target}, which is nowhere`);
      return [path, to];
    }),
  );
}

describe('the name of a module', () => {
  test('is the hash of its text, in its own folder', async () => {
    const named = (await nameModules([output('scenes/a/scene.js', [], 'a')])).get('scenes/a/scene.js');
    expect(named).toEqual({ path: `scenes/a/${sha256('a')}.js`, text: 'a', sha256: sha256('a') });
  });

  test('changes when anything changes that it loads, however far away, and stays otherwise', async () => {
    const graph = (leaf: string, other: string) => [
      output('scenes/a/scene.js', ['modules/B.js']),
      output('modules/B.js', ['modules/C.js']),
      output('modules/C.js', [], leaf),
      output('scenes/d/scene.js', [], other),
    ];
    const one = await namesOf(graph('1', '1'));
    const two = await namesOf(graph('2', '1'));
    const three = await namesOf(graph('1', '2'));
    for (const path of ['scenes/a/scene.js', 'modules/B.js', 'modules/C.js']) {
      expect(two[path]).not.toBe(one[path]);
      expect(three[path]).toBe(one[path]);
    }
    expect(two['scenes/d/scene.js']).toBe(one['scenes/d/scene.js']);
    expect(three['scenes/d/scene.js']).not.toBe(one['scenes/d/scene.js']);
  });

  test('does not depend on the names that esbuild gave', async () => {
    const graph = (chunk: string) => [output('scenes/a/scene.js', [chunk]), output(chunk, [], 'text')];
    expect(await namesOf(graph('modules/AAA.js'))).toMatchObject({
      'scenes/a/scene.js': (await namesOf(graph('modules/BBB.js')))['scenes/a/scene.js'],
    });
  });

  test('does not depend on the order of the outputs', async () => {
    const graph = [
      output('scenes/a/scene.js', ['modules/B.js', 'modules/C.js']),
      output('modules/B.js', ['modules/C.js', 'scenes/d/scene.js']),
      output('modules/C.js', ['modules/B.js']),
      output('scenes/d/scene.js', [], 'd'),
    ];
    expect(await namesOf([...graph].reverse())).toEqual(await namesOf(graph));
  });

  test('is its own although another module has the same text: each has its own state', async () => {
    const graph = [
      output('app.js', ['modules/A.js', 'modules/B.js']),
      output('modules/A.js', [], 'export const state = {};\n'),
      output('modules/B.js', [], 'export const state = {};\n'),
    ];
    const named = await nameModules(graph);
    const [a, b] = [named.get('modules/A.js'), named.get('modules/B.js')];
    expect(a?.path).not.toBe(b?.path);
    for (const module of [a, b]) expect(module?.sha256).toBe(sha256(module?.text ?? ''));
    expect(new Set(await resolveAll(graph)).size).toBe(2);
  });
});

describe('modules that import each other in a circle', () => {
  const circle = (extra = '', outside = '') => [
    output('scenes/a/scene.js', ['modules/B.js'], extra),
    output('modules/B.js', ['modules/C.js', 'modules/D.js']),
    output('modules/C.js', ['scenes/a/scene.js', 'modules/B.js']),
    output('modules/D.js', [], outside),
  ];

  test('find each other', async () => {
    expect(await resolveAll(circle())).toHaveLength(5);
  });

  test('change their names together: with one of them, and with what they load', async () => {
    const [one, two, three] = await Promise.all([
      namesOf(circle()),
      namesOf(circle('changed')),
      namesOf(circle('', 'changed')),
    ]);
    for (const path of ['scenes/a/scene.js', 'modules/B.js', 'modules/C.js']) {
      expect(new Set([one[path], two[path], three[path]]).size).toBe(3);
    }
    expect(two['modules/D.js']).toBe(one['modules/D.js']);
  });

  test('have names of their own although their texts are equal', async () => {
    const twins = [output('modules/A.js', ['modules/A.js']), output('modules/B.js', ['modules/B.js'])];
    const names = Object.values(await namesOf(twins));
    expect(new Set(names).size).toBe(2);
    expect(await resolveAll(twins)).toEqual(names.map((name) => [name, name]));
  });

  test('may be two circles that touch', async () => {
    const graph = [
      output('modules/A.js', ['modules/B.js']),
      output('modules/B.js', ['modules/A.js', 'modules/C.js']),
      output('modules/C.js', ['modules/D.js']),
      output('modules/D.js', ['modules/C.js']),
    ];
    expect(await resolveAll(graph)).toHaveLength(5);
  });
});

test('a chain of 2,000 modules is named', async () => {
  const path = (i: number) => `modules/M${i}.js`;
  const chain = Array.from({ length: 2000 }, (_, i) => output(path(i), i < 1999 ? [path(i + 1)] : [], `${i}`));
  expect(await resolveAll(chain)).toHaveLength(1999);
});

test('an output that does not name what it imports is a bug, and said to be one', async () => {
  const broken = [{ path: 'a.js', text: '', imports: ['b.js'] }, output('b.js')];
  await expect(nameModules(broken)).rejects.toThrow('a.js does not name b.js, which it imports');
});

test.each([
  ['modules/a.js', 'modules/b.js', './b.js'],
  ['modules/a.js', 'scenes/x/b.js', '../scenes/x/b.js'],
  ['scenes/x/a.js', 'modules/b.js', '../../modules/b.js'],
  ['scenes/x/a.js', 'scenes/y/b.js', '../y/b.js'],
  ['a.js', 'b.js', './b.js'],
])('from %s, %s is %s', (from, to, specifier) => {
  expect(relative(from, to)).toBe(specifier);
});

import { describe, expect, test } from 'vitest';
import type { CompiledModule } from '../../../../action/core/compile/compile.ts';
import { ADDRESSES, ModuleUrls, positionsIn } from '../../../../site-template/editor/preview/frame/module-urls.ts';
import { compileFiles } from '../../../support/compiling.ts';
import { MANIFEST, threeScenes } from '../../../support/tree.ts';
import { circles } from '../compiler/projects.ts';

const HASHES = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
const [A, B, C] = HASHES;
const module = (path: string, text: string): CompiledModule => ({ path, text });

/** Addresses as a browser makes them, with the text that each stands for. */
function page() {
  const texts = new Map<string, string>();
  const urls = new ModuleUrls((text) => {
    const url = `blob:null/${String(texts.size).padStart(8, '0')}-0000-4000-8000-000000000000`;
    texts.set(url, text);
    return url;
  });
  return { urls, texts: () => urls.all.map((url) => texts.get(url) ?? '') };
}

function address(modules: readonly CompiledModule[]) {
  const { urls, texts } = page();
  urls.add(modules);
  return { urls: urls.all, texts: texts() };
}

describe('modules in memory', () => {
  test('name each other by address, at the same length', () => {
    const modules = [
      module(`scenes/one/${A}.js`, `import{x}from"../../modules/${B}.js";export default()=>x;`),
      module(`modules/${B}.js`, `import"./${C}.js";export const x="./not/a/module.js";`),
      module(`modules/${C}.js`, 'export{};'),
    ];
    const { urls, texts } = address(modules);
    expect(texts[0]).toContain(`from"${urls[1]}"`);
    expect(texts[1]).toContain(`import"${urls[2]}"`);
    expect(texts[1]).toContain('"./not/a/module.js"');
    expect(texts.map(({ length }) => length)).toEqual(modules.map(({ text }) => text.length));
    expect(texts[0]?.indexOf('export default')).toBe(modules[0]?.text.indexOf('export default'));
  });

  test('that load each other in a circle look each other up when it comes to it', () => {
    const modules = [
      module(`modules/${A}.js`, `export const later=()=>import("./${B}.js");`),
      module(`modules/${B}.js`, `import{later}from"./${A}.js";export{later};`),
    ];
    const { urls, texts } = page();
    urls.add([module(`modules/${C}.js`, 'export{};')]);
    urls.add(modules);
    expect(texts()[1]?.replace(/ +\)/, ')')).toBe(`export const later=()=>import(${ADDRESSES}[2]);`);
    expect(texts()[2]).toContain(`from"${urls.all[1]}"`);
  });

  test('that were there already keep their addresses, and are found by what comes later', () => {
    const { urls, texts } = page();
    urls.add([module(`modules/${A}.js`, 'export{};')]);
    const before = urls.of(`modules/${A}.js`);
    urls.add([module(`modules/${A}.js`, 'export{};'), module(`scenes/one/${B}.js`, `import"../../modules/${A}.js";`)]);
    expect(urls.all).toEqual([before, urls.of(`scenes/one/${B}.js`)]);
    expect(texts()[1]).toContain(`import"${before}"`);
  });

  test.each([
    ['three scenes', () => compileFiles(threeScenes(), MANIFEST)],
    ['circles', () => compileFiles(circles.files, circles.manifest)],
  ])('of %s: all imports are found, and no place moves', async (_, compile) => {
    const { modules } = await compile();
    const { texts } = address(modules);
    for (const [index, text] of texts.entries()) {
      expect(text).toHaveLength(modules[index]?.text.length ?? 0);
      expect(text).not.toMatch(/"\.{1,2}\/[^"]*[0-9a-f]{64}\.js"/);
    }
  });
});

describe('a stack trace', () => {
  const url = 'blob:null/11111111-2222-4333-8444-555555555555';
  const paths = new Map([[url, 'scenes/one/x.js']]);

  test.each([
    ['Chromium', `TypeError: no\n    at Scene (${url}:1:52)\n    at ${url}:1:7\n    at https://edge.test/a.js:3:9`],
    ['Firefox and Safari', `Scene@${url}:1:52\n@${url}:1:7\nb@https://edge.test/a.js:3:9`],
  ])('of %s leads to places in modules', (_, stack) => {
    expect(positionsIn(stack, paths)).toEqual([
      { path: 'scenes/one/x.js', line: 1, column: 52 },
      { path: 'scenes/one/x.js', line: 1, column: 7 },
    ]);
  });

  test('of anything else leads nowhere', () => {
    expect(positionsIn('Error\n    at blob:null/other:1:2\n    at f (a.js:1:2)', paths)).toEqual([]);
  });
});

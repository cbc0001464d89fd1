import { describe, expect, test } from 'vitest';
import { WARN_JAVASCRIPT_BYTES } from '../../../../action/contract/limits.ts';
import { compileFiles, placesOf, refusalOf, textOf } from '../../../support/compiling.ts';
import { evaluate } from '../../../support/running.ts';
import { APP, type Files } from '../../../support/snapshots.ts';

/** What the entry's default export returns. */
async function run(files: Files, manifest: object = APP): Promise<unknown> {
  return evaluate(await compileFiles(files, manifest), 'entry.default()');
}

describe('a source', () => {
  test.each<[what: string, files: Files, result: unknown]>([
    [
      'TSX',
      { 'app.tsx': 'type A = 1; export default () => <p title="a">{1 as A}</p>' },
      { type: 'p', props: { title: 'a', children: 1 } },
    ],
    [
      'TypeScript with an enum',
      {
        'app.tsx': "export { default } from './a.ts'",
        'a.ts': 'enum E { A = 2 } export default () => E.A satisfies number',
      },
      2,
    ],
    [
      'JavaScript with JSX',
      { 'app.tsx': "export { default } from './a.js'", 'a.js': 'export default () => <b/>' },
      { type: 'b', props: {} },
    ],
    [
      'a .jsx file',
      { 'app.tsx': "export { default } from './a'", 'a.jsx': 'export default () => <b/>' },
      { type: 'b', props: {} },
    ],
    ['a .mjs file', { 'app.tsx': "export { default } from './a.mjs'", 'a.mjs': 'export default () => 1' }, 1],
    [
      'a .mts file by its output name',
      { 'app.tsx': "export { default } from './a.mjs'", 'a.mts': 'export default (): number => 1' },
      1,
    ],
    [
      'TypeScript by its output name',
      { 'app.tsx': "export { default } from './a.js'", 'a.ts': 'export default (): number => 1' },
      1,
    ],
    [
      'the index of a folder',
      { 'app.tsx': "export { default } from './lib'", 'lib/index.ts': 'export default () => 1' },
      1,
    ],
    [
      'CommonJS',
      { 'app.tsx': "import a from './a.js'; export default () => a.b", 'a.js': 'module.exports = { b: 1 }' },
      1,
    ],
    ['an entry in CommonJS', { 'app.tsx': 'module.exports = () => 1' }, 1],
    ['a top-level await', { 'app.tsx': 'const a = await Promise.resolve(1); export default () => a' }, 1],
    [
      'a file that is empty',
      {
        'app.tsx': "import './empty.ts'; import './empty.css'; export default () => 1",
        'empty.ts': '',
        'empty.css': '',
      },
      1,
    ],
    [
      'files with byte order marks',
      {
        'app.tsx': "\ufeffimport a from './a.json'; import b from './b.txt'; export default () => [a, b]",
        'a.json': '\ufeff1',
        'b.txt': '\ufeffb',
      },
      [1, 'b'],
    ],
    [
      'a file with lines that end with CR LF',
      { 'app.tsx': "import a from './a.txt'\r\nexport default () => [a, `\r\n`]", 'a.txt': 'x\r\ny' },
      ['x\r\ny', '\n'],
    ],
    [
      'text with </script> and quotes',
      { 'app.tsx': "import a from './a.txt'; export default () => a", 'a.txt': '</script><!--<script>`"\\' },
      '</script><!--<script>`"\\',
    ],
  ])('may be %s', async (_, files, result) => {
    expect(await run(files)).toEqual(result);
  });

  test('can import JSON and text, with and without saying so', async () => {
    const app = `
      import json from './a.json'; import named from './a.json' with { type: 'json' };
      import { b } from './a.json'; import text from './a.md'; import code from './a.ts' with { type: 'text' };
      import style from './a.css' with { type: 'text' }; import raw from './a.json' with { type: 'text' };
      export default () => [json, named, b, text, code, style, raw];`;
    const files = { 'app.tsx': app, 'a.json': '{"b":[1]}', 'a.md': '# é', 'a.ts': 'let a = 1', 'a.css': 'p {}' };
    expect(await run(files)).toEqual([{ b: [1] }, { b: [1] }, [1], '# é', 'let a = 1', 'p {}', '{"b":[1]}']);
  });

  test('gets JSON with a key __proto__ as it is, and no other prototype', async () => {
    const app = `import a from './a.json'; export default () => [Object.keys(a), Object.getPrototypeOf(a) === Object.prototype]`;
    expect(await run({ 'app.tsx': app, 'a.json': '{"__proto__":{"x":1}}' })).toEqual([['__proto__'], true]);
  });

  test('can import text of public/, up to the size of a source', async () => {
    const app = "import a from './public/a.json'; export default () => a.length";
    const json = (bytes: number) => ({ 'app.tsx': app, 'public/a.json': JSON.stringify('x'.repeat(bytes - 2)) });
    expect(await run(json(256_000))).toBe(255_998);
    expect(await placesOf(json(256_001))).toEqual(['SOURCE_FILE_TOO_LARGE app.tsx:1:15']);
  });
});

describe('an attribute of an import', () => {
  test.each(['bytes', 'file', 'base64', 'dataurl', 'copy', 'css', 'TEXT', ''])(
    'of type %j is refused',
    async (type) => {
      const files = { 'app.tsx': `import a from './a.txt' with { type: '${type}' }; console.log(a)`, 'a.txt': 'x' };
      expect(await placesOf(files)).toEqual(['IMPORT_UNSUPPORTED app.tsx:1:15']);
    },
  );

  test('is refused beside another, for JSON that is none, and for text that is none', async () => {
    const app = `
import a from './a.txt' with { type: 'text', lazy: 'yes' };
import b from './a.txt' with { type: 'json' };
import c from './a.png' with { type: 'text' };
console.log(a, b, c)`;
    expect(await placesOf({ 'app.tsx': app, 'a.txt': 'x', 'a.png': 'x' })).toEqual([
      'IMPORT_UNSUPPORTED app.tsx:2:15',
      'IMPORT_UNSUPPORTED app.tsx:3:15',
      'IMPORT_UNSUPPORTED app.tsx:4:15',
    ]);
  });
});

describe('what Node or a bundler would offer', () => {
  test('is empty: process.env and import.meta.env know production and nothing else', async () => {
    const app = `export default () => [
      process.env.NODE_ENV, typeof process.env.HOME, Object.keys({ ...process.env }),
      import.meta.env.PROD, import.meta.env.DEV, import.meta.env.MODE, typeof import.meta.env.HOME, typeof import.meta.hot,
    ]`;
    const result = ['production', 'undefined', [], true, false, 'production', 'undefined', 'undefined'];
    expect(await run({ 'app.tsx': app })).toEqual(result);
  });

  test.each([
    ['import.meta.url', 'export default () => import.meta.url', '1:22'],
    ['a URL beside the file', "export default () => new URL('./a.png', import.meta.url)", '1:41'],
    ['a worker', "new Worker(new URL('./w.ts', import.meta.url), { type: 'module' })", '1:30'],
    ['import.meta.glob', "export default () => import.meta.glob('./*.ts')", '1:22'],
    ['import.meta in a try', 'try { console.log(import.meta.url) } catch {}', '1:19'],
  ])('is refused where it cannot be had: %s', async (_, app, place) => {
    expect(await placesOf({ 'app.tsx': app })).toEqual([`IMPORT_UNSUPPORTED app.tsx:${place}`]);
    expect((await refusalOf({ 'app.tsx': app })).message).toContain('import the file, or use staticFile()');
  });

  test.each([
    ['require', "const a = require('./a'); export default a"],
    ['require in a try', "try { require('fs') } catch {} export default 1"],
    ['import = require', "import a = require('./a'); export default a"],
  ])('is refused: %s', async (_, app) => {
    const [problem] = (await refusalOf({ 'app.tsx': app, 'a.ts': 'export const a = 1' })).diagnostics;
    expect(problem).toMatchObject({ code: 'IMPORT_UNSUPPORTED', file: 'app.tsx', line: 1 });
    expect(problem?.message).toMatch(/^require\(".*"\) is not available; use import$/);
  });
});

describe('modules of one app', () => {
  test('that are loaded on demand find each other in circles', async () => {
    const files = {
      'app.tsx': `
        import { name } from './b';
        export const app = 'app';
        export default async () => [name, (await import('./c')).c, await (await import('./c')).back()];`,
      'b.ts': "export const name = 'b'; export const later = () => import('./c');",
      'c.ts':
        "import { name } from './b'; export const c = 'c' + name; export const back = async () => (await import('./app')).app;",
    };
    const compiled = await compileFiles(files);
    expect(compiled.modules.length).toBeGreaterThan(2);
    expect(await evaluate(compiled, 'entry.default()')).toEqual(['b', 'cb', 'app']);
  });

  test('with equal text keep their own state', async () => {
    const state = 'export const state = { count: 0 };';
    const user = (name: string) => `import { state } from './${name}'; export default () => ++state.count;`;
    const load = (name: string) => `(await import('./${name}')).default()`;
    const files = {
      'one.ts': state,
      'two.ts': state,
      'a.ts': user('one'),
      'b.ts': user('one'),
      'c.ts': user('two'),
      'd.ts': user('two'),
      'app.tsx': `export default async () => [${['a', 'b', 'c', 'd'].map(load).join(', ')}]`,
    };
    expect(await evaluate(await compileFiles(files), 'entry.default()')).toEqual([1, 2, 1, 2]);
  });

  test('may be called anything that a path can be', async () => {
    const names = [
      'ünï "q" %20.ts',
      "it's.ts",
      'a#b?.ts',
      'modules/app.tsx',
      '*.ts',
      '__proto__.ts',
      'permaframe-entry:0.ts',
    ];
    const files = Object.fromEntries(names.map((name) => [name, `export default ${JSON.stringify(name)}`]));
    const imports = names.map((name) => `(await import(${JSON.stringify(`./${name}`)})).default`);
    const app = `export default async () => [${imports.join(',')}]`;
    expect(await evaluate(await compileFiles({ ...files, 'app.tsx': app }), 'entry.default()')).toEqual(names);
  });

  test.each(['ünï "q" %20/é.tsx', 'a#b?.tsx', '*/*.tsx', 'modules/app.tsx', 'styles.tsx', '-x.mts'])(
    'may be entered at %s',
    async (entry) => {
      const files = { [entry]: "import './a.css'; export default () => 1", [entry.replace(/[^/]*$/, 'a.css')]: 'p {}' };
      expect(await run(files, { ...APP, entry })).toBe(1);
    },
  );
});

describe('an entry', () => {
  test('must have a default export', async () => {
    const error = await refusalOf({ 'app.tsx': 'export const App = () => null' });
    expect(error.message).toBe('app.tsx: is the entry of the app, but has no default export');
    expect(error.diagnostics).toMatchObject([{ code: 'ENTRY_WITHOUT_DEFAULT_EXPORT', file: 'app.tsx' }]);
  });

  test('may pass on the default export of another file', async () => {
    expect(await run({ 'app.tsx': "export { a as default } from './a'", 'a.ts': 'export const a = () => 1' })).toBe(1);
  });
});

describe('the size of JavaScript', () => {
  test('is told, and warned of from 500 kB', async () => {
    const text = (bytes: number) => ({ 'a.txt': 'x'.repeat(bytes), 'b.txt': 'y'.repeat(250_000) });
    const app = "import a from './a.txt'; import b from './b.txt'; export default () => a + b";
    const small = await compileFiles({ 'app.tsx': app, ...text(249_000) });
    const large = await compileFiles({ 'app.tsx': app, ...text(251_000) });
    expect(small.javascriptBytes).toBeLessThan(WARN_JAVASCRIPT_BYTES);
    expect(small.warnings).toEqual([]);
    expect(large.javascriptBytes).toBe(textOf(large).length);
    expect(large.warnings).toMatchObject([{ code: 'JAVASCRIPT_LARGE' }]);
    expect(large.warnings[0]?.message).toContain('501 kB of JavaScript; over 500 kB');
  });

  test('is small: names are shortened, comments and dead code are gone', async () => {
    const app = `
      // A comment. /* @license */
      /*! kept by others */
      function aFunctionWithALongName(anArgumentWithALongName) { return anArgumentWithALongName * 2; }
      if (process.env.NODE_ENV !== 'production') console.log('in development');
      export default () => aFunctionWithALongName(21);`;
    expect(textOf(await compileFiles({ 'app.tsx': app }))).toBe(
      'function t(a){return a*2}var n=()=>t(21);export{n as default};\n',
    );
  });
});

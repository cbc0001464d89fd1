import { describe, expect, test } from 'vitest';
import { compileFiles, placesOf, sceneOf, textOf } from '../../../support/compiling.ts';
import { evaluate } from '../../../support/running.ts';
import { type Files, filmOf } from '../../../support/snapshots.ts';

const scene = (code: string) => `${code}\nexport default () => null;`;
const styleOf = async (files: Files, manifest?: object) => (await compileFiles(files, manifest)).style.trim();
/** The style of an app that imports a.css. */
const appStyle = (css: string, files: Files = {}) =>
  styleOf({ 'app.tsx': scene("import './a.css';"), 'a.css': css, ...files });

describe('styles', () => {
  test('are empty where there are none', async () => {
    expect(await styleOf({ 'app.tsx': scene('') })).toBe('');
    expect(await styleOf({ 'app.tsx': scene('import "./a.css"'), 'a.css': '/* nothing */' })).toBe('');
  });

  test('come scene after scene, each in the order of its imports, each once', async () => {
    const files = {
      'scenes/one.tsx': scene("import './b.css'; import '../shared/card'; import './a.css';"),
      'scenes/two.tsx': scene("import './c.css'; import './a.css'; import '../shared/card';"),
      'shared/card.tsx': "import './card.css'; export const Card = 1;",
      'shared/card.css': 'card { top: 0 }',
      'scenes/a.css': 'a { top: 0 }',
      'scenes/b.css': 'b { top: 0 }',
      'scenes/c.css': 'c { top: 0 }',
    };
    expect(await styleOf(files, filmOf('one', 'two'))).toBe('b{top:0}card{top:0}a{top:0}c{top:0}');
    expect(await styleOf(files, filmOf('two', 'one'))).toBe('c{top:0}a{top:0}card{top:0}b{top:0}');
  });

  test('of what is loaded on demand are there from the start, after those of its scene', async () => {
    const files = {
      'scenes/one.tsx': scene("import('../shared/later'); import './one.css';"),
      'scenes/two.tsx': scene("import './two.css';"),
      'shared/later.ts': "import './later.css'; import('./last.css');",
      'shared/later.css': 'later { top: 0 }',
      'shared/last.css': 'last { top: 0 }',
      'scenes/one.css': 'one { top: 0 }',
      'scenes/two.css': 'two { top: 0 }',
    };
    expect(await styleOf(files, filmOf('one', 'two'))).toBe('one{top:0}later{top:0}last{top:0}two{top:0}');
  });

  test('import other styles under the conditions that they name, and only under them', async () => {
    const css = `@layer base, top; @import './b.css' print; @import './c.css' layer(base) supports(display: grid);
      @import url('d/d.css') screen and (min-width: 9px); p { top: 0 }`;
    const others = {
      'b.css': 'b { top: 0 }',
      'c.css': 'c { top: 0 }',
      'd/d.css': "@import 'e.css'; d { top: 0 }",
      'd/e.css': 'e { top: 0 }',
    };
    expect(await appStyle(css, others)).toBe(
      '@layer base,top;@media print{b{top:0}}@supports (display: grid){@layer base{c{top:0}}}' +
        '@media screen and (min-width:9px){e{top:0}}@media screen and (min-width:9px){d{top:0}}p{top:0}',
    );
  });

  test('that code and a style both import are there for both', async () => {
    const files = {
      'app.tsx': scene("import './b.css'; import './a.css';"),
      'a.css': "@import './b.css' print; a { top: 0 }",
      'b.css': 'b { top: 0 }',
    };
    expect(await styleOf(files)).toBe('b{top:0}@media print{b{top:0}}a{top:0}');
  });

  test('that import each other in a circle are each there once', async () => {
    expect(await appStyle("@import './b.css'; a { top: 0 }", { 'b.css': "@import './a.css'; b { top: 0 }" })).toBe(
      'b{top:0}a{top:0}',
    );
  });

  test('keep letters of all languages, lower nesting, and lose comments', async () => {
    expect(await appStyle('/* x */ p { content: "é🎬"; & a { top: 0 } }')).toBe('p{content:"é🎬"}p a{top:0}');
  });

  test.each(['a { b: "c', 'a { b: (', 'a {', 'a {}}', '@media x { a { b: c', '.', '\\'])(
    'with a mistake like %j are published with a warning, and those of the next scene are whole',
    async (css) => {
      const files = {
        'scenes/one.tsx': scene("import './one.css'"),
        'scenes/two.tsx': scene("import './two.css'"),
        'scenes/one.css': `\n${css}`,
        'scenes/two.css': 'two { top: 0 }',
      };
      const { style, warnings } = await compileFiles(files, filmOf('one', 'two'));
      expect(style).toMatch(/(^|\}|\n)two\{top:0\}\n$/);
      expect(warnings[0]).toMatchObject({ code: 'SOURCE_WARNING', file: 'scenes/one.css', line: 2 });
    },
  );
});

describe('a style', () => {
  test.each<[string, string]>([
    ["@import './app.tsx';", 'SYNTAX_ERROR a.css:1:9'],
    ["@import './missing.css';", 'IMPORT_NOT_FOUND a.css:1:9'],
    ["@import 'data:text/css,p{}';", 'IMPORT_NOT_FOUND a.css:1:9'],
    ["@import 'https://example.com/a.css';", 'REMOTE_NOT_ALLOWED a.css:1:9'],
    ['@import url(//example.com/a.css);', 'REMOTE_NOT_ALLOWED a.css:1:9'],
    ['p { background: url(missing.png) }', 'IMPORT_NOT_FOUND a.css:1:17'],
    ['p { background: url("") }', 'IMPORT_NOT_FOUND a.css:1:21'],
    ['p { background: url(HTTP://example.com/a.png) }', 'REMOTE_NOT_ALLOWED a.css:1:17'],
    ['p { background: url(app.tsx) }', 'FILE_TYPE_NOT_SUPPORTED a.css:1:17'],
    ['p { background: url(a.css) }', 'FILE_TYPE_NOT_SUPPORTED a.css:1:17'],
    ['p { background: url(/a.png) }', 'IMPORT_OUTSIDE_PROJECT a.css:1:17'],
  ])('that says %s is refused: %s', async (css, place) => {
    expect(await placesOf({ 'app.tsx': scene("import './a.css'"), 'a.css': css })).toEqual([place]);
  });

  test('may name what needs no file: data, and parts of the page', async () => {
    expect(await appStyle('p { a: url(data:image/png;base64,AA==); fill: url(#m) }')).toBe(
      'p{a:url(data:image/png;base64,AA==);fill:url(#m)}',
    );
  });
});

describe('a style module', () => {
  const title = "import styles from './title.module.css'; export default () => styles.title;";

  test('gives class names that its styles have, and of its own file only', async () => {
    const files = {
      'scenes/one.tsx': title.replace('./title', './one/title'),
      'scenes/two.tsx': title.replace('./title', './two/title'),
      'scenes/one/title.module.css': '.title { top: 1px } .title.x { top: 2px }',
      'scenes/two/title.module.css': '.title { top: 2px }',
    };
    const compiled = await compileFiles(files, filmOf('one', 'two'));
    const [one, two] = await Promise.all(
      ['one', 'two'].map((id) => evaluate(compiled, `(await load('${compiled.scenes[id]}')).default()`)),
    );
    expect(one).toMatch(/^title_[0-9a-f]+_title$/);
    expect(two).toMatch(/^title_[0-9a-f]+_title$/);
    expect(one).not.toBe(two);
    const other = String(one).replace(/title$/, 'x');
    expect(compiled.style.trim()).toBe(`.${one}{top:1px}.${one}.${other}{top:2px}.${two}{top:2px}`);
  });

  test('keeps its names when another changes, and so does the scene that uses it', async () => {
    const files = (css: string) => ({
      'scenes/one.tsx': title.replace('title.module', 'one.module'),
      'scenes/two.tsx': "import s from './two.module.css'; export default () => Object.values(s);",
      'scenes/one.module.css': '.title { top: 0 }',
      'scenes/two.module.css': css,
    });
    const before = await compileFiles(files('.a { top: 0 }'), filmOf('one', 'two'));
    const after = await compileFiles(files('.b .c .b .b { top: 0 } .title { left: 0 }'), filmOf('one', 'two'));
    expect(after.scenes.one).toBe(before.scenes.one);
    expect(after.scenes.two).not.toBe(before.scenes.two);
  });

  test('can compose classes of its own, of other modules and of the page, and name key frames', async () => {
    const files = {
      'app.tsx': "import s, { a } from './a.module.css'; export default () => [s, a];",
      'a.module.css': `.a { composes: own; composes: b from './b.module.css'; composes: page from global;
        animation: move 1s } .own { top: 0 } @keyframes move { to { top: 1px } } :global(.page) { top: 2px }`,
      'b.module.css': '.b { top: 3px }',
    };
    const compiled = await compileFiles(files);
    const [all, a] = (await evaluate(compiled, 'entry.default()')) as [Record<string, string>, string];
    const [b, page, own, self] = a
      .split(' ')
      .sort((x, y) => (x < y ? -1 : 1))
      .toSorted(byRole);
    expect(all.a).toBe(a);
    expect([b, own, self].every((name) => /^[ab]_[0-9a-f]+_(b|own|a)$/.test(name ?? ''))).toBe(true);
    expect(page).toBe('page');
    for (const name of [b, own, self, all.move]) expect(compiled.style).toContain(name);
    expect(compiled.style).toContain('.page{top:2px}');
  });

  test('can be imported as text, and in upper case', async () => {
    const files = {
      'app.tsx':
        "import text from './A.MODULE.CSS' with { type: 'text' }; import s from './A.MODULE.CSS'; export default () => [text, s.x];",
      'A.MODULE.CSS': '.x { top: 0 }',
    };
    const result = (await evaluate(await compileFiles(files), 'entry.default()')) as string[];
    expect(result).toEqual(['.x { top: 0 }', expect.stringMatching(/^A.*_x$/)]);
  });

  test('that no scene uses leaves no trace', async () => {
    const compiled = await compileFiles(
      { 'scenes/one.tsx': scene(''), 'scenes/one.module.css': '.x {' },
      filmOf('one'),
    );
    expect([compiled.style, compiled.warnings]).toEqual(['', []]);
    expect(sceneOf(compiled, 'one')).not.toContain('module');
    expect(textOf(compiled)).not.toContain('module.css');
  });
});

/** b, page, own, a: in the order of the roles that they play. */
function byRole(one: string, two: string): number {
  const role = (name: string) => ['_b', 'page', '_own', '_a'].findIndex((end) => name.endsWith(end));
  return role(one) - role(two);
}

/** Small sources that cost whoever compiles them a lot, each within the limits of a snapshot. */
import type { ErrorCode } from '../../../action/contract/errors.ts';
import type { Files } from '../../support/snapshots.ts';

/** Under the 256 kB that one source may have. */
const SOURCE_BYTES = 255_000;
const END = '\nexport default () => null;';

const app = (code: string, files: Files = {}): Files => ({ 'app.tsx': code + END, ...files });
const range = (length: number) => Array.from({ length }, (_, i) => i);

/** As deep as a file can nest: `[[[…]]]`. */
function nested(open: string, close: string, middle = ''): string {
  const depth = Math.floor((SOURCE_BYTES - 100) / (open.length + close.length));
  return open.repeat(depth) + middle + close.repeat(depth);
}

/** A string that doubles with every member: 323 bytes that would be 800 MB. */
export function enumBomb(doublings: number): Files {
  const members = range(doublings).map((i) => `A${i + 1}=\`\${A${i}}\${A${i}}\``);
  return app(`enum E{A0='0123456789',${members.join(',')}}console.log(E.A${doublings})`);
}

/** Overflows the stack of esbuild, which ends with it. */
export const STACK_BOMB = app(`console.log(${'!'.repeat(250_000)}1)`);

/** Takes esbuild a time that grows with the square of its length: minutes. */
export const TIME_BOMB = app(`console.log(${'a?b:'.repeat(60_000)}1)`);

/** What needs several times the memory that any real project does. */
export const MEMORY_BOMBS: Readonly<Record<string, Files>> = {
  'a string that doubles': enumBomb(26),
  'a long string used often': app(`enum E{A='${'x'.repeat(100_000)}'}console.log(${range(20_000).map(() => 'E.A')})`),
  'nested brackets': app(`const x=${nested('[', ']')}`),
  'nested JSON': app("import x from './x.json';console.log(x)", { 'x.json': nested('[', ']') }),
  'a long chain of members': app(`console.log(a${'.b'.repeat(120_000)})`),
  'a warning for each of 40,000 places in one line': app('x==-0;'.repeat(40_000)),
  'an error for each of 4,000 places in one line': app(
    range(4_000)
      .map((i) => `import"./m${i}"`)
      .join(';'),
  ),
  'styles that import each other three times each': {
    ...app("import './c0.css'"),
    ...Object.fromEntries(
      range(20).map((i) => [
        `c${i}.css`,
        ['screen', 'print', '(min-width:1px)'].map((media) => `@import './c${i + 1}.css' ${media};`).join(''),
      ]),
    ),
    'c20.css': 'a{color:red}',
  },
};

/** What esbuild refuses by itself. */
export const REFUSED_BOMBS: Readonly<Record<string, { files: Files; code: ErrorCode; place: string }>> = {
  'styles that nest exponentially': {
    files: app("import './a.css'", { 'a.css': `${'.a,.b{'.repeat(30)}color:red${'}'.repeat(30)}` }),
    code: 'SYNTAX_ERROR',
    place: 'a.css:1',
  },
  'brackets that never close': {
    files: app('const x='.concat('('.repeat(30_000))),
    code: 'SYNTAX_ERROR',
    place: 'app.tsx',
  },
};

/** Modules that are loaded on demand, all by one. */
export function fan(modules: number): Files {
  return {
    ...app(
      range(modules)
        .map((i) => `import('./m/f${i}');`)
        .join(''),
    ),
    ...Object.fromEntries(range(modules).map((i) => [`m/f${i}.ts`, `export const v${i}=${i}`])),
  };
}

/** What is large or odd, and compiles. */
export const HEAVY_PROJECTS: Readonly<Record<string, { files: Files; modules: number }>> = {
  '1,900 modules that are loaded on demand': { files: fan(1900), modules: 1901 },
  'a chain of 1,900 imports': {
    files: {
      ...app("import './f0'"),
      ...Object.fromEntries(range(1900).map((i) => [`f${i}.ts`, i < 1899 ? `import './f${i + 1}'` : ''])),
    },
    modules: 1,
  },
  '5 MB of text that grows when it is escaped': {
    files: {
      ...app(
        range(19)
          .map((i) => `import t${i} from './t${i}.txt';console.log(t${i});`)
          .join(''),
      ),
      ...Object.fromEntries(range(19).map((i) => [`t${i}.txt`, '\u0001'.repeat(250_000)])),
    },
    modules: 1,
  },
};

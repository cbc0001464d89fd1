import { transform } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { GUARD } from '../../../../site-template/editor/compiler/guard-name.ts';
import { guardSource } from '../../../../site-template/editor/compiler/loop-guards.ts';

/** Runs the guarded source with a guard that stops at its hundredth call, and gives where that was. */
async function placeOfEndless(source: string, path = 'a.tsx'): Promise<string> {
  const guarded = guardSource(path, source);
  expect(guarded.split('\n')).toHaveLength(source.split('\n').length);
  const { code } = await transform(guarded, { loader: 'tsx', format: 'cjs', jsx: 'automatic' });
  let calls = 0;
  const guard = (...place: unknown[]) => {
    if (++calls > 100) throw new Error(place.join(':'));
  };
  Object.assign(globalThis, { [GUARD]: guard });
  try {
    new Function('require', 'exports', 'module', code)(() => ({}), {}, {});
  } catch (error) {
    return (error as Error).message;
  } finally {
    Object.assign(globalThis, { [GUARD]: undefined });
  }
  return 'ended';
}

describe('the guard of an endless loop names its place', () => {
  test.each([
    ['while (true) {}', 'a.tsx:1:1'],
    ['\n  while (true) ;', 'a.tsx:2:3'],
    ['let i = 0;\nfor (;;) i++;', 'a.tsx:2:1'],
    ['let i = 0;\ndo i++; while (i > 0)\nexport {};', 'a.tsx:2:1'],
    ['let i = 0;\ndo { i++ } while (i > 0);', 'a.tsx:2:1'],
    ['for (const a of (function* () { for (;;) yield 1; })()) for (const b of [a]) if (b) a;', 'a.tsx:1:33'],
    ['function f(): void {\n  "use strict"\n  f();\n}\nf();', 'a.tsx:1:1'],
    ['const a = [1];\nfor (const x of a) a.push(x);', 'a.tsx:2:1'],
    ['class A<T> { m(): void { this.m(); } }\nnew A<number>().m();', 'a.tsx:1:14'],
    ['const f = (x: number): number => { return f(x + 1); };\nf(1);', 'a.tsx:1:11'],
    ['const e = <div>{(() => { outer: for (;;) { continue outer; } })()}</div>;', 'a.tsx:1:33'],
  ])('%j', async (source, place) => {
    expect(await placeOfEndless(source)).toBe(place);
  });

  test('a loop that ends does so, and returns what it did', async () => {
    const source = `let n = 0; for (const x of [1, 2]) for (let i = 0; i < 3; i++) n += x; if (n !== 9) throw new Error(String(n));`;
    expect(await placeOfEndless(source)).toBe('ended');
  });

  test('a source that does not parse is left to whoever reads it next', () => {
    expect(() => guardSource('a.ts', 'for (;; {{{ <T>(x) while')).not.toThrow();
  });
});

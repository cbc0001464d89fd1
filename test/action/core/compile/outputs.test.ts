import { describe, expect, test } from 'vitest';
import { MAX_ARTIFACT_BYTES } from '../../../../action/contract/limits.ts';
import { assetsUsed, checkOutputSize, type SnapshotResult } from '../../../../action/core/compile/outputs.ts';
import { withCode } from '../../../support/store-contract.ts';

/** A result of which no more is looked at than the size of its files. */
const resultOf = (...sizes: number[]) =>
  ({ outputFiles: sizes.map((byteLength) => ({ contents: { byteLength } })) }) as unknown as SnapshotResult;

describe('what a project compiles to', () => {
  test('may be 100 MB in all and no byte more', () => {
    expect(() => checkOutputSize(resultOf(MAX_ARTIFACT_BYTES - 1, 1))).not.toThrow();
    const refuse = () => checkOutputSize(resultOf(MAX_ARTIFACT_BYTES - 1, 2));
    expect(refuse).toThrow(withCode('BUNDLE_TOO_LARGE'));
    expect(refuse).toThrow('the project compiles to 100000001 bytes; the limit is 100000000 bytes');
  });

  test('uses the assets whose names it contains, whole', () => {
    const name = (digit: string) => digit.repeat(64);
    const files = new Map([
      ['b.png', { sha256: name('b') }],
      ['a.png', { sha256: name('a') }],
      ['a.jpg', { sha256: name('a') }],
      ['c.png', { sha256: name('c') }],
      ['d.png', { sha256: name('d') }],
    ]);
    const texts = [`f("${name('b')}.png")`, `url(assets/${name('a')}.png) ${name('c')} 0${name('d')}.png`];
    expect(assetsUsed(texts, files)).toEqual(['a.png', 'b.png']);
  });
});

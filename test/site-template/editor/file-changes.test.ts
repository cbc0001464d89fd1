import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, merged, planMerge } from '../../../site-template/editor/versions/file-changes.ts';
import type { Files } from '../../../site-template/editor/workspace.ts';

const filesOf = (record: Record<string, string>): Files =>
  new Map(Object.entries(record).map(([path, text]) => [path, { kind: 'text', text }]));

const anyFiles = fc
  .dictionary(fc.constantFrom('a.tsx', 'b.tsx', 'c.css', 'd/e.json'), fc.constantFrom('1', '2', '3'), {
    noNullPrototype: true,
  })
  .map(filesOf);

it('lists what was added, removed and changed, by path', () => {
  const before = filesOf({ 'a.tsx': '1', 'b.tsx': '1', 'd.tsx': '1' });
  const after = filesOf({ 'a.tsx': '1', 'b.tsx': '2', 'c.tsx': '1' });
  expect(changesBetween(before, after)).toEqual([
    { path: 'b.tsx', kind: 'changed' },
    { path: 'c.tsx', kind: 'added' },
    { path: 'd.tsx', kind: 'removed' },
  ]);
});

describe('combining what two people did', () => {
  it('takes each file from whoever changed it, deletions included', () => {
    const base = filesOf({ 'a.tsx': '1', 'b.tsx': '1', 'c.tsx': '1' });
    const mine = filesOf({ 'a.tsx': '2', 'b.tsx': '1', 'new.tsx': '1' });
    const theirs = filesOf({ 'a.tsx': '1', 'b.tsx': '3', 'c.tsx': '1' });
    expect(planMerge(base, mine, theirs).conflicts).toEqual([]);
    const both = merged(base, mine, theirs, () => 'mine');
    expect(both).toEqual(filesOf({ 'a.tsx': '2', 'b.tsx': '3', 'new.tsx': '1' }));
  });

  it('asks about a file that both have changed, or one has deleted and the other changed', () => {
    const base = filesOf({ 'a.tsx': '1', 'b.tsx': '1' });
    const mine = filesOf({ 'a.tsx': '2' });
    const theirs = filesOf({ 'a.tsx': '3', 'b.tsx': '2' });
    expect(planMerge(base, mine, theirs).conflicts).toEqual(['a.tsx', 'b.tsx']);
    expect(merged(base, mine, theirs, () => 'mine')).toEqual(mine);
    expect(merged(base, mine, theirs, () => 'theirs')).toEqual(theirs);
  });

  it('never loses a change that only one side made, and is theirs when nothing is mine', () => {
    fc.assert(
      fc.property(anyFiles, anyFiles, anyFiles, (base, mine, theirs) => {
        expect(merged(base, base, theirs, () => 'mine')).toEqual(theirs);
        expect(merged(base, mine, base, () => 'theirs')).toEqual(mine);
        const { conflicts } = planMerge(base, mine, theirs);
        const both = merged(base, mine, theirs, () => 'mine');
        for (const { path } of changesBetween(base, mine)) expect(both.get(path)).toEqual(mine.get(path));
        for (const { path } of changesBetween(base, theirs)) {
          if (!conflicts.includes(path)) expect(both.get(path)).toEqual(theirs.get(path));
        }
      }),
    );
  });
});

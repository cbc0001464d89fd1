/** What differs between two sets of files, and how three of them come together. Pure. */
import { compareText } from '../../../action/contract/hash.ts';
import { type Files, isSameFile, type WorkspaceFile } from '../workspace.ts';

export interface FileChange {
  path: string;
  kind: 'added' | 'removed' | 'changed';
}

/** By path. */
export function changesBetween(before: Files, after: Files): FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  return paths.flatMap((path): FileChange[] => {
    const [old, next] = [before.get(path), after.get(path)];
    if (isSameFile(old, next)) return [];
    return [{ path, kind: old === undefined ? 'added' : next === undefined ? 'removed' : 'changed' }];
  });
}

export type Side = 'mine' | 'theirs';

export interface Merge {
  /** Both sides changed these, each in its own way: somebody has to choose. */
  conflicts: readonly string[];
  /** Everything else that differs from the common base, and whose it is. */
  settled: readonly { path: string; side: Side }[];
}

/** File by file: what only one side has changed is that side's. */
export function planMerge(base: Files, mine: Files, theirs: Files): Merge {
  const conflicts: string[] = [];
  const settled: { path: string; side: Side }[] = [];
  for (const path of [...new Set([...base.keys(), ...mine.keys(), ...theirs.keys()])].sort(compareText)) {
    const [old, left, right] = [base.get(path), mine.get(path), theirs.get(path)];
    if (isSameFile(left, right)) continue;
    if (isSameFile(old, right)) settled.push({ path, side: 'mine' });
    else if (isSameFile(old, left)) settled.push({ path, side: 'theirs' });
    else conflicts.push(path);
  }
  return { conflicts, settled };
}

/** @param choose for each path that both have changed */
export function merged(base: Files, mine: Files, theirs: Files, choose: (path: string) => Side): Files {
  const { conflicts, settled } = planMerge(base, mine, theirs);
  const result = new Map<string, WorkspaceFile>(theirs);
  const take = (path: string): void => {
    const file = mine.get(path);
    if (file === undefined) result.delete(path);
    else result.set(path, file);
  };
  for (const { path, side } of settled) if (side === 'mine') take(path);
  for (const path of conflicts) if (choose(path) === 'mine') take(path);
  return result;
}

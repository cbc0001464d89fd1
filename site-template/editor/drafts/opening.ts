/** What to show when a thread is opened, or another window has written: the newest version, or the draft. Pure. */
import { type Files, isSameFile } from '../workspace.ts';
import type { Draft } from './draft-store.ts';

export type Opening =
  /** No draft, or one that says what the version says: the version. */
  | { kind: 'version'; isDraftSpent: boolean }
  /** The draft continues the newest version. */
  | { kind: 'draft' }
  /** Somebody saved a newer version since the draft was begun: the draft, and a question. */
  | { kind: 'diverged' };

export function decideOpening(newest: { version: number; files: Files }, draft: Draft | null): Opening {
  if (draft === null) return { kind: 'version', isDraftSpent: false };
  if (isSame(new Map(draft.files), newest.files)) return { kind: 'version', isDraftSpent: true };
  return draft.base === newest.version ? { kind: 'draft' } : { kind: 'diverged' };
}

function isSame(a: Files, b: Files): boolean {
  return a.size === b.size && [...a].every(([path, file]) => isSameFile(file, b.get(path)));
}

/** What a newer version means for a working copy. */
export type Arrival =
  /** It is older than, or the same as, what is open. */
  | { kind: 'known' }
  /** Nothing was changed here: it takes the place of the old one. */
  | { kind: 'follow' }
  /** There are changes of our own. */
  | { kind: 'ask' };

export function decideArrival(newest: number, open: { base: number; dirty: boolean }): Arrival {
  if (newest <= open.base) return { kind: 'known' };
  return { kind: open.dirty ? 'ask' : 'follow' };
}

import { describe, expect, it } from 'vitest';
import { changedTexts, withLastWords } from '../../../site-template/editor/drafts/last-words.ts';
import { decideArrival, decideOpening } from '../../../site-template/editor/drafts/opening.ts';
import type { Files, WorkspaceFile } from '../../../site-template/editor/workspace.ts';

const text = (content: string): WorkspaceFile => ({ kind: 'text', text: content });
const picture = (sha256: string): WorkspaceFile => ({
  ...{ kind: 'binary', sha256, bytes: 3 },
  content: { kind: 'url', url: 'https://example.com/x' },
});
const filesOf = (record: Record<string, WorkspaceFile>): Files => new Map(Object.entries(record));
const draftOf = (base: number, files: Files) => ({ base, files: [...files], savedAt: 0 });

describe('opening a thread', () => {
  const newest = { version: 3, files: filesOf({ 'a.tsx': text('a'), 'p.png': picture('1') }) };

  it('shows the newest version when there is no draft', () => {
    expect(decideOpening(newest, null)).toEqual({ kind: 'version', isDraftSpent: false });
  });

  it('shows a draft of the newest version', () => {
    expect(decideOpening(newest, draftOf(3, filesOf({ 'a.tsx': text('b') })))).toEqual({ kind: 'draft' });
  });

  it('lets a draft go that says what the newest version says, whatever it was made from', () => {
    const same = filesOf({ 'a.tsx': text('a'), 'p.png': picture('1') });
    expect(decideOpening(newest, draftOf(2, same))).toEqual({ kind: 'version', isDraftSpent: true });
  });

  it('asks when somebody saved a newer version since', () => {
    expect(decideOpening(newest, draftOf(2, filesOf({ 'a.tsx': text('b') })))).toEqual({ kind: 'diverged' });
  });

  it('asks when the version that a draft was made from is gone: the deployment was begun anew', () => {
    expect(decideOpening(newest, draftOf(9, filesOf({ 'a.tsx': text('b') })))).toEqual({ kind: 'diverged' });
  });
});

it('follows a newer version unless something was changed here', () => {
  expect(decideArrival(3, { base: 3, dirty: true })).toEqual({ kind: 'known' });
  expect(decideArrival(4, { base: 3, dirty: false })).toEqual({ kind: 'follow' });
  expect(decideArrival(4, { base: 3, dirty: true })).toEqual({ kind: 'ask' });
});

it('last words hold the texts that the draft does not have yet, and what was deleted', () => {
  const kept = filesOf({ 'a.tsx': text('a'), 'b.tsx': text('b'), 'p.png': picture('1') });
  const files = filesOf({ 'a.tsx': text('a, and more'), 'c.tsx': text('c'), 'p.png': picture('1') });
  const changes = changedTexts(kept, files);
  expect(changes).toEqual([
    ['a.tsx', 'a, and more'],
    ['c.tsx', 'c'],
    ['b.tsx', null],
  ]);
  expect(withLastWords(kept, { base: 1, savedAt: 0, changes })).toEqual(files);
});

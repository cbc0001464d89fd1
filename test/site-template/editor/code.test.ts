import { EditorState, Text } from '@codemirror/state';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeDiagnostics } from '../../../site-template/editor/code/diagnostics.ts';
import { createState, replacement } from '../../../site-template/editor/code/editor-state.ts';

it('marks the word at the place, in that file only', () => {
  const doc = Text.of(['import x from "y";', 'const answer = wrong;']);
  const problems = [
    { code: 'SYNTAX_ERROR' as const, message: 'here', file: 'a.tsx', line: 2, column: 7 },
    { code: 'SYNTAX_ERROR' as const, message: 'elsewhere', file: 'b.tsx', line: 1, column: 1 },
  ];
  const marks = placeDiagnostics(problems, 'a.tsx', doc, true);
  expect(marks).toEqual([{ from: 25, to: 31, severity: 'error', message: 'here' }]);
});

it('a problem of an older text stays inside the text', () => {
  const doc = Text.of(['ab']);
  const far = { code: 'SYNTAX_ERROR' as const, message: 'm', file: 'a.tsx', line: 90, column: 80 };
  expect(placeDiagnostics([far], 'a.tsx', doc, true)).toMatchObject([{ from: 2, to: 2 }]);
  const whole = { code: 'SYNTAX_ERROR' as const, message: 'm', file: 'a.tsx' };
  expect(placeDiagnostics([whole], 'a.tsx', doc, false)).toMatchObject([{ from: 0, severity: 'warning' }]);
});

it('a text that others have changed is changed in one place, to the very same text', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', '\n', 'é')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const state = EditorState.create({ doc: before });
      expect(state.update({ changes: replacement(state, after) }).state.sliceDoc()).toBe(after);
    }),
  );
});

it('keeps the line breaks that a file came with', () => {
  const windows = createState('a.ts', 'a\r\nb\r\n', () => {});
  expect(windows.update({ changes: { from: 0, insert: 'x' } }).state.sliceDoc()).toBe('xa\r\nb\r\n');
  const unix = createState('a.ts', 'a\nb\n', () => {});
  expect(unix.update({ changes: { from: 0, insert: 'x' } }).state.sliceDoc()).toBe('xa\nb\n');
});

/** The compiler's problems as CodeMirror wants them: with offsets into the text as it is now. */
import type { Diagnostic as Mark } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { Diagnostic, Warning } from '../../../action/contract/diagnostics.ts';

/** Problems of one file. The text may be newer than the problem: a place that is gone is its nearest neighbour. */
export function placeDiagnostics(
  problems: readonly (Diagnostic | Warning)[],
  path: string,
  doc: Text,
  isError: boolean,
): Mark[] {
  return problems
    .filter(({ file }) => file === path)
    .map((problem) => {
      const line = doc.line(Math.min(Math.max(1, problem.line ?? 1), doc.lines));
      const from = Math.min(line.from + Math.max(0, (problem.column ?? 1) - 1), line.to);
      const word = /^[\w$]+/.exec(line.text.slice(from - line.from))?.[0].length ?? 1;
      const to = Math.min(from + word, line.to);
      return { from, to, severity: isError ? 'error' : 'warning', message: problem.message } as const;
    });
}

/** How a file is edited: its language, keys, and look. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import {
  Annotation,
  type ChangeSpec,
  Compartment,
  EditorState,
  type Extension,
  type StateEffect,
} from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { codeTheme } from './code-theme.ts';
import { highlighting } from './highlighting.ts';
import { languageOf } from './languages.ts';

/** Marks a change that the workspace knows already. */
export const fromOutside = Annotation.define<boolean>();

const access = new Compartment();

export function readOnly(isReadOnly: boolean): StateEffect<unknown> {
  return access.reconfigure(EditorState.readOnly.of(isReadOnly));
}

/** @param onEdit called with the whole text, line breaks as they were */
export function createState(path: string, text: string, onEdit: (text: string) => void): EditorState {
  const extensions: Extension[] = [
    lintGutter(),
    lineNumbers(),
    foldGutter({ openText: '⌄', closedText: '›' }),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    rectangularSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    highlightSelectionMatches(),
    search({ top: true }),
    EditorState.tabSize.of(2),
    syntaxHighlighting(highlighting),
    codeTheme,
    languageOf(path),
    access.of(EditorState.readOnly.of(true)),
    EditorView.contentAttributes.of({ 'aria-label': path, spellcheck: 'false', tabindex: '0' }),
    EditorState.lineSeparator.of(lineBreakOf(text)),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.updateListener.of(({ docChanged, transactions, state }) => {
      const isOurs = transactions.some((each) => each.docChanged && each.annotation(fromOutside) !== true);
      if (docChanged && isOurs) onEdit(state.sliceDoc());
    }),
  ];
  return EditorState.create({ doc: text, extensions });
}

/** A file keeps the line breaks that it came with. A mixed one is evened out by the first edit. */
function lineBreakOf(text: string): string {
  return /\r\n/.test(text) && !/(^|[^\r])\n/.test(text) ? '\r\n' : '\n';
}

/** The smallest single change that makes the text of a state another: the cursor and undo survive it. */
export function replacement(state: EditorState, text: string): ChangeSpec {
  const next = state.toText(text);
  const [before, after] = [state.doc.toString(), next.toString()];
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let end = 0;
  const room = Math.min(before.length, after.length) - from;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { from, to: before.length - end, insert: next.slice(from, after.length - end) };
}

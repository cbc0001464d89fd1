/** CodeMirror's merge view, to read. */
import { syntaxHighlighting } from '@codemirror/language';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { codeTheme } from '../code/code-theme.ts';
import { highlighting } from '../code/highlighting.ts';
import { languageOf } from '../code/languages.ts';
import styles from './compare.module.css';

/** Below this width two columns of code are too narrow to read. */
const TWO_COLUMNS = '(width >= 760px)';
/** Unchanged lines are folded but for these around a change. */
const COLLAPSE = { margin: 3, minSize: 6 };

export function TextDiff({ path, before, after }: { path: string; before: string; after: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const extensions = [...reading(path), EditorView.contentAttributes.of({ 'aria-label': path, tabindex: '0' })];
    if (matchMedia(TWO_COLUMNS).matches) {
      const sides = { a: { doc: before, extensions }, b: { doc: after, extensions } };
      const view = new MergeView({ ...sides, parent, collapseUnchanged: COLLAPSE });
      return () => view.destroy();
    }
    const merge = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: COLLAPSE });
    const view = new EditorView({ parent, doc: after, extensions: [...extensions, merge] });
    return () => view.destroy();
  }, [path, before, after]);
  return <div ref={host} className={styles.text} />;
}

function reading(path: string): Extension[] {
  return [
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.lineWrapping,
    syntaxHighlighting(highlighting),
    codeTheme,
    languageOf(path),
  ];
}

/** CodeMirror over the file that is shown. One view; a file's own state (cursor, undo) is kept while it is open. */
import { forEachDiagnostic, setDiagnostics } from '@codemirror/lint';
import type { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { withFile } from '../files/paths.ts';
import { type Jump, useWorkspace, type Workspace } from '../workspace.ts';
import styles from './code-pane.module.css';
import { placeDiagnostics } from './diagnostics.ts';
import { createState, fromOutside, readOnly, replacement } from './editor-state.ts';

export function CodeView() {
  const workspace = useWorkspace();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return;
    const editor = new CodeEditor(host.current, workspace);
    return () => editor.destroy();
  }, [workspace]);
  return <div ref={host} className={styles.text} />;
}

/** Keeps one CodeMirror view and the workspace alike, in both directions. */
class CodeEditor {
  readonly #workspace: Workspace;
  readonly #view: EditorView;
  readonly #states = new Map<string, EditorState>();
  readonly #stop: () => void;
  #path: string | null = null;
  /** What the view and the workspace last agreed on. */
  #text: string | null = null;
  #shown: { compile: unknown; jump: unknown; access: unknown } = { compile: null, jump: null, access: null };

  constructor(parent: HTMLElement, workspace: Workspace) {
    this.#workspace = workspace;
    this.#view = new EditorView({ parent });
    this.#stop = workspace.subscribe(() => this.#update());
    this.#update();
  }

  destroy(): void {
    this.#stop();
    this.#view.destroy();
  }

  #update(): void {
    const { active, files, tabs, access, compile, jump } = this.#workspace.getState();
    const file = active === null ? undefined : files.get(active);
    for (const path of this.#states.keys()) if (!tabs.includes(path)) this.#states.delete(path);
    if (active === null || file?.kind !== 'text') return;
    const isOther = active !== this.#path;
    if (isOther) this.#show(active, file.text);
    if (file.text !== this.#text) this.#takeOver(file.text);
    if (isOther || access !== this.#shown.access) this.#view.dispatch({ effects: readOnly(access !== 'edit') });
    if (isOther || compile !== this.#shown.compile) this.#mark();
    if (jump !== this.#shown.jump && jump?.path === active) this.#jumpTo(jump);
    this.#shown = { compile, jump: jump?.path === active ? jump : this.#shown.jump, access };
  }

  #show(path: string, text: string): void {
    if (this.#path !== null) this.#states.set(this.#path, this.#view.state);
    this.#path = path;
    const kept = this.#states.get(path);
    const state = kept ?? createState(path, text, (next) => this.#write(path, next));
    this.#text = kept ? kept.sliceDoc() : text;
    this.#view.setState(state);
  }

  /** The text of the workspace has changed by other hands: a version, a draft, another window. */
  #takeOver(text: string): void {
    this.#text = text;
    this.#view.dispatch({ changes: replacement(this.#view.state, text), annotations: fromOutside.of(true) });
  }

  #write(path: string, text: string): void {
    if (path !== this.#path) return;
    this.#text = text;
    this.#workspace.change((files) => withFile(files, path, { kind: 'text', text }));
  }

  #mark(): void {
    const { compile } = this.#workspace.getState();
    if (compile.kind === 'compiling') return;
    const problems = compile.kind === 'failed' ? compile.diagnostics : compile.warnings;
    const here = placeDiagnostics(problems, this.#path ?? '', this.#view.state.doc, compile.kind === 'failed');
    let isMarked = false;
    forEachDiagnostic(this.#view.state, () => {
      isMarked = true;
    });
    if (here.length > 0 || isMarked) this.#view.dispatch(setDiagnostics(this.#view.state, here));
  }

  #jumpTo({ path, line, column }: Jump): void {
    // On the next frame: until then the code may be hidden, and take no focus.
    requestAnimationFrame(() => {
      if (this.#path !== path) return;
      const { doc } = this.#view.state;
      const at = doc.line(Math.min(Math.max(1, line), doc.lines));
      const anchor = Math.min(at.from + Math.max(0, column - 1), at.to);
      this.#view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      this.#view.focus();
    });
  }
}

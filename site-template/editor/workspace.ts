/** What is open in the editor: the working copy, what it was made from, and what became of compiling it. */
import { createContext, use, useSyncExternalStore } from 'react';
import type { Diagnostic, Warning } from '../../action/contract/diagnostics.ts';

export interface TextFile {
  kind: 'text';
  text: string;
}

/** Bytes that are not edited here. `url`: the control plane has them; `blob`: so far only this browser. */
export interface BinaryFile {
  kind: 'binary';
  /** Lower-case hex. */
  sha256: string;
  bytes: number;
  content: { kind: 'blob'; blob: Blob } | { kind: 'url'; url: string };
}

export type WorkspaceFile = TextFile | BinaryFile;

/** By path. Never changed in place: a file that is the same object has the same content. */
export type Files = ReadonlyMap<string, WorkspaceFile>;

export interface OpenThread {
  thread: string;
  project: string;
  title: string;
  role: 'owner' | 'editor' | 'viewer';
}

/** The version that the working copy was made from; 0 before the first save. */
export interface Base {
  version: number;
  files: Files;
}

export type CompileResult =
  /** Nothing is known of any state of these files yet. */
  | { kind: 'compiling' }
  /** @property hash of the snapshot, as the contract counts it */
  | { kind: 'compiled'; revision: number; hash: string; warnings: readonly Warning[] }
  | { kind: 'failed'; revision: number; diagnostics: readonly Diagnostic[] };

/**
 * Who may change the working copy from here. `view`: the person may only look. `follow`: another window of theirs has
 * the pen. `edit`: this window has it.
 */
export type Access = 'edit' | 'follow' | 'view';

/** Where the cursor is to go, from 1. Each one is a new object, so that the same place can be asked for twice. */
export interface Jump {
  path: string;
  line: number;
  column: number;
}

export interface WorkspaceState {
  thread: OpenThread;
  files: Files;
  base: Base;
  /** Whether `files` differ from `base`. */
  dirty: boolean;
  /** Goes up with each change of `files`. A compile result names the revision it is about. */
  revision: number;
  access: Access;
  compile: CompileResult;
  /** Paths of the open tabs, in their order, and the one that is shown. */
  tabs: readonly string[];
  active: string | null;
  jump: Jump | null;
}

export type SaveOutcome =
  | { kind: 'saved'; version: number }
  /** The files are those of the version already. */
  | { kind: 'unchanged'; version: number }
  /** Somebody saved a newer version: the person is being asked. */
  | { kind: 'conflict' }
  /** The person has been told why. */
  | { kind: 'failed' };

export interface Workspace {
  getState(): WorkspaceState;
  /** @returns a function that stops listening */
  subscribe(listener: () => void): () => void;
  /** Replaces files. Ignored unless this window has the pen. */
  change(update: (files: Files) => Files): void;
  /** Takes over what another window, a version or a draft says: no matter who has the pen. */
  replace(files: Files, base?: Base): void;
  /** The files that were just saved are a version now. What was typed meanwhile stays. */
  rebase(base: Base): void;
  setAccess(access: Access): void;
  setCompile(result: CompileResult): void;
  setThread(thread: OpenThread): void;
  /** Shows a file, at a place if one is given. */
  open(path: string, place?: { line?: number | undefined; column?: number | undefined }): void;
  close(path: string): void;
  /** Saves a version, if there is anything to save. Also what Share calls first. */
  save(): Promise<SaveOutcome>;
}

export interface WorkspaceStart {
  thread: OpenThread;
  files: Files;
  base: Base;
  access: Access;
  active: string | null;
  save(workspace: Workspace): Promise<SaveOutcome>;
}

export function createWorkspace(start: WorkspaceStart): Workspace {
  const { thread, files, base, access, active } = start;
  let state: WorkspaceState = {
    ...{ thread, files, base, access, active, dirty: !isEqual(files, base.files), revision: 1 },
    ...{ compile: { kind: 'compiling' }, tabs: active === null ? [] : [active], jump: null },
  };
  const listeners = new Set<() => void>();
  const set = (change: Partial<WorkspaceState>): void => {
    state = { ...state, ...change };
    for (const listener of [...listeners]) listener();
  };
  const put = (next: Files, nextBase: Base): void => set(withFiles(state, next, nextBase));
  const workspace: Workspace = {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    change(update) {
      if (state.access === 'edit') put(update(state.files), state.base);
    },
    replace: (next, nextBase = state.base) => put(next, nextBase),
    rebase: (nextBase) => put(state.files, nextBase),
    setAccess: (next) => set({ access: next }),
    setCompile: (compile) => set({ compile }),
    setThread: (next) => set({ thread: next }),
    open(path, place) {
      if (!state.files.has(path)) return;
      const tabs = state.tabs.includes(path) ? state.tabs : [...state.tabs, path];
      const jump = place?.line === undefined ? state.jump : { path, line: place.line, column: place.column ?? 1 };
      set({ tabs, active: path, jump });
    },
    close(path) {
      const index = state.tabs.indexOf(path);
      const tabs = state.tabs.filter((tab) => tab !== path);
      const next = state.active === path ? (tabs[index] ?? tabs.at(-1) ?? null) : state.active;
      set({ tabs, active: next });
    },
    save: () => start.save(workspace),
  };
  return workspace;
}

function withFiles(state: WorkspaceState, files: Files, base: Base): Partial<WorkspaceState> {
  const isThere = (path: string) => files.has(path);
  const tabs = state.tabs.every(isThere) ? state.tabs : state.tabs.filter(isThere);
  const active = state.active !== null && isThere(state.active) ? state.active : (tabs.at(-1) ?? null);
  const revision = files === state.files ? state.revision : state.revision + 1;
  return { files, base, dirty: !isEqual(files, base.files), revision, tabs, active };
}

export function isSameFile(a: WorkspaceFile | undefined, b: WorkspaceFile | undefined): boolean {
  if (a === b) return true;
  if (a?.kind === 'text') return b?.kind === 'text' && a.text === b.text;
  return a?.kind === 'binary' && b?.kind === 'binary' && a.sha256 === b.sha256;
}

function isEqual(a: Files, b: Files): boolean {
  if (a === b) return true;
  return a.size === b.size && [...a].every(([path, file]) => isSameFile(file, b.get(path)));
}

export const WorkspaceContext = createContext<Workspace | null>(null);

/** @throws Error outside of an open thread */
export function useWorkspace(): Workspace {
  const workspace = use(WorkspaceContext);
  if (workspace === null) throw new Error('no thread is open');
  return workspace;
}

/** @param select must give the same object as long as nothing has changed */
export function useWorkspaceState<T>(select: (state: WorkspaceState) => T): T {
  const workspace = useWorkspace();
  return useSyncExternalStore(workspace.subscribe, () => select(workspace.getState()));
}

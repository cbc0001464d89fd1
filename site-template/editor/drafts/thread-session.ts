/** One open thread: loads it, keeps its draft, follows other windows and newer versions, and saves. */
import type { ConvexReactClient } from 'convex/react';
import { type LoadedVersion, loadVersion } from '../versions/load-version.ts';
import { saveVersion } from '../versions/save-version.ts';
import {
  type Base,
  createWorkspace,
  type Files,
  isSameFile,
  type OpenThread,
  type SaveOutcome,
  type Workspace,
} from '../workspace.ts';
import type { Draft, DraftStore } from './draft-store.ts';
import { changedTexts, forgetLastWords, leaveLastWords, readLastWords, withLastWords } from './last-words.ts';
import { decideArrival, decideOpening } from './opening.ts';
import { Pen } from './pen.ts';

/** Keys that are struck within this time are one write, in milliseconds. */
const WRITE_PAUSE = 120;
const NOTHING: Base = { version: 0, files: new Map() };

/** A newer version than the one that the working copy was made from. */
export interface Newer {
  theirs: LoadedVersion;
  /** The version that both began from. */
  base: Files;
}

/** What the person is told in passing. */
export type News =
  | { kind: 'draftIsBack'; savedAt: number; discard(): void }
  | { kind: 'followed'; version: number; author: string | null }
  | { kind: 'saved'; version: number }
  | { kind: 'saveFailed'; error: unknown }
  | { kind: 'draftFailed' };

export interface SessionState {
  /** Null while it is loaded. */
  workspace: Workspace | null;
  failure: unknown;
  /** Whether another window of the same person has the pen. */
  isElsewhere: boolean;
  newer: Newer | null;
  isSaving: boolean;
}

export interface SessionOptions {
  client: ConvexReactClient;
  /** Null when this browser keeps nothing. */
  store: DraftStore | null;
  thread: OpenThread;
  newest: number;
  /** What drafts are kept by. */
  draftKey: string;
  onNews(news: News): void;
}

export class ThreadSession implements Disposable {
  readonly #options: SessionOptions;
  readonly #pen: Pen | null;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { workspace: null, failure: null, isElsewhere: false, newer: null, isSaving: false };
  #thread: OpenThread;
  #newest: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What the draft store has, or need not have. */
  #written: { files: Files; base: Base } | null = null;
  /** As `#written`, but for what is still on its way. */
  #kept: Files = NOTHING.files;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#thread = options.thread;
    this.#newest = options.newest;
    addEventListener('pagehide', this.#leave);
    document.addEventListener('visibilitychange', this.#leave);
    void this.#enqueue(() => this.#open());
    this.#pen = options.thread.role === 'viewer' ? null : this.#openPen();
  }

  readonly getState = (): SessionState => this.#state;

  /** @returns a function that stops listening */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** @param newest number of the thread's newest version, as the control plane says */
  setNewest(newest: number): void {
    this.#newest = Math.max(this.#newest, newest);
    void this.#enqueue(() => this.#meetNewest());
  }

  setThread(thread: OpenThread): void {
    this.#thread = thread;
    this.#state.workspace?.setThread(thread);
  }

  /** Takes the pen from the other window. */
  takePen(): void {
    void this.#pen?.take();
  }

  /** Settles the question of a newer version: `files` go on from it. */
  settle(files: Files): void {
    const { workspace, newer } = this.#state;
    if (!workspace || !newer) return;
    workspace.replace(share(workspace.getState().files, files), newer.theirs);
    this.#set({ newer: null });
  }

  [Symbol.dispose](): void {
    void this.#flush();
    this.#isClosed = true;
    removeEventListener('pagehide', this.#leave);
    document.removeEventListener('visibilitychange', this.#leave);
    this.#pen?.[Symbol.dispose]();
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  /** One after the other: what is loaded meanwhile must not be overtaken. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    const run = async (): Promise<void> => (this.#isClosed ? undefined : task());
    this.#work = this.#work.then(run).catch((failure) => {
      if (this.#state.workspace) console.error(failure);
      else this.#set({ failure });
    });
    return this.#work;
  }

  #openPen(): Pen {
    return new Pen(`permaframe-draft|${this.#options.draftKey}`, {
      onTaken: () => {
        this.#set({ isElsewhere: false });
        void this.#enqueue(() => this.#reload()).then(() => this.#state.workspace?.setAccess('edit'));
        void this.#enqueue(() => this.#meetNewest());
      },
      onLost: async () => {
        const flushed = this.#flush();
        this.#state.workspace?.setAccess('follow');
        this.#set({ isElsewhere: true });
        await flushed;
      },
      onWritten: () => void this.#enqueue(() => this.#reload()),
    });
  }

  readonly #leave = ({ type }: Event): void => {
    if (type === 'pagehide') this.#leaveLastWords();
    if (type === 'pagehide' || document.visibilityState === 'hidden') void this.#flush();
  };

  async #load(version: number): Promise<LoadedVersion> {
    if (version === 0) return { ...NOTHING, author: null, savedAt: 0, snapshotHash: '' };
    return loadVersion(this.#options.client, this.#thread.thread, version);
  }

  #leaveLastWords(): void {
    const now = this.#state.workspace?.getState();
    if (now?.access !== 'edit' || now.files === this.#kept) return;
    const words = { base: now.base.version, savedAt: Date.now(), changes: changedTexts(this.#kept, now.files) };
    if (now.dirty) leaveLastWords(this.#options.draftKey, words);
  }

  async #readDraft(): Promise<Draft | null> {
    const { store, draftKey } = this.#options;
    if (this.#thread.role === 'viewer') return null;
    const draft = (await store?.read(draftKey).catch(() => null)) ?? null;
    const words = readLastWords(draftKey);
    if (words === null || (draft !== null && draft.savedAt >= words.savedAt)) return draft;
    const isContinued = draft?.base === words.base;
    const before = isContinued ? new Map(draft.files) : (await this.#load(words.base)).files;
    const whole = { base: words.base, files: [...withLastWords(before, words)], savedAt: words.savedAt };
    await store?.write(draftKey, whole).then(() => forgetLastWords(draftKey));
    return whole;
  }

  async #open(): Promise<void> {
    const [version, draft] = await Promise.all([this.#load(this.#newest), this.#readDraft()]);
    const opening = decideOpening(version, draft);
    const base = draft && opening.kind === 'diverged' ? await this.#loadBase(draft, version) : version;
    const files = opening.kind === 'version' ? version.files : share(base.files, new Map(draft?.files));
    const access = this.#thread.role === 'viewer' ? 'view' : this.#state.isElsewhere ? 'follow' : 'edit';
    const start = { thread: this.#thread, files, base, access, active: firstFile(files) } as const;
    const workspace = createWorkspace({ ...start, save: (opened) => this.#save(opened) });
    this.#written = { files, base };
    this.#kept = files;
    workspace.subscribe(() => this.#noteChange(workspace));
    this.#set({ workspace, newer: opening.kind === 'diverged' ? { theirs: version, base: base.files } : null });
    if (draft && opening.kind === 'draft') {
      const discard = () => workspace.change(() => workspace.getState().base.files);
      this.#options.onNews({ kind: 'draftIsBack', savedAt: draft.savedAt, discard });
    }
  }

  async #loadBase(draft: Draft, version: LoadedVersion): Promise<LoadedVersion> {
    // A draft of a deployment that was begun anew has no version that it came from.
    return draft.base < version.version ? this.#load(draft.base).catch(() => this.#load(0)) : this.#load(0);
  }

  #noteChange(workspace: Workspace): void {
    const { files, base, access } = workspace.getState();
    if (access !== 'edit' || (this.#written?.files === files && this.#written.base === base)) return;
    this.#timer ??= setTimeout(() => void this.#flush(), WRITE_PAUSE);
  }

  /** Begins to write in this very moment, if there is something to write. */
  async #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { store, draftKey, onNews } = this.#options;
    const now = this.#state.workspace?.getState();
    if (now?.access !== 'edit' || store === null) return;
    const { files, base, dirty } = now;
    if (this.#written?.files === files && this.#written.base === base) return;
    this.#written = { files, base };
    const draft = { base: base.version, files: [...files], savedAt: Date.now() };
    try {
      await (dirty ? store.write(draftKey, draft) : store.remove(draftKey));
      forgetLastWords(draftKey);
      this.#kept = files;
      this.#pen?.wrote();
    } catch {
      onNews({ kind: 'draftFailed' });
    }
  }

  /** Shows what the draft and the control plane say now: another window has written, or somebody has saved. */
  async #reload(): Promise<void> {
    const { workspace } = this.#state;
    if (!workspace) return;
    const current = workspace.getState();
    const isKnown = current.base.version === this.#newest;
    const newest = isKnown ? current.base : this.#load(this.#newest);
    const [version, draft] = await Promise.all([newest, this.#readDraft()]);
    const opening = decideOpening(version, draft);
    const base = opening.kind === 'diverged' ? current.base : version;
    const files = share(current.files, opening.kind === 'version' ? version.files : new Map(draft?.files));
    this.#written = { files, base };
    this.#kept = files;
    workspace.replace(files, base);
  }

  async #meetNewest(): Promise<void> {
    const { workspace, isSaving } = this.#state;
    if (!workspace || isSaving) return;
    const { access, base, dirty } = workspace.getState();
    if (access === 'follow') return this.#reload();
    const arrival = decideArrival(this.#newest, { base: base.version, dirty });
    if (arrival.kind === 'known') return;
    const theirs = await this.#load(this.#newest);
    // Asked again: something may have been typed while it was loaded.
    if (workspace.getState().dirty) return this.#set({ newer: { theirs, base: base.files } });
    workspace.replace(share(workspace.getState().files, theirs.files), theirs);
    this.#options.onNews({ kind: 'followed', version: theirs.version, author: theirs.author });
  }

  async #save(workspace: Workspace): Promise<SaveOutcome> {
    const { files, base, dirty, access } = workspace.getState();
    if (!dirty && base.version > 0) return { kind: 'unchanged', version: base.version };
    if (this.#state.isSaving || access !== 'edit') return { kind: 'failed' };
    if (this.#state.newer) return { kind: 'conflict' };
    const { client, onNews } = this.#options;
    this.#set({ isSaving: true });
    try {
      const { version } = await saveVersion(client, this.#thread, base.version, files);
      this.#newest = Math.max(this.#newest, version);
      workspace.rebase({ version, files });
      await this.#flush();
      onNews({ kind: 'saved', version });
      return { kind: 'saved', version };
    } catch (error) {
      if (!isConflict(error)) onNews({ kind: 'saveFailed', error });
      else this.#newest = Math.max(this.#newest, base.version + 1);
      return { kind: isConflict(error) ? 'conflict' : 'failed' };
    } finally {
      this.#set({ isSaving: false });
      void this.#enqueue(() => this.#meetNewest());
    }
  }
}

function isConflict(error: unknown): boolean {
  return (error as { data?: { code?: string } }).data?.code === 'SAVE_CONFLICT';
}

/** The same files with the objects that are known already, so that what is equal is seen to be equal at a glance. */
function share(known: Files, files: Files): Files {
  const shared = new Map(
    [...files].map(([path, file]) => {
      const before = known.get(path);
      return [path, before && isSameFile(before, file) ? before : file] as const;
    }),
  );
  const isEqual = known.size === shared.size && [...shared].every(([path, file]) => known.get(path) === file);
  return isEqual ? known : shared;
}

/** What a person wants to see first: code, rather than settings. */
function firstFile(files: Files): string | null {
  const paths = [...files.keys()];
  return paths.find((path) => /\.(tsx|jsx)$/.test(path)) ?? paths[0] ?? null;
}

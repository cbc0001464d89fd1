/**
 * Shows builds, each in a page of its own: the next one is put together behind the one that is shown, and takes its
 * place once its first frame stands. What fails or never ends is thrown away, and the last good one stays.
 */
import type { Place } from '../../../action/contract/diagnostics.ts';
import type { RuntimeManifest } from '../../../action/contract/runtime.ts';
import type { Build, ModulePosition } from '../compiler/protocol.ts';
import type { Files } from '../workspace.ts';
import { AssetContents } from './assets.ts';
import { type Content, isSame, type Moment, type Slot, toShow } from './content.ts';
import { isEnough, librariesOf, RuntimeFiles } from './libraries.ts';
import { describeError, describeStuck, FIRST_STATE, type PlayerState, type PreviewProblem } from './player-state.ts';
import { Playhead } from './playhead.ts';
import { PreviewFrame } from './preview-frame.ts';
import type { FrameProblem, FromFrame } from './protocol.ts';

export interface StageSettings {
  /** Origin of the edge, without a slash at the end. */
  publicUrl: string;
  /** Address of the preview page. */
  pageUrl: string;
  /** Finds out more about what went wrong. */
  locate(revision: number, positions: ModulePosition[]): Promise<Place | null>;
  guard(revision: number): Promise<Build | null>;
}

/** How long a page may take before a newer build takes its place, in milliseconds. */
const PATIENCE = 400;
/** Between two looks at whether pages are alive, in milliseconds. */
const TICK = 250;
/** Looks without an answer after which a page is stuck. */
const MAX_UNANSWERED = 10;
/**
 * How long the process of a stuck page may live on once the page is gone, in milliseconds. Chromium waits half a second
 * for its last words; a new page that is made meanwhile would be given the same process.
 */
const LAST_WORDS = 800;
/** How long a page may take to be there at all, once its libraries are, in milliseconds. */
const ARRIVAL_PATIENCE = 6000;
/** How long a page with guards is watched, in milliseconds. */
const GUARD_PATIENCE = 6000;

export class PreviewStage {
  readonly #settings: StageSettings;
  readonly #container: HTMLElement;
  readonly #contents = new AssetContents();
  readonly #playhead = new Playhead();
  readonly #runtimeFiles: RuntimeFiles;
  readonly #listeners = new Set<() => void>();
  readonly #watch: ReturnType<typeof setInterval>;
  #isDisposed = false;
  #state: PlayerState = FIRST_STATE;
  #runtime: RuntimeManifest | undefined;
  #wanted: { build: Build; files: Files } | null = null;
  /** Until then no page is to be made. */
  #released: Promise<unknown> = Promise.resolve();
  #isPreparing = false;
  #current: Slot | null = null;
  #next: Slot | null = null;
  #spare: PreviewFrame | null = null;
  #detective: { page: PreviewFrame; end: () => void } | null = null;
  /** What was shown before, and did nothing wrong. */
  #previous: Content | null = null;

  constructor(container: HTMLElement, settings: StageSettings) {
    this.#container = container;
    this.#settings = settings;
    this.#runtimeFiles = new RuntimeFiles(settings.publicUrl);
    this.#watch = setInterval(() => this.#lookAfterPages(), TICK);
  }

  getState = (): PlayerState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** The frame that is shown changes too often to be a part of the state. */
  onFrame = this.#playhead.onChange;

  get frame(): number {
    return this.#playhead.frame;
  }

  setRuntime(runtime: RuntimeManifest): void {
    this.#runtime = runtime;
    void this.#advance();
  }

  /** @param files that it was made from */
  show(build: Build, files: Files): void {
    this.#wanted = { build, files };
    void this.#advance();
  }

  toggle(): void {
    this.#current?.page.send({ kind: this.#state.playing ? 'pause' : 'play' });
  }

  pause(): void {
    this.#current?.page.send({ kind: 'pause' });
  }

  seek(target: number): void {
    const last = (this.#state.shown?.film?.durationInFrames ?? 1) - 1;
    const frame = Math.round(Math.max(0, Math.min(last, target)));
    if (this.#current) this.#seekIn(this.#current.page, frame);
    else this.#playhead.set(frame);
    if (this.#state.ended) this.#set({ ended: false });
  }

  setMuted(muted: boolean): void {
    this.#current?.page.send({ kind: 'muted', muted });
    this.#set({ muted });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearInterval(this.#watch);
    this.#throwAllAway();
    this.#wanted = null;
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  #seekIn(page: PreviewFrame, frame: number): void {
    page.send({ kind: 'seek', frame });
    this.#playhead.seek(frame);
  }

  /** Begins with what is wanted, unless something else is about to be shown. */
  async #advance(): Promise<void> {
    const wanted = this.#wanted;
    if (!wanted || !this.#runtime || this.#isPreparing) return;
    if (this.#next) {
      const left = this.#next.since + PATIENCE - performance.now();
      if (left > 0) return void setTimeout(() => this.#advance(), left + 1);
      this.#drop(this.#next);
    }
    this.#isPreparing = true;
    const [assets] = await Promise.all([this.#contents.read(wanted.build, wanted.files), this.#released]);
    this.#isPreparing = false;
    if (this.#wanted !== wanted) return this.#advance();
    this.#wanted = null;
    const content = { build: wanted.build, assets };
    if (this.#current && isSame(this.#current.build, wanted.build)) return this.#rename(this.#current, content);
    this.#begin(content, { frame: this.frame, playing: false });
  }

  /** Nothing that is seen has changed. */
  #rename(slot: Slot, content: Content): void {
    Object.assign(slot, content);
    const { revision, film } = content.build;
    this.#set({ shown: { revision, film } });
  }

  #begin(content: Content, { frame, playing }: Moment): void {
    const runtime = this.#runtime as RuntimeManifest;
    const isFit = this.#spare && isEnough(this.#spare.libraries, librariesOf(content.build, runtime));
    if (!isFit) this.#spare?.dispose();
    const page = isFit && this.#spare ? this.#spare : this.#open(content.build);
    this.#spare = null;
    this.#next = { ...content, page, since: performance.now(), problem: null };
    this.#show(page, content, { frame, playing });
  }

  #show(page: PreviewFrame, content: Content, start: Moment): void {
    const { muted, volume } = this.#state;
    page.show(toShow(content, { ...start, muted, volume }));
  }

  #open(build: Build): PreviewFrame {
    const runtime = this.#runtime as RuntimeManifest;
    const libraries = librariesOf(build, runtime);
    const page: PreviewFrame = new PreviewFrame({
      url: this.#settings.pageUrl,
      libraries,
      modules: this.#runtimeFiles.read(libraries.paths, runtime),
      expected: build.compiled.modules,
      onMessage: (message) => this.#hear(page, message),
    });
    page.element.dataset.layer = 'behind';
    page.element.inert = true;
    this.#container.appendChild(page.element);
    return page;
  }

  #hear(page: PreviewFrame, message: FromFrame): void {
    if (page === this.#next?.page) this.#hearNext(this.#next, message);
    else if (page === this.#current?.page) this.#hearCurrent(this.#current, message);
    else if (page === this.#detective?.page && message.kind === 'stuck') {
      const { kind: _, ...place } = message;
      this.#set({ problem: this.#state.problem && { ...this.#state.problem, place } });
      this.#detective.end();
    }
  }

  #hearNext(slot: Slot, message: FromFrame): void {
    if (message.kind === 'problem') slot.problem ??= message.problem;
    if (message.kind === 'failed') slot.problem = message.problem;
    if (message.kind !== 'shown' && message.kind !== 'failed') return;
    // With nothing else to see, a film without one of its scenes is better than none.
    if (slot.problem && (this.#current || message.kind === 'failed')) this.#drop(slot);
    else this.#swap(slot);
    if (slot.problem) this.#report(slot, slot.problem);
    this.#makeSpare();
    void this.#advance();
  }

  #swap(slot: Slot): void {
    const before = this.#current;
    const { build, page } = slot;
    this.#next = null;
    this.#current = slot;
    if (before) before.page.element.dataset.layer = 'leaving';
    page.element.dataset.layer = 'front';
    page.element.inert = false;
    // Whoever was using the app, or the film, goes on.
    if (before && document.activeElement === before.page.element) page.element.focus();
    // Behind the new one until that has certainly been drawn.
    if (before) requestAnimationFrame(() => requestAnimationFrame(() => before.page.dispose()));
    if (before && build !== this.#previous?.build) this.#previous = { build: before.build, assets: before.assets };
    const length = build.film?.durationInFrames ?? 1;
    this.#playhead.turnTo();
    // It was put together a while ago, at the frame of then.
    if (build.film) this.#seekIn(page, Math.min(this.frame, length - 1));
    if (this.#state.playing) page.send({ kind: 'play' });
    const { problem } = this.#state;
    // What never ended is why an older one is shown again.
    const isSolved = problem !== null && problem.revision < build.revision;
    const shown = { revision: build.revision, film: build.film };
    this.#set({ shown, waiting: false, problem: isSolved ? null : problem });
  }

  #hearCurrent(slot: Slot, message: FromFrame): void {
    switch (message.kind) {
      case 'frame':
        this.#playhead.hear(message.frame);
        break;
      case 'sought':
        this.#playhead.hearSought();
        break;
      case 'playing':
        this.#set(message.playing ? { playing: true, ended: false } : { playing: false, waiting: false });
        break;
      case 'ended':
        this.#set({ playing: false, waiting: false, ended: true });
        break;
      case 'buffering':
        this.#set({ waiting: message.waiting });
        break;
      case 'volume':
        this.#set({ muted: message.muted });
        break;
      case 'problem':
        this.#report(slot, message.problem);
        break;
    }
  }

  #report({ build }: Content, problem: FrameProblem): void {
    const known = this.#state.problem;
    // What follows from the first one is of no use.
    if (known && known.revision >= build.revision) return;
    const described = describeError(build, problem);
    this.#set({ problem: described });
    void this.#settings.locate(build.revision, problem.positions).then((place) => {
      if (place && this.#state.problem === described) this.#set({ problem: { ...described, place } });
    });
  }

  #drop(slot: Slot): void {
    slot.page.dispose();
    if (this.#next === slot) this.#next = null;
  }

  /** The page that the next build will be shown in, with its libraries loaded already. */
  #makeSpare(): void {
    if (this.#spare || this.#next || !this.#current) return;
    this.#spare = this.#open(this.#current.build);
  }

  #lookAfterPages(): void {
    const pages = [this.#detective?.page, this.#next?.page, this.#current?.page].filter((page) => page !== undefined);
    if (pages.some((page) => page.ping() >= MAX_UNANSWERED)) this.#recover();
    else if (pages.some((page) => page.awaitedFor() > ARRIVAL_PATIENCE)) this.#beginAgain(this.#next ?? this.#current);
  }

  /** Sandboxed pages share a process: when one is stuck, all are, and only without all of them does a new one start. */
  #recover(): void {
    const detective = this.#detective;
    const stuck = detective ? null : (this.#next ?? this.#current);
    // Guards that have found nothing were looking behind something good.
    const good = stuck && stuck === this.#current ? this.#previous : this.#current;
    detective?.end();
    this.#beginAgain(good);
    if (!stuck) return;
    const { playing } = this.#state;
    const problem = describeStuck(stuck.build, this.frame);
    this.#set({ problem, waiting: false, ...(good ? {} : { shown: null, playing: false }) });
    void this.#investigate(problem, stuck, { frame: this.frame, playing });
  }

  /** Without any page that was there. */
  #beginAgain(content: Content | null): void {
    this.#throwAllAway();
    const release = new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
    this.#released = release;
    void release.then(() => {
      if (this.#released !== release || this.#next || this.#isDisposed) return;
      if (content) this.#begin(content, { frame: this.frame, playing: false });
      void this.#advance();
    });
  }

  /** Runs what was stuck once more, with guards that tell where. */
  async #investigate(problem: PreviewProblem, stuck: Content, start: Moment): Promise<void> {
    const [build] = await Promise.all([this.#settings.guard(problem.revision), this.#released]);
    if (!build || this.#isDisposed || this.#state.problem !== problem || this.#detective) return;
    const page = this.#open(build);
    const timer = setTimeout(() => this.#detective?.end(), GUARD_PATIENCE);
    const end = (): void => {
      clearTimeout(timer);
      page.dispose();
      if (this.#detective?.page === page) this.#detective = null;
    };
    this.#detective = { page, end };
    this.#show(page, { build, assets: stuck.assets }, start);
  }

  #throwAllAway(): void {
    for (const slot of [this.#current, this.#next]) slot?.page.dispose();
    this.#spare?.dispose();
    this.#detective?.page.dispose();
    this.#current = null;
    this.#next = null;
    this.#spare = null;
    this.#detective = null;
    // Pages that a swap has left for a moment.
    this.#container.replaceChildren();
  }
}

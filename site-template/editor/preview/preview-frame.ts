/** One preview frame, from the editor's side: a sandboxed page of an opaque origin, and the port to it. */
import type { CompiledModule } from '../../../action/core/compile/compile.ts';
import { hear } from './hear.ts';
import type { PageLibraries } from './libraries.ts';
import { type FrameProblem, type FromFrame, HELLO, type Show, type ToFrame } from './protocol.ts';

const UNREACHABLE: FrameProblem = {
  message: 'The libraries cannot be loaded: is there a connection?',
  scene: null,
  positions: [],
};

export interface FrameSettings {
  /** Address of the preview page. */
  url: string;
  libraries: PageLibraries;
  /** Resolves with the modules of the libraries. */
  modules: Promise<CompiledModule[]>;
  /** Modules of the project that will probably be shown. */
  expected: CompiledModule[];
  onMessage(message: FromFrame): void;
}

export class PreviewFrame {
  readonly libraries: PageLibraries;
  readonly element: HTMLIFrameElement;
  readonly #settings: FrameSettings;
  readonly #channel = new MessageChannel();
  /** What is said before the page is there. */
  #waiting: ToFrame[] | null = [];
  /** Whether it has ever answered: a page that still loads is not stuck. */
  #isPrepared = false;
  /** Since when nothing but the page itself is missing, on the clock of `performance.now()`. */
  #awaitedSince: number | undefined;
  #unanswered = 0;

  constructor(settings: FrameSettings) {
    this.libraries = settings.libraries;
    this.#settings = settings;
    this.element = document.createElement('iframe');
    this.element.title = 'Preview';
    this.element.setAttribute('sandbox', 'allow-scripts');
    this.element.allow = 'autoplay; fullscreen';
    this.element.src = settings.url;
    const isThere = new Promise((resolve) => this.element.addEventListener('load', resolve, { once: true }));
    this.#channel.port1.onmessage = ({ data }) => {
      const message = hear(data);
      if (message) this.#hear(message);
    };
    const { onMessage } = settings;
    const modules = settings.modules.then((loaded) => {
      this.#awaitedSince = performance.now();
      return loaded;
    });
    Promise.all([modules, isThere]).then(
      ([loaded]) => this.#open(loaded),
      () => onMessage({ kind: 'failed', problem: UNREACHABLE }),
    );
  }

  send(message: ToFrame): void {
    if (this.#waiting) this.#waiting.push(message);
    else this.#channel.port1.postMessage(message);
  }

  show(show: Show): void {
    const expected = new Set(this.#settings.expected.map(({ path }) => path));
    const modules = show.modules.filter(({ path }) => !expected.has(path));
    this.send({ kind: 'show', show: { ...show, modules } });
  }

  /** Asks whether the page is alive. @returns how many times it has been asked since it last answered */
  ping(): number {
    if (!this.#isPrepared) return 0;
    this.send({ kind: 'ping' });
    return this.#unanswered++;
  }

  /** How long the page has not been there although it could have been, in milliseconds. */
  awaitedFor(): number {
    return this.#isPrepared || this.#awaitedSince === undefined ? 0 : performance.now() - this.#awaitedSince;
  }

  dispose(): void {
    this.#channel.port1.close();
    this.element.remove();
  }

  #open(modules: CompiledModule[]): void {
    // The page has no origin that a message could be addressed to.
    this.element.contentWindow?.postMessage(HELLO, '*', [this.#channel.port2]);
    const { starter, imports, libraries } = this.libraries;
    const { expected } = this.#settings;
    const prepare: ToFrame = { kind: 'prepare', prepare: { starter, imports, libraries, modules, expected } };
    const messages = [prepare, ...(this.#waiting ?? [])];
    this.#waiting = null;
    for (const message of messages) this.send(message);
  }

  #hear(message: FromFrame): void {
    this.#unanswered = 0;
    if (message.kind === 'prepared') this.#isPrepared = true;
    if (message.kind !== 'pong') this.#settings.onMessage(message);
  }
}

/**
 * The script of a preview frame: shows one state of a project, as the published page would, and then is thrown away.
 * What it is told comes from the editor alone; what it says is made by a project that nobody vouches for.
 */
import type { Film } from '../../../../action/contract/film.ts';
import type { AppModule, FilmHandle, FilmModule } from '../../../../action/contract/mounting.ts';
import type { CompiledModule } from '../../../../action/core/compile/compile.ts';
import { STAGE_ID } from '../../../page/page-data.ts';
import { provideStorage } from '../../../page/storage.ts';
import { type FrameProblem, type FromFrame, HELLO, type Prepare, type Show, type ToFrame } from '../protocol.ts';
import { watchLoops } from './loop-watch.ts';
import { ADDRESSES, ModuleUrls, positionsIn } from './module-urls.ts';

/** How often a page that is alive notes it, in milliseconds. */
const BEAT = 200;

const NOTHING: Film = {
  fps: 30,
  width: 16,
  height: 9,
  scenes: [{ id: '', title: '', durationInFrames: 1, props: {}, load: async () => ({ default: () => null }) }],
  staticFiles: {},
};

/** Outside of a sandbox, a project's code would have the editor's own origin: this page refuses to do anything. */
if (globalThis.origin === 'null' && parent !== window) {
  provideStorage();
  addEventListener('message', greet);
}

function greet(event: MessageEvent): void {
  const [port] = event.ports;
  if (event.source !== parent || event.data !== HELLO || !port) return;
  removeEventListener('message', greet);
  new Frame(port);
}

class Frame {
  readonly #port: MessagePort;
  readonly #stage = document.getElementById(STAGE_ID) as HTMLElement;
  readonly #urls = new ModuleUrls((text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
  /** Address of a module of the project → its path. */
  readonly #paths = new Map<string, string>();
  readonly #isAlive: () => void;
  #starter: 'film' | 'app' = 'film';
  #prepared: Promise<unknown> = Promise.resolve();
  #isShown = false;
  #film: FilmHandle | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    Object.assign(globalThis, { [ADDRESSES]: this.#urls.all });
    this.#isAlive = watchLoops((place) => this.#say({ kind: 'stuck', ...place }));
    port.onmessage = ({ data }: MessageEvent<ToFrame>) => {
      this.#isAlive();
      this.#hear(data);
    };
    addEventListener('error', ({ error, message }) => this.#report({ error: error ?? message }));
    addEventListener('unhandledrejection', ({ reason }: PromiseRejectionEvent) => this.#report({ error: reason }));
    setInterval(this.#isAlive, BEAT);
  }

  #say(message: FromFrame): void {
    this.#port.postMessage(message);
  }

  #hear(message: ToFrame): void {
    switch (message.kind) {
      case 'prepare':
        this.#prepared = this.#prepare(message.prepare);
        return;
      case 'show':
        this.#isShown = true;
        void this.#show(message.show);
        return;
      case 'play':
        this.#film?.play();
        break;
      case 'pause':
        this.#film?.pause();
        break;
      case 'seek':
        this.#film?.seekTo(message.frame);
        this.#say({ kind: 'sought' });
        break;
      case 'muted':
        this.#film?.setMuted(message.muted);
        break;
      case 'volume':
        this.#film?.setVolume(message.volume);
        break;
      case 'ping':
        this.#say({ kind: 'pong' });
        break;
    }
  }

  async #prepare({ starter, modules, imports, libraries, expected }: Prepare): Promise<void> {
    this.#starter = starter;
    document.documentElement.dataset.starter = starter;
    this.#urls.add(modules);
    const map = Object.entries(imports).map(([specifier, path]) => [specifier, this.#urls.of(path)]);
    const script = document.createElement('script');
    script.type = 'importmap';
    script.textContent = JSON.stringify({ imports: Object.fromEntries(map) });
    document.head.appendChild(script);
    // A library that does not load is what the project's own import will tell.
    await Promise.allSettled([`permaframe/${starter}`, ...libraries].map(load));
    this.#fetch(expected);
    this.#say({ kind: 'prepared' });
    if (starter === 'film') await this.#warmUp();
  }

  /** Code that runs for the first time is slow: a film of nothing is shown, unless something is to be shown already. */
  async #warmUp(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#isShown) return;
    const { mountFilm } = await load<FilmModule>('permaframe/film');
    const film = mountFilm(this.#stage, { film: NOTHING, assetBase: '' });
    await film.ready;
    film.dispose();
  }

  async #show(show: Show): Promise<void> {
    await this.#prepared;
    try {
      this.#fetch(show.modules);
      const entry = this.#urls.of(show.entry) as string;
      await (this.#starter === 'film' ? this.#showFilm(entry, show) : this.#showApp(entry, show));
      await nextPicture();
      this.#say({ kind: 'shown' });
    } catch (error) {
      this.#say({ kind: 'failed', problem: this.#toProblem({ error }) });
    }
  }

  /** Modules of the project are fetched and parsed all at once, but not run before they are imported. */
  #fetch(modules: readonly CompiledModule[]): void {
    this.#urls.add(modules);
    for (const { path } of modules) {
      const href = this.#urls.of(path) as string;
      if (this.#paths.has(href)) continue;
      this.#paths.set(href, path);
      document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
    }
  }

  async #showFilm(entry: string, { start, ...show }: Show): Promise<void> {
    const [{ mountFilm }, index] = await Promise.all([
      load<FilmModule>('permaframe/film'),
      load<{ default: Film }>(entry),
    ]);
    const assetBase = putStyle(show);
    const { frame: startFrame, playing, ...sound } = start;
    const onError = (problem: { error: unknown; scene?: string }): void => this.#report(problem);
    const film = mountFilm(this.#stage, {
      film: index.default,
      assetBase,
      startFrame,
      onError,
      ...sound,
    });
    this.#film = film;
    film.on('frame', (frame) => this.#say({ kind: 'frame', frame }));
    film.on('play', () => this.#say({ kind: 'playing', playing: true }));
    film.on('pause', () => this.#say({ kind: 'playing', playing: false }));
    film.on('ended', () => this.#say({ kind: 'ended' }));
    film.on('buffering', (waiting) => this.#say({ kind: 'buffering', waiting }));
    film.on('volume', (volume) => this.#say({ kind: 'volume', ...volume }));
    await film.ready;
    if (playing) film.play();
  }

  async #showApp(entry: string, show: Show): Promise<void> {
    const { mountApp } = await load<AppModule>('permaframe/app');
    const app = mountApp(this.#stage, {
      load: () => load(entry),
      assetBase: putStyle(show),
      staticFiles: show.staticFiles,
      onError: (problem) => this.#report(problem),
    });
    await app.ready;
  }

  #report(problem: { error: unknown; scene?: string }): void {
    this.#say({ kind: 'problem', problem: this.#toProblem(problem) });
  }

  #toProblem({ error, scene }: { error: unknown; scene?: string }): FrameProblem {
    const stack = error instanceof Error ? String(error.stack) : '';
    return { message: messageOf(error), scene: scene ?? null, positions: positionsIn(stack, this.#paths) };
  }
}

/** Imports a module by its name in the import map, or by its address. */
function load<T>(name: string): Promise<T> {
  return import(name) as Promise<T>;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;
  return text.slice(0, 500);
}

/** @returns what finds assets, for the style as for the modules */
function putStyle({ style, assets }: Pick<Show, 'style' | 'assets'>): (name: string) => string {
  const urls = new Map(assets.map(([name, content]) => [name, URL.createObjectURL(content)]));
  const assetUrl = (name: string): string => urls.get(name) ?? `about:blank#${name}`;
  const element = document.createElement('style');
  element.textContent = style.replaceAll(/\bassets\/([0-9a-f]{64}\.[0-9a-z]+)/g, (_, name: string) => assetUrl(name));
  document.head.appendChild(element);
  return assetUrl;
}

/** What was drawn until now is on its way to the screen then. */
function nextPicture(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

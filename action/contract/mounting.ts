/** What `permaframe/film` and `permaframe/app` offer to whoever puts an artifact into a page. */
import type { Film, SceneComponent, StaticFiles } from './film.ts';

/**
 * Where assets are: the address of the artifact's `assets/`, absolute or relative to the document; or, for an artifact
 * that lies in no folder yet, what gives the address of each by its name.
 */
export type AssetBase = string | ((name: string) => string);

/** Something of the snapshot that threw, and the scene it happened in, where known. */
export interface FilmProblem {
  scene?: string;
  error: unknown;
}

export interface FilmOptions {
  film: Film;
  assetBase: AssetBase;
  /** Frame that is shown first. Default 0. */
  startFrame?: number;
  /** Default false. */
  muted?: boolean;
  /** From 0 to 1. Default 1. */
  volume?: number;
  /** CSS colour behind the scenes. Default: what the document's own style paints, as in a rendered video. */
  background?: string;
  /** Called for each failure of the film's own code. It is shown in its place already. */
  onError?(problem: FilmProblem): void;
}

/** By event. `frame` is the frame that is shown now, `buffering` whether the film waits for media. */
export interface FilmEvents {
  frame: number;
  play: undefined;
  pause: undefined;
  ended: undefined;
  buffering: boolean;
  volume: { muted: boolean; volume: number };
  error: FilmProblem;
}

export type FilmListener<E extends keyof FilmEvents> = (detail: FilmEvents[E]) => void;

/** A film on the stage, without controls. */
export interface FilmHandle {
  /** Resolves once the first frame stands; rejects when no scene at all could be loaded. */
  readonly ready: Promise<void>;
  readonly frame: number;
  readonly playing: boolean;
  play(): void;
  pause(): void;
  seekTo(frame: number): void;
  setMuted(muted: boolean): void;
  /** @param volume from 0 to 1 */
  setVolume(volume: number): void;
  /** @returns a function that stops listening */
  on<E extends keyof FilmEvents>(event: E, listener: FilmListener<E>): () => void;
  dispose(): void;
}

export interface AppOptions {
  /** Imports the app's entry. Called once assets can be found. */
  load(): Promise<{ default: SceneComponent }>;
  assetBase: AssetBase;
  staticFiles: StaticFiles;
  /** Called when the app throws while it is drawn. A message stands in its place already. */
  onError?(problem: { error: unknown }): void;
}

export interface AppHandle {
  /** Resolves once the app was handed to the page; rejects when it could not be loaded. */
  readonly ready: Promise<void>;
  dispose(): void;
}

/** `permaframe/film` */
export interface FilmModule {
  /** Loads a film's scenes and shows it. Calls made before it is ready take effect then. */
  mountFilm(container: HTMLElement, options: FilmOptions): FilmHandle;
}

/** `permaframe/app` */
export interface AppModule {
  mountApp(container: HTMLElement, options: AppOptions): AppHandle;
}

export interface RenderOptions {
  film: Film;
  assetBase: AssetBase;
  /** First and last frame of the video that will be asked for: they are looked at before. */
  frames: readonly [first: number, last: number];
}

/** `permaframe/render` */
export interface RenderModule {
  /** Makes the page one that `@remotion/renderer` can take frames of. Whatever fails is what the renderer fails with. */
  startRender(options: RenderOptions): void;
}

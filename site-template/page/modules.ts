/** The modules that the page's script loads, as far as it needs to know them. */
import type { Film, SceneComponent, StaticFiles } from '../../action/contract/film.ts';

/** A film on the stage, without controls. */
export interface MountedFilm {
  readonly ready: Promise<void>;
  play(): void;
  pause(): void;
  seekTo(frame: number): void;
  setMuted(muted: boolean): void;
  setVolume(volume: number): void;
  on(event: 'frame', listener: (frame: number) => void): unknown;
  on(event: 'buffering', listener: (isWaiting: boolean) => void): unknown;
  on(event: 'volume', listener: (sound: { muted: boolean }) => void): unknown;
  on(event: 'play' | 'pause' | 'ended', listener: () => void): unknown;
  dispose(): void;
}

/** `permaframe/film` */
export interface FilmModule {
  mountFilm(
    container: HTMLElement,
    options: {
      film: Film;
      assetBase: string;
      startFrame: number;
      muted: boolean;
      volume: number;
      background: string;
      onError(problem: { error: unknown }): void;
    },
  ): MountedFilm;
}

/** `permaframe/app` */
export interface AppModule {
  mountApp(
    container: HTMLElement,
    options: {
      load(): Promise<{ default: SceneComponent }>;
      assetBase: string;
      staticFiles: StaticFiles;
      onError(problem: { error: unknown }): void;
    },
  ): { readonly ready: Promise<void> };
}

/** Imports a module by its name in the import map, or by its address relative to the document. */
export function importModule<T>(name: string): Promise<T> {
  return import(name.startsWith('permaframe/') ? name : new URL(name, document.baseURI).href) as Promise<T>;
}

/** Tells whoever opens the console what went wrong in an author's code. */
export function logProblem(problem: { error: unknown }): void {
  console.error(problem.error);
}

/** What controls may ask of a film on a page, and what they hear from it. */
import type { FilmProblem } from './storyboard.tsx';

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

/** Playing a film: what state it is in, and how that changes. Loads it when it is first played. */
import type { FilmHandle } from '../../action/contract/mounting.ts';
import { loadFilm } from './load-film.ts';

import type { FilmData } from './page-data.ts';

export interface PlaybackState {
  phase: 'idle' | 'loading' | 'ready' | 'failed';
  /** While loading: whether it is to play then. */
  playing: boolean;
  ended: boolean;
  /** Whether it waits for media in the middle of playing. */
  waiting: boolean;
  frame: number;
  muted: boolean;
  /** From 0 to 1. */
  volume: number;
}

export class Playback {
  readonly state: Readonly<PlaybackState> = {
    phase: 'idle',
    playing: false,
    ended: false,
    waiting: false,
    frame: 0,
    muted: false,
    volume: 1,
  };
  readonly #data: FilmData;
  readonly #stage: HTMLElement;
  readonly #onChange: (state: PlaybackState) => void;
  #film: FilmHandle | undefined;
  #failures = 0;

  constructor(data: FilmData, stage: HTMLElement, onChange: (state: PlaybackState) => void) {
    this.#data = data;
    this.#stage = stage;
    this.#onChange = onChange;
  }

  play(): void {
    // Some browsers remember that a module could not be fetched; only a new page asks again.
    if (this.#failures > 1) location.reload();
    else if (this.state.phase === 'idle' || this.state.phase === 'failed') this.#load();
    else {
      this.#film?.play();
      if (this.state.phase === 'loading') this.#change({ playing: true });
    }
  }

  pause(): void {
    this.#film?.pause();
    this.#change({ playing: false });
  }

  toggle(): void {
    if (this.state.playing) this.pause();
    else this.play();
  }

  /** Before the film is loaded this only moves the mark. */
  seek(target: number): void {
    const frame = Math.round(Math.max(0, Math.min(this.#data.durationInFrames - 1, target)));
    this.#film?.seekTo(frame);
    this.#change({ frame, ended: false });
  }

  setMuted(muted: boolean): void {
    this.#film?.setMuted(muted);
    this.#change({ muted });
  }

  setVolume(volume: number): void {
    this.#film?.setVolume(volume);
    if (this.state.muted) this.#film?.setMuted(false);
    this.#change({ volume, muted: false });
  }

  #change(part: Partial<PlaybackState>): void {
    this.#onChange(Object.assign(this.state, part));
  }

  async #load(): Promise<void> {
    this.#change({ phase: 'loading', playing: true });
    try {
      this.#film = await loadFilm(this.#data, this.#stage, () => this.state);
      this.#listen(this.#film);
      await this.#film.ready;
      this.#change({ phase: 'ready' });
      if (this.state.playing) this.#film.play();
    } catch (error) {
      console.error(error);
      this.#film?.dispose();
      this.#film = undefined;
      this.#failures++;
      this.#change({ phase: 'failed', playing: false });
    }
  }

  #listen(film: FilmHandle): void {
    film.on('frame', (frame) => this.#change({ frame }));
    film.on('play', () => this.#change({ playing: true, ended: false }));
    film.on('pause', () => this.#change({ playing: false, waiting: false }));
    film.on('ended', () => this.#change({ playing: false, waiting: false, ended: true }));
    film.on('buffering', (waiting) => this.#change({ waiting }));
    film.on('volume', ({ muted }) => this.#change({ muted }));
  }
}

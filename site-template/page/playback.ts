/** Playing a film: what state it is in, and how that changes. Loads it when it is first played. */
import { loadFilm } from './load-film.ts';
import type { MountedFilm } from './modules.ts';
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

export interface Playback {
  readonly state: Readonly<PlaybackState>;
  play(): void;
  pause(): void;
  toggle(): void;
  /** Before the film is loaded this only moves the mark. */
  seek(frame: number): void;
  setMuted(muted: boolean): void;
  setVolume(volume: number): void;
}

export function createPlayback(data: FilmData, stage: HTMLElement, onChange: (state: PlaybackState) => void): Playback {
  const state: PlaybackState = {
    phase: 'idle',
    playing: false,
    ended: false,
    waiting: false,
    frame: 0,
    muted: false,
    volume: 1,
  };
  let film: MountedFilm | undefined;
  let failures = 0;
  const change = (part: Partial<PlaybackState>): void => onChange(Object.assign(state, part));

  const load = async (): Promise<void> => {
    change({ phase: 'loading', playing: true });
    try {
      film = await loadFilm(data, stage, () => state);
      listen(film, change);
      await film.ready;
      change({ phase: 'ready' });
      if (state.playing) film.play();
    } catch (error) {
      console.error(error);
      film?.dispose();
      film = undefined;
      failures++;
      change({ phase: 'failed', playing: false });
    }
  };

  const playback: Playback = {
    state,
    play() {
      // Some browsers remember that a module could not be fetched; only a new page asks again.
      if (failures > 1) location.reload();
      else if (state.phase === 'idle' || state.phase === 'failed') load();
      else if (film) film.play();
      else change({ playing: true });
    },
    pause() {
      film?.pause();
      change({ playing: false });
    },
    toggle() {
      if (state.playing) playback.pause();
      else playback.play();
    },
    seek(target) {
      const frame = Math.round(Math.max(0, Math.min(data.durationInFrames - 1, target)));
      film?.seekTo(frame);
      change({ frame, ended: false });
    },
    setMuted(muted) {
      film?.setMuted(muted);
      change({ muted });
    },
    setVolume(volume) {
      film?.setVolume(volume);
      if (state.muted) film?.setMuted(false);
      change({ volume, muted: false });
    },
  };
  return playback;
}

function listen(film: MountedFilm, change: (part: Partial<PlaybackState>) => void): void {
  film.on('frame', (frame) => change({ frame }));
  film.on('play', () => change({ playing: true, ended: false }));
  film.on('pause', () => change({ playing: false, waiting: false }));
  film.on('ended', () => change({ playing: false, waiting: false, ended: true }));
  film.on('buffering', (waiting) => change({ waiting }));
  film.on('volume', ({ muted }) => change({ muted }));
}

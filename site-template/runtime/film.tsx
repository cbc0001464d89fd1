/** `permaframe/film`: puts a film into a page, without any controls, and hands out what controls need. */
import { Player, type PlayerRef } from '@remotion/player';
import { createRoot } from 'react-dom/client';
import { AbsoluteFill } from 'remotion';
import type { Film } from '../../action/contract/film.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import { configureAssets } from './assets.ts';
import { type FilmProblem, type LoadedScene, loadScenes, Storyboard } from './storyboard.tsx';

export type { FilmProblem } from './storyboard.tsx';

export interface FilmOptions {
  film: Film;
  /** Address of the artifact's `assets/`, absolute or relative to the document. */
  assetBase: string;
  /** Frame that is shown first. Default 0. */
  startFrame?: number;
  /** Default false. */
  muted?: boolean;
  /** From 0 to 1. Default 1. */
  volume?: number;
  /** CSS colour behind the scenes. Default white, as in a rendered video. */
  background?: string;
  /** Called for each failure of the film's own code. It is shown in its place already. */
  onError?(problem: FilmProblem): void;
}

/** What is heard, by event. `frame` is the frame that is shown now, `buffering` whether the film waits for media. */
export interface FilmEvents {
  frame: number;
  play: undefined;
  pause: undefined;
  ended: undefined;
  buffering: boolean;
  volume: { muted: boolean; volume: number };
  error: FilmProblem;
}

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
  on<E extends keyof FilmEvents>(event: E, listener: (detail: FilmEvents[E]) => void): () => void;
  dispose(): void;
}

type Emit = <E extends keyof FilmEvents>(event: E, detail: FilmEvents[E]) => void;

/** Loads a film's scenes and shows it. Calls made before it is ready take effect then. */
export function mountFilm(container: HTMLElement, options: FilmOptions): FilmHandle {
  const { film, startFrame = 0 } = options;
  configureAssets({ base: options.assetBase, staticFiles: film.staticFiles });
  const lastFrame = placeScenes(film.scenes).durationInFrames - 1;
  const { emit, on } = createEmitter();
  const root = createRoot(container);
  const wanted = { frame: startFrame, playing: false, muted: options.muted ?? false, volume: options.volume ?? 1 };
  const state = { player: null as PlayerRef | null, playing: false, seeking: false };

  const report = (problem: FilmProblem): void => {
    options.onError?.(problem);
    emit('error', problem);
  };
  const setPlaying = (playing: boolean): void => {
    if (state.playing === playing) return;
    state.playing = playing;
    emit(playing ? 'play' : 'pause', undefined);
  };

  const ready = (async () => {
    const scenes = await loadScenes(film);
    const [first] = scenes;
    if (first?.kind === 'failed' && scenes.every((scene) => scene.kind === 'failed')) throw first.error;
    await new Promise<void>((mounted) => {
      const attach = (player: PlayerRef | null): void => {
        state.player = player;
        if (!player) return;
        listen(player, { emit, report, setPlaying, isSeeking: () => state.seeking });
        player.addEventListener('mutechange', ({ detail }) =>
          emit('volume', { muted: detail.isMuted, volume: wanted.volume }),
        );
        if (wanted.playing) player.play();
        mounted();
      };
      root.render(<FilmPlayer options={options} wanted={wanted} scenes={scenes} attach={attach} report={report} />);
    });
  })();

  return {
    ready,
    on,
    get frame() {
      return state.player?.getCurrentFrame() ?? wanted.frame;
    },
    get playing() {
      return state.playing;
    },
    play() {
      wanted.playing = true;
      state.player?.play();
    },
    pause() {
      wanted.playing = false;
      state.player?.pause();
      setPlaying(false);
    },
    seekTo(frame) {
      wanted.frame = Math.max(0, Math.min(lastFrame, Math.round(frame)));
      // The player stops for a seek and goes on by itself, except at the end: nobody needs to hear of that.
      state.seeking = wanted.frame !== lastFrame;
      state.player?.seekTo(wanted.frame);
      state.seeking = false;
      emit('frame', wanted.frame);
    },
    setMuted(muted) {
      wanted.muted = muted;
      if (muted) state.player?.mute();
      else state.player?.unmute();
    },
    setVolume(volume) {
      wanted.volume = volume;
      state.player?.setVolume(volume);
    },
    dispose() {
      root.unmount();
    },
  };
}

interface FilmPlayerProps {
  options: FilmOptions;
  wanted: { frame: number; muted: boolean; volume: number };
  scenes: readonly LoadedScene[];
  attach(player: PlayerRef | null): void;
  report(problem: FilmProblem): void;
}

type PictureProps = {
  film: Film;
  scenes: readonly LoadedScene[];
  background: string;
  onError(problem: FilmProblem): void;
};

function Picture({ background, ...storyboard }: PictureProps) {
  return (
    <AbsoluteFill style={{ background }}>
      <Storyboard {...storyboard} />
    </AbsoluteFill>
  );
}

function FilmPlayer({ options, wanted, scenes, attach, report }: FilmPlayerProps) {
  const { film, background = '#fff' } = options;
  return (
    <Player
      ref={attach}
      component={Picture}
      inputProps={{ film, scenes, background, onError: report }}
      fps={film.fps}
      compositionWidth={film.width}
      compositionHeight={film.height}
      durationInFrames={placeScenes(film.scenes).durationInFrames}
      initialFrame={wanted.frame}
      initiallyMuted={wanted.muted}
      // Also keeps the player from remembering the volume in localStorage, which a sandboxed page does not have.
      initialVolume={wanted.volume}
      style={{ width: '100%', height: '100%' }}
      errorFallback={() => null}
      clickToPlay={false}
      spaceKeyToPlayOrPause={false}
      moveToBeginningWhenEnded={false}
      acknowledgeRemotionLicense
    />
  );
}

interface Listeners {
  emit: Emit;
  report(problem: FilmProblem): void;
  setPlaying(playing: boolean): void;
  isSeeking(): boolean;
}

function listen(player: PlayerRef, { emit, report, setPlaying, isSeeking }: Listeners): void {
  player.addEventListener('frameupdate', ({ detail }) => emit('frame', detail.frame));
  player.addEventListener('play', () => setPlaying(true));
  player.addEventListener('pause', () => isSeeking() || setPlaying(false));
  player.addEventListener('ended', () => {
    setPlaying(false);
    emit('ended', undefined);
  });
  player.addEventListener('waiting', () => emit('buffering', true));
  player.addEventListener('resume', () => emit('buffering', false));
  player.addEventListener('error', ({ detail }) => report({ error: detail.error }));
}

function createEmitter(): { emit: Emit; on: FilmHandle['on'] } {
  const listeners = new Map<string, Set<(detail: never) => void>>();
  return {
    emit: (event, detail) => {
      for (const listener of listeners.get(event) ?? []) listener(detail as never);
    },
    on: (event, listener) => {
      const group = listeners.get(event) ?? new Set();
      listeners.set(event, group.add(listener));
      return () => void group.delete(listener);
    },
  };
}

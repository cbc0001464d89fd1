/** `permaframe/film`: puts a film into a page, without any controls, and hands out what controls need. */
import { Player, type PlayerRef } from '@remotion/player';
import { createRoot } from 'react-dom/client';
import { AbsoluteFill } from 'remotion';
import type { Film } from '../../action/contract/film.ts';
import type {
  FilmEvents,
  FilmHandle,
  FilmListener,
  FilmModule,
  FilmOptions,
  FilmProblem,
} from '../../action/contract/mounting.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import { configureAssets } from './assets.ts';
import { documentBackground } from './background.ts';
import { type LoadedScene, loadScenes, Storyboard } from './storyboard.tsx';

/** How long sound may take to start before the film goes on without it, in milliseconds. */
const SOUND_PATIENCE = 1500;

export const mountFilm: FilmModule['mountFilm'] = (container, options) => {
  configureAssets({ base: options.assetBase, staticFiles: options.film.staticFiles });
  return new MountedFilm(container, options);
};

class MountedFilm implements FilmHandle {
  readonly ready: Promise<void>;
  playing = false;
  readonly #options: FilmOptions;
  readonly #root;
  readonly #lastFrame: number;
  readonly #listeners = new Set<{ event: string; listener: (detail: never) => void }>();
  #player: PlayerRef | null = null;
  #frame: number;
  #muted: boolean;
  #volume: number;
  #isReady = false;
  #wantsToPlay = false;
  #isSeeking = false;
  #isWaiting = false;
  #patience = 0;

  constructor(container: HTMLElement, options: FilmOptions) {
    this.#options = options;
    this.#root = createRoot(container);
    this.#lastFrame = placeScenes(options.film.scenes).durationInFrames - 1;
    this.#frame = options.startFrame ?? 0;
    this.#muted = options.muted ?? false;
    this.#volume = options.volume ?? 1;
    this.ready = this.#start();
  }

  get frame(): number {
    return this.#player?.getCurrentFrame() ?? this.#frame;
  }

  play(): void {
    this.#wantsToPlay = true;
    if (this.#isReady) this.#player?.play();
  }

  pause(): void {
    this.#wantsToPlay = false;
    this.#player?.pause();
    this.#setPlaying(false);
  }

  seekTo(frame: number): void {
    this.#frame = Math.max(0, Math.min(this.#lastFrame, Math.round(frame)));
    // The player stops for a seek and goes on by itself, except at the end: nobody needs to hear of that.
    this.#isSeeking = this.#frame !== this.#lastFrame;
    this.#player?.seekTo(this.#frame);
    this.#isSeeking = false;
    this.#insistOnMoving();
    this.#emit('frame', this.#frame);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (muted) this.#player?.mute();
    else this.#player?.unmute();
    this.#insistOnMoving();
  }

  setVolume(volume: number): void {
    this.#volume = volume;
    this.#player?.setVolume(volume);
  }

  on<E extends keyof FilmEvents>(event: E, listener: FilmListener<E>): () => void {
    const entry = { event, listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  dispose(): void {
    clearTimeout(this.#patience);
    this.#root.unmount();
  }

  async #start(): Promise<void> {
    const scenes = await loadScenes(this.#options.film);
    const [first] = scenes;
    if (first?.kind === 'failed' && scenes.every((scene) => scene.kind === 'failed')) throw first.error;
    await new Promise<void>((mounted) => {
      const attach = (player: PlayerRef | null): void => {
        this.#player = player;
        if (!player) return;
        this.#listen(player);
        // A player that is told to play before its first frame stands gets stuck.
        player.addEventListener('frameupdate', () => mounted());
      };
      this.#root.render(this.#picture(scenes, attach));
    });
    this.#isReady = true;
    if (this.#wantsToPlay) this.play();
  }

  #picture(scenes: readonly LoadedScene[], attach: (player: PlayerRef | null) => void) {
    const { film, background = documentBackground() } = this.#options;
    const onError = (problem: FilmProblem): void => this.#report(problem);
    return (
      <Player
        ref={attach}
        component={Picture}
        inputProps={{ film, scenes, background, onError }}
        fps={film.fps}
        compositionWidth={film.width}
        compositionHeight={film.height}
        durationInFrames={this.#lastFrame + 1}
        initialFrame={this.#frame}
        initiallyMuted={this.#muted}
        // Also keeps the player from remembering the volume in localStorage, which a sandboxed page does not have.
        initialVolume={this.#volume}
        style={{ width: '100%', height: '100%' }}
        errorFallback={() => null}
        clickToPlay={false}
        spaceKeyToPlayOrPause={false}
        moveToBeginningWhenEnded={false}
        acknowledgeRemotionLicense
      />
    );
  }

  #listen(player: PlayerRef): void {
    // The event's own frame may be older than a seek that has not been drawn yet.
    player.addEventListener('frameupdate', () => this.#emit('frame', this.frame));
    player.addEventListener('play', () => this.#setPlaying(true));
    player.addEventListener('pause', () => this.#isSeeking || this.#setPlaying(false));
    player.addEventListener('ended', () => {
      this.#setPlaying(false);
      this.#emit('ended', undefined);
    });
    player.addEventListener('waiting', () => this.#setWaiting(true));
    player.addEventListener('resume', () => this.#setWaiting(false));
    player.addEventListener('mutechange', ({ detail }) => {
      this.#emit('volume', { muted: detail.isMuted, volume: this.#volume });
    });
    player.addEventListener('error', ({ detail }) => this.#report({ error: detail.error }));
  }

  #setPlaying(playing: boolean): void {
    if (this.playing === playing) return;
    this.playing = playing;
    this.#emit(playing ? 'play' : 'pause', undefined);
    this.#insistOnMoving();
  }

  #setWaiting(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.#emit('buffering', isWaiting);
    this.#insistOnMoving();
  }

  /**
   * Remotion's player waits for sound to start: for ever where the browser does not let it, as Safari long after a
   * click, or a machine without any audio device. Then the film plays without sound.
   */
  #insistOnMoving(): void {
    const { frame } = this;
    const muteIfStuck = (): void => {
      if (this.playing && !this.#isWaiting && this.frame === frame) this.setMuted(true);
    };
    clearTimeout(this.#patience);
    // Not before the page, should it be busy, has drawn again.
    const decide = (): number => requestAnimationFrame(() => requestAnimationFrame(muteIfStuck));
    if (this.playing && !this.#muted) this.#patience = window.setTimeout(decide, SOUND_PATIENCE);
  }

  #report(problem: FilmProblem): void {
    this.#options.onError?.(problem);
    this.#emit('error', problem);
  }

  #emit<E extends keyof FilmEvents>(event: E, detail: FilmEvents[E]): void {
    for (const entry of this.#listeners) if (entry.event === event) entry.listener(detail as never);
  }
}

interface PictureProps extends Record<string, unknown> {
  film: Film;
  scenes: readonly LoadedScene[];
  background: string;
  onError(problem: FilmProblem): void;
}

function Picture({ film, scenes, background, onError }: PictureProps) {
  return (
    <AbsoluteFill style={{ background }}>
      <Storyboard film={film} scenes={scenes} onError={onError} />
    </AbsoluteFill>
  );
}

/** Shows the state of playback in the chrome. */
import type { FilmData } from './page-data.ts';
import type { PlaybackState } from './playback.ts';
import { sceneIndexAt } from './scenes.ts';
import { formatTime } from './time.ts';

/** An element of the chrome, by its id. */
export type Find = <E extends HTMLElement = HTMLElement>(id: string) => E;

export function createView(data: FilmData, find: Find): (state: PlaybackState) => void {
  const player = find('player');
  const play = find('play');
  const line = find('line');
  const problem = find('problem');
  const length = data.durationInFrames;
  let shown = '';
  return (state) => {
    // The last frame is where the film ends: the mark gets there, and the clock too.
    const elapsed = (state.frame * length) / Math.max(1, length - 1);
    line.style.setProperty('--frame', String(elapsed));
    const time = formatTime(elapsed, data.fps);
    const scene = data.scenes[sceneIndexAt(data.scenes, state.frame)]?.title ?? '';
    const { frame: _, ...rest } = state;
    // While it plays, what assistive technology hears changes once a second, not with each frame.
    const next = JSON.stringify([time, scene, state.playing ? rest : state]);
    if (next === shown) return;
    shown = next;
    player.dataset.phase = state.phase;
    player.dataset.state = state.ended ? 'ended' : state.playing ? 'playing' : 'paused';
    player.toggleAttribute('data-muted', state.muted || state.volume === 0);
    player.toggleAttribute('data-waiting', state.waiting && state.playing);
    play.ariaLabel = state.ended ? 'Play again' : state.playing ? 'Pause' : 'Play';
    find('mute').ariaPressed = String(state.muted);
    find<HTMLInputElement>('volume').value = String(state.muted ? 0 : state.volume);
    find('now').textContent = time;
    find('scene').textContent = scene;
    line.ariaValueNow = String(state.frame);
    line.ariaValueText = `${time} of ${formatTime(length, data.fps)}, ${scene}`;
    problem.hidden = state.phase !== 'failed';
  };
}

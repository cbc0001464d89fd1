/** The time line under the pointer: scrubbing, and the name of what lies there. */
import type { FilmData } from './page-data.ts';
import type { Playback } from './playback.ts';
import { sceneIndexAt } from './scenes.ts';
import { formatTime } from './time.ts';
import type { Find } from './view.ts';

/** @returns shows the label for a frame; for whoever moves along the time line by other means */
export function enlivenTimeLine(data: FilmData, playback: Playback, find: Find): (frame: number) => void {
  const line = find('line');
  const label = find('tip');
  let plays = false;

  const showLabel = (frame: number): void => {
    const scene = data.scenes[sceneIndexAt(data.scenes, frame)];
    label.textContent = `${formatTime(frame, data.fps)}  ${scene?.title}`;
    line.style.setProperty('--at', String(frame));
    line.style.setProperty('--tip-half', `${label.offsetWidth / 2}px`);
  };
  const frameUnder = (event: PointerEvent): number => {
    const { left, width } = line.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - left) / width));
    return Math.round(share * (data.durationInFrames - 1));
  };
  const isHeld = (): boolean => 'held' in line.dataset;

  line.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    line.setPointerCapture(event.pointerId);
    line.dataset.held = '';
    plays = playback.state.playing || playback.state.phase === 'idle';
    if (playback.state.phase === 'ready') playback.pause();
    playback.seek(frameUnder(event));
  });
  line.addEventListener('pointermove', (event) => {
    showLabel(frameUnder(event));
    if (isHeld()) playback.seek(frameUnder(event));
  });
  const release = (): void => {
    if (!isHeld()) return;
    delete line.dataset.held;
    if (plays) playback.play();
  };
  line.addEventListener('pointerup', release);
  line.addEventListener('pointercancel', release);
  return showLabel;
}

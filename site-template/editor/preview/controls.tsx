/** The bar below the picture: the time line with its scenes, play, time and frame, the scene, the sound. */
import { useMemo, useRef } from 'react';
import { icon } from '../../page/icons.ts';
import { sceneIndexAt } from '../../page/scenes.ts';
import { formatTime } from '../../page/time.ts';
import type { FilmShape } from '../compiler/protocol.ts';
import styles from './controls.module.css';
import type { PreviewStage } from './stage.ts';
import { useFrame, usePlayer } from './use-preview.ts';

interface Props {
  stage: PreviewStage;
  film: FilmShape;
}

export function Controls({ stage, film }: Props) {
  const state = usePlayer(stage, (each) => (each.ended ? 'ended' : each.playing ? 'playing' : 'paused'));
  const muted = usePlayer(stage, (each) => each.muted);
  const names = { playing: 'Pause', paused: 'Play', ended: 'Play again' };
  const signs = { playing: 'pause', paused: 'play', ended: 'replay' } as const;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is about a form
    <div className={styles.bar} role="group" aria-label="Player">
      <TimeLine stage={stage} film={film} />
      <div className={styles.row}>
        <SignButton sign={signs[state]} label={names[state]} onClick={() => stage.toggle()} />
        <Clock stage={stage} film={film} />
        <SceneChoice stage={stage} film={film} />
        <SignButton
          sign={muted ? 'silence' : 'sound'}
          label="Mute"
          isPressed={muted}
          onClick={() => stage.setMuted(!muted)}
        />
      </div>
    </div>
  );
}

interface SignProps {
  sign: Parameters<typeof icon>[0];
  label: string;
  isPressed?: boolean;
  onClick(): void;
}

function SignButton({ sign, label, isPressed, onClick }: SignProps) {
  const { text } = icon(sign);
  return (
    <button type="button" className={styles.button} aria-label={label} aria-pressed={isPressed} onClick={onClick}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the share page's own signs, from our own source */}
      <span dangerouslySetInnerHTML={{ __html: text }} />
    </button>
  );
}

function Clock({ stage, film: { fps, durationInFrames } }: Props) {
  const time = useFrame(stage, (frame) => formatTime(frame, fps));
  const frame = useFrame(stage, (each) => each);
  return (
    <span className={styles.clock}>
      <span>
        {time} <span className={styles.quiet}>/ {formatTime(durationInFrames, fps)}</span>
      </span>
      <output className={styles.frame} aria-label="Frame" aria-live="off" data-preview-frame={frame}>
        {frame}
      </output>
    </span>
  );
}

function SceneChoice({ stage, film }: Props) {
  const index = useFrame(stage, (frame) => sceneIndexAt(film.scenes, frame));
  const options = useMemo(
    () =>
      film.scenes.map(({ id, title }, each) => (
        <option key={id} value={each}>
          {title}
        </option>
      )),
    [film],
  );
  const jump = (each: number): void => stage.seek(film.scenes[each]?.from ?? 0);
  return (
    <select
      className={styles.scene}
      aria-label="Scene"
      value={index}
      onChange={(event) => jump(Number(event.target.value))}
    >
      {options}
    </select>
  );
}

function TimeLine({ stage, film }: Props) {
  const { scenes, durationInFrames, fps } = film;
  const line = useRef<HTMLDivElement>(null);
  const plays = useRef(false);
  const frame = useFrame(stage, (each) => each);
  const share = (frames: number): string => `${(frames / durationInFrames) * 100}%`;
  const seekTo = (clientX: number): void => {
    const { left = 0, width = 1 } = line.current?.getBoundingClientRect() ?? {};
    stage.seek(((clientX - left) / width) * (durationInFrames - 1));
  };
  const done = share(durationInFrames > 1 ? (frame * durationInFrames) / (durationInFrames - 1) : 0);
  const scene = scenes[sceneIndexAt(scenes, frame)]?.title;
  return (
    <div
      ref={line}
      className={styles.line}
      role="slider"
      tabIndex={0}
      aria-label="Time line"
      aria-valuemin={0}
      aria-valuemax={durationInFrames - 1}
      aria-valuenow={frame}
      aria-valuetext={`${formatTime(frame, fps)}, frame ${frame}, ${scene}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        plays.current = stage.getState().playing;
        stage.pause();
        seekTo(event.clientX);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event.clientX)}
      onLostPointerCapture={() => plays.current && stage.toggle()}
    >
      {scenes.map(({ id, from, durationInFrames: length }) => (
        <i key={id} style={{ left: share(from), width: share(length) }} />
      ))}
      <span className={styles.done} style={{ width: done }} />
      <b style={{ left: done }} />
    </div>
  );
}

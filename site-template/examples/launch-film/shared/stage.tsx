/** What every scene stands on: the film's style sheet, and its stretch of the music. */
import type { CSSProperties, ReactNode } from 'react';
import { AbsoluteFill, Html5Audio, interpolate, staticFile, useVideoConfig } from 'remotion';
import './film.css';

/** Frames over which one scene's music fades into the next one's, inside their transition and before its beat. */
const HANDOVER_FRAMES = 8;
const TRANSITION_FRAMES = 20;

export interface SceneProps {
  /** Where this scene begins in the film: the music is one piece, and each scene plays its part of it. */
  filmFrame: number;
}

export function Stage(props: SceneProps & { children: ReactNode; style?: CSSProperties; last?: boolean }) {
  return (
    <AbsoluteFill className="film" style={props.style}>
      {props.children}
      <Soundtrack filmFrame={props.filmFrame} last={props.last ?? false} />
    </AbsoluteFill>
  );
}

function Soundtrack({ filmFrame, last }: { filmFrame: number; last: boolean }) {
  const { durationInFrames } = useVideoConfig();
  const leave = durationInFrames - TRANSITION_FRAMES;
  const clamp = { extrapolateLeft: 'clamp', extrapolateRight: 'clamp' } as const;
  const volume = (frame: number) => {
    const entering = filmFrame === 0 ? 1 : interpolate(frame, [0, HANDOVER_FRAMES], [0, 1], clamp);
    const leaving = last ? 1 : interpolate(frame, [leave, leave + HANDOVER_FRAMES], [1, 0], clamp);
    return entering * leaving;
  };
  return <Html5Audio src={staticFile('music.mp3')} trimBefore={filmFrame} volume={volume} />;
}

/** A card with type that rises and a bar that fills: what `npm run bench -- video` renders. */
import type { CSSProperties } from 'react';
import { AbsoluteFill, interpolate, spring, useCurrentFrame, useVideoConfig } from 'remotion';
import './card.css';

const WORDS = ['Leave', 'on', 'the', 'tide'];

export default function Card() {
  const frame = useCurrentFrame();
  const { fps, durationInFrames } = useVideoConfig();
  const filled = interpolate(frame, [0, durationInFrames - 1], [0, 100]);
  return (
    <AbsoluteFill className="card" style={{ '--turn': `${frame * 2}deg` } as CSSProperties}>
      <div className="words">
        {WORDS.map((word, index) => {
          const risen = spring({ frame: frame - index * 6, fps, config: { damping: 14 } });
          const style = { opacity: risen, transform: `translateY(${(1 - risen) * 90}px)` };
          return (
            <span key={word} style={style}>
              {word}
            </span>
          );
        })}
      </div>
      <div className="bar">
        <div style={{ width: `${filled}%` }} />
      </div>
    </AbsoluteFill>
  );
}

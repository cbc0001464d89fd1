/** Large type that rises out of its own line, word by word, and a small line above it. */
import { type CSSProperties, Fragment } from 'react';
import { useCurrentFrame } from 'remotion';
import { between, color, font } from './theme.ts';

interface HeadlineProps {
  lines: string[];
  /** Frame at which the first word starts to rise. */
  at: number;
  /** Frame from which the words sink again, if they do. */
  until?: number;
  size?: number;
  tint?: string;
  style?: CSSProperties;
}

const WORD_STAGGER = 4;

export function Headline({ lines, at, until, size = 88, tint = color.ink, style }: HeadlineProps) {
  let word = 0;
  return (
    <div
      style={{
        fontSize: size,
        fontWeight: 700,
        letterSpacing: '-0.04em',
        lineHeight: 0.98,
        color: tint,
        position: 'absolute',
        ...style,
      }}
    >
      {lines.map((line) => (
        <div key={line} style={{ whiteSpace: 'nowrap' }}>
          {line.split(' ').map((text, index) => (
            <Fragment key={`${text}-${line.length}`}>
              {index > 0 && ' '}
              <Word text={text} at={at + word++ * WORD_STAGGER} until={until} />
            </Fragment>
          ))}
        </div>
      ))}
    </div>
  );
}

function Word({ text, at, until }: { text: string; at: number; until: number | undefined }) {
  const frame = useCurrentFrame();
  const rise = between(frame, at, at + 26);
  const sink = until === undefined ? 0 : between(frame, until, until + 16, (t) => t * t * t);
  return (
    <span
      style={{
        display: 'inline-block',
        overflow: 'hidden',
        padding: '0.1em 0.06em 0.2em',
        margin: '-0.1em -0.06em -0.2em',
      }}
    >
      <span
        style={{
          display: 'inline-block',
          transform: `translateY(${(1 - rise) * 125 - sink * 125}%) rotate(${(1 - rise) * 5}deg)`,
          transformOrigin: '0 100%',
        }}
      >
        {text}
      </span>
    </span>
  );
}

export function Kicker({
  text,
  at,
  tint = color.ink,
  style,
}: {
  text: string;
  at: number;
  tint?: string;
  style?: CSSProperties;
}) {
  const frame = useCurrentFrame();
  const shown = between(frame, at, at + 20);
  return (
    <div
      style={{
        position: 'absolute',
        fontFamily: font.mono,
        fontWeight: 500,
        fontSize: 24,
        letterSpacing: '0.02em',
        color: tint,
        opacity: shown,
        transform: `translateX(${(1 - shown) * -14}px)`,
        ...style,
      }}
    >
      {text}
    </div>
  );
}

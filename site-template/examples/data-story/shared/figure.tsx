/** The frame of every chart: ground, headline, and the line that says where the numbers come from. */
import type { ReactNode } from 'react';
import { AbsoluteFill, useCurrentFrame } from 'remotion';
import styles from './figure.module.css';
import { between } from './theme.ts';
import './story.css';

interface FigureProps {
  ground: string;
  ink: string;
  headline: string[];
  note: string;
  noteInk: string;
  children: ReactNode;
}

export function Figure({ ground, ink, headline, note, noteInk, children }: FigureProps) {
  const frame = useCurrentFrame();
  return (
    <AbsoluteFill className="story" style={{ background: ground, color: ink }}>
      <svg width="1080" height="1080" viewBox="0 0 1080 1080" role="img" aria-label={headline.join(' ')}>
        {children}
      </svg>
      <h1 className={styles.headline}>
        {headline.map((line, index) => {
          const rise = between(frame, 8 + index * 6, 38 + index * 6);
          return (
            <div key={line} className={styles.line}>
              <span style={{ transform: `translateY(${(1 - rise) * 120}%)` }}>{line}</span>
            </div>
          );
        })}
      </h1>
      <p className={styles.note} style={{ color: noteInk, opacity: between(frame, 20, 44), margin: 0 }}>
        {note}
      </p>
    </AbsoluteFill>
  );
}

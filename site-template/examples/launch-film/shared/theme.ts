/** The colours of a paper sea chart, and the few curves along which everything moves. */
import { Easing, interpolate } from 'remotion';

export const color = {
  paper: '#f6ecd2',
  land: '#f0deae',
  ink: '#10243e',
  inkSoft: '#4c5f73',
  shallow: '#b8d9e0',
  sea: '#6fb0bf',
  deep: '#0d3a50',
  abyss: '#08263a',
  magenta: '#c4246f',
  flare: '#ff5fa2',
} as const;

export const font = { display: '"Bricolage Grotesque", sans-serif', mono: '"DM Mono", monospace' } as const;

/** Fast away, long landing: for things that arrive. */
export const arrive = Easing.bezier(0.16, 1, 0.3, 1);
/** Slow at both ends: for cameras and water. */
export const drift = Easing.bezier(0.6, 0, 0.3, 1);

/** How far (0..1) the frame is between two frames, along a curve. */
export function between(frame: number, from: number, to: number, easing: (t: number) => number = arrive): number {
  return interpolate(frame, [from, to], [0, 1], { extrapolateLeft: 'clamp', extrapolateRight: 'clamp', easing });
}

export function mix(from: number, to: number, amount: number): number {
  return from + (to - from) * amount;
}

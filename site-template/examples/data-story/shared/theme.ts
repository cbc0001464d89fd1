/** Night, paper and sun; and the curves of movement. */
import { Easing, interpolate } from 'remotion';

export const color = {
  night: '#15122b',
  dusk: '#8f8ab4',
  paper: '#fbf7ee',
  ink: '#17131f',
  soft: '#6b6474',
  sun: '#ffc61a',
  ember: '#ea4f25',
} as const;

export const MARGIN = 72;

export const settle = Easing.bezier(0.16, 1, 0.3, 1);
export const glide = Easing.bezier(0.65, 0, 0.35, 1);
export const even = (t: number) => t;

/** How far (0..1) the frame is between two frames, along a curve. */
export function between(frame: number, from: number, to: number, easing: (t: number) => number = settle): number {
  return interpolate(frame, [from, to], [0, 1], { extrapolateLeft: 'clamp', extrapolateRight: 'clamp', easing });
}

export function mix(from: number, to: number, amount: number): number {
  return from + (to - from) * amount;
}

/** What a transition does to the two scenes that it joins. */
import type { Transition } from '../../action/contract/manifest.ts';

export interface SceneStyle {
  opacity?: number;
  transform?: string;
  clipPath?: string;
}

type Direction = NonNullable<Transition['direction']>;

/** Where an entering scene comes from, in widths and heights of the picture. */
const origins: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  'from-left': [-1, 0],
  'from-right': [1, 0],
  'from-top': [0, -1],
  'from-bottom': [0, 1],
};

/**
 * The styles of both scenes. The entering scene lies above the leaving one.
 * @param progress above 0 and below 1 during a transition; 0 is before it, 1 after it
 */
export function transitionStyles(
  { type, direction = 'from-left' }: Pick<Transition, 'type' | 'direction'>,
  progress: number,
): { entering: SceneStyle; leaving: SceneStyle } {
  const [x, y] = origins[direction];
  const moved = progress * progress * (3 - 2 * progress);
  switch (type) {
    case 'fade':
      return { entering: { opacity: progress }, leaving: {} };
    case 'slide':
      return { entering: shift(x * (1 - moved), y * (1 - moved)), leaving: shift(-x * moved, -y * moved) };
    case 'wipe':
      return { entering: { clipPath: hideBehind(x, y, 1 - moved) }, leaving: {} };
    case 'none':
      return { entering: {}, leaving: {} };
  }
}

/**
 * How far a transition of `frames` frames is at its frame `index` (from 0). The steps from the frame before the
 * transition to the frame after it are equal.
 */
export function transitionProgress(index: number, frames: number): number {
  return (index + 1) / (frames + 1);
}

function shift(x: number, y: number): SceneStyle {
  return { transform: `translate(${percent(x)}, ${percent(y)})` };
}

/** Clips the side away from where the scene comes from. */
function hideBehind(x: number, y: number, hidden: number): string {
  const sides = [y > 0, x < 0, y < 0, x > 0].map((isHidden) => percent(isHidden ? hidden : 0));
  return `inset(${sides.join(' ')})`;
}

function percent(share: number): string {
  return `${Math.round(share * 1e5) / 1e3}%`;
}

import { describe, expect, it } from 'vitest';
import { TRANSITION_DIRECTIONS, TRANSITION_TYPES } from '../../../action/contract/manifest.ts';
import { transitionProgress, transitionStyles } from '../../../site-template/runtime/transitions.ts';

describe('transitionStyles', () => {
  it('fade: the entering scene appears above the leaving one', () => {
    expect(transitionStyles({ type: 'fade' }, 0.25)).toEqual({ entering: { opacity: 0.25 }, leaving: {} });
  });

  it.each([
    ['from-left', 'translate(-50%, 0%)', 'translate(50%, 0%)'],
    ['from-right', 'translate(50%, 0%)', 'translate(-50%, 0%)'],
    ['from-top', 'translate(0%, -50%)', 'translate(0%, 50%)'],
    ['from-bottom', 'translate(0%, 50%)', 'translate(0%, -50%)'],
  ] as const)('slide %s: both scenes move, edge to edge', (direction, entering, leaving) => {
    const styles = transitionStyles({ type: 'slide', direction }, 0.5);
    expect(styles).toEqual({ entering: { transform: entering }, leaving: { transform: leaving } });
  });

  it.each([
    ['from-left', 'inset(0% 50% 0% 0%)'],
    ['from-right', 'inset(0% 0% 0% 50%)'],
    ['from-top', 'inset(0% 0% 50% 0%)'],
    ['from-bottom', 'inset(50% 0% 0% 0%)'],
  ] as const)('wipe %s: the entering scene is uncovered from that side', (direction, clipPath) => {
    expect(transitionStyles({ type: 'wipe', direction }, 0.5)).toEqual({ entering: { clipPath }, leaving: {} });
  });

  it('comes from the left when nothing else is said', () => {
    for (const type of TRANSITION_TYPES) {
      expect(transitionStyles({ type }, 0.3)).toEqual(transitionStyles({ type, direction: 'from-left' }, 0.3));
    }
  });

  it('is over at the end: the entering scene is where it would be without', () => {
    for (const direction of TRANSITION_DIRECTIONS) {
      expect(transitionStyles({ type: 'slide', direction }, 1).entering.transform).toBe('translate(0%, 0%)');
      expect(transitionStyles({ type: 'wipe', direction }, 1).entering.clipPath).toBe('inset(0% 0% 0% 0%)');
    }
    expect(transitionStyles({ type: 'fade' }, 1).entering.opacity).toBe(1);
  });

  it('writes no number that CSS cannot read', () => {
    for (let frame = 0; frame < 97; frame++) {
      const { entering } = transitionStyles({ type: 'slide' }, transitionProgress(frame, 97));
      expect(entering.transform).toMatch(/^translate\(-?\d+(\.\d+)?%, 0%\)$/);
    }
  });
});

describe('transitionProgress', () => {
  it('takes equal steps from the frame before to the frame after', () => {
    expect([-1, 0, 1, 2, 3].map((frame) => transitionProgress(frame, 3))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
});

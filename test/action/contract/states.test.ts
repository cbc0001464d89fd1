import { describe, expect, test } from 'vitest';
import {
  canPublishMove,
  canRenderMove,
  isPublishOver,
  isRenderOver,
  PUBLISH_STATES,
  PUBLISH_TRANSITIONS,
  RENDER_STATES,
  RENDER_TRANSITIONS,
} from '../../../action/contract/states.ts';

interface Machine {
  states: readonly string[];
  transitions: Readonly<Record<string, readonly string[]>>;
  canMove(from: string, to: string): boolean;
  isOver(state: string): boolean;
  /** The way of one that goes well, as design.md draws it. */
  way: string[];
}

const machines: Record<string, Machine> = {
  publish: {
    states: PUBLISH_STATES,
    transitions: PUBLISH_TRANSITIONS,
    canMove: canPublishMove as Machine['canMove'],
    isOver: isPublishOver as Machine['isOver'],
    way: ['queued', 'dispatched', 'bundling', 'uploading', 'published'],
  },
  render: {
    states: RENDER_STATES,
    transitions: RENDER_TRANSITIONS,
    canMove: canRenderMove as Machine['canMove'],
    isOver: isRenderOver as Machine['isOver'],
    way: ['queued', 'rendering', 'combining', 'uploading', 'ready'],
  },
};

describe.each(Object.entries(machines))('a %s', (_, { states, transitions, canMove, isOver, way }) => {
  const broken = ['failed', 'cancelled'];
  const ends = [way.at(-1) as string, ...broken];
  const pairs = states.flatMap((from) => states.map((to): [string, string] => [from, to]));

  test('knows the states of its way, failed and cancelled, and no others', () => {
    expect([...states].sort()).toEqual([...way, ...broken].sort());
    expect(Object.keys(transitions).sort()).toEqual([...states].sort());
  });

  test.each(pairs)('from %s to %s moves exactly if that is forward, or breaks off what is not over', (from, to) => {
    const isForward = way.includes(from) && way.indexOf(to) > way.indexOf(from);
    const breaksOff = broken.includes(to) && !ends.includes(from);
    expect(canMove(from, to)).toBe(isForward || breaksOff);
  });

  test('is over in its last state, failed and cancelled, and nowhere else', () => {
    expect(states.filter((state) => isOver(state)).sort()).toEqual([...ends].sort());
  });

  test('never leaves a state in which it is over', () => {
    for (const [from, to] of pairs) if (isOver(from)) expect(canMove(from, to), `${from} to ${to}`).toBe(false);
  });

  /** Every state that some walk from `start` comes to. */
  function reachable(start: string): Set<string> {
    const found = new Set<string>();
    const waiting = [start];
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      for (const next of states.filter((to) => canMove(state as string, to))) {
        if (!found.has(next)) waiting.push(next);
        found.add(next);
      }
    }
    return found;
  }

  test('never comes back to a state', () => {
    for (const state of states) expect(reachable(state).has(state), state).toBe(false);
  });

  test('can end in every way from every state that is not over', () => {
    for (const state of states.filter((each) => !isOver(each))) {
      expect([...reachable(state)], state).toEqual(expect.arrayContaining(ends));
    }
  });

  test('can come to every state from queued', () => {
    expect([...reachable('queued'), 'queued'].sort()).toEqual([...states].sort());
  });
});

import { expect, test } from 'vitest';
import { Playhead } from '../../../../site-template/editor/preview/playhead.ts';

test('what a page says before it has heard of all seeks is out of date', () => {
  const playhead = new Playhead();
  playhead.hear(3);
  playhead.seek(playhead.frame + 1);
  playhead.seek(playhead.frame + 1);
  playhead.hear(3);
  playhead.hear(4);
  playhead.hearSought();
  expect(playhead.frame).toBe(5);
  playhead.hear(4);
  playhead.seek(playhead.frame + 1);
  playhead.hearSought();
  playhead.hearSought();
  expect(playhead.frame).toBe(6);
  playhead.hear(7);
  expect(playhead.frame).toBe(7);
});

test('another page owes no answer to what was said to the one before', () => {
  const playhead = new Playhead();
  const heard: number[] = [];
  const stop = playhead.onChange(() => heard.push(playhead.frame));
  playhead.seek(8);
  playhead.turnTo();
  playhead.hearSought();
  playhead.hear(9);
  stop();
  playhead.hear(10);
  expect(heard).toEqual([8, 9]);
});

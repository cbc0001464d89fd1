import { expect, it } from 'vitest';
import { isMedia, sumBytes, type Transfer } from '../../../scripts/bench/transfers.ts';

const transfers: Transfer[] = [
  { url: 'http://127.0.0.1/p/film/1', status: 200, contentType: 'text/html', encoding: 'br', bytes: 5000 },
  { url: 'http://127.0.0.1/runtime/a.js', status: 200, contentType: 'text/javascript', encoding: 'br', bytes: 700 },
  { url: 'http://127.0.0.1/p/film/1/assets/b.mp3', status: 206, contentType: 'audio/mpeg', encoding: '', bytes: 90 },
];

it('adds up what a rule takes, and everything without one', () => {
  expect(sumBytes(transfers)).toBe(5790);
  expect(sumBytes(transfers, ({ url }) => url.includes('/runtime/'))).toBe(700);
  expect(sumBytes([])).toBe(0);
});

it('knows sound and film by their type', () => {
  expect(transfers.map(isMedia)).toEqual([false, false, true]);
});

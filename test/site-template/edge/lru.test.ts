import { expect, it } from 'vitest';
import { Lru } from '../../../site-template/edge/lru.ts';

it('forgets what was used longest ago', () => {
  const lru = new Lru<number>(2);
  lru.set('a', 1);
  lru.set('b', 2);
  expect(lru.get('a')).toBe(1);
  lru.set('c', 3);
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
});

it('weighs what it holds, replaced values no longer', () => {
  const lru = new Lru<string>(10, (text) => text.length);
  lru.set('a', '12345678');
  lru.set('a', '1234');
  lru.set('b', '123456');
  expect([lru.get('a'), lru.get('b')]).toEqual(['1234', '123456']);
  lru.set('c', '1');
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([undefined, '123456', '1']);
});

it('does not keep what is too heavy by itself', () => {
  const lru = new Lru<string>(3, (text) => text.length);
  lru.set('a', '1234');
  expect(lru.get('a')).toBeUndefined();
  lru.set('b', '123');
  expect(lru.get('b')).toBe('123');
});

import { expect, it } from 'vitest';
import { inTurn, measureInTurn } from '../../../scripts/bench/rounds.ts';

it('begins each round with another contestant', () => {
  const orders = [0, 1, 2, 3].map((round) => inTurn(['a', 'b', 'c'], round).join(''));
  expect(orders).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(inTurn([], 5)).toEqual([]);
});

it('measures everybody once a round, and does not count the first', async () => {
  const calls: string[] = [];
  const samples = await measureInTurn(['a', 'b'], 2, async (contestant) => calls.push(contestant));
  expect(calls.join('')).toBe('abbaab');
  expect(samples).toEqual([
    [4, 5],
    [3, 6],
  ]);
});

it('counts the first round where nothing has to be warmed', async () => {
  const calls: string[] = [];
  const measure = async (contestant: string) => calls.push(contestant);
  expect(await measureInTurn(['a', 'b'], 1, measure, undefined, true)).toEqual([[2], [1]]);
  expect(calls.join('')).toBe('ba');
});

it('ends with the first failure', async () => {
  const failing = measureInTurn(['a'], 3, async () => Promise.reject(new Error('wrong bytes')));
  await expect(failing).rejects.toThrow('wrong bytes');
});

it('stops before the next sample when it is interrupted', async () => {
  const interrupt = new AbortController();
  const calls: string[] = [];
  const measure = async (contestant: string) => {
    interrupt.abort(new Error('interrupted'));
    return calls.push(contestant);
  };
  await expect(measureInTurn(['a', 'b'], 3, measure, interrupt.signal)).rejects.toThrow('interrupted');
  expect(calls).toEqual(['a']);
});

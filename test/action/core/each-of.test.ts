import { describe, expect, test } from 'vitest';
import { eachOf } from '../../../action/core/each-of.ts';

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

describe('work on each of many', () => {
  test('gives results in order, and does no more at a time than it may', async () => {
    let [running, most] = [0, 0];
    const results = await eachOf([3, 1, 2, 5, 4], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      for (let i = 0; i < item; i++) await later();
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([30, 10, 20, 50, 40]);
    expect(most).toBe(2);
    expect(await eachOf([], 4, async () => 1)).toEqual([]);
  });

  test('begins nothing more after a failure, and waits for what runs', async () => {
    const [begun, ended]: number[][] = [[], []];
    const working = eachOf([0, 1, 2, 3], 2, async (item) => {
      begun?.push(item);
      if (item === 0) throw new Error('the first');
      await later();
      ended?.push(item);
      throw new Error('another');
    });
    await expect(working).rejects.toThrow('the first');
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });
});

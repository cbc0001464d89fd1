import { describe, expect, it } from 'vitest';
import { pairedRatios, quantile, summarize } from '../../../scripts/bench/statistics.ts';

describe('summarize', () => {
  it('finds median and quartiles of samples in any order, and leaves them as they are', () => {
    const samples = [50, 10, 40, 20, 30];
    expect(summarize(samples)).toEqual({ median: 30, lower: 20, upper: 40, count: 5 });
    expect(samples).toEqual([50, 10, 40, 20, 30]);
  });

  it('sorts by size, not by digits', () => {
    expect(summarize([100, 9, 80]).median).toBe(80);
  });

  it('is not moved by one sample that went wrong', () => {
    expect(summarize([10, 11, 12, 13, 9000]).median).toBe(12);
  });

  it('is the sample itself when there is one', () => {
    expect(summarize([7])).toEqual({ median: 7, lower: 7, upper: 7, count: 1 });
  });

  it('refuses to tell something about nothing', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});

describe('quantile', () => {
  it('interpolates between two samples', () => {
    expect(quantile([1, 2], 0.5)).toBe(1.5);
    expect(quantile([0, 10, 20, 30], 0.25)).toBe(7.5);
  });

  it('goes from the least to the greatest', () => {
    expect([quantile([3, 5, 9], 0), quantile([3, 5, 9], 1)]).toEqual([3, 9]);
  });
});

describe('pairedRatios', () => {
  it('divides round by round, so that a slow round of both counts as any other', () => {
    expect(pairedRatios([10, 100], [20, 200])).toEqual([0.5, 0.5]);
  });

  it('refuses rounds without a partner', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow('2 rounds beside 1');
  });
});

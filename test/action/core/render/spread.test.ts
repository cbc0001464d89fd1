import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countJobs, MAX_RENDER_JOBS, spreadChunks } from '../../../../action/core/render/spread.ts';

const MINUTE = 60_000;

describe('the number of jobs', () => {
  it.each([
    ['nothing to render', 0, 0, 8, 0],
    ['a short film', 10_000, 3, 8, 1],
    ['two minutes', 2 * MINUTE, 9, 8, 1],
    ['a little more', 2 * MINUTE + 1, 9, 8, 2],
    ['a long film', 60 * MINUTE, 64, 8, MAX_RENDER_JOBS],
    ['a long film of few chunks', 60 * MINUTE, 3, 8, 3],
    ['fewer machines than it would take', 60 * MINUTE, 64, 2, 2],
    ['more machines than there may be', 60 * MINUTE, 64, 100, MAX_RENDER_JOBS],
  ])('%s', (_, milliseconds, chunks, most, jobs) => {
    expect(countJobs(milliseconds, chunks, most)).toBe(jobs);
  });
});

describe('groups', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 64 });

  it('have every chunk once, in the order of the film, and about as many frames each', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: MAX_RENDER_JOBS }), (frames, most) => {
        let first = 0;
        const chunks = frames.map((length) => {
          const chunk = { first, last: first + length - 1 };
          first += length;
          return chunk;
        });
        const jobs = Math.min(most, chunks.length);
        const groups = spreadChunks(chunks, jobs);
        expect(groups).toHaveLength(jobs);
        expect(groups.flat().toSorted((a, b) => a.first - b.first)).toEqual(chunks);
        for (const group of groups) expect(group).toEqual(group.toSorted((a, b) => a.first - b.first));
        const sums = groups.map((group) => group.reduce((sum, chunk) => sum + chunk.last - chunk.first + 1, 0));
        expect(Math.min(...sums)).toBeGreaterThan(0);
        // The last that was added to the fullest went to the emptiest.
        expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(Math.max(...frames));
      }),
    );
  });
});

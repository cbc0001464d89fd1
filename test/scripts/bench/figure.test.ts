import { describe, expect, it } from 'vitest';
import { evaluate, type Figure } from '../../../scripts/bench/figure.ts';
import { HEAD, toRow } from '../../../scripts/bench/rows.ts';

const build: Figure = {
  part: 'build',
  what: 'launch-film',
  unit: 'ms',
  samples: [100, 110, 90],
  peer: { name: 'vite build', samples: [1000, 1000, 1000] },
  budget: { of: 'ratio', bound: 'atMost', limit: 0.2 },
};
const weight: Figure = {
  part: 'page',
  what: 'launch-film: before play',
  unit: 'bytes',
  samples: [10_400],
  budget: { of: 'value', bound: 'atMost', limit: 10_000 },
};

describe('evaluate', () => {
  it('compares the ratio with a budget of the ratio', () => {
    expect(evaluate(build)).toMatchObject({ verdict: 'holds', ratio: { median: 0.1 }, peerValue: { median: 1000 } });
    expect(evaluate({ ...build, samples: [300, 310, 290] }).verdict).toBe('missed');
  });

  it('compares the value with a budget of the value', () => {
    expect(evaluate(weight)).toMatchObject({ verdict: 'missed', ratio: null, peerValue: null });
    expect(evaluate({ ...weight, samples: [10_000] }).verdict).toBe('holds');
  });

  it('reads a lower bound the other way round', () => {
    const rate: Figure = { ...build, unit: 'requests/s', budget: { of: 'ratio', bound: 'atLeast', limit: 0.8 } };
    expect(evaluate({ ...rate, samples: [900, 950, 1000] }).verdict).toBe('holds');
    expect(evaluate({ ...rate, samples: [500, 550, 600] }).verdict).toBe('missed');
  });

  it('is unclear when the quartiles lie on both sides of the budget', () => {
    expect(evaluate({ ...build, samples: [100, 190, 400] }).verdict).toBe('unclear');
  });

  it('has no verdict without a budget', () => {
    const { budget: _, ...withoutBudget } = build;
    expect(evaluate(withoutBudget).verdict).toBeNull();
  });

  it('refuses a budget of a ratio to nothing', () => {
    const { peer: _, ...alone } = build;
    expect(() => evaluate(alone)).toThrow('a ratio needs a peer');
  });
});

describe('toRow', () => {
  it('shows a figure beside its peer, with ratio, spread and budget', () => {
    const row = ['launch-film', '100 ms', 'vite build', '1.0 s', '0.10', '0.10 – 0.10', '≤ 0.2 ×', 'holds'];
    expect(toRow(evaluate({ ...build, samples: [100, 101, 100] }))).toEqual(row);
  });

  it('leaves out what there is not: a peer, a spread', () => {
    const row = ['launch-film: before play', '10.4 kB', '', '', '', '', '≤ 10 kB', 'MISSED'];
    expect(toRow(evaluate(weight))).toEqual(row);
  });

  it('shows the spread of a value that has no peer', () => {
    const { budget: _, ...time } = { ...weight, unit: 'ms' as const, samples: [1000, 1200, 1400, 1600, 1800] };
    expect(toRow(evaluate(time)).slice(1)).toEqual(['1.4 s', '', '', '', '1.2 s – 1.6 s', '', '']);
  });

  it('says requests a second, and of a lower bound that it is one', () => {
    const rate: Figure = { ...build, unit: 'requests/s', budget: { of: 'ratio', bound: 'atLeast', limit: 0.8 } };
    expect(toRow(evaluate(rate)).slice(1)).toEqual([
      '100/s',
      'vite build',
      '1000/s',
      '0.10',
      '0.10 – 0.11',
      '≥ 0.8 ×',
      'MISSED',
    ]);
  });

  it('has a cell for every column', () => {
    expect(toRow(evaluate(build))).toHaveLength(HEAD.length);
  });
});

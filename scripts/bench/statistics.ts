/** Medians and quartiles: on a machine that does other things as well, a mean tells about those. */

export interface Spread {
  median: number;
  /** The quartiles: half of all samples lie between them. */
  lower: number;
  upper: number;
  /** How many samples this is made of. */
  count: number;
}

/** @throws RangeError when there is no sample */
export function summarize(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

/**
 * Between two samples the value is interpolated (type 7 of Hyndman and Fan, the default of R and NumPy).
 * @param sorted ascending
 * @param share from 0 (the least) to 1 (the greatest)
 * @throws RangeError when there is no sample
 */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('no samples');
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * Round by round: what slows the machine down for a while slows both sides of one round.
 * @throws RangeError when the rounds are not the same
 */
export function pairedRatios(samples: readonly number[], peer: readonly number[]): number[] {
  if (samples.length !== peer.length) throw new RangeError(`${samples.length} rounds beside ${peer.length}`);
  return samples.map((sample, round) => sample / (peer[round] as number));
}

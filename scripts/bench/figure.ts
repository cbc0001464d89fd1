/** What the bench measures, and whether its budget holds. */
import { pairedRatios, type Spread, summarize } from './statistics.ts';

export type Part = 'build' | 'page' | 'edge' | 'share' | 'editor' | 'video';
export type Unit = 'ms' | 'bytes' | 'requests/s';

/** A line of design.md, section 7. */
export interface Budget {
  /** Of the ratio to the peer, or of the value itself in the figure's unit. */
  of: 'ratio' | 'value';
  bound: 'atMost' | 'atLeast';
  limit: number;
}

/** One sample a round. */
export interface Figure {
  part: Part;
  what: string;
  unit: Unit;
  samples: readonly number[];
  /** Measured in the same rounds, one right after the other. */
  peer?: { name: string; samples: readonly number[] };
  budget?: Budget;
}

/** `unclear`: the quartiles lie on both sides of the budget. Each verdict is about this run on this machine. */
export type Verdict = 'holds' | 'missed' | 'unclear';

export interface Measured extends Figure {
  value: Spread;
  /** Null, as is the ratio, for a figure without a peer. */
  peerValue: Spread | null;
  ratio: Spread | null;
  /** Null for a figure without a budget. */
  verdict: Verdict | null;
}

/** @throws RangeError for a figure without samples, or a budget of a ratio without a peer */
export function evaluate(figure: Figure): Measured {
  const value = summarize(figure.samples);
  const ratio = figure.peer ? summarize(pairedRatios(figure.samples, figure.peer.samples)) : null;
  const peerValue = figure.peer ? summarize(figure.peer.samples) : null;
  return { ...figure, value, peerValue, ratio, verdict: figure.budget ? judge(figure.budget, value, ratio) : null };
}

function judge({ of, bound, limit }: Budget, value: Spread, ratio: Spread | null): Verdict {
  const spread = of === 'ratio' ? ratio : value;
  if (spread === null) throw new RangeError('a ratio needs a peer');
  const isWithin = (measured: number): boolean => (bound === 'atMost' ? measured <= limit : measured >= limit);
  if (isWithin(spread.lower) !== isWithin(spread.upper)) return 'unclear';
  return isWithin(spread.median) ? 'holds' : 'missed';
}

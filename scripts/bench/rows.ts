/** Figures as rows of a table. */
import { formatBytes } from '../../action/contract/limits.ts';
import { formatMilliseconds } from '../output.ts';
import type { Budget, Measured, Unit, Verdict } from './figure.ts';
import type { Spread } from './statistics.ts';

export const HEAD = ['', 'measured', 'beside', 'peer', 'ratio', 'quartiles', 'budget', 'verdict'] as const;

const VERDICTS: Readonly<Record<Verdict, string>> = { holds: 'holds', missed: 'MISSED', unclear: 'unclear' };

/** One cell for each column of {@link HEAD}. */
export function toRow(figure: Measured): string[] {
  const { what, unit, value, peer, peerValue, ratio, budget, verdict } = figure;
  return [
    what,
    formatValue(value.median, unit),
    peer?.name ?? '',
    peerValue ? formatValue(peerValue.median, unit) : '',
    ratio ? formatRatio(ratio.median) : '',
    ratio ? formatRange(ratio, formatRatio) : formatRange(value, (part) => formatValue(part, unit)),
    budget ? formatBudget(budget, unit) : '',
    verdict ? VERDICTS[verdict] : '',
  ];
}

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatMilliseconds(value);
    case 'bytes':
      return formatBytes(Math.round(value));
    case 'requests/s':
      return `${Math.round(value)}/s`;
  }
}

/** Empty where all samples are the same, as bytes are. */
function formatRange({ lower, upper }: Spread, format: (value: number) => string): string {
  return lower === upper ? '' : `${format(lower)} – ${format(upper)}`;
}

function formatRatio(ratio: number): string {
  return ratio.toFixed(2);
}

function formatBudget({ of, bound, limit }: Budget, unit: Unit): string {
  const sign = bound === 'atMost' ? '≤' : '≥';
  return `${sign} ${of === 'ratio' ? `${limit} ×` : formatValue(limit, unit)}`;
}

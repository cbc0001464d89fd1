/** What every part of the bench is given by the root. */
import type { Figure } from './figure.ts';

export interface BenchContext {
  /** A folder of its own, gone afterwards. */
  folder: string;
  /** How often everything is measured; undefined: as often as the part thinks right. */
  rounds: number | undefined;
  signal: AbortSignal;
  /** A line for whoever waits. */
  progress(line: string): void;
  /** Search path for commands, for the processes that are measured. */
  path: string;
  /** Browser to use instead of the one that is found. */
  browser: string | undefined;
}

/** @throws Error when something does not work, whatever its speed: a wrong status, wrong bytes, a crash */
export type BenchPart = (context: BenchContext) => Promise<Figure[]>;

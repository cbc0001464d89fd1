/** What the guards of compiler/loop-guards.ts call. Found by them only: a project without guards never gets here. */
import { GUARD } from '../../compiler/guard-name.ts';

/** How long the page may do nothing else, in milliseconds. */
const PATIENCE = 600;
/** Calls between two looks at the clock. */
const CALLS = 256;

export interface StuckPlace {
  file: string;
  line: number;
  column: number;
}

/**
 * @param report hears of the first place where time has stood still; what is there is stopped by an exception
 * @returns to be called whenever the page is alive
 */
export function watchLoops(report: (place: StuckPlace) => void): () => void {
  let aliveAt = performance.now();
  let calls = 0;
  let isReported = false;
  const guard = (file: string, line: number, column: number): void => {
    if (++calls % CALLS !== 0 || performance.now() - aliveAt < PATIENCE) return;
    if (!isReported) report({ file, line, column });
    isReported = true;
    throw new Error('This never ends.');
  };
  Object.assign(globalThis, { [GUARD]: guard });
  return () => {
    aliveAt = performance.now();
  };
}

/** Shows the runs of the local stack as they go on: a line for each step that ended. */
import { formatMilliseconds } from './output.ts';
import type { Progress } from './stack/runner/progress.ts';

const MARKS: Readonly<Record<string, string>> = { success: '✓', failure: '✗', cancelled: '■', skipped: '·' };

/**
 * @param nameOf what a run is called, once that is known
 * @returns takes what the runner tells
 */
export function createRunPrinter(say: (line: string) => void, nameOf: (run: number) => string) {
  return (progress: Progress): void => {
    if (progress.kind === 'run') {
      if (progress.state === 'running') say(`▸ ${nameOf(progress.run)}`);
      else if (progress.state !== 'waiting') {
        const mark = MARKS[progress.state] ?? '✗';
        say(`${mark} ${nameOf(progress.run)}: ${progress.state} after ${seconds(progress.seconds)}`);
      }
    }
    if (progress.kind === 'step' && progress.state !== 'running' && progress.state !== 'skipped') {
      say(`  ${MARKS[progress.state] ?? '✗'} ${progress.step}  ${seconds(progress.seconds)}`);
    }
  };
}

function seconds(value: number): string {
  return formatMilliseconds(value * 1000);
}

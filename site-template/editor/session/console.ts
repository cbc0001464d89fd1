/** What the browser's console hears of: our own mistakes. What the control plane refuses is said to the person instead. */
import { ConvexError } from 'convex/values';

/** How Convex begins to tell of an error that a function means. */
const REFUSED = /\bConvexError\b/;

/** For Convex's client, which would call every refusal an error. */
export const logger = {
  logVerbose(): void {},
  log: (...words: unknown[]): void => console.log(...words),
  warn: (...words: unknown[]): void => console.warn(...words),
  error(...words: unknown[]): void {
    if (REFUSED.test(String(words[0]))) console.info(...words);
    else console.error(...words);
  },
};

/** For React: something below an error boundary was thrown, and something else is shown in its place. */
export function onCaughtError(error: unknown): void {
  if (error instanceof ConvexError) console.info(error.message);
  else console.error(error);
}

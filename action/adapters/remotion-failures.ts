/**
 * What a failure of the renderer means. It throws plain errors, so their text is all there is: this is the one place
 * that reads it, and test/action/adapters/remotion-failures.test.ts provokes each case for real.
 */
import { type ErrorCode, isPermaframeError } from '../contract/errors.ts';

export interface RenderFailure {
  code: ErrorCode;
  message: string;
  /** Of the browser, where a scene threw. */
  stack: string | null;
}

const RULES: readonly [pattern: RegExp, code: ErrorCode][] = [
  [/asset missing:/, 'RENDER_ASSET_MISSING'],
  [
    /Could not (load|play|download|extract)|Error while downloading|Error loading (image|audio|video)|net::ERR_|MEDIA_ELEMENT_ERROR|Received a status code of|Failed to (fetch|load)|Invalid data found when processing input/,
    'RENDER_ASSET_MISSING',
  ],
  [
    /out of memory|ENOMEM|Page crashed|Unable to capture screenshot|Target closed|ran out of memory/i,
    'RENDER_OUT_OF_MEMORY',
  ],
  [/timed? ?out|timeout .*exceeded|was called but not cleared/i, 'RENDER_TIMEOUT'],
  [
    /Could not find (a browser|Chrome)|Failed to launch the browser|"browserExecutable" was specified|No browser/i,
    'RENDER_BROWSER_MISSING',
  ],
  [/^scene "/m, 'RENDER_SCENE_FAILED'],
];

/** Longest message that is handed on, in characters. */
const MAX_MESSAGE = 900;

export function failureOf(error: unknown): RenderFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const browserStack = (stack ?? '').split('\n').filter((line) => /^\s+at .*https?:\/\/localhost/.test(line));
  const plain = message
    // Into the message of some errors, Remotion puts a stack trace, of a browser or of its compositor, or what a server
    // answered; and who catches what a scene threw names it again.
    .replace(/\n(\s+at |\s+\d+: |The response body was:).*$/s, '')
    .replace(/^(Error: )+/, '')
    .replace(/^(scene "[^"]*": )\1+/, '$1')
    .slice(0, MAX_MESSAGE);
  const code = isPermaframeError(error)
    ? error.code
    : (RULES.find(([pattern]) => pattern.test(message))?.[1] ??
      (browserStack.length > 0 ? 'RENDER_SCENE_FAILED' : 'RENDER_FAILED'));
  return { code, message: plain, stack: browserStack.length > 0 ? browserStack.join('\n') : null };
}

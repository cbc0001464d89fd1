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

/** What Remotion says when its browser does not come up, followed by what the browser or the system said. */
const LAUNCH = /^(Error: )*Failed to launch the browser process/;
/** What a browser, the loader of its libraries and the kernel say where memory, or threads, which are memory, end. */
const TOO_LITTLE =
  /signal: SIGKILL|out of memory|bad_alloc|ENOMEM|cannot allocate memory|failed to map segment|pthread_create|Resource temporarily unavailable|EAGAIN/i;

/** In the order in which they are tried; what scenes say themselves is not for them. */
const RULES: readonly [pattern: RegExp, code: ErrorCode][] = [
  [/asset missing:/, 'RENDER_ASSET_MISSING'],
  // A browser that starts too slowly may start faster next time.
  [/while trying to connect to the browser/, 'RENDER_FAILED'],
  [
    /Could not (load|play|download|extract)|Error while downloading|Error loading (image|audio|video)|net::ERR_|MEDIA_ELEMENT_ERROR|Received a status code of|Failed to (fetch|load)|Invalid data found when processing input/,
    'RENDER_ASSET_MISSING',
  ],
  // Remotion's servers, of an address that a scene gave them.
  [
    /Can only download URLs|Did not (pass|get) `|A data URL was passed but|Invalid URL|connect E[A-Z]+|getaddrinfo E/,
    'RENDER_ASSET_MISSING',
  ],
  [
    /out of memory|ENOMEM|Page crashed|Unable to capture screenshot|Target closed|ran out of memory/i,
    'RENDER_OUT_OF_MEMORY',
  ],
  [/timed? ?out|timeout .*exceeded|was called but not cleared/i, 'RENDER_TIMEOUT'],
  [/Could not find (a browser|Chrome)|"browserExecutable" was specified|No browser/i, 'RENDER_BROWSER_MISSING'],
  [/^scene "/m, 'RENDER_SCENE_FAILED'],
];

/** Longest message that is handed on, in characters. */
const MAX_MESSAGE = 900;

export function failureOf(error: unknown): RenderFailure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const browserStack = stack.split('\n').filter((line) => /^\s+at .*https?:\/\/localhost/.test(line));
  const plain = message
    // Into the message of some errors, Remotion puts a stack trace, of a browser or of its compositor, or what a server
    // answered; and who catches what a scene threw names it again.
    .replace(/\n(\s+at |\s+\d+: |The response body was:).*$/s, '')
    .replace(/^(Error: )+/, '')
    .replace(/^(scene "[^"]*": )\1+/, '$1');
  const code = isPermaframeError(error)
    ? error.code
    : codeOf(
        message,
        plain,
        stack.split('\n').filter((line) => /^\s+at /.test(line)),
      );
  return {
    code,
    message: plain.slice(0, MAX_MESSAGE),
    stack: browserStack.length > 0 ? browserStack.join('\n') : null,
  };
}

function codeOf(message: string, plain: string, frames: readonly string[]): ErrorCode {
  if (LAUNCH.test(message)) return TOO_LITTLE.test(message) ? 'RENDER_OUT_OF_MEMORY' : 'RENDER_BROWSER_MISSING';
  const said = saidByScene(plain, frames);
  // Whatever else it says, like "timed out", is the scene's own affair.
  if (said !== null) return NOT_THERE.test(said) ? 'RENDER_ASSET_MISSING' : 'RENDER_SCENE_FAILED';
  const rule = RULES.find(([pattern]) => pattern.test(message));
  if (rule) return rule[1];
  return frames.some((frame) => IN_BROWSER.test(frame)) ? 'RENDER_SCENE_FAILED' : 'RENDER_FAILED';
}

/** Of what a scene throws, our own word for a missing asset, and the browser's for what it could not get. */
const NOT_THERE = /^asset missing:|^Failed to fetch$/;
/** Comes with the stack of whoever asked for a delay. */
const REMOTIONS = /was called but not cleared/;
const IN_BROWSER = /https?:\/\/localhost/;
const IN_PROJECT = /https?:\/\/localhost:\d+\/projects\//;

/** @returns null for what no scene said: neither named after one by the page, nor thrown by a module of the project */
function saidByScene(plain: string, [top = '']: readonly string[]): string | null {
  const named = /^scene "[^"]*": (.*)$/s.exec(plain);
  if (named) return named[1] ?? '';
  return IN_PROJECT.test(top) && !REMOTIONS.test(plain) ? plain : null;
}

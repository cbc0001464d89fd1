/** Times and places as a person reads them. */
import type { Place } from './control-plane.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.4 s`, `34 s`, `1 min 04 s` */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 9950) return `${(ms / SECOND).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `a few seconds`, `about 40 s`, `about 3 min`, `about 1 h 20 min`: of a time that nobody knows to the second. */
export function formatAbout(milliseconds: number): string {
  if (milliseconds < 10 * SECOND) return 'a few seconds';
  if (milliseconds <= 55 * SECOND) return `about ${5 * Math.ceil(milliseconds / (5 * SECOND))} s`;
  const minutes = Math.max(1, Math.round(milliseconds / MINUTE));
  if (minutes < 60) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60 === 0 ? '' : `${minutes % 60} min`}`.trimEnd();
}

/** `just now`, `5 min ago`, `3 h ago`, then the date. Both in milliseconds since 1970. */
export function formatAgo(at: number, now: number): string {
  const past = Math.max(0, now - at);
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  return formatDay(at);
}

/** @param at milliseconds since 1970 */
export function formatDay(at: number): string {
  return new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** `scenes/intro.tsx:12:4`, as far as it is known; empty where nothing is. */
export function formatPlace({ file, line, column }: Place): string {
  if (file === undefined) return '';
  if (line === undefined) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** `1 error`, `2 errors` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

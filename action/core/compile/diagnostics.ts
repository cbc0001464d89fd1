/** From esbuild's messages to ours: code, place, and the line as it stands in the snapshot. */
import type { Message } from 'esbuild';
import type { Diagnostic, Place, Warning } from '../../contract/diagnostics.ts';
import { type ErrorCode, isErrorCode } from '../../contract/errors.ts';
import { MAX_DIAGNOSTICS, MAX_EXCERPT_CHARACTERS } from '../../contract/limits.ts';

/** Namespace of snapshot files in esbuild's world; shows up before the path in its messages. */
export const SNAPSHOT_NAMESPACE = 'snapshot';
/** Namespace of the stand-ins for libraries. */
export const LIBRARY_NAMESPACE = 'library';

/** Content of a snapshot file as text, or undefined when there is no such file. */
export type ReadText = (path: string) => string | undefined;

/** What our plugin attaches to its messages, so that nothing is decided on text. */
export interface MessageDetail {
  code: ErrorCode;
}

const MAX_MESSAGE_CHARACTERS = 400;
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;
// esbuild gives errors no ids. Its version is pinned, and a test holds this sentence.
const NO_EXPORT = /^No matching export in "(?:library|snapshot):([^"]+)" for import "([^"]+)"/;

/** The errors of a failed build, first places first, without repetitions. */
export function toDiagnostics(messages: readonly Message[], read: ReadText): Diagnostic[] {
  return unique(messages.map((message) => toDiagnostic(message, read))).slice(0, MAX_DIAGNOSTICS);
}

export function toWarnings(messages: readonly Message[], read: ReadText): Warning[] {
  const warnings = messages.map(
    (message): Warning => ({ code: 'SOURCE_WARNING', message: tidy(message.text), ...toPlace(message, read) }),
  );
  return unique(warnings).slice(0, MAX_DIAGNOSTICS);
}

function toDiagnostic(message: Message, read: ReadText): Diagnostic {
  const place = toPlace(message, read);
  const detail = message.detail as Partial<MessageDetail> | undefined;
  if (typeof detail?.code === 'string' && isErrorCode(detail.code)) {
    return { code: detail.code, message: tidy(message.text), ...place };
  }
  const [, source, name] = NO_EXPORT.exec(message.text) ?? [];
  if (source !== undefined && name !== undefined) {
    const text = name === 'default' ? `"${source}" has no default export` : `"${source}" has no export named "${name}"`;
    return { code: 'EXPORT_NOT_FOUND', message: tidy(text), ...place };
  }
  return { code: 'SYNTAX_ERROR', message: tidy(message.text), ...place };
}

/** The place as a person counts it: line and column from 1, the column in UTF-16 units. */
function toPlace({ location }: Message, read: ReadText): Partial<Place> {
  if (!location) return {};
  const [, path] = /^snapshot:(.*)$/s.exec(location.file) ?? [];
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return {};
  const line = text.split(LINE_BREAK)[location.line - 1] ?? '';
  // esbuild counts a column in bytes of UTF-8.
  const before = new TextDecoder().decode(new TextEncoder().encode(line).subarray(0, location.column));
  return { file: path, line: location.line, column: before.length + 1, excerpt: shorten(line, before.length) };
}

/** The part of a long line that shows the column. */
function shorten(line: string, column: number): string {
  if (line.length <= MAX_EXCERPT_CHARACTERS) return line.trimEnd();
  const start = Math.max(0, Math.min(column - MAX_EXCERPT_CHARACTERS / 2, line.length - MAX_EXCERPT_CHARACTERS));
  return line.slice(start, start + MAX_EXCERPT_CHARACTERS);
}

function tidy(text: string): string {
  const clean = text.replaceAll(/\b(snapshot|library):/g, '').replaceAll(/\p{Cc}+/gu, ' ');
  return clean.length <= MAX_MESSAGE_CHARACTERS ? clean : `${clean.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…`;
}

function unique<T>(items: readonly T[]): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = JSON.stringify(item);
    return !seen.has(text) && seen.add(text);
  });
}

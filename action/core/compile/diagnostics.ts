/** From esbuild's messages to ours: code, place, and the line as it stands in the snapshot. */
import type { Message } from 'esbuild';
import type { Diagnostic, Place, Warning } from '../../contract/diagnostics.ts';
import { type ErrorCode, isErrorCode } from '../../contract/errors.ts';
import { MAX_DIAGNOSTICS, MAX_EXCERPT_CHARACTERS } from '../../contract/limits.ts';
import { STYLE_MODULE_NAMESPACE, styleModulePath } from './style-modules.ts';

/** Namespace of snapshot files in esbuild's world; shows up before the path in its messages. */
export const SNAPSHOT_NAMESPACE = 'snapshot';
/** Namespace of the stand-ins for libraries. */
export const LIBRARY_NAMESPACE = 'library';

/** Said of `import()` with a template or a sum, whatever esbuild has found by it. */
export const COMPUTED_IMPORT = 'an import whose path is computed is not available; write each path out';

/** Content of a snapshot file as text, with its byte order mark, or undefined when there is no such file. */
export type ReadText = (path: string) => string | undefined;

/** What our plugin attaches to its messages, so that nothing is decided on text. */
export interface MessageDetail {
  code: ErrorCode;
}

/** What is said in place of some messages of esbuild. Their ids are a part of its interface. */
const BY_ID: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  'empty-glob': { code: 'IMPORT_UNSUPPORTED', message: COMPUTED_IMPORT },
  'empty-import-meta': {
    code: 'IMPORT_UNSUPPORTED',
    message: 'import.meta is not available: a module does not know its address; import the file, or use staticFile()',
  },
};
// esbuild gives errors no ids. Its version is pinned, and a test holds these sentences.
const NO_EXPORT = /^No matching export in "(?:library|snapshot|style-module):(.+)" for import "([^"]+)"/s;
const NO_GLOB = /^Could not resolve (?:import|require)(?:\.\w+)?\(/;

/** Room for a sentence, a specifier and the list of libraries. */
const MAX_MESSAGE_CHARACTERS = 1200;
const BYTE_ORDER_MARK = /^\ufeff/;
const KEEPING_MARKS = new TextDecoder('utf-8', { ignoreBOM: true });
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/;

/** The errors of a failed build, first places first, without repetitions. */
export function toDiagnostics(messages: readonly Message[], read: ReadText): Diagnostic[] {
  const found = firstDistinct(messages, (message) => toDiagnostic(message, read));
  const placed = found.filter(({ file }) => file !== undefined);
  return placed.length > 0 ? placed : found;
}

/** What has no place in the snapshot is nothing that its author could mend. */
export function toWarnings(messages: readonly Message[], read: ReadText): Warning[] {
  const found = firstDistinct(messages, (message): Warning => ({ code: 'SOURCE_WARNING', ...toText(message, read) }));
  return found.filter(({ file }) => file !== undefined);
}

function toDiagnostic(message: Message, read: ReadText): Diagnostic {
  const { message: text, ...place } = toText(message, read);
  const detail = message.detail as Partial<MessageDetail> | undefined;
  if (typeof detail?.code === 'string' && isErrorCode(detail.code)) {
    return { code: detail.code, message: oneLine(message.text), ...place };
  }
  const known = Object.hasOwn(BY_ID, message.id) ? BY_ID[message.id] : undefined;
  if (known) return { ...known, ...place };
  if (NO_GLOB.test(message.text)) return { code: 'IMPORT_UNSUPPORTED', message: COMPUTED_IMPORT, ...place };
  const [, source, name] = NO_EXPORT.exec(message.text) ?? [];
  if (source !== undefined && name !== undefined) {
    const file = styleModulePath(source);
    const what = name === 'default' ? `"${file}" has no default export` : `"${file}" has no export named "${name}"`;
    return { code: 'EXPORT_NOT_FOUND', message: tidy(what), ...place };
  }
  return { code: 'SYNTAX_ERROR', message: text, ...place };
}

/** Text and place. What esbuild says of anything but a file of the snapshot is not repeated: it might quote it. */
function toText(message: Message, read: ReadText): { message: string } & Partial<Place> {
  const place = toPlace(message, read);
  if (place.file === undefined) return { message: 'the compiler cannot put these sources together' };
  return { message: tidy(message.text), ...place };
}

/** The place as a person counts it: line and column from 1, the column in UTF-16 units. */
function toPlace({ location }: Message, read: ReadText): Partial<Place> {
  if (!location) return {};
  const path = toPath(location.file, read);
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return {};
  const whole = text.split(LINE_BREAK)[location.line - 1] ?? '';
  // esbuild counts a column in bytes of UTF-8, and the byte order mark with them; a person sees none.
  const before = KEEPING_MARKS.decode(new TextEncoder().encode(whole).subarray(0, location.column));
  const column = before.replace(BYTE_ORDER_MARK, '').length;
  const excerpt = toExcerpt(whole.replace(BYTE_ORDER_MARK, ''), column);
  return { file: path, line: location.line, column: column + 1, excerpt };
}

/** From a file's name in esbuild's world to its path in the snapshot. */
function toPath(name: string, read: ReadText): string | undefined {
  const [, namespace, rest = ''] = /^([\w-]+):(.*)$/s.exec(name) ?? [];
  if (namespace !== SNAPSHOT_NAMESPACE && namespace !== STYLE_MODULE_NAMESPACE) return undefined;
  const path = namespace === STYLE_MODULE_NAMESPACE ? (part: string) => styleModulePath(part) : (part: string) => part;
  // An import's attributes are part of the name: `data.txt with { type: 'text' }`.
  return [rest, rest.replace(/ with \{.*\}$/s, '')].map(path).find((candidate) => read(candidate) !== undefined);
}

/** The part of a long line that shows the column, with nothing in it that a terminal would obey. */
function toExcerpt(line: string, column: number): string {
  const start = Math.max(0, Math.min(column - MAX_EXCERPT_CHARACTERS / 2, line.length - MAX_EXCERPT_CHARACTERS));
  const part = line.slice(start, start + MAX_EXCERPT_CHARACTERS);
  return part
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t]/gu, '\ufffd')
    .trimEnd();
}

/** Without our own names for things. */
function tidy(text: string): string {
  const plain = text.replaceAll(/\bstyle-module:[^"]*/g, styleModulePath);
  return oneLine(plain.replaceAll(/\b(snapshot|library|style-module):/g, ''));
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  const isLong = line.length > MAX_MESSAGE_CHARACTERS;
  return (isLong ? `${line.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…` : line).toWellFormed();
}

/** Stops at the limit: a source can hold more mistakes than there is time to describe. */
function firstDistinct<R>(messages: readonly Message[], describe: (message: Message) => R): R[] {
  const found = new Map<string, R>();
  for (const message of messages) {
    if (found.size === MAX_DIAGNOSTICS) break;
    const item = describe(message);
    const key = JSON.stringify(item);
    if (!found.has(key)) found.set(key, item);
  }
  return [...found.values()];
}

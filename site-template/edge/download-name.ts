/** What a browser saves a download as. Pure. */
import type { ParsedKey } from '../../action/contract/keys.ts';

/** Of the title, in characters: file systems take 255 bytes, and people read less. */
const MAX_TITLE_CHARACTERS = 60;

type VideoFile = Extract<ParsedKey, { kind: 'video' | 'poster' | 'contactSheet' }>;

/**
 * `{title}-v{version}.{extension}`, as the value of Content-Disposition (RFC 6266). Whoever reads no UTF-8 there gets the
 * thread's name in place of a title that needs it.
 */
export function dispositionOf(file: VideoFile, title: string): string {
  const ending = `-v${file.version}${endingOf(file)}`;
  const name = `${readableName(title) || file.thread}${ending}`;
  if (/^[\x20-\x7e]*$/.test(name)) return `attachment; filename="${name}"`;
  return `attachment; filename="${file.thread}${ending}"; filename*=UTF-8''${encodeValue(name)}`;
}

function endingOf(file: VideoFile): string {
  if (file.kind === 'video') return `.${file.format}`;
  return file.kind === 'poster' ? '.jpg' : '-scenes.jpg';
}

/** Without what file systems, shells and headers trip over, nor what turns the reading direction. May be empty. */
function readableName(title: string): string {
  const plain = title
    .toWellFormed()
    .replace(/[\p{C}"%*/:;<>?\\|]+/gu, ' ')
    .replace(/\s+/g, ' ');
  return Array.from(plain)
    .slice(0, MAX_TITLE_CHARACTERS)
    .join('')
    .replace(/^[\s.-]+|[\s.]+$/g, '');
}

/** RFC 8187: fewer characters stand for themselves there than in a URL. */
function encodeValue(text: string): string {
  const toHex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/['()*]/g, toHex);
}

/** The message of a snapshot commit: one line for people, trailers for us. Its title was written by anybody. */
import { COMMIT_TRAILERS } from '../contract/reports.ts';

/** Characters of a title that a commit shows. */
const MAX_TITLE_CHARACTERS = 60;

export interface SnapshotTrailers {
  thread: string;
  version: number;
  publish: string;
  snapshotHash: string;
}

/**
 * `Version 3: Launch film`, and the trailers in a paragraph of their own.
 * @param title anything: it ends up on one line, and names nobody and nothing of GitHub's
 */
export function snapshotMessage(title: string, trailers: SnapshotTrailers): string {
  const { thread, version, publish, snapshotHash } = trailers;
  const line = oneLine(title, MAX_TITLE_CHARACTERS)
    // GitHub would notify @people and link #issues: an invisible joiner after the sign prevents both.
    .replace(/[@#](?=\w)/g, '$&\u2060');
  return [
    line === '' ? `Version ${version}` : `Version ${version}: ${line}`,
    '',
    `${COMMIT_TRAILERS.thread}: ${thread}`,
    `${COMMIT_TRAILERS.version}: ${version}`,
    `${COMMIT_TRAILERS.publish}: ${publish}`,
    `${COMMIT_TRAILERS.snapshot}: ${snapshotHash}`,
  ].join('\n');
}

/** What the trailers of a message say, or null when it is not a snapshot commit's. Reads what snapshotMessage writes. */
export function readTrailers(message: string): SnapshotTrailers | null {
  // As git does: trailers are the last paragraph, and the first paragraph is never one.
  const [, trailers] = /\n\n((?:[A-Za-z-]+: [^\n]+\n?)+)$/.exec(message.trimEnd()) ?? [];
  if (trailers === undefined) return null;
  const values = new Map<string, string>();
  for (const line of trailers.trimEnd().split('\n')) {
    const [key = '', value = ''] = line.split(/: (.*)/s);
    if (values.has(key)) return null;
    values.set(key, value.trim());
  }
  const thread = values.get(COMMIT_TRAILERS.thread);
  const version = Number(values.get(COMMIT_TRAILERS.version));
  const publish = values.get(COMMIT_TRAILERS.publish);
  const snapshot = values.get(COMMIT_TRAILERS.snapshot);
  if (thread === undefined || publish === undefined || snapshot === undefined || !Number.isInteger(version))
    return null;
  return { thread, version, publish, snapshotHash: snapshot };
}

/** Text on one line, without what cannot be seen, and cut at a whole character. */
export function oneLine(text: string, maxCharacters: number): string {
  const plain = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    // Signs that turn the direction of writing would let a title rewrite what stands around it.
    .replace(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .trim();
  return plain.length <= maxCharacters
    ? plain
    : `${plain
        .slice(0, maxCharacters - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()}…`;
}

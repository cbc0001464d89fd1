/** What folders and commits have in common: names that are bytes, and entries that are no regular files. */
import type { Warning } from '../contract/diagnostics.ts';
import { PermaframeError } from '../contract/errors.ts';
import { compareText } from '../contract/hash.ts';
import { MAX_DIAGNOSTICS } from '../contract/limits.ts';
import { isIgnoredPath } from '../contract/snapshot-paths.ts';
import { quotePath } from '../core/snapshot.ts';

/**
 * @returns null for what is never part of a snapshot, in whatever encoding
 * @throws PermaframeError PATH_INVALID for a path that is not UTF-8
 */
export function decodePath(bytes: Uint8Array): string | null {
  const path = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (isIgnoredPath(path)) return null;
  if (Buffer.compare(Buffer.from(path), bytes) === 0) return path;
  throw new PermaframeError('PATH_INVALID', `${quotePath(path)} cannot be a path of a project: it is not UTF-8`);
}

/** Says what was left out because it is not a regular file: each by its name, up to a limit. */
export function skippedLinks(paths: readonly string[]): Warning[] {
  const message = 'is not a regular file and was left out';
  const named = [...paths].sort(compareText).slice(0, MAX_DIAGNOSTICS);
  const warnings = named.map((path): Warning => {
    return { code: 'LINK_SKIPPED', file: showPath(path), message };
  });
  const others = paths.length - named.length;
  if (others === 0) return warnings;
  return [...warnings, { code: 'LINK_SKIPPED', message: `${others} more are not regular files and were left out` }];
}

/** A path as it is, unless it would break a line of a log or tell a terminal what to do. */
export function showPath(path: string): string {
  return /[\p{Cc}\u2028\u2029]/u.test(path) ? quotePath(path) : path;
}

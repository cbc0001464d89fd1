/** Addresses a viewer sees, and what each asks for. All of them are paths below the public URL of the edge. */
import { isName, parseVersion } from './ids.ts';

export function pinnedPath(thread: string, version: number): string {
  return `/p/${thread}/${version}`;
}

export function latestPath(thread: string): string {
  return `/p/${thread}/latest`;
}

/** A page behind a signed link. The token stands in the path, so that relative addresses keep it. */
export function signedPath(token: string, thread: string, version: number): string {
  return `/s/${token}${pinnedPath(thread, version)}`;
}

export type LinkTarget =
  | { kind: 'pinned'; thread: string; version: number }
  | { kind: 'latest'; thread: string }
  | { kind: 'artifactFile'; thread: string; version: number; file: string }
  | { kind: 'shared'; key: string };

/**
 * What a path below the edge asks for, without the token of a signed link. Null when nothing of ours is there.
 * `file` and `key` are not checked further: see parseKey.
 */
export function parseLink(pathname: string): LinkTarget | null {
  const [root, area, ...rest] = pathname.split('/');
  if (root !== '') return null;
  if (area === 'projects' || area === 'runtime') return { kind: 'shared', key: pathname.slice(1) };
  const [thread, selector, ...file] = rest;
  if (area !== 'p' || thread === undefined || !isName(thread)) return null;
  if (selector === undefined || selector === 'latest') return file.length === 0 ? { kind: 'latest', thread } : null;
  const version = parseVersion(selector);
  if (version === null) return null;
  if (file.length === 0) return { kind: 'pinned', thread, version };
  return { kind: 'artifactFile', thread, version, file: file.join('/') };
}

/** What a request asks for. Pure: knows no store, no clock and no secret. */
import { artifactPrefix, type ParsedKey, pageKey, parseKey } from '../../action/contract/keys.ts';
import { latestPath, parseLink, pinnedPath } from '../../action/contract/links.ts';

export type Intent =
  /** A file of one version, its page among them. With a token: behind a signed link. */
  | VersionFile
  /** A scene module, a shared module, or a file of the runtime. */
  | { kind: 'sharedFile'; key: string }
  | { kind: 'latest'; thread: string; search: string }
  /** Another spelling of an address of ours. */
  | { kind: 'moved'; location: string; private: boolean }
  | { kind: 'oembed'; query: URLSearchParams }
  | { kind: 'health' | 'landing' | 'robots' | 'icon' }
  | { kind: 'preflight' | 'methodNotAllowed' | 'nothing' };

/**
 * How a file is wanted: `saved` (`?download`) means something for a video and its pictures, `stored` (`?stored`) for a
 * page, to which nothing is added then.
 */
type Want = 'shown' | 'saved' | 'stored';

export interface VersionFile {
  kind: 'versionFile';
  thread: string;
  version: number;
  key: string;
  token: string | null;
  wants: Want;
}

/** What is for everybody who knows its name. Chunks of videos are not: they are for those who make videos. */
const SHARED_KINDS: readonly ParsedKey['kind'][] = ['scene', 'module', 'runtime', 'runtimeManifest'];

const FIXED: Readonly<Record<string, Intent>> = {
  '/': { kind: 'landing' },
  '/health': { kind: 'health' },
  '/robots.txt': { kind: 'robots' },
  '/favicon.svg': { kind: 'icon' },
};

const NOTHING: Intent = { kind: 'nothing' };

/**
 * Reads a request. Nothing in a path is ever decoded: every name of ours is spelled without a `%`, so an escape is
 * enough to know that nothing is there.
 */
export function readIntent(method: string, url: URL): Intent {
  if (method === 'OPTIONS') return { kind: 'preflight' };
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'methodNotAllowed' };
  if (Object.hasOwn(FIXED, url.pathname)) return FIXED[url.pathname] ?? NOTHING;
  if (url.pathname === '/oembed') return { kind: 'oembed', query: url.searchParams };
  const signed = /^\/s\/([^/]+)(\/.*)$/.exec(url.pathname);
  return readLink(signed?.[2] ?? url.pathname, signed?.[1] ?? null, url);
}

function readLink(path: string, token: string | null, { search, searchParams }: URL): Intent {
  const slashed = path.length > 1 && path.endsWith('/');
  const target = parseLink(slashed ? path.slice(0, -1) : path);
  const wants = readWant(searchParams);
  switch (target?.kind) {
    case 'latest':
      // A token is good for one version, and a link that follows the thread would need another token tomorrow.
      if (token !== null) return NOTHING;
      if (slashed) return { kind: 'moved', location: `${latestPath(target.thread)}${search}`, private: false };
      return { kind: 'latest', thread: target.thread, search };
    case 'pinned':
      if (slashed) return movedToPage(target.thread, target.version, token, search);
      return { ...target, kind: 'versionFile', key: pageKey(target.thread, target.version), token, wants };
    case 'artifactFile': {
      if (slashed) return NOTHING;
      const { thread, version } = target;
      const key = `${artifactPrefix(thread, version)}${target.file}`;
      // The page has one address, so that its relative files have one too.
      if (key === pageKey(thread, version)) return movedToPage(thread, version, token, search);
      if (parseKey(key) === null) return NOTHING;
      return { kind: 'versionFile', thread, version, key, token, wants };
    }
    case 'shared':
      // Modules and runtime are shared by public and unlisted pages alike, and a token names a page, not a
      // module: it says nothing about them, so it is not looked at. Their names are hashes of their content, which
      // nobody can guess; whoever knows one has been shown it by a page they were let into.
      return slashed || !isShared(target.key) ? NOTHING : { kind: 'sharedFile', key: target.key };
    case undefined:
      return NOTHING;
  }
}

function readWant(query: URLSearchParams): Want {
  if (query.has('download')) return 'saved';
  return query.has('stored') ? 'stored' : 'shown';
}

function isShared(key: string): boolean {
  const parsed = parseKey(key);
  return parsed !== null && SHARED_KINDS.includes(parsed.kind);
}

function movedToPage(thread: string, version: number, token: string | null, search: string): Intent {
  const prefix = token === null ? '' : `/s/${token}`;
  return { kind: 'moved', location: `${prefix}${pinnedPath(thread, version)}${search}`, private: token !== null };
}

/** Reads an artifact as everybody can: through its link. */
import { PermaframeError } from '../action/contract/errors.ts';
import { artifactPrefix, pageKey } from '../action/contract/keys.ts';
import { parseLink, pinnedPath } from '../action/contract/links.ts';

/** Time until a file has begun to come, and for a small one to be there, in milliseconds. */
const FETCH_MILLISECONDS = 30_000;
/** Of a large file, even a slow line carries so many a millisecond. */
const SLOW_BYTES = 500;

export interface LinkTools {
  fetch: typeof fetch;
  signal: AbortSignal;
}

/** A version, and where it is served. */
export interface PinnedLink {
  /** Origin, and the token of a signed link: `https://share.example.com/s/{token}`. */
  base: string;
  thread: string;
  version: number;
  /** The pinned link itself. */
  url: string;
}

/** @param base see {@link PinnedLink} */
export function linkTo(base: string, thread: string, version: number): PinnedLink {
  return { base, thread, version, url: `${base}${pinnedPath(thread, version)}` };
}

/** @throws PermaframeError USAGE for what is no address */
export function readAddress(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new PermaframeError('USAGE', `${JSON.stringify(text)} is not an http(s) address`);
}

/**
 * Opens a link, and says which version it leads to.
 * @param url a pinned, latest or signed link
 * @throws PermaframeError ARTIFACT_MISSING, ARTIFACT_GONE, PAGE_UNREACHABLE
 */
export async function resolveLink(url: URL, tools: LinkTools): Promise<PinnedLink> {
  const page = await request(url, tools);
  await page.body?.cancel();
  refuseUnlessOk(page, url);
  const pinned = new URL(page.url);
  const [, prefix = '', path = ''] = /^(\/s\/[^/]+)?(\/p\/.*)$/.exec(pinned.pathname) ?? [];
  const target = parseLink(path);
  if (target?.kind !== 'pinned') throw new PermaframeError('ARTIFACT_MISSING', `${url.href} is not a share link`);
  const { thread, version } = target;
  return linkTo(`${pinned.origin}${prefix}`, thread, version);
}

/** Where a stored object is served to whoever has a version's link. */
export function addressOf(key: string, { base, thread, version }: PinnedLink): URL {
  const own = artifactPrefix(thread, version);
  const pinned = pinnedPath(thread, version);
  // As it was published: without what the edge adds for videos that came later.
  if (key === pageKey(thread, version)) return new URL(`${base}${pinned}?stored`);
  return new URL(key.startsWith(own) ? `${base}${pinned}/${key.slice(own.length)}` : `${base}/${key}`);
}

/**
 * @param limit stops reading once there is more than this, in bytes
 * @throws PermaframeError ARTIFACT_MISSING, ARTIFACT_GONE, PAGE_UNREACHABLE
 */
export async function fetchBytes(url: URL, limit: number, tools: LinkTools) {
  const response = await request(url, tools, {}, FETCH_MILLISECONDS + Math.ceil(limit / SLOW_BYTES));
  refuseUnlessOk(response, url);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).byteLength;
    if (size > limit) break;
  }
  const bytes = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return { bytes, contentType: response.headers.get('content-type') };
}

/** @throws PermaframeError PAGE_UNREACHABLE; the signal's reason */
export async function request(
  url: URL,
  { fetch, signal }: LinkTools,
  init: RequestInit = {},
  milliseconds = FETCH_MILLISECONDS,
): Promise<Response> {
  const timeout = AbortSignal.timeout(milliseconds);
  return fetch(url, { ...init, signal: AbortSignal.any([signal, timeout]) }).catch((cause) => {
    signal.throwIfAborted();
    throw new PermaframeError('PAGE_UNREACHABLE', `${url.href} cannot be reached`, { cause });
  });
}

/** @throws PermaframeError ARTIFACT_MISSING, ARTIFACT_GONE, PAGE_UNREACHABLE */
export function refuseUnlessOk(response: Response, url: URL): void {
  if (response.ok) return;
  const { status } = response;
  if (status === 410) throw new PermaframeError('ARTIFACT_GONE', `${url.href} was taken down`);
  if (status >= 500) throw new PermaframeError('PAGE_UNREACHABLE', `${url.href} answers ${status}`);
  throw new PermaframeError('ARTIFACT_MISSING', `${url.href} answers ${status}`);
}

/** Fetches everything behind a link, and compares it with the commit mark. */
import { PermaframeError } from '../action/contract/errors.ts';
import { sha256Hex } from '../action/contract/hash.ts';
import { artifactPrefix, pageKey } from '../action/contract/keys.ts';
import { MAX_ARTIFACT_BYTES } from '../action/contract/limits.ts';
import { parseLink, pinnedPath } from '../action/contract/links.ts';
import { type ArtifactFileEntry, type Meta, metaSchema } from '../action/contract/meta.ts';

const CONCURRENCY = 8;
/** Time for one file, in milliseconds. */
const FETCH_MILLISECONDS = 30_000;
/** A commit mark is never larger, in bytes. */
const MAX_META_BYTES = 4_000_000;
/** Files named in the message when many differ. */
const NAMED_FILES = 5;

interface VerifyTools {
  fetch: typeof fetch;
  signal: AbortSignal;
  progress(line: string): void;
}

export interface Verified {
  /** The pinned link that was checked. */
  url: string;
  thread: string;
  version: number;
  artifactHash: string;
  files: number;
  bytes: number;
}

/**
 * @param url a pinned, latest or signed link
 * @throws PermaframeError ARTIFACT_MISSING, ARTIFACT_GONE, PAGE_UNREACHABLE, VERIFY_FAILED
 */
export async function verifyLink(url: URL, tools: VerifyTools): Promise<Verified> {
  const page = await request(url, tools);
  await page.body?.cancel();
  refuseUnlessOk(page, url);
  const pinned = new URL(page.url);
  const [, prefix = '', path = ''] = /^(\/s\/[^/]+)?(\/p\/.*)$/.exec(pinned.pathname) ?? [];
  const target = parseLink(path);
  if (target?.kind !== 'pinned') throw new PermaframeError('ARTIFACT_MISSING', `${url.href} is not a share link`);
  const base = `${pinned.origin}${prefix}`;
  const markUrl = new URL(`${base}${pinnedPath(target.thread, target.version)}/meta.json`);
  const mark = await fetchBytes(markUrl, MAX_META_BYTES, tools);
  const meta = parseMeta(mark.bytes, markUrl);
  if (meta.thread !== target.thread || meta.version !== target.version) {
    throw new PermaframeError('VERIFY_FAILED', `${markUrl.href} is the mark of another version`);
  }
  const problems = await checkFiles(meta, base, tools);
  if (problems.length > 0) {
    const named = problems.slice(0, NAMED_FILES).join('; ');
    const more = problems.length > NAMED_FILES ? `; and ${problems.length - NAMED_FILES} more` : '';
    throw new PermaframeError('VERIFY_FAILED', `${named}${more}`);
  }
  return {
    url: `${base}${pinnedPath(meta.thread, meta.version)}`,
    thread: meta.thread,
    version: meta.version,
    artifactHash: await sha256Hex(mark.bytes),
    files: meta.files.length + 1,
    bytes: meta.files.reduce((sum, file) => sum + file.bytes, mark.bytes.byteLength),
  };
}

async function checkFiles(meta: Meta, base: string, tools: VerifyTools): Promise<string[]> {
  const problems: string[] = [];
  const queue = [...meta.files];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const problem = await checkFile(file, addressOf(file.key, meta, base), tools);
      tools.progress(`${problem ? 'differs' : 'ok     '} ${file.key}`);
      if (problem) problems.push(`${file.key} ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return problems.sort();
}

function addressOf(key: string, { thread, version }: Meta, base: string): URL {
  const own = artifactPrefix(thread, version);
  const pinned = pinnedPath(thread, version);
  // As it was published: without what the edge adds for videos that came later.
  if (key === pageKey(thread, version)) return new URL(`${base}${pinned}?stored`);
  return new URL(key.startsWith(own) ? `${base}${pinned}/${key.slice(own.length)}` : `${base}/${key}`);
}

async function checkFile(file: ArtifactFileEntry, url: URL, tools: VerifyTools): Promise<string | null> {
  try {
    const { bytes, contentType } = await fetchBytes(url, file.bytes, tools);
    if (bytes.byteLength !== file.bytes) return `has ${bytes.byteLength} bytes, not ${file.bytes}`;
    if ((await sha256Hex(bytes)) !== file.sha256) return 'has other content';
    return contentType === file.contentType ? null : `is served as ${contentType}, not ${file.contentType}`;
  } catch (error) {
    if (error instanceof PermaframeError && error.code !== 'PAGE_UNREACHABLE') return `is not served: ${error.message}`;
    throw error;
  }
}

function parseMeta(bytes: Uint8Array, url: URL): Meta {
  try {
    return metaSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new PermaframeError('VERIFY_FAILED', `${url.href} is not a commit mark`, { cause });
  }
}

async function request(url: URL, { fetch, signal }: VerifyTools): Promise<Response> {
  const timeout = AbortSignal.timeout(FETCH_MILLISECONDS);
  return fetch(url, { signal: AbortSignal.any([signal, timeout]) }).catch((cause) => {
    signal.throwIfAborted();
    throw new PermaframeError('PAGE_UNREACHABLE', `${url.href} cannot be reached`, { cause });
  });
}

function refuseUnlessOk(response: Response, url: URL): void {
  if (response.ok) return;
  const { status } = response;
  if (status === 410) throw new PermaframeError('ARTIFACT_GONE', `${url.href} was taken down`);
  if (status >= 500) throw new PermaframeError('PAGE_UNREACHABLE', `${url.href} answers ${status}`);
  throw new PermaframeError('ARTIFACT_MISSING', `${url.href} answers ${status}`);
}

/** Stops reading once there is more than there should be. */
async function fetchBytes(url: URL, expected: number, tools: VerifyTools) {
  const response = await request(url, tools);
  refuseUnlessOk(response, url);
  const limit = Math.min(expected + 1, MAX_ARTIFACT_BYTES);
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

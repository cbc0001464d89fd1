/** Fetches everything behind a link, and compares it with the commit mark. */

import { PermaframeError } from '../action/contract/errors.ts';
import { sha256Hex } from '../action/contract/hash.ts';
import { metaKey } from '../action/contract/keys.ts';
import { MAX_ARTIFACT_BYTES } from '../action/contract/limits.ts';
import { type ArtifactFileEntry, type Meta, metaSchema } from '../action/contract/meta.ts';
import { eachOf } from '../action/core/each-of.ts';
import { addressOf, fetchBytes, type LinkTools, type PinnedLink, resolveLink } from './link.ts';

const CONCURRENCY = 8;
/** A commit mark is never larger, in bytes. */
const MAX_META_BYTES = 4_000_000;
/** Files named in the message when many differ. */
const NAMED_FILES = 5;

interface VerifyTools extends LinkTools {
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
  const link = await resolveLink(url, tools);
  const markUrl = addressOf(metaKey(link.thread, link.version), link);
  const mark = await fetchBytes(markUrl, MAX_META_BYTES, tools);
  const meta = parseMeta(mark.bytes, markUrl);
  if (meta.thread !== link.thread || meta.version !== link.version) {
    throw new PermaframeError('VERIFY_FAILED', `${markUrl.href} is the mark of another version`);
  }
  const problems = await checkFiles(meta, link, tools);
  if (problems.length > 0) {
    const named = problems.slice(0, NAMED_FILES).join('; ');
    const more = problems.length > NAMED_FILES ? `; and ${problems.length - NAMED_FILES} more` : '';
    throw new PermaframeError('VERIFY_FAILED', `${named}${more}`);
  }
  return {
    url: link.url,
    thread: meta.thread,
    version: meta.version,
    artifactHash: await sha256Hex(mark.bytes),
    files: meta.files.length + 1,
    bytes: meta.files.reduce((sum, file) => sum + file.bytes, mark.bytes.byteLength),
  };
}

async function checkFiles(meta: Meta, link: PinnedLink, tools: VerifyTools): Promise<string[]> {
  const problems = await eachOf(meta.files, CONCURRENCY, async (file) => {
    const problem = await checkFile(file, addressOf(file.key, link), tools);
    tools.progress(`${problem ? 'differs' : 'ok     '} ${file.key}`);
    return problem && `${file.key} ${problem}`;
  });
  return problems.filter((problem) => problem !== null).sort();
}

async function checkFile(file: ArtifactFileEntry, url: URL, tools: VerifyTools): Promise<string | null> {
  try {
    const { bytes, contentType } = await fetchBytes(url, Math.min(file.bytes, MAX_ARTIFACT_BYTES), tools);
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

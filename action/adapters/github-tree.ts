/** The tree of a snapshot: what GitHub has already is named, what it lacks is sent. */

import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { eachOf } from '../core/each-of.ts';
import { blobId, FILE_MODE, treeId } from './git-objects.ts';
import { type GitHubClient, parseAnswer } from './github-client.ts';

/** Files that are read and sent at a time: enough to hide the way to GitHub, few enough for memory. */
const CONCURRENT_FILES = 6;
/**
 * New text may travel inside the request for the tree instead of one request each, in bytes, all together: GitHub
 * allows about 80 requests a minute that create something, and large trees time out.
 */
const MAX_INLINE_BYTES = 1_000_000;

/** A file of a version, read when it is needed: all together may be too much for memory. */
export interface FileToCommit {
  path: string;
  /** Of the content; lower-case hex. */
  sha256: string;
  bytes: number;
  read(): Promise<Uint8Array>;
}

/** What a tree request says of one file. */
type Entry = { path: string; mode: typeof FILE_MODE; type: 'blob' } & ({ sha: string } | { content: string });

const objectSchema = z.looseObject({ sha: z.string() });
const listingSchema = z.looseObject({
  tree: z.array(z.looseObject({ type: z.string().optional(), sha: z.string().optional() })),
});

/**
 * Makes the tree that holds exactly these files.
 * @param base a commit whose contents GitHub has; null for none
 * @returns the tree's id, which was also computed here
 */
export async function makeTree(
  client: GitHubClient,
  files: readonly FileToCommit[],
  base: string | null,
  signal?: AbortSignal,
): Promise<string> {
  const known = base === null ? new Set<string>() : await listBlobs(client, base, signal);
  const inline = await sendTree(client, files, known, MAX_INLINE_BYTES, signal);
  if (inline.answered === inline.expected) return inline.expected;
  // Text inside a request is GitHub's to read; bytes are not.
  const plain = await sendTree(client, files, known, 0, signal);
  if (plain.answered === plain.expected) return plain.expected;
  throw new PermaframeError('INTERNAL', `GitHub made tree ${plain.answered} of files that make ${plain.expected}`);
}

/** The contents that a commit leads to. */
async function listBlobs(client: GitHubClient, commit: string, signal?: AbortSignal): Promise<Set<string>> {
  const listing = await client.call(
    'list the files of the version before',
    async (api, place) => {
      const { data } = await api.git.getTree({ ...place, tree_sha: commit, recursive: '1' });
      return parseAnswer(listingSchema, data);
    },
    { signal },
  );
  return new Set(listing.tree.filter(({ type }) => type === 'blob').flatMap(({ sha }) => sha ?? []));
}

async function sendTree(
  client: GitHubClient,
  files: readonly FileToCommit[],
  known: Set<string>,
  inlineBytes: number,
  signal?: AbortSignal,
): Promise<{ answered: string; expected: string }> {
  const ids = new Map<string, string>();
  const entries: Entry[] = [];
  const sent = new Map<string, Promise<void>>();
  let inlineLeft = inlineBytes;
  await eachOf(files, CONCURRENT_FILES, async (file) => {
    const content = await readChecked(file);
    const id = blobId(content);
    ids.set(file.path, id);
    const common = { path: file.path, mode: FILE_MODE, type: 'blob' } as const;
    const isKnown = known.has(id) || sent.has(id);
    if (!isKnown && content.byteLength <= inlineLeft && isPlainText(content)) {
      inlineLeft -= content.byteLength;
      entries.push({ ...common, content: new TextDecoder('utf-8', { ignoreBOM: true }).decode(content) });
      return;
    }
    if (!isKnown) sent.set(id, createBlob(client, content, id, signal));
    await sent.get(id);
    entries.push({ ...common, sha: id });
  });
  const expected = treeId(ids);
  if (expected === null) throw new PermaframeError('PATH_INVALID', 'a path of the project is both a file and a folder');
  const send = { signal, bytes: inlineBytes - inlineLeft };
  const answered = await client.call(
    'make the tree of a version',
    async (api, place) => parseAnswer(objectSchema, (await api.git.createTree({ ...place, tree: entries })).data).sha,
    send,
  );
  return { answered, expected };
}

async function createBlob(client: GitHubClient, content: Uint8Array, id: string, signal?: AbortSignal): Promise<void> {
  const encoded = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  const answered = await client.call(
    'store a file of a version',
    async (api, place) => {
      const { data } = await api.git.createBlob({ ...place, content: encoded, encoding: 'base64' });
      return parseAnswer(objectSchema, data).sha;
    },
    { signal, bytes: encoded.length },
  );
  if (answered !== id) throw new PermaframeError('INTERNAL', `GitHub stored ${answered} when it was sent ${id}`);
}

async function readChecked(file: FileToCommit): Promise<Uint8Array> {
  const content = await file.read();
  if ((await sha256Hex(content)) === file.sha256) return content;
  throw new PermaframeError('INTERNAL', `${file.path} is stored with other bytes than were saved`);
}

/** Whether JSON carries it unharmed whatever reads it: UTF-8 without control characters but tabs and line ends. */
function isPlainText(content: Uint8Array): boolean {
  return isUtf8(content) && !content.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13);
}

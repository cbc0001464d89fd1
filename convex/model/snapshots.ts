/** Versions in the database: saved whole or not at all, each content once a project. */
import { sha256Hex } from '../../action/contract/hash.ts';
import { formatExcess, MAX_INLINE_FILE_BYTES } from '../../action/contract/limits.ts';
import { snapshotHash } from '../../action/contract/snapshot-hash.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { refusal } from './refusal.ts';
import { checkPaths, checkSizes } from './snapshotRules.ts';

/** A file as it is handed in: its text, or the hash of a content that the project has already. */
export type GivenFile = { path: string; text: string } | { path: string; sha256: string };

type StoredFile = Pick<Doc<'files'>, '_id' | 'sha256' | 'bytes' | 'content'>;

/** Files in one document of `versionFiles`: a document holds 1 MiB, a path up to 765 bytes. */
const FILES_A_PART = 500;
/** Contents looked up at a time, so that a save over the limit stops before it has read everything. */
const LOOKUPS_AT_A_TIME = 50;

interface Saved {
  files: { path: string; sha256: string; bytes: number; file: Id<'files'> }[];
  hash: string;
  bytes: number;
}

/**
 * Finds or writes the contents of a save.
 * @throws ConvexError for whatever is wrong with the files, before anything is written that would stay
 */
export async function storeFiles(
  ctx: MutationCtx,
  project: Id<'projects'>,
  given: readonly GivenFile[],
): Promise<Saved> {
  checkPaths(given.map(({ path }) => path));
  const wanted = await Promise.all(given.map((file, index) => identify(file, index)));
  checkSizes(wanted.map(({ path, text, bytes }) => ({ path, bytes, isText: text !== undefined })));
  const found = await findContents(ctx, project, wanted);
  const files: Saved['files'] = [];
  for (const { path, sha256, text, bytes } of wanted) {
    let stored = found.get(sha256);
    if (!stored) {
      if (text === undefined) throw missingContent(given.findIndex((file) => file.path === path));
      const content = { kind: 'text' as const, text };
      const _id = await ctx.db.insert('files', { project, sha256, bytes, content });
      stored = { _id, sha256, bytes, content };
      found.set(sha256, stored);
    }
    files.push({ path, sha256, bytes: stored.bytes, file: stored._id });
  }
  checkSizes(files.map(({ path, sha256, bytes }) => ({ path, bytes, isText: isText(found.get(sha256)) })));
  return { files, hash: await snapshotHash(files), bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

interface WantedFile {
  path: string;
  sha256: string;
  text?: string;
  /** 0 as long as only the hash is known. */
  bytes: number;
}

async function identify(file: GivenFile, index: number): Promise<WantedFile> {
  if (!('text' in file)) {
    if (!/^[0-9a-f]{64}$/.test(file.sha256)) {
      const field = `files[${index}].sha256`;
      throw refusal('INPUT_INVALID', `${field} must be 64 characters of lower-case hex`, field);
    }
    return { ...file, bytes: 0 };
  }
  const { path, text } = file;
  if (!text.isWellFormed()) {
    throw refusal('INPUT_INVALID', `files[${index}].text is not well-formed Unicode`, `files[${index}].text`);
  }
  const content = new TextEncoder().encode(text);
  if (content.byteLength > MAX_INLINE_FILE_BYTES) {
    const message = `files[${index}] is ${formatExcess(content.byteLength, MAX_INLINE_FILE_BYTES)}; upload larger files first`;
    throw refusal('SOURCE_FILE_TOO_LARGE', message, `files[${index}]`);
  }
  return { path, text, sha256: await sha256Hex(content), bytes: content.byteLength };
}

async function findContents(
  ctx: QueryCtx,
  project: Id<'projects'>,
  wanted: readonly WantedFile[],
): Promise<Map<string, StoredFile>> {
  const found = new Map<string, StoredFile>();
  const hashes = [...new Set(wanted.map(({ sha256 }) => sha256))];
  for (let from = 0; from < hashes.length; from += LOOKUPS_AT_A_TIME) {
    const some = hashes.slice(from, from + LOOKUPS_AT_A_TIME);
    const rows = await Promise.all(some.map((sha256) => findContent(ctx, project, sha256)));
    for (const row of rows) if (row) found.set(row.sha256, row);
    checkSizes([...found.values()].map(({ bytes, content }) => ({ path: '', bytes, isText: content.kind === 'text' })));
  }
  return found;
}

export async function findContent(
  ctx: QueryCtx,
  project: Id<'projects'>,
  sha256: string,
): Promise<Doc<'files'> | null> {
  return ctx.db
    .query('files')
    .withIndex('by_project_sha256', (q) => q.eq('project', project).eq('sha256', sha256))
    .unique();
}

function isText(file: StoredFile | undefined): boolean {
  return file?.content.kind === 'text';
}

function missingContent(index: number) {
  const field = `files[${index}].sha256`;
  return refusal('INPUT_INVALID', `${field} is not known to the project: upload the file first`, field);
}

/** Writes the version that follows `thread.newest`. */
export async function insertVersion(
  ctx: MutationCtx,
  thread: Doc<'threads'>,
  author: Id<'users'>,
  { files, hash, bytes }: Saved,
): Promise<{ id: Id<'versions'>; number: number }> {
  const number = thread.newest + 1;
  const version = { thread: thread._id, number, author, snapshotHash: hash, fileCount: files.length, bytes };
  const id = await ctx.db.insert('versions', version);
  for (let from = 0; from < files.length; from += FILES_A_PART) {
    const part = from / FILES_A_PART;
    await ctx.db.insert('versionFiles', { version: id, part, files: files.slice(from, from + FILES_A_PART) });
  }
  await ctx.db.patch('threads', thread._id, { newest: number });
  return { id, number };
}

/** The files of a version with their contents, in the order in which they were saved. */
export async function readSnapshot(ctx: QueryCtx, version: Id<'versions'>) {
  const parts = await ctx.db
    .query('versionFiles')
    .withIndex('by_version_part', (q) => q.eq('version', version))
    .collect();
  const files = parts.flatMap((part) => part.files);
  // Equal files share one row: each is read once, so that what is read is bounded by what was saved.
  const ids = [...new Set(files.map(({ file }) => file))];
  const rows = new Map(await Promise.all(ids.map(async (id) => [id, await ctx.db.get('files', id)] as const)));
  return files.map(({ path, sha256, bytes, file }) => {
    const row = rows.get(file);
    if (!row) throw new Error(`the content ${file} is gone`);
    return { path, sha256, bytes, content: row.content };
  });
}

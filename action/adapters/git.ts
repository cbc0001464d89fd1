/** Reads a snapshot from a commit: from git's objects, never from the working tree. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Warning } from '../contract/diagnostics.ts';
import { PermaframeError } from '../contract/errors.ts';
import { checkListing, createSnapshot, isIgnoredPath, type Snapshot } from '../core/snapshot.ts';
import { skippedLink } from './folder.ts';

/** A tree listing larger than this is no project of ours, in bytes. */
const MAX_LISTING_BYTES = 16_000_000;

/** Modes of regular files in a git tree; links, submodules and folders have others. */
const REGULAR_MODES = ['100644', '100755', '100664'];

interface TreeEntry {
  path: string;
  mode: string;
  object: string;
  bytes: number;
}

export interface CommitPlace {
  /** Any folder of the repository, or a bare repository. */
  repository: string;
  /** A commit, branch or tag. */
  revision: string;
  /** Folder inside the commit, relative to its root; the root itself when empty. */
  folder: string;
}

/** @throws PermaframeError COMMIT_UNREADABLE, or what createSnapshot throws */
export async function readCommit({ repository, revision, folder }: CommitPlace): Promise<Snapshot> {
  const tree = await resolveTree(repository, revision, folder);
  const listing = await git(repository, ['ls-tree', '-r', '-z', '-l', '--full-tree', tree], '', MAX_LISTING_BYTES);
  const entries = parseListing(listing).filter((entry) => !isIgnoredPath(entry.path));
  const files = entries.filter((entry) => REGULAR_MODES.includes(entry.mode));
  const links: Warning[] = entries.filter((entry) => !files.includes(entry)).map(({ path }) => skippedLink(path));
  checkListing(files);
  return createSnapshot(await readBlobs(repository, files), links);
}

async function resolveTree(repository: string, revision: string, folder: string): Promise<string> {
  const path = folder === '' || folder === '.' ? '' : folder.replace(/\/+$/, '');
  // A revision that begins with "-" would be an option.
  if (revision === '' || revision.startsWith('-') || /[\0\n]/.test(revision + path)) throw unreadable(revision);
  const name = path === '' ? `${revision}^{tree}` : `${revision}^{commit}:${path}`;
  const object = (await git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', name]))
    .toString()
    .trim();
  if (!/^[0-9a-f]{40,64}$/.test(object)) throw unreadable(revision);
  return object;
}

function unreadable(revision: string, cause?: unknown): PermaframeError {
  const message = `there is no commit ${JSON.stringify(revision)} with that folder`;
  return new PermaframeError('COMMIT_UNREADABLE', message, cause === undefined ? {} : { cause });
}

/** `<mode> <type> <object> <size>\t<path>\0` … */
function parseListing(listing: Buffer): TreeEntry[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const entries: TreeEntry[] = [];
  for (let start = 0; start < listing.length; ) {
    const end = listing.indexOf(0, start);
    let line: string;
    try {
      line = decoder.decode(listing.subarray(start, end));
    } catch (cause) {
      throw new PermaframeError('PATH_INVALID', 'a path of the commit is not UTF-8', { cause });
    }
    const [, mode, object, size, path] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    if (mode === undefined || object === undefined || path === undefined) throw new Error('git ls-tree spoke oddly');
    entries.push({ mode, object, path, bytes: Number(size) || 0 });
    start = end + 1;
  }
  return entries;
}

/** One `git cat-file --batch` for all: `<object> blob <size>\n<content>\n` each, in the order asked. */
async function readBlobs(repository: string, files: readonly TreeEntry[]): Promise<Map<string, Uint8Array>> {
  if (files.length === 0) return new Map();
  const request = files.map((file) => `${file.object}\n`).join('');
  const total = files.reduce((sum, file) => sum + file.bytes + 128, 0);
  const answer = await git(repository, ['cat-file', '--batch'], request, total);
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  for (const { path, object, bytes } of files) {
    const header = `${object} blob ${bytes}\n`;
    if (answer.toString('latin1', at, at + header.length) !== header) throw unreadable(object);
    at += header.length;
    contents.set(path, answer.subarray(at, at + bytes));
    at += bytes + 1;
  }
  return contents;
}

/** Runs git on a repository that is not trusted: no configuration of the user, no hooks, no replacement objects. */
async function git(repository: string, args: string[], input = '', limit = 1_000_000): Promise<Buffer> {
  const options = ['--no-replace-objects', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  const child = spawn('git', [...options, ...args], {
    cwd: repository,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH ?? '',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_NO_LAZY_FETCH: '1',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      // Whoever asks for the folder may be another user than its owner; nothing in it is executed.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  try {
    const [code] = await Promise.race([once(child, 'close'), failed]);
    if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`);
  } catch (cause) {
    throw new PermaframeError('COMMIT_UNREADABLE', `git cannot read ${repository} (${args[0]})`, { cause });
  }
  return Buffer.concat(chunks);
}

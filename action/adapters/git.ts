/** Reads a snapshot from a commit: from git's objects, never from the working tree. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PermaframeError } from '../contract/errors.ts';
import { MAX_SNAPSHOT_FILES } from '../contract/limits.ts';
import { checkListing, createSnapshot, quotePath, type Snapshot } from '../core/snapshot.ts';
import { decodePath, skippedLinks } from './paths.ts';

/** A tree listing larger than this is no project of ours, in bytes. */
const MAX_LISTING_BYTES = 16_000_000;
/** Wall-clock time of one git command, in milliseconds. A configuration can make git read from a pipe for ever. */
export const GIT_MILLISECONDS = 30_000;

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

/**
 * @param timeoutMilliseconds for each git command
 * @throws PermaframeError COMMIT_UNREADABLE, or what createSnapshot throws
 */
export async function readCommit(
  { repository, revision, folder }: CommitPlace,
  timeoutMilliseconds = GIT_MILLISECONDS,
): Promise<Snapshot> {
  const git: Git = (args, input, limit) => runGit(repository, args, input, limit, timeoutMilliseconds);
  const tree = await findTree(git, revision, folder);
  const listing = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', tree], '', MAX_LISTING_BYTES);
  if (listing === null) {
    const message = `the commit lists far more than ${MAX_SNAPSHOT_FILES} files, which is the limit`;
    throw new PermaframeError('TOO_MANY_FILES', message);
  }
  const entries = parseListing(listing);
  const files = entries.filter((entry) => REGULAR_MODES.includes(entry.mode));
  const links = entries.filter((entry) => !REGULAR_MODES.includes(entry.mode));
  checkDuplicates(files);
  checkListing(files);
  return createSnapshot(await readBlobs(git, files), skippedLinks(links.map(({ path }) => path)));
}

/** Answers null when git says more than `limit` bytes. */
type Git = (args: readonly string[], input: string, limit: number) => Promise<Buffer | null>;

/** Asks through git's input, where nothing can be taken for an option. */
async function findTree(git: Git, revision: string, folder: string): Promise<string> {
  const path = folder === '.' ? '' : folder.replace(/\/+$/, '');
  const name = path === '' ? `${revision}^{tree}` : `${revision}^{commit}:${path}`;
  const answer = /[\0\n]/.test(name) ? null : await git(['cat-file', '--batch-check'], `${name}\n`, 10_000);
  const [, object] = /^([0-9a-f]{40,64}) tree \d+\n$/.exec(answer?.toString('latin1') ?? '') ?? [];
  if (object === undefined) {
    const where = path === '' ? '' : ` with a folder ${quotePath(path)}`;
    throw new PermaframeError('COMMIT_UNREADABLE', `there is no commit ${quotePath(revision)}${where}`);
  }
  return object;
}

/** `<mode> <type> <object> <size>\t<path>\0` … */
function parseListing(listing: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let start = 0; start < listing.length; ) {
    const end = listing.indexOf(0, start);
    const tab = listing.indexOf(9, start);
    const head = listing.toString('latin1', start, tab);
    const [, mode = '', object = '', size] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)$/.exec(head) ?? [];
    const path = decodePath(listing.subarray(tab + 1, end));
    if (path !== null) {
      // Of an object that it does not have, git says that its size is "BAD".
      if (size === undefined) throw withoutContent(path);
      entries.push({ mode, object, path, bytes: Number(size) || 0 });
    }
    start = end + 1;
  }
  return entries;
}

function withoutContent(path: string): PermaframeError {
  return new PermaframeError('COMMIT_UNREADABLE', `git does not have the content of ${quotePath(path)}`);
}

/** A tree that was made by hand can name a file twice. */
function checkDuplicates(files: readonly TreeEntry[]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (seen.has(path)) throw new PermaframeError('PATH_INVALID', `the commit has two files ${quotePath(path)}`);
    seen.add(path);
  }
}

/** One `git cat-file --batch` for all: `<object> blob <size>\n<content>\n` each, in the order asked. */
async function readBlobs(git: Git, files: readonly TreeEntry[]): Promise<Map<string, Uint8Array>> {
  if (files.length === 0) return new Map();
  const request = files.map((file) => `${file.object}\n`).join('');
  const total = files.reduce((sum, file) => sum + file.bytes + 128, 0);
  const answer = await git(['cat-file', '--batch'], request, total);
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  for (const { path, object, bytes } of files) {
    const header = `${object} blob ${bytes}\n`;
    if (answer?.toString('latin1', at, at + header.length) !== header) {
      throw withoutContent(path);
    }
    at += header.length;
    contents.set(path, answer.subarray(at, at + bytes));
    at += bytes + 1;
  }
  return contents;
}

/** What git finds in a repository that is not trusted: no configuration of the user, nothing fetched or executed. */
const OPTIONS = ['--no-replace-objects', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_NO_LAZY_FETCH: '1',
  // An older git would fetch what a partial clone lacks, by the commands of its configuration.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  // Whoever asks for the folder may be another user than its owner; nothing in it is executed.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};

export async function runGit(
  repository: string,
  args: readonly string[],
  input: string,
  limit: number,
  timeout: number,
): Promise<Buffer | null> {
  const child = spawn('git', [...OPTIONS, ...args], {
    cwd: repository,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH ?? '', ...ENVIRONMENT },
    timeout,
    killSignal: 'SIGKILL',
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
    if (bytes > limit) return null;
    if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`);
  } catch (cause) {
    throw new PermaframeError('COMMIT_UNREADABLE', `git cannot read the repository (${args[0]})`, { cause });
  }
  return Buffer.concat(chunks);
}

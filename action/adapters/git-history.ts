/** Finds snapshot commits in the history that is checked out, by the trailers that the control plane gave them. */
import { PermaframeError } from '../contract/errors.ts';
import { readTrailers } from './commit-message.ts';
import { GIT_MILLISECONDS, runGit } from './git.ts';

/** A version further back must be named by its commit. */
const SEARCHED_COMMITS = 1_000;
/** A commit's message is at most this long, on average, in bytes. */
const MESSAGE_BYTES = 10_000;

/** A version of a thread, and the commit of its snapshot. */
export interface VersionCommit {
  commit: string;
  version: number;
}

/**
 * The version that a commit says it is.
 * @throws PermaframeError COMMIT_UNREADABLE, or INPUT_INVALID when it says none of that thread
 */
export async function readVersion(repository: string, thread: string, commit: string): Promise<VersionCommit> {
  const [found] = await readHistory(repository, thread, commit, 1);
  if (found) return found;
  throw new PermaframeError(
    'INPUT_INVALID',
    `version is missing: the commit does not say which one of ${thread} it is`,
  );
}

/**
 * The commit of a version, among the newest of the branch that is checked out.
 * @throws PermaframeError COMMIT_UNREADABLE, or INPUT_INVALID when there is none
 */
export async function findVersion(repository: string, thread: string, version: number): Promise<VersionCommit> {
  const history = await readHistory(repository, thread, 'HEAD', SEARCHED_COMMITS);
  const found = history.find((entry) => entry.version === version);
  if (found) return found;
  throw new PermaframeError('INPUT_INVALID', `commit is missing: the history has no version ${version} of ${thread}`);
}

/** Newest first; commits that are not of that thread are left out. */
async function readHistory(repository: string, thread: string, from: string, most: number): Promise<VersionCommit[]> {
  const format = ['--no-show-signature', '--no-notes', '-z', '--format=%H%n%B', `--max-count=${most}`];
  const args = ['log', ...format, '--end-of-options', from, '--'];
  const answer = await runGit(repository, args, '', most * MESSAGE_BYTES, GIT_MILLISECONDS);
  if (answer === null)
    throw new PermaframeError('COMMIT_UNREADABLE', 'the history of the commit is too long to be read');
  return answer
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const [commit = '', ...message] = entry.split('\n');
      const trailers = readTrailers(message.join('\n'));
      return trailers?.thread === thread ? [{ commit, version: trailers.version }] : [];
    });
}

/** Snapshot commits: one a version, on the branch of its thread, found again instead of made twice. */
import { z } from 'zod';
import { PermaframeError } from '../contract/errors.ts';
import { commitSchema } from '../contract/ids.ts';
import { isSnapshotPath } from '../contract/manifest.ts';
import { threadBranch } from '../contract/reports.ts';
import { snapshotHash } from '../contract/snapshot-hash.ts';
import { isIgnoredPath } from '../contract/snapshot-paths.ts';
import { oneLine, readTrailers, type SnapshotTrailers, snapshotMessage } from './commit-message.ts';
import { type GitHubClient, parseAnswer } from './github-client.ts';
import { faultOf } from './github-errors.ts';
import { type FileToCommit, makeTree } from './github-tree.ts';

/** A version's commit lies among so many newest of its branch, or it was never made. */
const SEARCHED_COMMITS = 50;
/** Other writers of the same branch are let pass so often. */
const MAX_ROUNDS = 6;
/** Pause after a lost race, in milliseconds; it grows from round to round. */
const PAUSE_MILLISECONDS = 150;

export interface SnapshotToCommit extends SnapshotTrailers {
  /** Shown in the commit's first line. Any text. */
  title: string;
  /** Shown as the commit's author. Any text; without an address it has one that leads nowhere. */
  author: { name: string; email?: string };
  /** Milliseconds since 1970, UTC. Fixed for a version, so that its commit has the same id however often it is made. */
  savedAt: number;
  files: readonly FileToCommit[];
}

export interface SnapshotCommit {
  kind: 'created' | 'found';
  commit: string;
}

/** Where the branch stands. */
type Look = { kind: 'found'; commit: string } | { kind: 'absent'; head: string | null };

/**
 * Commits the files as the whole tree on the thread's branch, on top of whatever is there.
 * @throws PermaframeError ARTIFACT_CONFLICT when the version has another commit with other files; PATH_INVALID
 */
export async function commitSnapshot(
  client: GitHubClient,
  snapshot: SnapshotToCommit,
  signal?: AbortSignal,
): Promise<SnapshotCommit> {
  await checkSnapshot(snapshot);
  const heads = new Set<string | null>();
  let tree: string | undefined;
  let made: string | undefined;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const look = await lookAt(client, snapshot, signal);
    // An update whose answer was lost is found like anybody else's.
    if (look.kind === 'found') return { kind: look.commit === made ? 'created' : 'found', commit: look.commit };
    tree ??= await makeTree(client, snapshot.files, look.head, signal);
    made = await createCommit(client, snapshot, tree, look.head, signal);
    if (await moveBranch(client, snapshot.thread, look.head, made, signal)) return { kind: 'created', commit: made };
    heads.add(look.head);
    await client.clock.sleep(PAUSE_MILLISECONDS * round, signal);
  }
  const branch = threadBranch(snapshot.thread);
  if (heads.size > 1) throw new PermaframeError('DISPATCH_UNAVAILABLE', `${branch} changes too often to be written`);
  const message = `GitHub does not let ${branch} of ${client.repository} be moved: look for a rule that protects it`;
  throw new PermaframeError('DISPATCH_DENIED', message);
}

async function checkSnapshot({ files, snapshotHash: hash }: SnapshotToCommit): Promise<void> {
  for (const { path } of files) {
    // git~1 is what Windows calls .git; git refuses both.
    if (isSnapshotPath(path) && !isIgnoredPath(path) && !/(^|\/)git~1(\/|$)/i.test(path)) continue;
    throw new PermaframeError('PATH_INVALID', `${JSON.stringify(path.slice(0, 300))} cannot be a path of a project`);
  }
  if ((await snapshotHash(files)) !== hash) {
    throw new PermaframeError('INTERNAL', 'the files of a version do not have the hash of its snapshot');
  }
}

async function lookAt(client: GitHubClient, snapshot: SnapshotToCommit, signal?: AbortSignal): Promise<Look> {
  const branch = threadBranch(snapshot.thread);
  const commits = await listCommits(client, branch, signal);
  for (const { sha, commit } of commits) {
    const trailers = readTrailers(commit.message);
    if (trailers?.thread !== snapshot.thread || trailers.version !== snapshot.version) continue;
    if (trailers.snapshotHash === snapshot.snapshotHash) return { kind: 'found', commit: sha };
    const message = `${branch} has another version ${snapshot.version}, with other files (${sha})`;
    throw new PermaframeError('ARTIFACT_CONFLICT', message);
  }
  return { kind: 'absent', head: commits[0]?.sha ?? null };
}

const commitListSchema = z.array(z.looseObject({ sha: commitSchema, commit: z.looseObject({ message: z.string() }) }));
const commitAnswerSchema = z.looseObject({ sha: commitSchema });

/** The newest commits of a branch, its head first; none when there is no such branch. */
async function listCommits(client: GitHubClient, branch: string, signal?: AbortSignal) {
  return client.call(
    `read ${branch}`,
    async (api, place) => {
      try {
        const { data } = await api.repos.listCommits({ ...place, sha: branch, per_page: SEARCHED_COMMITS });
        return parseAnswer(commitListSchema, data);
      } catch (error) {
        // Also when there is no such repository, or none for us: then the next request says so.
        if (hasStatus(error, 404) || hasStatus(error, 422)) return [];
        throw error;
      }
    },
    { signal },
  );
}

async function createCommit(
  client: GitHubClient,
  snapshot: SnapshotToCommit,
  tree: string,
  parent: string | null,
  signal?: AbortSignal,
): Promise<string> {
  const { name, email = '' } = snapshot.author;
  const person = {
    // git ends a name at "<", and a name of nothing is refused.
    name: oneLine(name.replace(/[<>]/g, ''), 100) || 'Somebody',
    email: /^[^\s<>@]+@[^\s<>@]+$/.test(email) ? email : 'nobody@permaframe.invalid',
    date: new Date(Math.floor(snapshot.savedAt / 1000) * 1000).toISOString(),
  };
  return client.call(
    'make the commit of a version',
    async (api, place) => {
      const { data } = await api.git.createCommit({
        ...place,
        message: snapshotMessage(snapshot.title, snapshot),
        tree,
        parents: parent === null ? [] : [parent],
        author: person,
        committer: person,
      });
      return parseAnswer(commitAnswerSchema, data).sha;
    },
    { signal },
  );
}

/** False when somebody else was faster, or GitHub doesn't want it: whoever asks looks again. */
async function moveBranch(
  client: GitHubClient,
  thread: string,
  from: string | null,
  to: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const branch = threadBranch(thread);
  return client.call(
    `move ${branch}`,
    async (api, place) => {
      try {
        if (from === null) await api.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: to });
        else await api.git.updateRef({ ...place, ref: `heads/${branch}`, sha: to, force: false });
        return true;
      } catch (error) {
        if (hasStatus(error, 422) || hasStatus(error, 409)) return false;
        throw error;
      }
    },
    { signal },
  );
}

function hasStatus(error: unknown, status: number): boolean {
  const fault = faultOf(error);
  return fault.kind === 'answer' && fault.status === status;
}

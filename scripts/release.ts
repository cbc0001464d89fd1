/**
 * Commits a release: the actions with their built files, and the workflows that others call. Releases live on a branch of
 * their own, so that main never carries what is built. Used by release.yml and by the local stack.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { buildAction } from './build-action.ts';
import { ROOT_FOLDER } from './state.ts';

/** Where publish.yml looks for the action when nothing else is said. */
export const RELEASE_BRANCH = 'release';
/** What a release holds besides action/dist. */
const FILES = [
  'LICENSE',
  'action/action.yml',
  'action/render/action.yml',
  'action/render/renderer/package.json',
  'action/render/renderer/package-lock.json',
  '.github/workflows/publish.yml',
  '.github/workflows/render.yml',
];
/** Releases are made by machines, here and on GitHub. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'permaframe',
  GIT_AUTHOR_EMAIL: 'permaframe@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'permaframe',
  GIT_COMMITTER_EMAIL: 'permaframe@users.noreply.github.com',
};

export interface Release {
  commit: string;
  /** False when the branch held the same files already. */
  isNew: boolean;
}

/**
 * @param repository any folder of a git repository, or a bare one
 * @param message first line of the commit
 */
export async function commitRelease(
  repository: string,
  branch = RELEASE_BRANCH,
  message = 'Release',
): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-release-'));
  try {
    const tree = join(folder, 'tree');
    await layOut(tree);
    const gitFolder = await git(repository, ['rev-parse', '--absolute-git-dir']);
    const place = [`--git-dir=${gitFolder}`, `--work-tree=${tree}`];
    const index = { GIT_INDEX_FILE: join(folder, 'index') };
    await git(tree, [...place, 'add', '--all', '--force', '.'], index);
    const id = await git(tree, [...place, 'write-tree'], index);
    return await commitTree(repository, id, `refs/heads/${branch}`, message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function layOut(tree: string): Promise<void> {
  const { folder, sizes } = await buildAction();
  const built = Object.keys(sizes).map((name) => [join(folder, name), `action/dist/${name}`] as const);
  const kept = FILES.map((path) => [join(ROOT_FOLDER, path), path] as const);
  for (const [from, path] of [...built, ...kept]) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await copyFile(from, join(tree, path));
  }
}

async function commitTree(repository: string, tree: string, ref: string, message: string): Promise<Release> {
  const parent = await git(repository, ['for-each-ref', '--format=%(objectname)', ref]);
  if (parent !== '' && (await git(repository, ['rev-parse', `${parent}^{tree}`])) === tree) {
    return { commit: parent, isNew: false };
  }
  const parents = parent === '' ? [] : ['-p', parent];
  const commit = await git(repository, ['commit-tree', tree, ...parents, '-m', message], IDENTITY);
  // Fails when somebody else released in the meantime.
  await git(repository, ['update-ref', ref, commit, parent]);
  // In a pack, esbuild's binary is sent as it lies there; otherwise each checkout compresses it again.
  await git(repository, ['repack', '-d', '-q']);
  return { commit, isNew: true };
}

async function git(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn('git', args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([buffer(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`);
  return output.toString().trim();
}

/** `node scripts/release.ts [--branch release] [--message text]`: commits to this repository, and prints the commit. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { branch: { type: 'string' }, message: { type: 'string' } } });
  const { commit, isNew } = await commitRelease(ROOT_FOLDER, values.branch, values.message);
  process.stderr.write(isNew ? 'Released.\n' : 'Nothing has changed since the last release.\n');
  process.stdout.write(`${commit}\n`);
}

if (import.meta.main) await main();

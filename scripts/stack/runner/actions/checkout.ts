/** In the place of actions/checkout: the same inputs, the same files, from a bare repository on this machine, without hooks. */
import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Equivalent } from '../action-step.ts';
import { type Execution, StepFailure } from '../job-session.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/** Nothing of this machine's settings, no question to anybody, no program that a repository names. */
const GIT_VARIABLES = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LFS_SKIP_SMUDGE: '1',
};
const GIT_FLAGS = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.version=2', '-c', 'advice.detachedHead=false'],
  // Nothing is tidied up in a folder that is thrown away soon.
  ...['-c', 'maintenance.auto=false', '-c', 'gc.auto=0'],
];

interface Target {
  repository: string;
  /** Of the bare repository. */
  source: string;
  folder: string;
  /** What is fetched. */
  ref: string;
  /** The branch that is made, or null when the commit stands alone. */
  branch: string | null;
  /** 0: everything. */
  depth: number;
  keepsCredentials: boolean;
}

export const checkout: Equivalent = async (inputs, execution) => {
  const { session } = execution.frame;
  if (!session.mayReadContents) {
    throw new StepFailure('checkout needs `permissions: contents: read`: without it the repository is not found');
  }
  const git = (...args: string[]) => runGit(args, execution);
  const target = await targetOf(inputs, execution, git);
  const { folder, source, ref, branch, depth } = target;
  await mkdir(folder, { recursive: true });
  if (inputs.clean !== 'false') {
    await Promise.all((await readdir(folder)).map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
  await git('init', '--quiet', '--initial-branch=main', folder);
  const local = branch === null ? ref : `refs/remotes/origin/${branch}`;
  const wanted = local === ref && COMMIT.test(ref) ? ref : `+${ref}:${local}`;
  const everything = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  const extent = depth > 0 ? [`--depth=${depth}`] : [];
  const refspecs = depth > 0 ? [wanted] : [...everything, wanted];
  await git('-C', folder, 'fetch', '--quiet', '--no-tags', ...extent, `file://${source}`, ...refspecs);
  const into = branch === null ? ['--detach', local] : ['-B', branch, local];
  await git('-C', folder, 'checkout', '--quiet', '--force', ...into);
  await configure(target, execution);
  const [commit = ''] = COMMIT.test(ref) ? [ref] : await git('-C', folder, 'rev-parse', 'HEAD');
  execution.log.say(`${target.repository} at ${commit}`);
  return { ref: inputs.ref ?? session.run.ref, commit };
};

type Git = (...args: string[]) => Promise<string[]>;

async function targetOf(inputs: Readonly<Record<string, string>>, { frame }: Execution, git: Git): Promise<Target> {
  const { run, folders } = frame.session;
  const repository = inputs.repository || run.repository.fullName;
  if (repository.toLowerCase() !== run.repository.fullName.toLowerCase()) {
    throw new StepFailure(`the repository ${repository} is not on this machine: only ${run.repository.fullName} is`);
  }
  const folder = resolve(folders.workspace, inputs.path ?? '');
  if (folder !== folders.workspace && !folder.startsWith(folders.workspace + sep)) {
    throw new StepFailure(`Repository path '${folder}' is not under '${folders.workspace}'`);
  }
  const depth = Number(inputs['fetch-depth'] || '1');
  if (!Number.isInteger(depth) || depth < 0)
    throw new StepFailure(`fetch-depth: ${inputs['fetch-depth']} is no number`);
  const source = run.repository.folder;
  const keepsCredentials = inputs['persist-credentials'] !== 'false';
  const common = { repository, source, folder, depth, keepsCredentials };
  const asked = inputs.ref ?? '';
  // Without a ref: the commit of the run, whatever has been pushed since.
  if (asked === '') return { ...common, ref: run.sha, branch: /^refs\/heads\/(.+)$/.exec(run.ref)?.[1] ?? null };
  if (COMMIT.test(asked)) return { ...common, ref: asked, branch: null };
  if (asked.startsWith('-')) throw new StepFailure(`ref: ${asked} is no ref`);
  const candidates = asked.startsWith('refs/') ? [asked] : [`refs/heads/${asked}`, `refs/tags/${asked}`];
  const listed = await git('--git-dir', source, 'for-each-ref', '--format=%(refname)', ...candidates);
  const found = candidates.find((candidate) => listed.includes(candidate));
  if (found === undefined) throw new StepFailure(`A branch or tag with the name '${asked}' could not be found`);
  return { ...common, ref: found, branch: /^refs\/heads\/(.+)$/.exec(found)?.[1] ?? null };
}

/** Only with `persist-credentials` does a later `git fetch` of a step reach anything, as on GitHub. */
async function configure(
  { folder, repository, source, keepsCredentials }: Target,
  { frame }: Execution,
): Promise<void> {
  const server = new URL(frame.session.run.url).origin;
  const address = `${server}/${repository}`;
  const origin = `[remote "origin"]\n\turl = ${address}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  const file = join(folder, '.git', 'config');
  if (!keepsCredentials) return appendFile(file, origin);
  const { token } = frame.session.contexts.github as { token: string };
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  frame.session.masks.add(basic);
  const header = `[http "${server}/"]\n\textraheader = AUTHORIZATION: basic ${basic}\n`;
  await appendFile(file, `${origin}${header}[url "file://${source}"]\n\tinsteadOf = ${address}\n`);
}

async function runGit(args: readonly string[], { frame, log, signal }: Execution): Promise<string[]> {
  const { processes, folders, variables } = frame.session;
  const lines: string[] = [];
  const code = await processes.run({
    file: 'git',
    args: [...GIT_FLAGS, ...args],
    cwd: folders.root,
    env: { ...variables.base, ...GIT_VARIABLES },
    onLine: (line) => lines.push(line),
    signal,
  });
  if (code === 0) return lines;
  for (const line of lines) log.say(line);
  throw new StepFailure(`git ${args.find((word) => /^[a-z]/.test(word))} ended with exit code ${code}`);
}

/** Real git repositories, in folders that are gone afterwards. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Repository extends AsyncDisposable {
  path: string;
  /** Runs git in the repository, without any configuration of the person who runs the tests. */
  git(args: readonly string[], input?: string | Uint8Array): string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Commits all that is in the working tree. */
  commit(): string;
}

const ENVIRONMENT = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

export async function makeRepository(...initArguments: string[]): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  const git = (args: readonly string[], input: string | Uint8Array = ''): string =>
    execFileSync('git', [...args], { cwd: path, env: ENVIRONMENT, input, stdio: ['pipe', 'pipe', 'ignore'] })
      .toString()
      .trim();
  git(['init', '-q', '-b', 'main', ...initArguments]);
  return {
    path,
    git,
    async write(files) {
      for (const [file, content] of Object.entries(files)) {
        await mkdir(dirname(join(path, file)), { recursive: true });
        await writeFile(join(path, file), content);
      }
    },
    commit() {
      git(['add', '-A']);
      git(['commit', '-q', '--allow-empty', '-m', 'A version']);
      return git(['rev-parse', 'HEAD']);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

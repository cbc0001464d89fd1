/** The repository behind the stand-in: a real bare one, in which every object is made and every ref moved by git. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Git, GitFailed, gitIn } from './git.ts';

export const DEFAULT_BRANCH = 'main';
const NO_OBJECT = '0'.repeat(40);

/** A file that a branch holds. */
export interface RepositoryFile {
  path: string;
  content: string | Uint8Array;
  executable?: boolean;
}

export interface TreeEntry {
  path: string;
  mode: string;
  type: string;
  sha: string;
  size: number | null;
}

export interface Person {
  name: string;
  email: string;
  /** Seconds since 1970. */
  seconds: number;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
}

/** `moved`: it does not stand where it was thought to. */
export type RefChange = 'done' | 'moved';

export class Repository {
  readonly folder: string;
  readonly #git: Git;

  private constructor(folder: string) {
    this.folder = folder;
    this.#git = gitIn(folder);
  }

  /** Makes the repository if there is none. */
  static async open(folder: string): Promise<Repository> {
    const repository = new Repository(folder);
    if (!existsSync(join(folder, 'HEAD'))) {
      await mkdir(folder, { recursive: true });
      const git = repository.#git;
      await git(['init', '--quiet', '--bare', `--initial-branch=${DEFAULT_BRANCH}`]);
      // Objects of a commit under way hang on no ref yet: nothing may collect them.
      await git(['config', 'gc.auto', '0']);
      await git(['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    }
    return repository;
  }

  /**
   * Puts these files, and no others, on a branch; a commit is made only where that changes anything.
   * @returns the head of the branch
   */
  async commitFiles(
    branch: string,
    files: readonly RepositoryFile[],
    message: string,
    seconds: number,
  ): Promise<string> {
    const shas = await this.writeBlobs(files.map(({ content }) => content));
    const entries = files.map(({ path, executable }, i) => ({
      path,
      mode: executable ? '100755' : '100644',
      sha: shas[i] ?? '',
    }));
    const tree = await this.writeTree(entries);
    const ref = `refs/heads/${branch}`;
    const head = await this.readRef(ref);
    if (head !== null && (await this.readCommit(head)).tree === tree) return head;
    const person = { name: 'Permaframe', email: 'stack@permaframe.invalid', seconds };
    const commit = { tree, parents: head === null ? [] : [head], author: person, committer: person, message };
    const sha = await this.writeCommit(commit);
    await this.moveRef(ref, sha, head);
    return sha;
  }

  async writeBlob(content: Uint8Array): Promise<string> {
    return text(await this.#git(['hash-object', '-w', '--stdin'], { input: content }));
  }

  /** All with one process. */
  async writeBlobs(contents: readonly (string | Uint8Array)[]): Promise<string[]> {
    if (contents.length === 0) return [];
    const folder = await mkdtemp(join(this.folder, 'incoming-'));
    try {
      const paths = contents.map((_, i) => join(folder, String(i)));
      await Promise.all(paths.map((path, i) => writeFile(path, contents[i] ?? '')));
      const input = paths.map((path) => `${path}\n`).join('');
      return text(await this.#git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { input })).split('\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  readBlob(sha: string): Promise<Buffer> {
    return this.#git(['cat-file', 'blob', sha]);
  }

  /** @throws GitFailed for a path that git refuses, or an object that is not there */
  async writeTree(entries: readonly { path: string; mode: string; sha: string }[]): Promise<string> {
    const folder = await mkdtemp(join(this.folder, 'incoming-'));
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      const input = entries.map(({ path, mode, sha }) => `${mode} ${sha}\t${path}\0`).join('');
      await this.#git(['update-index', '-z', '--index-info'], { env, input });
      const tree = text(await this.#git(['write-tree'], { env }));
      // An index drops a file where a folder of the same name comes later.
      const kept = await this.#git(['ls-files', '-z'], { env });
      if (kept.toString().split('\0').length - 1 !== entries.length) throw new GitFailed('paths collide');
      return tree;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param revision a tree, or what leads to one. Null when there is no such thing. */
  async readTree(revision: string, recursive: boolean): Promise<{ sha: string; entries: TreeEntry[] } | null> {
    const sha = await this.resolve(`${revision}^{tree}`);
    if (sha === null) return null;
    const flags = recursive ? ['-r', '-t'] : [];
    const listing = (await this.#git(['ls-tree', ...flags, '-z', '-l', sha])).toString();
    const entries = listing.split('\0').flatMap((line): TreeEntry[] => {
      const [, mode, type, object, size, path] = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
      if (mode === undefined || type === undefined || object === undefined || path === undefined) return [];
      return [{ path, mode, type, sha: object, size: size === '-' ? null : Number(size) }];
    });
    return { sha, entries };
  }

  /** @throws GitFailed when git finds the commit malformed */
  async writeCommit({ tree, parents, author, committer, message }: Omit<Commit, 'sha'>): Promise<string> {
    const lines = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${toLine(author)}`,
      `committer ${toLine(committer)}`,
      '',
      message,
    ];
    return text(await this.#git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: lines.join('\n') }));
  }

  async readCommit(sha: string): Promise<Commit> {
    const [commit] = await this.log(sha, 1);
    if (!commit) throw new GitFailed(`there is no commit ${sha}`);
    return commit;
  }

  /** Newest first. @param revision already resolved */
  async log(revision: string, count: number, skip = 0): Promise<Commit[]> {
    const fields = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'];
    const format = `--format=tformat:${fields.join('%x00')}`;
    const args = ['log', '-z', format, `--max-count=${count}`, `--skip=${skip}`, '--end-of-options', revision];
    const cells = (await this.#git(args)).toString().split('\0');
    const commits: Commit[] = [];
    for (let at = 0; at + fields.length <= cells.length; at += fields.length) {
      commits.push(toCommit(cells.slice(at, at + fields.length)));
    }
    return commits;
  }

  readRef(ref: string): Promise<string | null> {
    return this.resolve(`${ref}^{commit}`);
  }

  /** A ref stands at its commit; everything else is looked up by git's own rules. */
  async resolve(revision: string): Promise<string | null> {
    try {
      return text(await this.#git(['rev-parse', '--verify', '--quiet', '--end-of-options', revision]));
    } catch (error) {
      if (error instanceof GitFailed) return null;
      throw error;
    }
  }

  async isAncestor(older: string, newer: string): Promise<boolean> {
    try {
      await this.#git(['merge-base', '--is-ancestor', older, newer]);
      return true;
    } catch (error) {
      if (error instanceof GitFailed) return false;
      throw error;
    }
  }

  async isRefName(ref: string): Promise<boolean> {
    return this.#git(['check-ref-format', ref]).then(
      () => true,
      () => false,
    );
  }

  /** @param from where the ref must stand; null: it must not exist */
  async moveRef(ref: string, to: string, from: string | null): Promise<RefChange> {
    try {
      await this.#git(['update-ref', ref, to, from ?? NO_OBJECT]);
      return 'done';
    } catch (error) {
      if (error instanceof GitFailed) return 'moved';
      throw error;
    }
  }
}

function toCommit(cells: readonly string[]): Commit {
  const [sha = '', tree = '', parents = '', an = '', ae = '', at = '', cn = '', ce = '', ct = '', message = ''] = cells;
  return {
    sha,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name: an, email: ae, seconds: Number(at) },
    committer: { name: cn, email: ce, seconds: Number(ct) },
    message: message.replace(/\n$/, ''),
  };
}

function toLine({ name, email, seconds }: Person): string {
  const plain = (value: string) => value.replace(/[<>\n\0]/g, '').trim();
  return `${plain(name)} <${plain(email)}> ${seconds} +0000`;
}

function text(output: Buffer): string {
  return output.toString().trim();
}

/** A repository at GitHub, in memory: contents, trees, commits, branches. Its branches only ever move forward. */
import { createHash } from 'node:crypto';
import { blobId, treeId } from '../../action/adapters/git-objects.ts';

export interface Commit {
  sha: string;
  message: string;
  tree: string;
  parents: string[];
}

export interface Answer {
  status: number;
  body?: unknown;
}

const NOT_FOUND: Answer = { status: 404, body: { message: 'Not Found' } };
const UNPROCESSABLE: Answer = { status: 422, body: { message: 'Unprocessable' } };

export class Repository {
  readonly commits = new Map<string, Commit>();
  /** Branch → commit. */
  readonly branches = new Map<string, string>();
  /** Tree → path → content. */
  readonly trees = new Map<string, Map<string, Uint8Array>>();
  readonly #blobs = new Map<string, Uint8Array>();

  /** The commits of a branch, its head first. */
  history(branch: string): Commit[] {
    const found: Commit[] = [];
    let sha = this.branches.get(branch);
    while (sha !== undefined) {
      const commit = this.commits.get(sha);
      if (!commit) break;
      found.push(commit);
      sha = commit.parents[0];
    }
    return found;
  }

  listCommits(branch: string, most: number): Answer {
    if (!this.branches.has(branch)) return NOT_FOUND;
    const body = this.history(branch).slice(0, most);
    return { status: 200, body: body.map(({ sha, message }) => ({ sha, commit: { message } })) };
  }

  getTree(commit: string): Answer {
    const tree = this.trees.get(this.commits.get(commit)?.tree ?? '');
    if (!tree) return NOT_FOUND;
    return {
      status: 200,
      body: { tree: [...tree.values()].map((content) => ({ type: 'blob', sha: blobId(content) })) },
    };
  }

  createBlob({ content }: { content: string }): Answer {
    const bytes = new Uint8Array(Buffer.from(content, 'base64'));
    const sha = blobId(bytes);
    this.#blobs.set(sha, bytes);
    return { status: 201, body: { sha } };
  }

  createTree({ tree }: { tree: { path: string; sha?: string; content?: string }[] }): Answer {
    const files = new Map<string, Uint8Array>();
    for (const { path, sha, content } of tree) {
      const bytes = content === undefined ? this.#blobs.get(sha ?? '') : new TextEncoder().encode(content);
      if (!bytes) return UNPROCESSABLE;
      this.#blobs.set(blobId(bytes), bytes);
      files.set(path, bytes);
    }
    const sha = treeId(new Map([...files].map(([path, bytes]) => [path, blobId(bytes)])));
    if (sha === null) return UNPROCESSABLE;
    this.trees.set(sha, files);
    return { status: 201, body: { sha } };
  }

  createCommit(commit: Omit<Commit, 'sha'>): Answer {
    const { message, tree, parents } = commit;
    if (!this.trees.has(tree) || !parents.every((sha) => this.commits.has(sha))) return UNPROCESSABLE;
    const sha = createHash('sha1').update(JSON.stringify(commit)).digest('hex');
    this.commits.set(sha, { sha, message, tree, parents });
    return { status: 201, body: { sha } };
  }

  createBranch({ ref, sha }: { ref: string; sha: string }): Answer {
    const branch = ref.replace(/^refs\/heads\//, '');
    if (this.branches.has(branch) || !this.commits.has(sha)) return UNPROCESSABLE;
    this.branches.set(branch, sha);
    return { status: 201, body: {} };
  }

  moveBranch(branch: string, sha: string): Answer {
    const head = this.branches.get(branch);
    let at: string | undefined = sha;
    while (at !== undefined && at !== head) at = this.commits.get(at)?.parents[0];
    if (head === undefined || at === undefined) return UNPROCESSABLE;
    this.branches.set(branch, sha);
    return { status: 200, body: {} };
  }
}

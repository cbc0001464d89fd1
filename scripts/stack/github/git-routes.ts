/** The routes of the git data API, and the list of commits. */
import { z } from 'zod';
import { GitFailed } from './git.ts';
import { type Call, Refusal, type Route } from './http.ts';
import type { Commit, Person, Repository } from './repository.ts';

const shaSchema = z.string().regex(/^[0-9a-f]{40}$/);

const blobSchema = z.strictObject({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).default('utf-8') });

const treeSchema = z.strictObject({
  tree: z
    .array(
      z
        .strictObject({
          path: z.string().regex(/^[^\0]+$/),
          mode: z.enum(['100644', '100755']),
          type: z.literal('blob').default('blob'),
          sha: shaSchema.optional(),
          content: z.string().optional(),
        })
        .refine(({ sha, content }) => (sha === undefined) !== (content === undefined), 'needs either sha or content'),
    )
    .min(1),
});

const personSchema = z.strictObject({
  name: z.string().regex(/[^\s<>]/),
  email: z.string().min(1),
  date: z.iso.datetime({ offset: true }).optional(),
});

const commitSchema = z.strictObject({
  message: z.string().regex(/^[^\0]+$/),
  tree: shaSchema,
  parents: z.array(shaSchema).default([]),
  author: personSchema.optional(),
  committer: personSchema.optional(),
});

const newRefSchema = z.strictObject({ ref: z.string().regex(/^refs\/heads\/./), sha: shaSchema });
const movedRefSchema = z.strictObject({ sha: shaSchema, force: z.literal(false).default(false) });
const pageSchema = z.strictObject({
  sha: z.string().optional(),
  per_page: z.coerce.number().int().min(1).max(100).default(30),
  page: z.coerce.number().int().min(1).default(1),
});

/** A field that the schema does not have is refused by its name. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw new Refusal(422, `Invalid request, or more than the stand-in supports: ${problems.join('; ')}`);
}

export function parseQuery<T extends z.ZodType>(schema: T, query: URLSearchParams): z.output<T> {
  return parseBody(schema, Object.fromEntries(query));
}

export function gitRoutes(repository: Repository, now: () => number): Route[] {
  const read = ['contents', 'read'] as const;
  const write = ['contents', 'write'] as const;
  return [
    { method: 'POST', path: 'git/blobs', needs: write, handle: (call) => createBlob(repository, call) },
    { method: 'GET', path: 'git/blobs/{sha}', needs: read, handle: (call) => getBlob(repository, call) },
    { method: 'POST', path: 'git/trees', needs: write, handle: (call) => createTree(repository, call) },
    { method: 'GET', path: 'git/trees/{sha}', needs: read, handle: (call) => getTree(repository, call) },
    { method: 'POST', path: 'git/commits', needs: write, handle: (call) => createCommit(repository, call, now) },
    { method: 'GET', path: 'git/commits/{sha}', needs: read, handle: (call) => getCommit(repository, call) },
    { method: 'GET', path: 'git/ref/{ref…}', needs: read, handle: (call) => getRef(repository, call) },
    { method: 'POST', path: 'git/refs', needs: write, handle: (call) => createRef(repository, call) },
    { method: 'PATCH', path: 'git/refs/{ref…}', needs: write, handle: (call) => updateRef(repository, call) },
    { method: 'GET', path: 'commits', needs: read, handle: (call) => listCommits(repository, call) },
  ];
}

async function createBlob(repository: Repository, { body }: Call) {
  const { content, encoding } = parseBody(blobSchema, body);
  const sha = await repository.writeBlob(Buffer.from(content, encoding));
  return { status: 201, body: { sha, url: `git/blobs/${sha}` } };
}

async function getBlob(repository: Repository, { params: [sha = ''] }: Call) {
  const content = await repository.readBlob(checkSha(sha)).catch(notFound);
  return { status: 200, body: { sha, size: content.length, encoding: 'base64', content: content.toString('base64') } };
}

async function createTree(repository: Repository, { body }: Call) {
  const { tree: entries } = parseBody(treeSchema, body);
  const inline = entries.filter(({ content }) => content !== undefined);
  const written = await repository.writeBlobs(inline.map(({ content }) => content ?? ''));
  const shas = new Map(inline.map((entry, i) => [entry, written[i] ?? '']));
  const complete = entries.map((entry) => ({ ...entry, sha: entry.sha ?? shas.get(entry) ?? '' }));
  const sha = await repository.writeTree(complete).catch(unprocessable('a path is invalid, or an object is missing'));
  return { status: 201, body: await describeTree(repository, sha, false) };
}

async function getTree(repository: Repository, { params: [revision = ''], query }: Call) {
  return { status: 200, body: await describeTree(repository, revision, query.has('recursive')) };
}

async function describeTree(repository: Repository, revision: string, recursive: boolean) {
  const tree = await repository.readTree(revision, recursive);
  if (!tree) throw new Refusal(404, 'Not Found');
  const entries = tree.entries.map(({ size, ...entry }) => ({ ...entry, ...(size === null ? {} : { size }) }));
  return { sha: tree.sha, truncated: false, tree: entries };
}

async function createCommit(repository: Repository, { body }: Call, now: () => number) {
  const { message, tree, parents, author, committer } = parseBody(commitSchema, body);
  if ((await repository.readTree(tree, false))?.sha !== tree) throw new Refusal(422, 'Tree SHA does not exist');
  for (const parent of parents) {
    if ((await repository.resolve(`${parent}^{commit}`)) !== parent)
      throw new Refusal(422, 'Parent SHA does not exist');
  }
  const owner = { name: 'Local', email: 'local@permaframe.invalid' };
  const authored = toPerson(author ?? owner, now);
  const committed = committer ? toPerson(committer, now) : authored;
  const commit = { tree, parents, author: authored, committer: committed, message };
  const sha = await repository.writeCommit(commit).catch(unprocessable('the commit is malformed'));
  return { status: 201, body: describeCommit({ ...commit, sha }) };
}

async function getCommit(repository: Repository, { params: [sha = ''] }: Call) {
  return { status: 200, body: describeCommit(await repository.readCommit(checkSha(sha)).catch(notFound)) };
}

async function listCommits(repository: Repository, { query }: Call) {
  const { sha = 'HEAD', per_page, page } = parseQuery(pageSchema, query);
  const head = await repository.resolve(`${sha}^{commit}`);
  if (head === null) throw new Refusal(404, 'Not Found');
  const commits = await repository.log(head, per_page, (page - 1) * per_page);
  const body = commits.map((commit) => {
    const { sha: id, parents, ...rest } = describeCommit(commit);
    return { sha: id, parents, commit: rest };
  });
  return { status: 200, body };
}

async function getRef(repository: Repository, { params: [name = ''] }: Call) {
  const ref = `refs/${name}`;
  const sha = await repository.readRef(ref);
  if (sha === null) throw new Refusal(404, 'Not Found');
  return { status: 200, body: describeRef(ref, sha) };
}

async function createRef(repository: Repository, { body }: Call) {
  const { ref, sha } = parseBody(newRefSchema, body);
  if (!(await repository.isRefName(ref))) throw new Refusal(422, 'Reference name is invalid');
  await requireCommit(repository, sha);
  if ((await repository.moveRef(ref, sha, null)) === 'moved') throw new Refusal(422, 'Reference already exists');
  return { status: 201, body: describeRef(ref, sha) };
}

async function updateRef(repository: Repository, { params: [name = ''], body }: Call) {
  const ref = `refs/${name}`;
  const { sha } = parseBody(movedRefSchema, body);
  const head = await repository.readRef(ref);
  if (head === null) throw new Refusal(422, 'Reference does not exist');
  await requireCommit(repository, sha);
  const isForward = await repository.isAncestor(head, sha);
  if (!isForward || (await repository.moveRef(ref, sha, head)) === 'moved') {
    throw new Refusal(422, 'Update is not a fast forward');
  }
  return { status: 200, body: describeRef(ref, sha) };
}

async function requireCommit(repository: Repository, sha: string): Promise<void> {
  if ((await repository.resolve(`${sha}^{commit}`)) !== sha) throw new Refusal(422, 'Object does not exist');
}

function describeRef(ref: string, sha: string) {
  return { ref, object: { type: 'commit', sha } };
}

function describeCommit({ sha, tree, parents, author, committer, message }: Commit) {
  return {
    sha,
    message,
    tree: { sha: tree },
    parents: parents.map((parent) => ({ sha: parent })),
    author: describePerson(author),
    committer: describePerson(committer),
  };
}

function describePerson({ name, email, seconds }: Person) {
  return { name, email, date: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') };
}

function toPerson({ name, email, date }: z.infer<typeof personSchema>, now: () => number): Person {
  return { name, email, seconds: Math.floor((date === undefined ? now() : Date.parse(date)) / 1000) };
}

function checkSha(sha: string): string {
  if (!shaSchema.safeParse(sha).success) throw new Refusal(422, 'The sha parameter must be exactly 40 characters');
  return sha;
}

function notFound(error: unknown): never {
  if (error instanceof GitFailed) throw new Refusal(404, 'Not Found');
  throw error;
}

function unprocessable(message: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof GitFailed) throw new Refusal(422, `${message} (${error.message})`);
    throw error;
  };
}

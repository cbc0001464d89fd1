/** The stand-in for GitHub on a temporary folder, and an adapter that speaks to it. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitHub, type GitHub, type GitHubOptions, type SnapshotToCommit } from '../../action/adapters/github.ts';
import { sha256Hex } from '../../action/contract/hash.ts';
import { snapshotHash } from '../../action/contract/snapshot-hash.ts';
import { type GitHubStandIn, type GitHubStandInOptions, startGitHub } from '../../scripts/stack/github/github.ts';

export const TEST_TOKEN = 'ghp_testtokentesttokentesttoken';
export const TEST_REPOSITORY = 'local/studio';

/** A workflow as short as can be that has the triggers and the name of the real one. */
export const TEST_WORKFLOW = `name: Publish
run-name: >-
  Publish \${{ github.event.client_payload.thread || inputs.thread }}
  v\${{ github.event.client_payload.version || inputs.version }}
  (\${{ github.event.client_payload.publish || 'by hand' }})
on:
  repository_dispatch:
    types: [permaframe-publish]
  workflow_dispatch:
    inputs:
      thread: { required: true, type: string }
      version: { required: true, type: string }
      dry: { type: boolean, default: false }
permissions: {}
jobs:
  page:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`;

export interface TestGitHub extends AsyncDisposable {
  standIn: GitHubStandIn;
  github: GitHub;
  stateFolder: string;
  /** What git prints about the stand-in's repository. */
  git(...args: string[]): string;
  /** Ends the stand-in and starts another one on the same folder. `between` happens while there is none. */
  restart(between?: () => Promise<void>): Promise<void>;
}

type Options = Partial<GitHubStandInOptions> & { adapter?: GitHubOptions };

export async function startTestGitHub({ adapter, ...options }: Options = {}): Promise<TestGitHub> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-github-'));
  const start = () =>
    startGitHub({
      stateFolder,
      port: 0,
      token: TEST_TOKEN,
      repository: TEST_REPOSITORY,
      files: [{ path: '.github/workflows/publish.yml', content: TEST_WORKFLOW }],
      execute: async () => 'success',
      ...options,
    });
  const connect = (standIn: GitHubStandIn) =>
    createGitHub(
      { apiUrl: standIn.apiUrl, repository: TEST_REPOSITORY, auth: { kind: 'token', token: TEST_TOKEN } },
      { ...adapter, retry: { baseDelayMilliseconds: 5, ...adapter?.retry } },
    );
  let standIn = await start();
  const test: TestGitHub = {
    standIn,
    github: connect(standIn),
    stateFolder,
    git: (...args) => execFileSync('git', args, { cwd: standIn.repositoryFolder, encoding: 'utf8' }).trimEnd(),
    async restart(between) {
      await standIn[Symbol.asyncDispose]();
      await between?.();
      standIn = await start();
      Object.assign(test, { standIn, github: connect(standIn) });
    },
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
  return test;
}

/** A version with these files, ready to be committed. */
export async function snapshotOf(
  contents: Record<string, string | Uint8Array>,
  fields: Partial<SnapshotToCommit> = {},
): Promise<SnapshotToCommit> {
  const files = await Promise.all(
    Object.entries(contents).map(async ([path, content]) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      return { path, sha256: await sha256Hex(bytes), bytes: bytes.byteLength, read: async () => bytes };
    }),
  );
  return {
    thread: 'launch',
    version: 1,
    publish: 'publish1',
    title: 'Launch film',
    author: { name: 'Ada Lovelace', email: 'ada@example.com' },
    savedAt: Date.UTC(2026, 10, 20, 12, 0, 0),
    files,
    snapshotHash: await snapshotHash(files),
    ...fields,
  };
}

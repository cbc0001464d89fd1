/** What `build` and `share` have in common: snapshot, compiler, runtime, and a clock on each stage. */

import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { createCompiler } from '../action/adapters/esbuild.ts';
import { readFolder } from '../action/adapters/folder.ts';
import { readCommit } from '../action/adapters/git.ts';
import { openRuntime } from '../action/adapters/runtime.ts';
import { parseStoreConfig, type StoreConfig } from '../action/adapters/store-config.ts';
import { PermaframeError } from '../action/contract/errors.ts';
import { isName, parseVersion, toName } from '../action/contract/ids.ts';
import type { Stage } from '../action/core/ports.ts';
import type { BuildTools } from '../action/core/publish.ts';
import type { Snapshot } from '../action/core/snapshot.ts';
import { renderPage } from '../site-template/page/render-page.ts';
import type { CommandContext } from './command.ts';
import { ensureRuntime } from './runtime-cache.ts';

/** Wall-clock time of each stage, and of all together, in milliseconds. */
export type Timings = Partial<Record<Stage, number>> & { total: number };

export interface Pipeline extends AsyncDisposable {
  snapshot: Snapshot;
  tools: BuildTools;
  timings(): Timings;
}

/** Options of `build` and `share` that say what is built, and as what. */
export const PLACE_OPTIONS = {
  thread: { type: 'string' },
  project: { type: 'string' },
  version: { type: 'string' },
  commit: { type: 'string' },
} as const;

export interface PlaceOptions {
  thread?: string | undefined;
  project?: string | undefined;
  version?: string | undefined;
  commit?: string | undefined;
}

/** Reads the snapshot while the compiler's process starts. */
export async function startPipeline(
  folder: string,
  commit: string | undefined,
  { terminal, signal }: CommandContext,
): Promise<Pipeline> {
  const begin = performance.now();
  const spent: Partial<Record<Stage, number>> = {};
  const stage = async <T>(name: Stage, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      spent[name] = Math.round((spent[name] ?? 0) + performance.now() - start);
    }
  };
  const runtime = await openRuntime(await ensureRuntime((line) => terminal.progress(line)));
  const compiler = createCompiler(runtime);
  try {
    const snapshot = await stage('read', () => readSnapshot(folder, commit));
    return {
      snapshot,
      tools: { compiler, runtime, renderPage, stage, signal },
      timings: () => ({ ...spent, total: Math.round(performance.now() - begin) }),
      [Symbol.asyncDispose]: () => compiler[Symbol.asyncDispose](),
    };
  } catch (error) {
    await compiler[Symbol.asyncDispose]();
    throw error;
  }
}

/** The project as it is on disk, or in a commit. */
export function readSnapshot(folder: string, commit: string | undefined): Promise<Snapshot> {
  return commit === undefined ? readFolder(folder) : readAt(folder, commit);
}

/** The folder as it is in a commit of the repository that it lies in. */
async function readAt(folder: string, commit: string): Promise<Snapshot> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new PermaframeError('FOLDER_UNREADABLE', `${folder} is not a folder`);
  let root: string;
  try {
    const output = execFileSync('git', ['rev-parse', '--show-toplevel'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    root = output.toString().trim();
  } catch (cause) {
    throw new PermaframeError('COMMIT_UNREADABLE', `${folder} is not in a git repository`, { cause });
  }
  return readCommit({ repository: root, revision: commit, folder: relative(root, resolve(folder)) });
}

/** @throws PermaframeError USAGE for a name or version that cannot be one */
export function readPlace(
  folder: string,
  options: PlaceOptions,
): { thread: string; project: string; version?: number } {
  const own = toName(basename(resolve(folder)));
  const thread = options.thread ?? own;
  if (thread === null) throw new PermaframeError('USAGE', 'the folder has no name to call the thread by; use --thread');
  const project = options.project ?? thread;
  for (const [option, name] of Object.entries({ thread, project })) {
    if (!isName(name)) {
      const rule = 'must be 1 to 63 characters of a-z, 0-9 and "-", and must not begin with "-"';
      throw new PermaframeError('USAGE', `--${option} ${rule}`);
    }
  }
  if (options.version === undefined) return { thread, project };
  const version = parseVersion(options.version);
  if (version === null) throw new PermaframeError('USAGE', '--version must be a whole number from 1');
  return { thread, project, version };
}

/** @throws PermaframeError CONFIG_INVALID */
export function readPublicUrl(env: CommandContext['env']): string {
  const text = env.PERMAFRAME_PUBLIC_URL ?? '';
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new PermaframeError('CONFIG_INVALID', 'PERMAFRAME_PUBLIC_URL must be an http(s) address without a path');
  }
  return url.origin;
}

/** @throws PermaframeError CONFIG_INVALID, naming the setting */
export function readStoreConfig(env: CommandContext['env']): StoreConfig {
  return parseStoreConfig({
    endpoint: env.PERMAFRAME_S3_ENDPOINT,
    bucket: env.PERMAFRAME_S3_BUCKET,
    accessKeyId: env.PERMAFRAME_S3_ACCESS_KEY_ID,
    secretAccessKey: env.PERMAFRAME_S3_SECRET_ACCESS_KEY,
  });
}

/** Where a built tree is put, for messages: relative when that is shorter. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && !short.startsWith('..') ? join('.', short) : path;
}

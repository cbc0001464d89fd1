/** `permaframe build <folder> --out <dir>`: the artifact tree on disk. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PermaframeError } from '../../action/contract/errors.ts';
import { compareText } from '../../action/contract/hash.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import type { ArtifactFileEntry } from '../../action/contract/meta.ts';
import type { Artifact } from '../../action/core/compose.ts';
import type { Runtime } from '../../action/core/ports.ts';
import { buildArtifact } from '../../action/core/publish.ts';
import { type Command, readArguments } from '../command.ts';
import { formatMilliseconds, printWarnings } from '../output.ts';
import { displayPath, PLACE_OPTIONS, readPlace, startPipeline } from '../pipeline.ts';

/** Stands in the page when nobody says where it will be served. */
const DEFAULT_PUBLIC_URL = 'https://share.example.com';

const HELP = `Usage: permaframe build <folder> --out <dir> [options]

Writes the artifact of a project as a tree of files: artifacts/, projects/ and the part of runtime/ that it needs.
Nothing is uploaded. The tree is put in place as a whole; <dir> must not exist, or be empty, or be an earlier tree.

  --out <dir>          where the tree goes
  --thread <name>      name in the link; the folder's name otherwise
  --project <name>     shares unchanged scenes with other threads; the thread's name otherwise
  --version <number>   1 otherwise
  --commit <revision>  the folder as it is in that commit, instead of on disk
  --public-url <url>   where the edge will serve it; ${DEFAULT_PUBLIC_URL} otherwise
  --json               print one JSON document: {artifactHash, files: [{key, bytes, sha256, contentType}], warnings, timings}

Exit code: 0 done, 1 your mistake, 2 the system's.
`;

const OPTIONS = { ...PLACE_OPTIONS, out: { type: 'string' }, 'public-url': { type: 'string' } } as const;

export const command: Command = {
  help: HELP,
  async run(args, context) {
    const { operand: folder, options } = readArguments(args, 'folder', OPTIONS);
    if (options.out === undefined) throw new PermaframeError('USAGE', '--out is needed');
    const out = resolve(options.out);
    await checkTarget(out);
    const publicUrl = readPublicUrlOption(options['public-url'] ?? DEFAULT_PUBLIC_URL);
    const place = { version: 1, ...readPlace(folder, options), publicUrl };
    await using pipeline = await startPipeline(folder, options.commit, context);
    const artifact = await buildArtifact(pipeline.snapshot, place, pipeline.tools);
    await writeTree(artifact, pipeline.tools.runtime, out);
    printWarnings(artifact.warnings, context.terminal);
    const files = [...artifact.meta.files, entryOf(artifact)].sort((a, b) => compareText(a.key, b.key));
    const timings = pipeline.timings();
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      json: { artifactHash: artifact.hash, files, warnings: artifact.warnings, timings },
      lines: [
        `${displayPath(out)}: ${files.length} files, ${formatBytes(bytes)}, in ${formatMilliseconds(timings.total)}`,
        `artifact ${artifact.hash}`,
      ],
    };
  },
};

function entryOf({ mark: { key, bytes, sha256, contentType } }: Artifact): ArtifactFileEntry {
  return { key, bytes, sha256, contentType };
}

function readPublicUrlOption(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new PermaframeError('USAGE', '--public-url must be an http(s) address without a path');
  }
  return url.origin;
}

const TREE_FOLDERS = ['artifacts', 'projects', 'runtime'];

/** A folder with anything in it that is not ours is never replaced. */
async function checkTarget(out: string): Promise<void> {
  if (!existsSync(out)) return;
  const names = await readdir(out).catch(() => null);
  const stranger = names?.find((name) => !TREE_FOLDERS.includes(name));
  if (names === null) throw new PermaframeError('USAGE', `--out ${displayPath(out)} is not a folder`);
  if (stranger === undefined) return;
  throw new PermaframeError(
    'USAGE',
    `--out ${displayPath(out)} holds ${stranger}, which is not part of an artifact tree`,
  );
}

/** Written beside the target and moved there, so that nobody sees half a tree. */
async function writeTree(artifact: Artifact, runtime: Runtime, out: string): Promise<void> {
  await mkdir(dirname(out), { recursive: true });
  const draft = await mkdtemp(`${out}.draft-`);
  try {
    const write = async (key: string, body: Uint8Array): Promise<void> => {
      await mkdir(dirname(join(draft, key)), { recursive: true });
      await writeFile(join(draft, key), body);
    };
    const runtimeKeys = [...artifact.runtimeFiles.map(({ key }) => key), runtime.manifestKey];
    await Promise.all([
      ...[...artifact.blobs, artifact.page, artifact.mark].map(({ key, body }) => write(key, body)),
      ...runtimeKeys.map(async (key) => write(key, await runtime.read(key))),
    ]);
    await rm(out, { recursive: true, force: true });
    await rename(draft, out);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

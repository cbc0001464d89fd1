/** `permaframe share <folder>`: publishes a folder and prints its link. */
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { checkStore, createObjectStore, createThreadControlStore } from '../../action/adapters/r2.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import { latestPath, pinnedPath } from '../../action/contract/links.ts';
import type { ThreadControlStore } from '../../action/core/ports.ts';
import { type PublishTools, type Shared, share, shareAs } from '../../action/core/publish.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { type Command, type CommandContext, type CommandResult, readArguments } from '../command.ts';
import { formatMilliseconds, printWarnings } from '../output.ts';
import {
  PLACE_OPTIONS,
  type PlaceOptions,
  readPlace,
  readPublicUrl,
  readSnapshot,
  readStoreConfig,
  startPipeline,
  type Timings,
} from '../pipeline.ts';

const HELP = `Usage: permaframe share <folder> [options]

Publishes a project and prints its permanent link. A folder that has not changed since the thread's newest version
answers with that version's link.

  --thread <name>      name in the link; the folder's name otherwise
  --project <name>     shares unchanged scenes with other threads; the thread's name otherwise
  --version <number>   publish as this version, straight into the store; the thread's next one otherwise
  --commit <revision>  the folder as it is in that commit, instead of on disk
  --json               print one JSON document:
                       {url, latestUrl, thread, version, artifactHash, uploaded, skipped, timings}

Settings, from the environment (npm start writes those of the local stack to .permaframe/stack.env, which is read
when they are not set).

Through the control plane, which commits the snapshot and lets GitHub Actions publish it:

  PERMAFRAME_CONVEX_URL            address of the control plane
  PERMAFRAME_TOKEN                 signs you in

Straight into the store, without one:

  PERMAFRAME_PUBLIC_URL            where the edge serves: https://share.example.com
  PERMAFRAME_S3_ENDPOINT           the store's S3 address, without the bucket
  PERMAFRAME_S3_BUCKET             its bucket
  PERMAFRAME_S3_ACCESS_KEY_ID      credentials that may read and write it
  PERMAFRAME_S3_SECRET_ACCESS_KEY

Exit code: 0 done, 1 your mistake, 2 the system's.
`;

export const command: Command = {
  help: HELP,
  async run(args, context) {
    const { operand: folder, options } = readArguments(args, 'folder', PLACE_OPTIONS);
    const { version, ...place } = readPlace(folder, options);
    if (context.env.PERMAFRAME_CONVEX_URL === undefined) return shareIntoStore(folder, options, context);
    if (version !== undefined)
      throw new PermaframeError('USAGE', 'the control plane counts versions; leave --version out');
    return shareThroughControlPlane(folder, options.commit, place, context);
  },
};

async function shareThroughControlPlane(
  folder: string,
  commit: string | undefined,
  place: { thread: string; project: string },
  { env, signal, terminal }: CommandContext,
): Promise<CommandResult> {
  const begin = performance.now();
  const convexUrl = env.PERMAFRAME_CONVEX_URL ?? '';
  const token = env.PERMAFRAME_TOKEN ?? '';
  if (!URL.canParse(convexUrl)) throw new PermaframeError('CONFIG_INVALID', 'PERMAFRAME_CONVEX_URL must be an address');
  if (token === '') throw new PermaframeError('CONFIG_INVALID', 'PERMAFRAME_TOKEN is not set');
  const snapshot = await readSnapshot(folder, commit);
  const { shareByControlPlane } = await import('../share-by-control-plane.ts');
  const onState = (state: string): void =>
    terminal.progress(`${formatMilliseconds(performance.now() - begin)} ${state}`);
  const shared = await shareByControlPlane(snapshot, { convexUrl, token, ...place, onState, signal });
  const { publish, version, isUnchanged, saveMilliseconds } = shared;
  const total = Math.round(performance.now() - begin);
  const { artifactHash, uploaded, skipped, uploadedBytes } = publish.result ?? NOTHING;
  const what = isUnchanged
    ? `Version ${version} has this content already`
    : `Version ${version}: ${uploaded} objects uploaded (${formatBytes(uploadedBytes)}), ${skipped} were there`;
  return {
    json: {
      url: publish.url,
      latestUrl: publish.latestUrl,
      thread: place.thread,
      version,
      artifactHash,
      uploaded: isUnchanged ? 0 : uploaded,
      skipped: isUnchanged ? 0 : skipped,
      timings: { ...publish.timings, save: saveMilliseconds, total },
    },
    lines: [publish.url ?? '', `${what}, in ${formatMilliseconds(total)}.`],
  };
}

const NOTHING = { artifactHash: null, uploaded: 0, skipped: 0, uploadedBytes: 0 };

async function shareIntoStore(folder: string, options: PlaceOptions, context: CommandContext): Promise<CommandResult> {
  const { version, ...thread } = readPlace(folder, options);
  const publicUrl = readPublicUrl(context.env);
  const config = readStoreConfig(context.env);
  // Wrong settings should be known before any work, and asking takes no longer than reading the folder.
  const checked = checkStore(config);
  checked.catch(() => {});
  await using pipeline = await startPipeline(folder, options.commit, context);
  await checked;
  using store = createObjectStore(config);
  using controls = createThreadControlStore(config);
  const tools = { ...pipeline.tools, store, controls, encode: encodeBrotli };
  const place = { ...thread, publicUrl };
  const shared = await shareIt(pipeline.snapshot, place, version, tools);
  if (shared.kind === 'published') printWarnings(shared.artifact.warnings, context.terminal);
  return report(shared, place, pipeline.timings());
}

function shareIt(
  snapshot: Snapshot,
  place: { thread: string; project: string; publicUrl: string },
  version: number | undefined,
  tools: PublishTools & { controls: ThreadControlStore },
): Promise<Shared> {
  return version === undefined ? share(snapshot, place, tools) : shareAs(snapshot, { ...place, version }, tools);
}

function report(shared: Shared, place: { thread: string; publicUrl: string }, timings: Timings) {
  const { thread, publicUrl } = place;
  const url = `${publicUrl}${pinnedPath(thread, shared.version)}`;
  const latestUrl = `${publicUrl}${latestPath(thread)}`;
  const isNew = shared.kind === 'published' && shared.outcome.kind === 'created';
  const { uploaded, skipped, uploadedBytes } =
    shared.kind === 'published' && shared.outcome.kind === 'created'
      ? shared.outcome
      : { uploaded: 0, skipped: 0, uploadedBytes: 0 };
  const artifactHash = shared.kind === 'published' ? shared.artifact.hash : shared.artifactHash;
  const what = isNew
    ? `Version ${shared.version}: ${uploaded} objects uploaded (${formatBytes(uploadedBytes)}), ${skipped} were there`
    : `Version ${shared.version} has this content already`;
  return {
    json: { url, latestUrl, thread, version: shared.version, artifactHash, uploaded, skipped, timings },
    lines: [url, `${what}, in ${formatMilliseconds(timings.total)}.`],
  };
}

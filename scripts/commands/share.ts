/** `permaframe share <folder>`: publishes a folder and prints its link. */
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { locateInSnapshot } from '../../action/adapters/esbuild.ts';
import { checkStore, createObjectStore, createThreadControlStore } from '../../action/adapters/r2.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import { latestPath, pinnedPath } from '../../action/contract/links.ts';
import type { Manifest } from '../../action/contract/manifest.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import type { VideoRequest } from '../../action/contract/video.ts';
import type { ThreadControlStore } from '../../action/core/ports.ts';
import { type PublishTools, type Shared, share, shareAs } from '../../action/core/publish.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { type Command, type CommandContext, type CommandResult, readArguments } from '../command.ts';
import { readControlPlane } from '../control-plane-client.ts';
import { linkTo } from '../link.ts';
import { formatMilliseconds, printWarnings } from '../output.ts';
import {
  PLACE_OPTIONS,
  readPlace,
  readPublicUrl,
  readSnapshot,
  readStoreConfig,
  startPipeline,
  type Timings,
} from '../pipeline.ts';
import { renderIntoStore } from '../video/into-store.ts';
import { findRenderMachine, RENDER_SETTINGS_HELP } from '../video/machine.ts';
import { readVideoRequests, refuseVideoOptions, VIDEO_OPTIONS, VIDEO_OPTIONS_HELP } from '../video/options.ts';
import { specifyAll } from '../video/render-here.ts';
import { describeWatched, type VideoDescription, videoLines } from '../video/report.ts';

const HELP = `Usage: permaframe share <folder> [options]

Publishes a project and prints its permanent link. A folder that has not changed since the thread's newest version
answers with that version's link.

  --thread <name>      name in the link; the folder's name otherwise
  --project <name>     shares unchanged scenes with other threads; the thread's name otherwise
  --version <number>   publish as this version, straight into the store; the thread's next one otherwise
  --commit <revision>  the folder as it is in that commit, instead of on disk
  --video <formats>    then make videos of it: mp4, webm, gif, or several with commas between them. The link is
                       printed before, as soon as it is live
${VIDEO_OPTIONS_HELP}
  --json               print one JSON document:
                       {url, latestUrl, thread, version, artifactHash, uploaded, skipped, timings}, and with --video
                       also videos

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
${RENDER_SETTINGS_HELP}

Exit code: 0 done, 1 your mistake, 2 the system's.
`;

const OPTIONS = { ...PLACE_OPTIONS, ...VIDEO_OPTIONS } as const;

interface Asked {
  folder: string;
  commit: string | undefined;
  thread: string;
  project: string;
  version?: number;
  /** Videos to be made of it; none, where nobody asked. */
  requests: VideoRequest[];
  /** Whether one JSON document is all that may be printed. */
  json: boolean;
}

export const command: Command = {
  help: HELP,
  async run(args, context) {
    const { operand: folder, options } = readArguments(args, 'folder', OPTIONS);
    if (options.video === undefined) refuseVideoOptions(options);
    const requests = options.video === undefined ? [] : readVideoRequests(options.video, options);
    const place = readPlace(folder, options);
    const asked = { folder, commit: options.commit, ...place, requests, json: options.json === true };
    if (context.env.PERMAFRAME_CONVEX_URL === undefined) return shareIntoStore(asked, context);
    if (place.version !== undefined)
      throw new PermaframeError('USAGE', 'the control plane counts versions; leave --version out');
    return shareThroughControlPlane(asked, context);
  },
};

async function shareThroughControlPlane(asked: Asked, context: CommandContext): Promise<CommandResult> {
  const begin = performance.now();
  const { env, signal, terminal } = context;
  const { folder, commit, thread, project, requests } = asked;
  const controlPlane = readControlPlane(env, signal);
  const snapshot = await readSnapshot(folder, commit);
  refuseImpossible(snapshot.manifest, requests);
  const { shareByControlPlane } = await import('../share-by-control-plane.ts');
  const onState = (state: string): void =>
    terminal.progress(`${formatMilliseconds(performance.now() - begin)} ${state}`);
  const order = { ...controlPlane, thread, project, videos: requests, onState };
  const { publish, version, isUnchanged, saveMilliseconds } = await shareByControlPlane(snapshot, order);
  const total = Math.round(performance.now() - begin);
  const { artifactHash, uploaded, skipped, uploadedBytes } = publish.result ?? NOTHING;
  const what = isUnchanged
    ? `Version ${version} has this content already`
    : `Version ${version}: ${uploaded} objects uploaded (${formatBytes(uploadedBytes)}), ${skipped} were there`;
  const shared = {
    json: {
      url: publish.url,
      latestUrl: publish.latestUrl,
      thread,
      version,
      artifactHash,
      uploaded: isUnchanged ? 0 : uploaded,
      skipped: isUnchanged ? 0 : skipped,
      timings: { ...publish.timings, save: saveMilliseconds, total },
    },
    lines: [publish.url ?? '', `${what}, in ${formatMilliseconds(total)}.`],
  };
  return withVideos(shared, asked, context, async () => {
    const { renderByControlPlane } = await import('../video/render-by-control-plane.ts');
    const { progress } = terminal;
    const videos = { ...controlPlane, thread, version, requests, publish: publish.publish, progress };
    return (await renderByControlPlane(videos)).map((watched) => describeWatched(watched, null, null));
  });
}

const NOTHING = { artifactHash: null, uploaded: 0, skipped: 0, uploadedBytes: 0 };

async function shareIntoStore(asked: Asked, context: CommandContext): Promise<CommandResult> {
  const { version, thread, project, requests } = asked;
  const { env, signal, terminal } = context;
  const publicUrl = readPublicUrl(env);
  const config = readStoreConfig(env);
  const machine = requests.length === 0 ? null : findRenderMachine(env);
  // Wrong settings should be known before any work, and asking takes no longer than reading the folder.
  const checked = checkStore(config);
  checked.catch(() => {});
  await using pipeline = await startPipeline(asked.folder, asked.commit, context);
  const { snapshot, tools } = pipeline;
  refuseImpossible(snapshot.manifest, requests);
  await checked;
  using store = createObjectStore(config);
  using controls = createThreadControlStore(config);
  const place = { thread, project, publicUrl };
  const shared = await shareIt(snapshot, place, version, { ...tools, store, controls, encode: encodeBrotli });
  if (shared.kind === 'published') printWarnings(shared.artifact.warnings, terminal);
  const result = report(shared, place, pipeline.timings());
  if (!machine) return result;
  return withVideos(result, asked, context, () => {
    const link = linkTo(publicUrl, thread, shared.version);
    const locate = (stack: string) => locateInSnapshot(snapshot, tools.runtime, stack, { signal });
    const { progress } = terminal;
    const here = { locate, sources: snapshot, env, progress, signal };
    return renderIntoStore({ link, requests, machine, config, store, out: null, ...here });
  });
}

/** The page is live before its videos are begun: whoever waits should have the link by now. */
async function withVideos(
  shared: { json: object; lines: string[] },
  { requests, json }: Asked,
  { terminal }: CommandContext,
  render: () => Promise<VideoDescription[]>,
): Promise<CommandResult> {
  if (requests.length === 0) return shared;
  for (const line of shared.lines) (json ? terminal.progress : terminal.print)(line);
  const videos = await render();
  return { json: { ...shared.json, videos }, lines: videos.flatMap(videoLines) };
}

/** What cannot become a video is not published first. */
function refuseImpossible(manifest: Manifest, requests: readonly VideoRequest[]): void {
  if (requests.length === 0) return;
  const isFilm = manifest.kind === 'storyboard';
  const film = isFilm ? { ...manifest, durationInFrames: placeScenes(manifest.scenes).durationInFrames } : null;
  specifyAll(film, manifest.title, requests);
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

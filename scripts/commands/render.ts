/** `permaframe render <url>`: makes a video of what a link shows. */
import { locateInSnapshot } from '../../action/adapters/esbuild.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import type { VideoRequest } from '../../action/contract/video.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { type Command, type CommandContext, readArguments } from '../command.ts';
import { readControlPlane } from '../control-plane-client.ts';
import { type PinnedLink, readAddress, resolveLink } from '../link.ts';
import { readPublicUrl, readSnapshot, readStoreConfig } from '../pipeline.ts';
import { ensureRuntime } from '../runtime-cache.ts';
import { makeOutFolder, type VideoFiles, writeVideoFiles } from '../video/files.ts';
import { renderIntoStore } from '../video/into-store.ts';
import { createLinkStore } from '../video/link-store.ts';
import { findRenderMachine, RENDER_SETTINGS_HELP } from '../video/machine.ts';
import { readVideoRequests, VIDEO_OPTIONS, VIDEO_OPTIONS_HELP } from '../video/options.ts';
import { type RenderHere, renderHere } from '../video/render-here.ts';
import { describeRendered, describeWatched, type VideoDescription, videoLines } from '../video/report.ts';

const HELP = `Usage: permaframe render <url> [options]

Makes a video of a published film, from the bytes that its link shows. What was rendered before is not rendered again.

  --video <formats>    mp4, webm, gif, or several with commas between them; mp4 otherwise
${VIDEO_OPTIONS_HELP}
  --out <folder>       write the video, its poster and a contact sheet of its scenes there
  --sources <folder>   the project: an error in a scene then says in which file and line
  --json               print one JSON document: {url, thread, version, videos, timings}

With a control plane or the credentials of the store, the video is attached to the version, and its page offers it.
Without either, it is rendered from what the link serves, and --out says where it goes. Settings, from the environment:

  PERMAFRAME_CONVEX_URL            with PERMAFRAME_TOKEN: asks the control plane, which lets GitHub Actions render
  PERMAFRAME_S3_ENDPOINT           and the others that share takes: renders here, and stores the result
${RENDER_SETTINGS_HELP}

Exit code: 0 done, 1 your mistake, 2 the system's.
`;

const OPTIONS = { ...VIDEO_OPTIONS, out: { type: 'string' }, sources: { type: 'string' } } as const;

interface Asked {
  link: PinnedLink;
  requests: VideoRequest[];
  /** An absolute path. */
  out: string | null;
  /** What the film was made from, where it is known. */
  sources: Snapshot | null;
}

export const command: Command = {
  help: HELP,
  async run(args, context) {
    const { operand, options } = readArguments(args, 'url', OPTIONS);
    const address = readAddress(operand);
    const requests = readVideoRequests(options.video ?? 'mp4', options);
    const out = options.out === undefined ? null : await makeOutFolder(options.out);
    const { PERMAFRAME_CONVEX_URL: convexUrl, PERMAFRAME_S3_ENDPOINT: endpoint } = context.env;
    if (out === null && convexUrl === undefined && endpoint === undefined) {
      throw new PermaframeError('USAGE', '--out is needed: there are no settings of a store to attach the video in');
    }
    const sources = options.sources === undefined ? null : await readSnapshot(options.sources, undefined);
    const begin = performance.now();
    const link = await resolveLink(address, { fetch, signal: context.signal });
    const asked = { link, requests, out, sources };
    const videos = await renderAs(asked, context);
    const { url, thread, version } = link;
    const timings = { total: Math.round(performance.now() - begin) };
    return { json: { url, thread, version, videos, timings }, lines: videos.flatMap(videoLines) };
  },
};

function renderAs(asked: Asked, context: CommandContext): Promise<VideoDescription[]> {
  if (context.env.PERMAFRAME_CONVEX_URL !== undefined) return throughControlPlane(asked, context);
  return context.env.PERMAFRAME_S3_ENDPOINT === undefined ? fromLink(asked, context) : intoStore(asked, context);
}

async function throughControlPlane(
  { link, requests, out }: Asked,
  { env, terminal, signal }: CommandContext,
): Promise<VideoDescription[]> {
  const { renderByControlPlane } = await import('../video/render-by-control-plane.ts');
  const { thread, version } = link;
  const order = { ...readControlPlane(env, signal), thread, version, requests, progress: terminal.progress };
  const served = createLinkStore(link, '', { fetch, signal });
  const videos: VideoDescription[] = [];
  for (const watched of await renderByControlPlane(order)) {
    const { video } = watched.render;
    const files = out && video ? await writeVideoFiles(link, video, out, (key) => served.get(key)) : null;
    videos.push(describeWatched(watched, link, files));
  }
  return videos;
}

async function intoStore({ link, out, ...asked }: Asked, context: CommandContext): Promise<VideoDescription[]> {
  const publicUrl = readPublicUrl(context.env);
  if (new URL(link.url).origin !== publicUrl) {
    throw new PermaframeError('USAGE', `${link.url} is not below PERMAFRAME_PUBLIC_URL, ${publicUrl}`);
  }
  const config = readStoreConfig(context.env);
  using store = createObjectStore(config);
  return await renderIntoStore({ ...hereWith(asked, context), link, out, config, store });
}

/** From what everybody can read, into a folder. */
async function fromLink({ link, out, ...asked }: Asked, context: CommandContext): Promise<VideoDescription[]> {
  const { thread, version } = link;
  const files: VideoFiles[] = [];
  const rendered = await renderHere({
    ...hereWith(asked, context),
    thread,
    version,
    openStore: (folder) => createLinkStore(link, folder, { fetch, signal: context.signal }),
    onVideo: async ({ video }, store) => {
      files.push(await writeVideoFiles(link, video, out ?? '', (key) => store.get(key, context.signal)));
    },
  });
  return rendered.map((each, index) => describeRendered(each, link, false, files[index] ?? null));
}

/** What rendering on this machine takes, wherever the video goes. */
function hereWith({ requests, sources }: Pick<Asked, 'requests' | 'sources'>, context: CommandContext) {
  const { env, terminal, signal } = context;
  const locate = sources === null ? undefined : locateIn(sources, signal);
  return { requests, machine: findRenderMachine(env), locate, sources, env, progress: terminal.progress, signal };
}

/** Of another snapshot than the one that was published, the places would be anywhere: none is named then. */
function locateIn(snapshot: Snapshot, signal: AbortSignal): RenderHere['locate'] {
  return async (stack, meta) => {
    if (snapshot.hash !== meta.snapshot) return null;
    const runtime = await openRuntime(await ensureRuntime(() => {}));
    return locateInSnapshot(snapshot, runtime, stack, { signal });
  };
}

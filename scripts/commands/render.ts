/** `permaframe render <url>`: makes a video of what a link shows. */
import { locateInSnapshot } from '../../action/adapters/esbuild.ts';
import { createObjectStore, createThreadControlStore } from '../../action/adapters/r2.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import type { Place } from '../../action/contract/diagnostics.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import type { VideoRequest } from '../../action/contract/video.ts';
import { type Command, type CommandContext, type CommandResult, readArguments } from '../command.ts';
import { type PinnedLink, readAddress, resolveLink } from '../link.ts';
import { readPublicUrl, readSnapshot, readStoreConfig } from '../pipeline.ts';
import { ensureRuntime } from '../runtime-cache.ts';
import { makeOutFolder, type VideoFiles, writeVideoFiles } from '../video/files.ts';
import { createLinkStore } from '../video/link-store.ts';
import { findRenderMachine, RENDER_SETTINGS_HELP } from '../video/machine.ts';
import { offerVideo, refuseIfGone } from '../video/offer.ts';
import { readVideoRequests, VIDEO_OPTIONS, VIDEO_OPTIONS_HELP } from '../video/options.ts';
import { type RenderedHere, renderHere } from '../video/render-here.ts';
import { describeVideo, videoLines } from '../video/report.ts';

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
  sources: string | undefined;
}

export const command: Command = {
  help: HELP,
  async run(args, context) {
    const { operand, options } = readArguments(args, 'url', OPTIONS);
    const address = readAddress(operand);
    const requests = readVideoRequests(options.video ?? 'mp4', options);
    const out = options.out === undefined ? null : await makeOutFolder(options.out);
    const hasStore = context.env.PERMAFRAME_S3_ENDPOINT !== undefined;
    if (out === null && !hasStore) {
      throw new PermaframeError('USAGE', '--out is needed: there are no settings of a store to attach the video in');
    }
    const link = await resolveLink(address, { fetch, signal: context.signal });
    const asked = { link, requests, out, sources: options.sources };
    return hasStore ? renderIntoStore(asked, context) : renderFromLink(asked, context);
  },
};

/** From what everybody can read, into a folder. */
async function renderFromLink(asked: Asked, context: CommandContext): Promise<CommandResult> {
  const begin = performance.now();
  const files: VideoFiles[] = [];
  const rendered = await renderHere({
    ...(await common(asked, context)),
    openStore: (folder) => createLinkStore(asked.link, folder, { fetch, signal: context.signal }),
    onVideo: async ({ video }, store) => {
      files.push(await writeVideoFiles(asked.link, video, asked.out ?? '', (key) => store.get(key, context.signal)));
    },
  });
  return report(asked, { rendered, files, isAttached: false }, begin);
}

async function renderIntoStore(asked: Asked, context: CommandContext): Promise<CommandResult> {
  const begin = performance.now();
  const { link, out } = asked;
  const publicUrl = readPublicUrl(context.env);
  if (new URL(link.url).origin !== publicUrl) {
    throw new PermaframeError('USAGE', `${link.url} is not below PERMAFRAME_PUBLIC_URL, ${publicUrl}`);
  }
  const config = readStoreConfig(context.env);
  using store = createObjectStore(config);
  using controls = createThreadControlStore(config);
  await refuseIfGone(controls, link);
  const files: VideoFiles[] = [];
  const rendered = await renderHere({
    ...(await common(asked, context)),
    openStore: () => store,
    onVideo: async ({ video }) => {
      await offerVideo(controls, link, video);
      if (out !== null) files.push(await writeVideoFiles(link, video, out, (key) => store.get(key, context.signal)));
    },
  });
  return report(asked, { rendered, files, isAttached: true }, begin);
}

async function common({ link, requests, sources }: Asked, { env, terminal, signal }: CommandContext) {
  const { thread, version } = link;
  const machine = findRenderMachine(env);
  const locate = sources === undefined ? undefined : locateIn(sources, signal);
  return { thread, version, requests, machine, locate, progress: terminal.progress, signal };
}

/** The folder may have changed since it was published: what is not there any more is not named. */
function locateIn(folder: string, signal: AbortSignal): (stack: string) => Promise<Place | null> {
  return async (stack) => {
    const runtime = await openRuntime(await ensureRuntime(() => {}));
    return locateInSnapshot(await readSnapshot(folder, undefined), runtime, stack, { signal });
  };
}

function report(
  { link }: Asked,
  done: { rendered: readonly RenderedHere[]; files: readonly VideoFiles[]; isAttached: boolean },
  begin: number,
): CommandResult {
  const { url, thread, version } = link;
  const videos = done.rendered.map((each, index) =>
    describeVideo(each, link, done.files[index] ?? null, done.isAttached),
  );
  const timings = { total: Math.round(performance.now() - begin) };
  return { json: { url, thread, version, videos, timings }, lines: videos.flatMap(videoLines) };
}

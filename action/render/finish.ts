/** Joins the chunks of a plan in the sandbox, and attaches the video. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RenderMachine, runJob } from '../adapters/render-machine.ts';
import { readProduced } from '../adapters/sandbox-output.ts';
import { PermaframeError } from '../contract/errors.ts';
import { chunkKey } from '../contract/keys.ts';
import { MAX_POSTER_BYTES, MAX_VIDEO_BYTES } from '../contract/limits.ts';
import type { AttachedVideo } from '../contract/video.ts';
import { eachOf } from '../core/each-of.ts';
import type { ObjectStore } from '../core/ports.ts';
import { storeVideo, type VideoProbe } from '../core/render/attach.ts';
import type { RenderPlan } from '../core/render/plan.ts';

export interface FinishTools {
  store: Pick<ObjectStore, 'create' | 'get'>;
  machine: RenderMachine;
  /** An empty folder, or none yet. */
  workFolder: string;
  onUploading?(): void;
  signal?: AbortSignal;
}

export interface Finished {
  video: AttachedVideo;
  probe: VideoProbe;
}

/**
 * All chunks have to be stored by now.
 * @throws PermaframeError RENDER_…, STORE_…; the signal's reason
 */
export async function finishVideo(plan: RenderPlan, tools: FinishTools): Promise<Finished> {
  const { machine, workFolder, signal } = tools;
  const { spec } = plan;
  const chunksFolder = join(workFolder, 'chunks');
  const outputFolder = join(workFolder, 'output');
  await Promise.all([chunksFolder, outputFolder].map((folder) => mkdir(folder, { recursive: true })));
  const chunks = await fetchChunks(plan, chunksFolder, tools);
  let probe: VideoProbe | null = null;
  const posterFrame = spec.posterFrame === null ? null : frameOfVideo(spec.posterFrame, plan);
  const job = { kind: 'combine' as const, spec, chunks, outputFolder, stills: plan.stills, posterFrame };
  await runJob(job, machine, {
    folder: outputFolder,
    readable: [chunksFolder],
    onMessage: (message) => {
      if (message.kind === 'combined') probe = message.probe;
    },
    ...(signal ? { signal } : {}),
  });
  if (!probe) throw new PermaframeError('RENDER_FAILED', 'the renderer ended without a video');
  tools.onUploading?.();
  const finished = {
    probe,
    video: await readProduced(outputFolder, `video.${spec.format}`, MAX_VIDEO_BYTES),
    poster: await readProduced(outputFolder, 'poster.jpg', MAX_POSTER_BYTES),
    sheet: await readProduced(outputFolder, 'sheet.jpg', MAX_POSTER_BYTES),
  };
  return { video: await storeVideo(plan, finished, tools), probe };
}

interface Rates {
  spec: Pick<RenderPlan['spec'], 'fps' | 'durationInFrames'>;
  meta: Pick<RenderPlan['meta'], 'fps'>;
}

/** @param frame of the film: at another rate the last one lies beyond the end of the video, or nearly so */
export function frameOfVideo(frame: number, { spec, meta }: Rates): number {
  return Math.min(spec.durationInFrames - 1, Math.round((frame * spec.fps) / meta.fps));
}

/** Chunks that are fetched at a time: each is in memory. */
const CONCURRENCY = 4;

async function fetchChunks({ meta, chunks }: RenderPlan, folder: string, { store, signal }: FinishTools) {
  return await eachOf(chunks, CONCURRENCY, async ({ key, extension, first, last }) => {
    const video = await store.get(chunkKey(meta.project, key, extension), signal);
    if (!video) throw new PermaframeError('RENDER_FAILED', `frames ${first} to ${last} are missing`);
    const audio = extension === 'mkv' ? null : await store.get(chunkKey(meta.project, key, 'wav'), signal);
    const paths = { video: join(folder, `${key}.${extension}`), audio: audio && join(folder, `${key}.wav`) };
    await writeFile(paths.video, video);
    if (audio && paths.audio) await writeFile(paths.audio, audio);
    return { ...paths, frames: last - first + 1 };
  });
}

/** Stores what was rendered, joins it, checks the result, and attaches it: the video itself comes last. */
import { CACHE_IMMUTABLE } from '../../contract/content-types.ts';
import { PermaframeError } from '../../contract/errors.ts';
import { sha256Hex } from '../../contract/hash.ts';
import { chunkKey, contactSheetKey, posterKey, videoKey } from '../../contract/keys.ts';
import { formatBytes, MAX_VIDEO_BYTES } from '../../contract/limits.ts';
import type { AttachedVideo, VideoFormat, VideoSpec } from '../../contract/video.ts';
import type { ObjectStore } from '../ports.ts';
import type { Chunk } from './chunks.ts';
import type { RenderPlan } from './plan.ts';

/** What ffprobe says of a finished video. */
export interface VideoProbe {
  codec: string;
  width: number;
  height: number;
  frames: number;
  /** In seconds. */
  duration: number;
  fps: number;
  /** Null: it has no sound. */
  audioCodec: string | null;
}

/** A rendered chunk with its content; hostile until it is joined and probed, and of no use to anything but its key. */
export interface ChunkContent {
  chunk: Chunk;
  video: Uint8Array;
  /** Null: nothing is heard in it. */
  audio: Uint8Array | null;
}

export interface FinishedVideo {
  video: Uint8Array;
  poster: Uint8Array;
  sheet: Uint8Array;
  probe: VideoProbe;
}

type Storing = { store: Pick<ObjectStore, 'create'>; signal?: AbortSignal };

/** Stores a chunk: first what is heard, then what is seen, which is the mark. One that is there already stays. */
export async function storeChunk(
  { chunk, video, audio }: ChunkContent,
  project: string,
  tools: Storing,
): Promise<void> {
  if (audio) await put(chunkKey(project, chunk.key, 'wav'), audio, 'audio/wav', tools);
  await put(chunkKey(project, chunk.key, chunk.extension), video, CHUNK_TYPES[chunk.extension], tools);
}

const CHUNK_TYPES = { ts: 'video/mp2t', webm: 'video/webm', mkv: 'video/x-matroska' } as const;
const VIDEO_TYPES = { mp4: 'video/mp4', webm: 'video/webm', gif: 'image/gif' } as const;

/**
 * Attaches a video to its version: poster and contact sheet first, because the video is the mark that all is there.
 * @throws PermaframeError RENDER_OUTPUT_INVALID when the video is not what was asked for; STORE_…
 */
export async function storeVideo(plan: RenderPlan, finished: FinishedVideo, tools: Storing): Promise<AttachedVideo> {
  const { meta, spec, renderKey } = plan;
  const problem = compareProbe(finished.probe, spec);
  if (problem !== null) throw new PermaframeError('RENDER_OUTPUT_INVALID', problem);
  await put(contactSheetKey(meta.thread, meta.version, renderKey), finished.sheet, 'image/jpeg', tools);
  await put(posterKey(meta.thread, meta.version, renderKey), finished.poster, 'image/jpeg', tools);
  const key = videoKey(meta.thread, meta.version, renderKey, spec.format);
  await put(key, finished.video, VIDEO_TYPES[spec.format], tools);
  const { format, width, height } = spec;
  return { key: renderKey, format, width, height, bytes: finished.video.byteLength };
}

async function put(key: string, body: Uint8Array, contentType: string, { store, signal }: Storing): Promise<void> {
  if (body.byteLength > MAX_VIDEO_BYTES) {
    const limit = formatBytes(MAX_VIDEO_BYTES);
    throw new PermaframeError('VIDEO_TOO_LARGE', `${key} has ${formatBytes(body.byteLength)}; the limit is ${limit}`);
  }
  // Whoever was faster made the same from the same: what is there stays, whatever its bytes.
  await store.create({ key, body, sha256: await sha256Hex(body), contentType, cacheControl: CACHE_IMMUTABLE }, signal);
}

const CODECS: Readonly<Record<VideoFormat, { video: string; audio: string | null }>> = {
  mp4: { video: 'h264', audio: 'aac' },
  webm: { video: 'vp9', audio: 'opus' },
  gif: { video: 'gif', audio: null },
};
/** Sound is cut in packets: of up to 26 ms at its end, and as much at its beginning. */
const DURATION_TOLERANCE_SECONDS = 0.06;

/** What about a video is not as it was asked for; null when all is. Pure. */
export function compareProbe(probe: VideoProbe, spec: VideoSpec): string | null {
  const codecs = CODECS[spec.format];
  const differences: [string, unknown, unknown][] = [
    ['codec', probe.codec, codecs.video],
    ['width', probe.width, spec.width],
    ['height', probe.height, spec.height],
    ['number of frames', probe.frames, spec.durationInFrames],
    ['codec of the sound', probe.audioCodec ?? codecs.audio, codecs.audio],
  ];
  for (const [what, is, wanted] of differences) if (is !== wanted) return `the ${what} is ${is}, not ${wanted}`;
  const wanted = spec.durationInFrames / spec.fps;
  if (!(Math.abs(probe.duration - wanted) <= DURATION_TOLERANCE_SECONDS + 0.5 / spec.fps)) {
    return `it is ${probe.duration} seconds long, not ${wanted}`;
  }
  return null;
}

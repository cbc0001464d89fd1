/** Decodes chunks that were rendered elsewhere, and says of each what it is. Runs in the sandbox. */
import { availableParallelism } from 'node:os';
import { eachOf } from '../core/each-of.ts';
import type { ChunkProbe } from '../core/render/chunk-probe.ts';
import type { CheckJob, JobMessage } from './remotion-job.ts';
import { FFMPEG, importRenderer, type RemotionRenderer } from './remotion-renderer.ts';

/** One file is decoded within seconds; one that was made to take for ever should not take the others with it. */
const FILE_MILLISECONDS = 120_000;
/** By which codecs may exceed the picture, in pixels along either side: they count in blocks of up to 64. */
const BLOCK = 64;
/** Longest complaint of ffprobe that is handed on, in characters. */
const MAX_REASON = 200;
/** Told to ffprobe, which would guess otherwise: there are formats that lead to other files. */
const CONTAINERS = { ts: 'mpegts', webm: 'matroska', mkv: 'matroska' } as const;

/** As many at a time as there are cores: each is decoded by one. */
export async function checkChunks(job: CheckJob, say: (message: JobMessage) => void): Promise<void> {
  const renderer = await importRenderer(job.rendererFolder);
  await eachOf(job.chunks, availableParallelism(), async (chunk) => {
    try {
      say({ kind: 'probed', chunk: chunk.key, probe: await probeChunk(renderer, chunk, job) });
    } catch (error) {
      say({ kind: 'undecodable', chunk: chunk.key, reason: reasonOf(error) });
    }
  });
}

type CameChunk = CheckJob['chunks'][number];

async function probeChunk(
  renderer: RemotionRenderer,
  { video, audio, extension }: CameChunk,
  { spec }: CheckJob,
): Promise<ChunkProbe> {
  const pixels = (spec.width + BLOCK) * (spec.height + BLOCK);
  const seen = await probe(renderer, video, [
    ...['-f', CONTAINERS[extension], '-max_pixels', String(pixels)],
    ...['-show_entries', 'stream=codec_name,width,height,pix_fmt:frame=pts_time'],
  ]);
  const { codec_name = 'none', pix_fmt = 'none', width = 0, height = 0 } = seen.streams[0] ?? {};
  const times = seen.frames.map(({ pts_time }) => Number(pts_time));
  return {
    codec: codec_name,
    pixelFormat: pix_fmt.replace('yuvj', 'yuv'),
    width,
    height,
    streams: seen.streams.length,
    frames: times.length,
    drift: driftOf(times, spec.fps),
    audio: audio === null ? null : await probeSound(renderer, audio),
  };
}

/** JSON has no infinity: what has no time counts as far away. */
function driftOf(times: readonly number[], fps: number): number {
  const [first = 0] = times;
  const far = times.map((time, index) => Math.abs((time - first) * fps - index));
  return far.reduce((worst, each) => Math.max(worst, Number.isFinite(each) ? each : 1e9), 0);
}

/** What is there counts, not what the head of the file says. */
async function probeSound(renderer: RemotionRenderer, audio: string): Promise<ChunkProbe['audio']> {
  const entries = 'stream=codec_name,sample_rate,channels:packet=size';
  const { streams, packets } = await probe(renderer, audio, ['-f', 'wav', '-show_entries', entries]);
  const { codec_name = 'none', sample_rate = '0', channels = 0 } = streams[0] ?? {};
  const bytes = packets.reduce((sum, { size }) => sum + Number(size), 0);
  return { codec: codec_name, sampleRate: Number(sample_rate), channels, samples: Math.floor(bytes / 4) };
}

interface Probed {
  streams: { codec_name?: string; width?: number; height?: number; pix_fmt?: string }[] &
    { sample_rate?: string; channels?: number }[];
  frames: { pts_time?: string }[];
  packets: { size?: string }[];
}

/** @throws Error whatever ffprobe complains of: it goes on after most of it, with what it made up */
async function probe(renderer: RemotionRenderer, path: string, options: readonly string[]): Promise<Probed> {
  const args = ['-v', 'error', '-protocol_whitelist', 'file', ...options, '-of', 'json=compact=1', path];
  const timeout = { timeout: FILE_MILLISECONDS };
  const { stdout, stderr } = await renderer.RenderInternals.callFf({
    ...FFMPEG,
    bin: 'ffprobe',
    args,
    options: timeout,
  });
  if (stderr !== '') throw new Error(stderr);
  const { streams = [], frames = [], packets = [] } = JSON.parse(stdout) as Partial<Probed>;
  return { streams, frames, packets };
}

/** The first thing that ffprobe says: what follows is of no use to anybody. */
function reasonOf(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  const [line = ''] = (stderr || message).split('\n');
  return line.replace(/^(\[[^\]]*\] )+|^\S*\/(?=[^/]+: )/, '').slice(0, MAX_REASON);
}

/** Whether a chunk that somebody else rendered is what its name promises, by what ffprobe says of it. */
import type { VideoSpec } from '../../contract/video.ts';
import type { Chunk } from './chunks.ts';
import { encodingOf, SAMPLE_RATE } from './encoding.ts';

/** What ffprobe says of a chunk after it has decoded all of it. Hostile: numbers, and texts that are compared. */
export interface ChunkProbe {
  codec: string;
  /** `yuv420p`, also for the whole range of values, which ffmpeg calls `yuvj420p`. */
  pixelFormat: string;
  width: number;
  height: number;
  /** Of pictures and sound. */
  streams: number;
  frames: number;
  /** How far the worst frame is from where it belongs, in frames. */
  drift: number;
  /** Null: it came without a file of sound. */
  audio: { codec: string; sampleRate: number; channels: number; samples: number } | null;
}

/** Chunks' codecs, as ffmpeg calls them. */
const CODECS = { 'h264-ts': 'h264', vp9: 'vp9', 'h264-mkv': 'h264' } as const;

/** A matroska file counts in milliseconds: at 60 frames a second, a frame is off by up to 0.03 of one. */
const DRIFT_FRAMES = 0.25;
/** Either end is cut between two samples where a frame is no whole number of them. */
const TOLERANCE_SAMPLES = 2;

/** What about a chunk is not as its place in the video wants it; null when all is. Pure. */
export function compareChunk(
  probe: ChunkProbe,
  { first, last, mayBeHeard }: Pick<Chunk, 'first' | 'last' | 'mayBeHeard'>,
  spec: VideoSpec,
): string | null {
  const { codec, pixelFormat } = encodingOf(spec.format, spec.quality);
  const frames = last - first + 1;
  const { audio } = probe;
  const differences: [string, unknown, unknown][] = [
    ['codec', probe.codec, CODECS[codec]],
    ['number of streams', probe.streams, 1],
    ['width', probe.width, spec.width],
    ['height', probe.height, spec.height],
    ['form of the pixels', probe.pixelFormat, pixelFormat],
    ['number of frames', probe.frames, frames],
  ];
  if (audio) {
    differences.push(
      ['codec of the sound', audio.codec, 'pcm_s16le'],
      ['number of channels', audio.channels, 2],
      ['sample rate', audio.sampleRate, SAMPLE_RATE],
    );
  }
  for (const [what, is, wanted] of differences) if (is !== wanted) return `the ${what} is ${is}, not ${wanted}`;
  if (!(probe.drift <= DRIFT_FRAMES)) return `its frames do not follow one another at ${spec.fps} a second`;
  if (!audio) return null;
  if (!mayBeHeard) return 'there is sound, and no scene of it makes any';
  const samples = (frames / spec.fps) * SAMPLE_RATE;
  if (Math.abs(audio.samples - samples) <= TOLERANCE_SAMPLES) return null;
  return `the number of samples of the sound is ${audio.samples}, not ${Math.round(samples)}`;
}

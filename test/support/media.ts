/** Looks into videos with the ffmpeg that makes them: what they are, their pictures, their sound. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VideoProbe } from '../../action/core/render/attach.ts';
import { similarityOf } from '../../scripts/bench/frames.ts';
import { runTool } from '../../scripts/bench/probe.ts';

/** ffmpeg knows a JPEG by its name alone. */
const isJpeg = (content: Uint8Array): boolean => content[0] === 0xff && content[1] === 0xd8;

async function withFile<T>(content: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-media-'));
  try {
    const path = join(folder, isJpeg(content) ? 'file.jpg' : 'file');
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stream {
  codec_type: string;
  codec_name: string;
  width?: number;
  height?: number;
  pix_fmt?: string;
  nb_read_frames?: string;
  avg_frame_rate: string;
  sample_rate?: string;
  channels?: number;
}

/** Every frame is decoded to be counted. */
export async function probe(video: Uint8Array): Promise<VideoProbe & { pixelFormat: string; sampleRate: number }> {
  const answer = await withFile(video, (path) =>
    runTool('ffprobe', ['-count_frames', '-show_streams', '-show_format', '-of', 'json', path]),
  );
  const { streams, format } = JSON.parse(answer.toString()) as { streams: Stream[]; format: { duration: string } };
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  const [over = 0, under = 1] = (picture?.avg_frame_rate ?? '').split('/').map(Number);
  return {
    codec: picture?.codec_name ?? '',
    pixelFormat: picture?.pix_fmt ?? '',
    width: picture?.width ?? 0,
    height: picture?.height ?? 0,
    frames: Number(picture?.nb_read_frames),
    duration: Number(format.duration),
    fps: over / under,
    audioCodec: sound?.codec_name ?? null,
    sampleRate: Number(sound?.sample_rate ?? 0),
  };
}

/** A decoded picture: three bytes a pixel. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** The colour of a pixel, as shares of the picture's width and height. */
export function colourAt({ width, height, rgb }: Picture, x: number, y: number): number[] {
  const start = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
  return [...rgb.subarray(start, start + 3)];
}

/** All pictures of a video, or the one of an image. */
export async function decodePictures(file: Uint8Array): Promise<Picture[]> {
  return await withFile(file, async (path) => {
    const size = ['-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', path];
    const [width = 0, height = 0] = (await runTool('ffprobe', size)).toString().trim().split(',').map(Number);
    // As they are stored: none is left out or shown twice to keep a rate.
    const raw = ['-f', 'image2pipe', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24', '-fps_mode', 'passthrough', '-'];
    const pixels = await runTool('ffmpeg', ['-i', path, ...raw]);
    const bytes = width * height * 3;
    return Array.from({ length: pixels.length / bytes }, (_, index) => ({
      width,
      height,
      rgb: pixels.subarray(index * bytes, (index + 1) * bytes),
    }));
  });
}

/** How much two pictures differ, in steps of 256: the mean over all values, and the greatest. */
export function difference(one: Picture, other: Picture): { mean: number; greatest: number } {
  if (one.width !== other.width || one.height !== other.height) throw new Error('pictures of different sizes');
  let [sum, greatest] = [0, 0];
  for (const [index, value] of one.rgb.entries()) {
    const step = Math.abs(value - (other.rgb[index] ?? 0));
    sum += step;
    if (step > greatest) greatest = step;
  }
  return { mean: sum / one.rgb.length, greatest };
}

/** Structural similarity of brightness: 1 for equal pictures. */
export function similarity(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) throw new Error('pictures of different sizes');
  return similarityOf(brightness(one), brightness(other), one);
}

function brightness({ rgb }: Picture): Float64Array {
  const values = new Float64Array(rgb.length / 3);
  for (let i = 0; i < values.length; i++) {
    values[i] = 0.299 * (rgb[3 * i] ?? 0) + 0.587 * (rgb[3 * i + 1] ?? 0) + 0.114 * (rgb[3 * i + 2] ?? 0);
  }
  return values;
}

export const SAMPLES_A_SECOND = 48_000;

/** What is heard on the left, from -1 to 1. */
export async function decodeSound(file: Uint8Array): Promise<Float64Array> {
  return await withFile(file, async (path) => {
    const wav = `${path}.wav`;
    const format = ['-vn', '-c:a', 'pcm_s16le', '-ar', String(SAMPLES_A_SECOND), '-ac', '2'];
    await runTool('ffmpeg', ['-i', path, ...format, '-bitexact', wav]);
    const bytes = await readFile(wav);
    const start = bytes.indexOf('data') + 8;
    const samples = new Float64Array((bytes.length - start) / 4);
    for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(start + i * 4) / 32_768;
    return samples;
  });
}

const WAV_HEAD_BYTES = 44;

/** A WAV file of a sine tone, 16 bits, the same on the left and on the right. */
export function sineTone(seconds: number, hertz: number, volume = 0.5): Buffer {
  const samples = Math.round(seconds * SAMPLES_A_SECOND);
  const data = Buffer.alloc(samples * 4);
  for (let i = 0; i < samples; i++) {
    const value = Math.round(volume * 32_767 * Math.sin((2 * Math.PI * hertz * i) / SAMPLES_A_SECOND));
    data.writeInt16LE(value, i * 4);
    data.writeInt16LE(value, i * 4 + 2);
  }
  const head = Buffer.alloc(WAV_HEAD_BYTES);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  // PCM, two channels, 16 bits.
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(SAMPLES_A_SECOND, 24);
  head.writeUInt32LE(SAMPLES_A_SECOND * 4, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

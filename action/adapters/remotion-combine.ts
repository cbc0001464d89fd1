/** Joins chunks into a video, chooses its poster and makes its contact sheet. Runs in the sandbox. */
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoQuality } from '../contract/video.ts';
import { eachOf } from '../core/each-of.ts';
import { composeSheet, layOutSheet } from '../core/render/contact-sheet.ts';
import { encodingOf, SAMPLE_RATE } from '../core/render/encoding.ts';
import type { CombineJob, VideoProbe } from './remotion-job.ts';
import { FFMPEG, importRenderer, type RemotionRenderer } from './remotion-renderer.ts';

/** Quality of stills for ffmpeg's JPEG encoder, from 2 (best) to 31. */
const STILL_QUALITY = '4';

export async function combine(job: CombineJob): Promise<VideoProbe> {
  const renderer = await importRenderer(job.rendererFolder);
  const video = join(job.outputFolder, `video.${job.spec.format}`);
  const joining = joinChunks(renderer, job, video).then(() => probeVideo(renderer, video));
  const [probe, stills] = await Promise.all([joining, takeStills(renderer, job)]);
  await copyFile(await choosePoster(job, stills), join(job.outputFolder, 'poster.jpg'));
  await makeSheet(renderer, job, stills);
  return probe;
}

/**
 * In one pass, picture and sound together, so that the container says by how much the encoder of the sound is late: AAC
 * by 43 ms. Put one after the other as plain bytes, chunks of less than a tenth of a second would not be told apart.
 */
async function joinChunks(renderer: RemotionRenderer, job: CombineJob, video: string): Promise<void> {
  const { spec, chunks, outputFolder } = job;
  if (spec.format === 'gif') return makeGif(renderer, job, video);
  const { audioBitrate } = encodingOf(spec.format, spec.quality);
  const isHeard = audioBitrate !== null && chunks.some(({ audio }) => audio !== null);
  const pictures = chunks.map((chunk) => ({ path: chunk.video, seconds: chunk.frames / spec.fps }));
  const input = ['-v', 'error', ...(await concatenate(join(outputFolder, 'pictures.txt'), pictures))];
  const output = ['-map', '0:v:0', '-c:v', 'copy', '-r', String(spec.fps)];
  if (isHeard) {
    const files = await Promise.all(chunks.map((chunk, index) => chunk.audio ?? silence(job, chunk, index)));
    const sounds = files.map((path) => ({ path }));
    input.push(...(await concatenate(join(outputFolder, 'sounds.txt'), sounds)));
    output.push('-map', '1:a:0', ...SOUND_ENCODERS[spec.format], '-b:a', audioBitrate);
  }
  if (spec.format === 'mp4') output.push('-movflags', '+faststart');
  await callFfmpeg(renderer, [...input, ...output, '-y', video]);
}

/** The encoder's own cutoff, at lower rates, can be heard; this is where hardly anybody hears. */
const SOUND_ENCODERS = { mp4: ['-c:a', 'libfdk_aac', '-cutoff', '18000'], webm: ['-c:a', 'libopus'] } as const;

interface Piece {
  path: string;
  /** What the file says of its own length may be off by a frame. */
  seconds?: number;
}

/** @returns arguments of ffmpeg for an input of all pieces, one after the other */
async function concatenate(list: string, pieces: readonly Piece[]): Promise<string[]> {
  const lines = pieces.map(({ path, seconds }) => {
    const duration = seconds === undefined ? '' : `duration ${seconds.toFixed(6)}\n`;
    return `file '${path}'\n${duration}`;
  });
  await writeFile(list, lines.join(''));
  return ['-f', 'concat', '-safe', '0', '-i', list];
}

/** Colours of a GIF's palette: its size follows from them more than from anything else. */
const COLOURS: Readonly<Record<VideoQuality, number>> = { low: 64, medium: 128, high: 256 };

/**
 * In two passes, because Remotion's one pass keeps every frame in memory until the palette is chosen. An ordered pattern
 * stays where it is from frame to frame: half the size and a third of the time of dithering by error.
 */
async function makeGif(
  renderer: RemotionRenderer,
  { spec, chunks, outputFolder }: CombineJob,
  gif: string,
): Promise<void> {
  const palette = join(outputFolder, 'palette.png');
  const pictures = chunks.map(({ video }) => ({ path: video }));
  const list = await concatenate(join(outputFolder, 'pictures.txt'), pictures);
  const input = ['-v', 'error', '-r', String(spec.fps), ...list];
  const choose = `palettegen=stats_mode=diff:max_colors=${COLOURS[spec.quality]}`;
  await callFfmpeg(renderer, [...input, '-vf', choose, '-frames:v', '1', '-y', palette]);
  const use = '[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle';
  await callFfmpeg(renderer, [...input, '-i', palette, '-filter_complex', use, '-an', '-loop', '0', '-y', gif]);
}

async function callFfmpeg(renderer: RemotionRenderer, args: string[]): Promise<void> {
  await renderer.RenderInternals.callFf({ ...FFMPEG, bin: 'ffmpeg', args });
}

/** A file of PCM in which nothing is heard, as long as the chunk. */
async function silence(
  { spec, outputFolder }: CombineJob,
  { frames }: { frames: number },
  index: number,
): Promise<string> {
  const bytes = Math.round((frames / spec.fps) * SAMPLE_RATE) * 4;
  const wav = Buffer.alloc(44 + bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  // PCM, two channels, 16 bits.
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 4, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(bytes, 40);
  const path = join(outputFolder, `silence-${index}.wav`);
  await writeFile(path, wav);
  return path;
}

interface ProbedStream {
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  nb_read_packets?: string;
  r_frame_rate?: string;
}

async function probeVideo(renderer: RemotionRenderer, video: string): Promise<VideoProbe> {
  const entries = 'stream=codec_type,codec_name,width,height,nb_read_packets,r_frame_rate:format=duration';
  const args = ['-v', 'error', '-count_packets', '-show_entries', entries, '-of', 'json', video];
  const { stdout } = await renderer.RenderInternals.callFf({ ...FFMPEG, bin: 'ffprobe', args });
  const { streams, format } = JSON.parse(stdout) as { streams: ProbedStream[]; format: { duration: string } };
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  const [over = 0, under = 1] = (picture?.r_frame_rate ?? '').split('/').map(Number);
  return {
    codec: picture?.codec_name ?? 'none',
    width: picture?.width ?? 0,
    height: picture?.height ?? 0,
    frames: Number(picture?.nb_read_packets ?? 0),
    duration: Number(format.duration),
    fps: over / under,
    audioCodec: sound?.codec_name ?? null,
  };
}

interface Still {
  /** Path of a JPEG as large as the video. */
  picture: string;
  /** Path of its pixels as the contact sheet takes them. */
  pixels: string;
}

/** Stills that are taken at a time: one keeps a core busy. */
const CONCURRENCY = 2;

/** Out of the chunks, while those are joined: besides, a GIF's have all of the colours. In the order of the stills. */
async function takeStills(renderer: RemotionRenderer, job: CombineJob): Promise<Still[]> {
  const frames = job.posterFrame === null ? job.stills : [...job.stills, job.posterFrame];
  const { still } = layOutSheet(job.stills.length, job.spec);
  const folder = join(job.outputFolder, 'stills');
  await mkdir(folder);
  return await eachOf([...frames.entries()], CONCURRENCY, async ([index, frame]) => {
    const taken = { picture: join(folder, `${index}.jpg`), pixels: join(folder, `${index}.rgb`) };
    const { video, frame: within } = locateFrame(job.chunks, frame);
    const trim = `trim=start_frame=${within}`;
    const picture = ['-vf', trim, '-frames:v', '1', '-q:v', STILL_QUALITY, taken.picture];
    const scaled = `${trim},scale=${still.width}:${still.height}`;
    const pixels = ['-vf', scaled, '-frames:v', '1', ...RAW_OUTPUT, taken.pixels];
    await callFfmpeg(renderer, ['-v', 'error', '-y', '-i', video, ...picture, ...pixels]);
    return taken;
  });
}

/** Three bytes a pixel. Remotion's ffmpeg knows no other way to write or read that. */
const RAW_OUTPUT = ['-f', 'image2', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24'];
const RAW_INPUT = ['-f', 'image2', '-c:v', 'rawvideo', '-pixel_format', 'rgb24'];

/** @returns the chunk that a frame of the video lies in, and which of its frames that is */
function locateFrame(chunks: CombineJob['chunks'], frame: number): { video: string; frame: number } {
  let before = 0;
  for (const { video, frames } of chunks) {
    if (frame < before + frames) return { video, frame: frame - before };
    before += frames;
  }
  throw new Error(`frame ${frame} lies in no chunk`);
}

/** The frame that was asked for, or the one with the most to see: what is plain compresses best. */
async function choosePoster(job: CombineJob, stills: readonly Still[]): Promise<string> {
  const pictures = stills.map(({ picture }) => picture);
  if (job.posterFrame !== null) return pictures.at(-1) as string;
  const sizes = await Promise.all(pictures.map(async (path) => (await stat(path)).size));
  return pictures[sizes.indexOf(Math.max(...sizes))] as string;
}

async function makeSheet(renderer: RemotionRenderer, job: CombineJob, stills: readonly Still[]): Promise<void> {
  const sheet = join(job.outputFolder, 'sheet.jpg');
  const shown = stills.slice(0, job.stills.length);
  if (shown.length === 1) return await copyFile((shown[0] as Still).picture, sheet);
  const layout = layOutSheet(shown.length, job.spec);
  const pixels = join(job.outputFolder, 'stills', 'sheet.rgb');
  await writeFile(pixels, composeSheet(await Promise.all(shown.map((still) => readFile(still.pixels))), layout));
  const input = [...RAW_INPUT, '-video_size', `${layout.width}x${layout.height}`, '-i', pixels];
  await callFfmpeg(renderer, ['-v', 'error', ...input, '-frames:v', '1', '-q:v', STILL_QUALITY, '-y', sheet]);
}

/** Joins chunks into a video, chooses its poster and makes its contact sheet. Runs in the sandbox. */
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeadlessBrowser } from '@remotion/renderer';
import type { VideoQuality } from '../contract/video.ts';
import { sheetPage, sheetSize } from '../core/render/contact-sheet.ts';
import { encodingOf, SAMPLE_RATE } from '../core/render/encoding.ts';
import type { CombineJob, VideoProbe } from './remotion-job.ts';
import { FFMPEG, importRenderer, type RemotionRenderer } from './remotion-renderer.ts';

/** Quality of stills for ffmpeg's JPEG encoder, from 2 (best) to 31. */
const STILL_QUALITY = '4';

export async function combine(job: CombineJob): Promise<VideoProbe> {
  const renderer = await importRenderer(job.rendererFolder);
  const video = join(job.outputFolder, `video.${job.spec.format}`);
  // It is there by the time that there are stills to show. One scene needs no page to stand beside others.
  const opening = job.stills.length > 1 ? renderer.openBrowser('chrome', browserOptions(job)) : null;
  // Told where it is waited for.
  opening?.catch(() => undefined);
  await joinChunks(renderer, job, video);
  const probe = await probeVideo(renderer, video);
  const stills = await takeStills(renderer, job, video);
  await copyFile(await choosePoster(job, stills), join(job.outputFolder, 'poster.jpg'));
  const sheet = join(job.outputFolder, 'sheet.jpg');
  if (opening) await makeSheet(renderer, job, await opening, sheet);
  else await copyFile(stills[0] as string, sheet);
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

/** The paths of the stills, in their order. */
async function takeStills(renderer: RemotionRenderer, job: CombineJob, video: string): Promise<string[]> {
  const frames = job.posterFrame === null ? job.stills : [...job.stills, job.posterFrame];
  const folder = join(job.outputFolder, 'stills');
  await mkdir(folder);
  const paths: string[] = [];
  for (const [index, frame] of frames.entries()) {
    const path = join(folder, `${index}.jpg`);
    // Half a frame early finds the frame whatever its time is rounded to.
    const seconds = String(Math.max(0, (frame - 0.5) / job.spec.fps));
    const args = ['-v', 'error', '-ss', seconds, '-i', video, '-frames:v', '1', '-q:v', STILL_QUALITY, '-y', path];
    await callFfmpeg(renderer, args);
    paths.push(path);
  }
  return paths;
}

/** The frame that was asked for, or the one with the most to see: what is plain compresses best. */
async function choosePoster(job: CombineJob, stills: readonly string[]): Promise<string> {
  if (job.posterFrame !== null) return stills.at(-1) as string;
  const sizes = await Promise.all(stills.map(async (path) => (await stat(path)).size));
  return stills[sizes.indexOf(Math.max(...sizes))] as string;
}

async function makeSheet(
  renderer: RemotionRenderer,
  job: CombineJob,
  browser: HeadlessBrowser,
  sheet: string,
): Promise<void> {
  const { spec, outputFolder, stills } = job;
  await writeFile(join(outputFolder, 'stills', 'index.html'), sheetPage(stills.length, spec));
  await writeFile(join(outputFolder, 'stills', 'bundle.js'), '');
  await renderer.renderStill({
    ...browserOptions(job),
    composition: { ...NOTHING, id: 'sheet', ...sheetSize(stills.length, spec), fps: 1, durationInFrames: 1 },
    serveUrl: join(outputFolder, 'stills'),
    output: sheet,
    imageFormat: 'jpeg',
    puppeteerInstance: browser,
  });
}

function browserOptions({ browserExecutable }: CombineJob) {
  return { browserExecutable, chromeMode: 'headless-shell', logLevel: 'error' } as const;
}

const NOTHING = {
  props: {},
  defaultProps: {},
  defaultCodec: null,
  defaultOutName: null,
  defaultVideoImageFormat: null,
  defaultPixelFormat: null,
  defaultProResProfile: null,
  defaultSampleRate: null,
};

/** Renders chunks of a film with `@remotion/renderer`. Runs in the sandbox. */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChromiumOptions, HeadlessBrowser } from '@remotion/renderer';
import type { Chunk } from '../core/render/chunks.ts';
import { encodingOf, SAMPLE_RATE } from '../core/render/encoding.ts';
import type { JobMessage, RenderJob } from './remotion-job.ts';
import { importRenderer, type RemotionRenderer } from './remotion-renderer.ts';

/** Encodes faster than frames are drawn; slower presets save a tenth of the size. */
const X264_PRESET = 'veryfast';
/** libvpx takes minutes at its defaults; 4 of 8 is what its authors advise for finished videos in reasonable time. */
const VP9_SPEED = ['-deadline', 'good', '-cpu-used', '4', '-row-mt', '1'];

type MediaOptions = Parameters<RemotionRenderer['renderMedia']>[0];

/**
 * Renders chunks side by side, each in one tab of a browser of its own: tabs of one browser draw one after the other.
 * The browsers end with the sandbox: closing them would take a tenth of a second.
 * @throws what the renderer throws: see remotion-failures.ts
 */
export async function renderChunks(job: RenderJob, say: (message: JobMessage) => void): Promise<void> {
  const renderer = await importRenderer(job.rendererFolder);
  // The longest first: then all are done at about the same time.
  const queue = job.chunks.toSorted((a, b) => b.last - b.first - (a.last - a.first));
  const drawn = new Map<string, number>();
  const work = async (): Promise<void> => {
    const browser = await renderer.openBrowser('chrome', browserOptions(job));
    for (let chunk = queue.shift(); chunk; chunk = queue.shift()) {
      const { key } = chunk;
      const begin = performance.now();
      const onFrame = (frames: number): void => {
        drawn.set(key, frames);
        say({ kind: 'frames', frames: [...drawn.values()].reduce((sum, count) => sum + count, 0) });
      };
      const isHeard = await renderChunk(renderer, browser, job, chunk, onFrame);
      say({ kind: 'chunk', chunk: key, isHeard, milliseconds: Math.round(performance.now() - begin) });
    }
  };
  const workers = Array.from({ length: Math.min(job.browsers, job.chunks.length) }, work);
  await Promise.all(workers);
}

function browserOptions({ browserExecutable, usesWebGl }: RenderJob) {
  // Drawing in software. WebGL takes the slower way through ANGLE: a seventh of the frames a second.
  const chromiumOptions: ChromiumOptions = usesWebGl ? { gl: 'swangle' } : {};
  return { browserExecutable, chromiumOptions, chromeMode: 'headless-shell', logLevel: 'error' } as const;
}

async function renderChunk(
  renderer: RemotionRenderer,
  browser: HeadlessBrowser,
  job: RenderJob,
  chunk: Chunk,
  onFrame: (frames: number) => void,
): Promise<boolean> {
  const encoding = encodingOf(job.spec.format, job.spec.quality);
  const audio = !chunk.mayBeHeard ? null : join(job.outputFolder, `${chunk.key}.wav`);
  await renderer.renderMedia({
    ...browserOptions(job),
    ...pictureOptions(job),
    composition: compositionOf(job),
    inputProps: { frames: [chunk.first, chunk.last] },
    serveUrl: job.siteFolder,
    frameRange: [chunk.first, chunk.last],
    outputLocation: join(job.outputFolder, `${chunk.key}.${encoding.extension}`),
    ...(audio === null ? { muted: true } : { separateAudioTo: audio, audioCodec: 'pcm-16', enforceAudioTrack: true }),
    concurrency: 1,
    puppeteerInstance: browser,
    timeoutInMilliseconds: job.frameMilliseconds,
    sampleRate: SAMPLE_RATE,
    overwrite: true,
    onProgress: ({ renderedFrames }) => onFrame(renderedFrames),
  });
  if (audio === null) return false;
  const isHeard = await hasSound(audio);
  if (!isHeard) await rm(audio);
  return isHeard;
}

function pictureOptions({ spec }: RenderJob): Partial<MediaOptions> & Pick<MediaOptions, 'codec'> {
  const { codec, crf, pixelFormat, jpegQuality } = encodingOf(spec.format, spec.quality);
  return {
    scale: spec.scale,
    codec,
    crf,
    pixelFormat,
    imageFormat: 'jpeg',
    jpegQuality,
    ...(codec === 'vp9' ? { ffmpegOverride: ({ args }) => hurryVp9(args) } : { x264Preset: X264_PRESET }),
  };
}

/** Only the encoder's command line: what comes after it copies. */
function hurryVp9(args: string[]): string[] {
  return args.includes('libvpx-vp9') ? [...args.slice(0, -1), ...VP9_SPEED, ...args.slice(-1)] : args;
}

function compositionOf({ width, height, spec }: RenderJob): MediaOptions['composition'] {
  return {
    id: 'film',
    width,
    height,
    fps: spec.fps,
    durationInFrames: spec.durationInFrames,
    props: {},
    defaultProps: {},
    defaultCodec: null,
    defaultOutName: null,
    defaultVideoImageFormat: null,
    defaultPixelFormat: null,
    defaultProResProfile: null,
    defaultSampleRate: null,
  };
}

/** More than ffmpeg writes before the first sample, and less than anybody hears, in bytes. */
const WAV_HEAD_BYTES = 512;

/** Whether a file of PCM has any sample that is not silence. */
async function hasSound(path: string): Promise<boolean> {
  for await (const part of createReadStream(path, { start: WAV_HEAD_BYTES })) {
    if ((part as Buffer).some((byte) => byte !== 0)) return true;
  }
  return false;
}

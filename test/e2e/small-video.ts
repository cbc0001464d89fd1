/** A real, small MP4 of moving colours, and its first frame as a JPEG. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RenderInternals } from '@remotion/renderer';
import type { Browser } from 'playwright-core';

const FRAMES = 15;

export interface SmallVideo {
  width: number;
  height: number;
  mp4: Buffer;
  poster: Buffer;
}

/** Drawn by the browser, encoded by the ffmpeg that videos are made with. */
export async function makeSmallVideo(browser: Browser): Promise<SmallVideo> {
  const size = { width: 640, height: 360 };
  const page = await browser.newPage({ viewport: size });
  const frames: Buffer[] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    const hues = `hsl(${frame * 9} 80% 55%),hsl(${frame * 9 + 80} 80% 35%)`;
    await page.setContent(`<body style="margin:0;height:100vh;background:linear-gradient(135deg,${hues})">`);
    frames.push(await page.screenshot({ type: 'jpeg' }));
  }
  await page.close();
  return { ...size, mp4: await encode(frames), poster: frames[0] as Buffer };
}

/** @param frames JPEG */
async function encode(frames: readonly Buffer[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-video-'));
  try {
    const output = join(folder, 'video.mp4');
    const input = ['-f', 'image2pipe', '-framerate', '30', '-c:v', 'mjpeg', '-i', '-'];
    await runFfmpeg([...input, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', output], frames);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runFfmpeg(args: readonly string[], input: readonly Buffer[]): Promise<void> {
  const { getExecutablePath } = RenderInternals;
  const ffmpeg = getExecutablePath({ type: 'ffmpeg', indent: false, logLevel: 'error', binariesDirectory: null });
  // Its libraries lie beside it.
  const env = { LD_LIBRARY_PATH: dirname(ffmpeg), DYLD_LIBRARY_PATH: dirname(ffmpeg) };
  const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', ...args], { env });
  child.stdin.end(Buffer.concat(input));
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`ffmpeg: ${complaint}`);
}

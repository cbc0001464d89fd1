/** What ffprobe says of a video: one that is not what it should be is no sample. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { importRenderer } from '../../action/adapters/remotion-renderer.ts';
import { ROOT_FOLDER } from '../state.ts';

const run = promisify(execFile);
/** Of what a tool prints, in bytes: pictures are large. */
const MAX_OUTPUT_BYTES = 1_000_000_000;

const probeSchema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string(),
      codec_name: z.string(),
      width: z.int().optional(),
      height: z.int().optional(),
      nb_read_packets: z.coerce.number(),
    }),
  ),
  format: z.object({ duration: z.coerce.number(), size: z.coerce.number() }),
});

export interface Expected {
  width: number;
  height: number;
  fps: number;
  durationInFrames: number;
}

/** Sound is cut in packets, which may reach a little beyond the last frame. In seconds. */
const DURATION_TOLERANCE = 0.1;

/**
 * @returns its size in bytes
 * @throws Error when codec, size, number of frames or duration are not as expected
 */
export async function checkVideo(path: string, expected: Expected): Promise<number> {
  const entries = 'stream=codec_type,codec_name,width,height,nb_read_packets:format=duration,size';
  const stdout = await runTool('ffprobe', ['-count_packets', '-show_entries', entries, '-of', 'json', path]);
  const { streams, format } = probeSchema.parse(JSON.parse(stdout.toString()));
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  const is = [picture?.codec_name, picture?.width, picture?.height, picture?.nb_read_packets].join(' ');
  const wanted = ['h264', expected.width, expected.height, expected.durationInFrames].join(' ');
  if (is !== wanted) throw new Error(`${path} is ${is}, not ${wanted}`);
  const seconds = expected.durationInFrames / expected.fps;
  if (Math.abs(format.duration - seconds) > DURATION_TOLERANCE) {
    throw new Error(`${path} is ${format.duration} seconds long, not ${seconds}`);
  }
  return format.size;
}

/** @returns what the tool that comes with Remotion prints */
export async function runTool(type: 'ffmpeg' | 'ffprobe', args: readonly string[]): Promise<Buffer> {
  const { RenderInternals } = await importRenderer(ROOT_FOLDER);
  const path = RenderInternals.getExecutablePath({ type, indent: false, logLevel: 'error', binariesDirectory: null });
  // Its libraries lie beside it.
  const env = { LD_LIBRARY_PATH: dirname(path), DYLD_LIBRARY_PATH: dirname(path) };
  const options = { env, encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES } as const;
  return (await run(path, ['-v', 'error', ...args], options)).stdout;
}

/** What ffprobe says of a video: one that is not what it should be is no sample. */
import { z } from 'zod';
import { importRenderer } from '../../action/adapters/remotion-renderer.ts';
import { ROOT_FOLDER } from '../state.ts';

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

interface Expected {
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
  const { RenderInternals } = await importRenderer(ROOT_FOLDER);
  const entries = 'stream=codec_type,codec_name,width,height,nb_read_packets:format=duration,size';
  const { stdout } = await RenderInternals.callFf({
    bin: 'ffprobe',
    args: ['-v', 'error', '-count_packets', '-show_entries', entries, '-of', 'json', path],
    indent: false,
    logLevel: 'error',
    binariesDirectory: null,
    cancelSignal: undefined,
  });
  const { streams, format } = probeSchema.parse(JSON.parse(stdout));
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

/** What a person may ask of a video on the command line. */
import { PermaframeError } from '../../action/contract/errors.ts';
import { MAX_GIF_FPS } from '../../action/contract/limits.ts';
import {
  VIDEO_FORMATS,
  VIDEO_FRAME_RATES,
  VIDEO_QUALITIES,
  VIDEO_RESOLUTIONS,
  type VideoFormat,
  type VideoRequest,
  videoRequestSchema,
} from '../../action/contract/video.ts';

export const VIDEO_OPTIONS = {
  video: { type: 'string' },
  quality: { type: 'string' },
  resolution: { type: 'string' },
  fps: { type: 'string' },
  'poster-frame': { type: 'string' },
} as const;

export const VIDEO_OPTIONS_HELP = `  --quality <preset>   ${VIDEO_QUALITIES.join(', ')}; medium otherwise
  --resolution <size>  ${VIDEO_RESOLUTIONS.join(', ')}: the shorter side in pixels; the film's own otherwise
  --fps <rate>         ${VIDEO_FRAME_RATES.join(', ')}; the film's own otherwise (a GIF has ${MAX_GIF_FPS} at most)
  --poster-frame <n>   frame of the film, from 0, for the poster; the most telling of the scenes' middles otherwise`;

export type VideoOptions = { [Name in keyof typeof VIDEO_OPTIONS]?: string | undefined };

/**
 * @param formats what `--video` says, separated by commas
 * @returns a complete request for each format, in the order in which they were named
 * @throws PermaframeError USAGE, naming the option and what it may be
 */
export function readVideoRequests(formats: string, options: VideoOptions): VideoRequest[] {
  const asked = {
    quality: oneOf('quality', VIDEO_QUALITIES, options.quality),
    resolution: oneOf('resolution', VIDEO_RESOLUTIONS, options.resolution),
    fps: oneOf('fps', VIDEO_FRAME_RATES, options.fps),
    posterFrame: readPosterFrame(options['poster-frame']),
  };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return readFormats(formats).map((format) => videoRequestSchema.parse({ format, ...given }));
}

/** @throws PermaframeError USAGE for options of a video that nobody asked for */
export function refuseVideoOptions(options: VideoOptions): void {
  const [stray] = Object.keys(VIDEO_OPTIONS).filter((name) => options[name as keyof VideoOptions] !== undefined);
  if (stray !== undefined) throw new PermaframeError('USAGE', `--${stray} takes --video, which says what is made`);
}

function readFormats(text: string): VideoFormat[] {
  const names = text.split(',').map((name) => oneOf('video', VIDEO_FORMATS, name.trim()));
  return [...new Set(names.filter((name) => name !== undefined))];
}

function oneOf<T extends string>(option: string, allowed: readonly T[], given: string | undefined): T | undefined {
  if (given === undefined || allowed.includes(given as T)) return given as T | undefined;
  const choice = allowed.join(', ');
  throw new PermaframeError('USAGE', `--${option} ${JSON.stringify(given)} is none of ${choice}`);
}

function readPosterFrame(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new PermaframeError('USAGE', '--poster-frame must be a whole number from 0');
}

/** What may be asked of a video, and what exactly that comes to for a film. */
import { z } from 'zod';
import { PermaframeError } from './errors.ts';
import {
  MAX_FILM_SECONDS,
  MAX_FPS,
  MAX_GIF_FRAMES,
  MAX_GIF_LONG_SIDE_PIXELS,
  MAX_LONG_SIDE_PIXELS,
  MAX_SHORT_SIDE_PIXELS,
} from './limits.ts';

/** MP4 is H.264 with AAC, WebM is VP9 with Opus, GIF has no sound. */
export const VIDEO_FORMATS = ['mp4', 'webm', 'gif'] as const;
export type VideoFormat = (typeof VIDEO_FORMATS)[number];

export const VIDEO_QUALITIES = ['low', 'medium', 'high'] as const;
export type VideoQuality = (typeof VIDEO_QUALITIES)[number];

/** Pixels along the shorter side of the picture, or the film's own size. */
export const VIDEO_RESOLUTIONS = ['own', '720p', '1080p', '4k'] as const;
export type VideoResolution = (typeof VIDEO_RESOLUTIONS)[number];

/** Frames a second, or the film's own. Another rate shows the film at the same speed, between its frames where needed. */
export const VIDEO_FRAME_RATES = ['own', '24', '30', '60'] as const;
export type VideoFrameRate = (typeof VIDEO_FRAME_RATES)[number];

/** A complete request, once parsed: whatever is left out has its default. */
export const videoRequestSchema = z.strictObject({
  format: z.enum(VIDEO_FORMATS),
  quality: z.enum(VIDEO_QUALITIES).default('medium'),
  resolution: z.enum(VIDEO_RESOLUTIONS).default('own'),
  fps: z.enum(VIDEO_FRAME_RATES).default('own'),
  /** Frame of the film (in its own frame rate, from 0) for the poster. Null: the most telling of the scenes' middles. */
  posterFrame: z.int().min(0).nullable().default(null),
});
export type VideoRequest = z.infer<typeof videoRequestSchema>;

/** Size and length of a film, as its meta.json says them. */
export interface FilmFormat {
  fps: number;
  width: number;
  height: number;
  durationInFrames: number;
}

/** A request, worked out for one film. */
export interface VideoSpec {
  format: VideoFormat;
  quality: VideoQuality;
  /** Of the video, in pixels. Even, as the codecs want it. */
  width: number;
  height: number;
  /** Pixels of the video for one of the film. */
  scale: number;
  /** Of the video. */
  fps: number;
  /** Of the video, in its own frames. */
  durationInFrames: number;
  /** Of the film, in its own frames. */
  posterFrame: number | null;
}

const SHORT_SIDES: Readonly<Record<Exclude<VideoResolution, 'own'>, number>> = {
  '720p': 720,
  '1080p': 1080,
  '4k': 2160,
};

/**
 * Works out size, frame rate and length, and holds them to the limits.
 * @throws PermaframeError VIDEO_TOO_LARGE, VIDEO_TOO_LONG, or INPUT_INVALID for a poster frame that the film does not have
 */
export function specifyVideo(film: FilmFormat, request: VideoRequest): VideoSpec {
  const { format, quality, resolution, posterFrame } = request;
  const fps = request.fps === 'own' ? film.fps : Number(request.fps);
  const shortSide = Math.min(film.width, film.height);
  const scale = resolution === 'own' ? 1 : SHORT_SIDES[resolution] / shortSide;
  const spec = {
    format,
    quality,
    width: toEven(film.width * scale),
    height: toEven(film.height * scale),
    scale,
    fps,
    durationInFrames: Math.max(1, Math.round((film.durationInFrames * fps) / film.fps)),
    posterFrame,
  };
  if (posterFrame !== null && posterFrame >= film.durationInFrames) {
    const last = film.durationInFrames - 1;
    throw new PermaframeError('INPUT_INVALID', `posterFrame ${posterFrame}: the film's last frame is ${last}`);
  }
  holdToLimits(spec, film);
  return spec;
}

function holdToLimits({ format, width, height, fps, durationInFrames }: VideoSpec, film: FilmFormat): void {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const longest = format === 'gif' ? MAX_GIF_LONG_SIDE_PIXELS : MAX_LONG_SIDE_PIXELS;
  if (long > longest || short > MAX_SHORT_SIDE_PIXELS) {
    const limit = `${longest} pixels along the longer side and ${MAX_SHORT_SIDE_PIXELS} along the shorter`;
    throw new PermaframeError('VIDEO_TOO_LARGE', `${width} × ${height} pixels; the limit of ${format} is ${limit}`);
  }
  if (fps > MAX_FPS) throw new PermaframeError('VIDEO_TOO_LARGE', `${fps} frames a second; the limit is ${MAX_FPS}`);
  const seconds = film.durationInFrames / film.fps;
  if (seconds > MAX_FILM_SECONDS) {
    throw new PermaframeError('VIDEO_TOO_LONG', `${Math.ceil(seconds)} seconds; the limit is ${MAX_FILM_SECONDS}`);
  }
  if (format === 'gif' && durationInFrames > MAX_GIF_FRAMES) {
    throw new PermaframeError('VIDEO_TOO_LONG', `${durationInFrames} frames; the limit of gif is ${MAX_GIF_FRAMES}`);
  }
}

/** The next even number, from half a pixel on; at least 2. */
function toEven(pixels: number): number {
  return Math.max(2, 2 * Math.ceil((pixels - 0.5) / 2));
}

/** Raised when the same request would give another video of the same artifact: other encoders, other settings. */
export const RENDER_REVISION = 1;

/**
 * What names a video among those of its artifact: the SHA-256 of this text. Equal requests of equal artifacts are one
 * video.
 * @param artifactHash SHA-256 of meta.json, which holds the hashes of the modules, the assets and the runtime
 */
export function renderKeyText(artifactHash: string, spec: VideoSpec): string {
  const { format, quality, width, height, fps, durationInFrames, posterFrame } = spec;
  return JSON.stringify([
    'permaframe-render',
    RENDER_REVISION,
    artifactHash,
    [format, quality, width, height, fps, durationInFrames, posterFrame],
  ]);
}

/** A video that is attached to a version, as the edge and the editor know it. */
export const attachedVideoSchema = z.strictObject({
  /** SHA-256 of {@link renderKeyText}. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum(VIDEO_FORMATS),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
});
export type AttachedVideo = z.infer<typeof attachedVideoSchema>;

/** What exactly a request for a video comes to for a film: its size, its length, and how long it takes. No packages. */
import { PermaframeError } from './errors.ts';
import {
  MAX_FILM_SECONDS,
  MAX_FPS,
  MAX_GIF_FPS,
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

/** Frames a second, or the film's own ({@link ownFps}). Another rate shows the film at the same speed, between its frames. */
export const VIDEO_FRAME_RATES = ['own', '24', '30', '60'] as const;
export type VideoFrameRate = (typeof VIDEO_FRAME_RATES)[number];

/** A complete request. */
export interface VideoRequest {
  format: VideoFormat;
  quality: VideoQuality;
  resolution: VideoResolution;
  fps: VideoFrameRate;
  /** Frame of the film (in its own frame rate, from 0) for the poster. Null: the most telling of the scenes' middles. */
  posterFrame: number | null;
}

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
  const fps = request.fps === 'own' ? ownFps(film, format) : Number(request.fps);
  const spec = {
    format,
    quality,
    ...videoSize(film, resolution),
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

/** What a film's own rate is in a format: a GIF of a fast film has every other of its frames, all of them whole ones. */
export function ownFps({ fps }: Pick<FilmFormat, 'fps'>, format: VideoFormat): number {
  return format === 'gif' && fps > MAX_GIF_FPS ? fps / 2 : fps;
}

/**
 * Of the video in pixels, and how many of them one pixel of the film is along either side. Whatever the limits are.
 * The scale is the one with which either side, rounded, is even: a browser draws at any, and the codecs want even sides.
 */
export function videoSize(
  { width, height }: Pick<FilmFormat, 'width' | 'height'>,
  resolution: VideoResolution,
): Pick<VideoSpec, 'width' | 'height' | 'scale'> {
  const wanted = resolution === 'own' ? 1 : SHORT_SIDES[resolution] / Math.min(width, height);
  const size = { width: toEven(width * wanted), height: toEven(height * wanted) };
  // The longer side lost or gained at most one pixel: with this, either side is off by less than half of one.
  return { ...size, scale: (size.width + size.height) / (width + height) };
}

function holdToLimits({ format, width, height, fps, durationInFrames }: VideoSpec, film: FilmFormat): void {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const longest = format === 'gif' ? MAX_GIF_LONG_SIDE_PIXELS : MAX_LONG_SIDE_PIXELS;
  if (long > longest || short > MAX_SHORT_SIDE_PIXELS) {
    const limit = `${longest} pixels along the longer side and ${MAX_SHORT_SIDE_PIXELS} along the shorter`;
    throw new PermaframeError('VIDEO_TOO_LARGE', `${width} × ${height} pixels; the limit of ${format} is ${limit}`);
  }
  const fastest = format === 'gif' ? MAX_GIF_FPS : MAX_FPS;
  if (fps > fastest) {
    throw new PermaframeError('VIDEO_TOO_LARGE', `${fps} frames a second; the limit of ${format} is ${fastest}`);
  }
  const seconds = film.durationInFrames / film.fps;
  if (seconds > MAX_FILM_SECONDS) {
    throw new PermaframeError('VIDEO_TOO_LONG', `${Math.ceil(seconds)} seconds; the limit is ${MAX_FILM_SECONDS}`);
  }
  if (format === 'gif' && durationInFrames > MAX_GIF_FRAMES) {
    throw new PermaframeError('VIDEO_TOO_LONG', `${durationInFrames} frames; the limit of gif is ${MAX_GIF_FRAMES}`);
  }
}

/** The nearest even number; at least 2. */
function toEven(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

/** Three jobs follow one another (plan, render, attach), and each waits about this long for a machine of GitHub's. */
export const RENDER_JOB_START_MILLISECONDS = 20_000;
const JOBS_IN_A_ROW = 3;
/**
 * One machine of two cores draws, encodes and joins a frame of 1280 × 720 in about this time, in milliseconds; more pixels
 * take longer in proportion. VP9 and the colours of a GIF take longer than the pictures. Measured on the example films.
 */
const FRAME_MILLISECONDS: Readonly<Record<VideoFormat, number>> = { mp4: 50, webm: 110, gif: 90 };
const FRAME_PIXELS = 1280 * 720;

/**
 * How long a video takes from being asked for until it is ready, in milliseconds, on one machine.
 * @param share of the film that has to be rendered, 0 to 1: what was rendered before is kept
 */
export function estimateRenderMilliseconds(
  { format, width, height, durationInFrames }: Pick<VideoSpec, 'format' | 'width' | 'height' | 'durationInFrames'>,
  share = 1,
): number {
  const frame = FRAME_MILLISECONDS[format] * ((width * height) / FRAME_PIXELS);
  return JOBS_IN_A_ROW * RENDER_JOB_START_MILLISECONDS + Math.round(durationInFrames * frame * share);
}

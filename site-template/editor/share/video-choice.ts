/** What may be chosen for a video of a film, what a choice comes to, and whether it may be asked for: before asking. */
import {
  estimateRenderMilliseconds,
  type FilmFormat,
  isPermaframeError,
  isRenderOver,
  MAX_GIF_FPS,
  ownFps,
  specifyVideo,
  VIDEO_FRAME_RATES,
  VIDEO_RESOLUTIONS,
  type VideoFormat,
  type VideoFrameRate,
  type VideoQuality,
  type VideoRequest,
  type VideoResolution,
  type VideoSpec,
  videoSize,
} from './contract.ts';
import type { FilmOutline, RenderView } from './control-plane.ts';
import { type Problem, problemOf } from './problems.ts';
import { formatDuration } from './words.ts';

export const FIRST_CHOICE: VideoRequest = {
  format: 'mp4',
  quality: 'medium',
  resolution: 'own',
  fps: 'own',
  posterFrame: null,
};

export const FORMAT_NAMES: Readonly<Record<VideoFormat, string>> = { mp4: 'MP4', webm: 'WebM', gif: 'GIF' };
export const FORMAT_WORDS: Readonly<Record<VideoFormat, string>> = {
  mp4: 'Plays everywhere',
  webm: 'Smaller, for the web',
  gif: 'Short, no sound',
};
export const QUALITY_NAMES: Readonly<Record<VideoQuality, string>> = {
  low: 'Low: a small file',
  medium: 'Medium',
  high: 'High: the best picture',
};

export interface Option<Value extends string> {
  value: Value;
  name: string;
}

/** Sizes with the pixels that they come to. One that comes to the film's own is left out. */
export function sizeOptions(film: FilmFormat): Option<VideoResolution>[] {
  const own = pixels(film, 'own');
  return VIDEO_RESOLUTIONS.filter((value) => value === 'own' || pixels(film, value) !== own).map((value) => ({
    value,
    name: `${SIZE_NAMES[value]} (${pixels(film, value)})`,
  }));
}

const SIZE_NAMES: Readonly<Record<VideoResolution, string>> = {
  own: 'As the film',
  '720p': '720p',
  '1080p': '1080p',
  '4k': '4K',
};

function pixels(film: FilmFormat, resolution: VideoResolution): string {
  return formatPixels(videoSize(film, resolution));
}

export function rateOptions(film: FilmFormat, format: VideoFormat): Option<VideoFrameRate>[] {
  const own = ownFps(film, format);
  const name = own === film.fps ? `As the film (${own})` : `Half of the film’s (${own})`;
  return VIDEO_FRAME_RATES.filter((value) => Number(value) !== own && isRateOf(format, value)).map((value) => ({
    value,
    name: value === 'own' ? name : value,
  }));
}

function isRateOf(format: VideoFormat, rate: VideoFrameRate): boolean {
  return format !== 'gif' || rate === 'own' || Number(rate) <= MAX_GIF_FPS;
}

/** Another format may not have the frame rate that was chosen. */
export function withFormat(request: VideoRequest, format: VideoFormat): VideoRequest {
  return { ...request, format, fps: isRateOf(format, request.fps) ? request.fps : 'own' };
}

/** The value is the frame, or empty for the one that the renderer chooses. Of a film of one scene there is no choice. */
export function posterOptions({ scenes = [] }: FilmOutline): Option<string>[] {
  if (scenes.length < 2) return [];
  const named = scenes.map(({ title, middle }, index) => ({
    value: `${middle}`,
    name: `Scene ${index + 1}: ${title}`,
  }));
  return [{ value: '', name: 'Chosen for you' }, ...named];
}

/** Whose picture was asked for as the poster, in words that stay on one line; null where none was. */
export function posterOf({ scenes = [] }: FilmOutline, { posterFrame }: VideoRequest): string | null {
  if (posterFrame === null) return null;
  const index = scenes.findIndex(({ middle }) => middle === posterFrame);
  return `poster from ${index < 0 ? `frame ${posterFrame}` : `scene ${index + 1}`}`.replaceAll(' ', '\u00a0');
}

export type Verdict =
  | { kind: 'fine'; spec: VideoSpec; estimatedMilliseconds: number }
  /** The same video is there, or on its way. */
  | { kind: 'there'; spec: VideoSpec; isReady: boolean }
  | { kind: 'refused'; problem: Problem };

/** @param videos of the version: none is made twice */
export function verdictOf(film: FilmFormat, request: VideoRequest, videos: readonly RenderView[]): Verdict {
  let spec: VideoSpec;
  try {
    spec = specifyVideo(film, request);
  } catch (error) {
    if (isPermaframeError(error)) return { kind: 'refused', problem: problemOf(error) };
    throw error;
  }
  const made = sameVideo({ spec, request });
  const same = videos.find((video) => sameVideo(video) === made && !['failed', 'cancelled'].includes(video.state));
  if (same) return { kind: 'there', spec, isReady: isRenderOver(same.state) };
  return { kind: 'fine', spec, estimatedMilliseconds: estimateRenderMilliseconds(spec) };
}

/** Equal for requests that come to the same video. */
function sameVideo({ spec, request }: { spec: FilmFormat | null; request: VideoRequest }): string {
  const { format, quality, resolution, posterFrame } = request;
  const size = spec ? [spec.width, spec.height, spec.fps, spec.durationInFrames] : [resolution, request.fps];
  return [format, quality, posterFrame, ...size].join(' ');
}

/**
 * Each video once, however often it was tried: the newest attempt.
 * @param renders newest first
 */
export function eachVideoOnce(renders: readonly RenderView[]): RenderView[] {
  const seen = new Set<string>();
  return renders.filter((render) => {
    const which = sameVideo(render);
    return !seen.has(which) && seen.add(which);
  });
}

/** `1280 × 720`, never broken in two. */
export function formatPixels({ width, height }: Pick<FilmFormat, 'width' | 'height'>): string {
  return `${width}\u00a0×\u00a0${height}`;
}

/** `30 fps · 20 s` */
export function formatRunningTime({ fps, durationInFrames }: FilmFormat): string {
  return `${fps}\u00a0fps · ${formatDuration((durationInFrames / fps) * 1000)}`;
}

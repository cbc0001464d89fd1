/** A video as a command tells of it. */
import { PermaframeError } from '../../action/contract/errors.ts';
import { videoKey } from '../../action/contract/keys.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';
import { addressOf, type PinnedLink } from '../link.ts';
import { formatMilliseconds } from '../output.ts';
import { displayPath } from '../pipeline.ts';
import type { VideoFiles } from './files.ts';
import type { WatchedRender } from './render-by-control-plane.ts';
import type { RenderedHere } from './render-here.ts';

/** An entry of `videos` in what --json prints. */
export interface VideoDescription extends AttachedVideo {
  /** Whether it was there already. */
  deduplicated: boolean;
  /** Pieces of the film, and how many of them had to be rendered; null where that is not known. */
  chunks: { all: number; rendered: number } | null;
  /** Where it is served; null where it was not attached. */
  url: string | null;
  files: VideoFiles | null;
  /** In milliseconds. */
  timings: Readonly<Record<string, number>>;
}

/** @param isAttached whether the link offers it */
export function describeRendered(
  { video, deduplicated, chunks, timings }: RenderedHere,
  link: PinnedLink,
  isAttached: boolean,
  files: VideoFiles | null,
): VideoDescription {
  const url = isAttached ? videoUrl(link, video) : null;
  return { ...video, deduplicated, chunks: deduplicated ? null : chunks, url, files, timings };
}

/** @param link that was asked for; null: the version's public one */
export function describeWatched(
  { render, deduplicated }: WatchedRender,
  link: PinnedLink | null,
  files: VideoFiles | null,
): VideoDescription {
  const { video, chunks, toRender, timings, times } = render;
  if (!video) throw new PermaframeError('INTERNAL', 'a render is ready without a video');
  const known = !deduplicated && chunks !== null && toRender !== null;
  return {
    ...video,
    deduplicated,
    chunks: known ? { all: chunks, rendered: toRender } : null,
    url: link ? videoUrl(link, video) : render.downloadUrl,
    files,
    timings: { ...timings, total: (times.ended ?? times.queued) - times.queued },
  };
}

export function videoUrl(link: PinnedLink, { key, format }: Pick<AttachedVideo, 'key' | 'format'>): string {
  return addressOf(videoKey(link.thread, link.version, key, format), link).href;
}

/** Where it is, and what it is. */
export function videoLines(video: VideoDescription): string[] {
  const { format, width, height, bytes, deduplicated, chunks, url, files, timings } = video;
  const where = [url, files && displayPath(files.video)].filter((place) => place !== null);
  const reused = chunks && chunks.rendered < chunks.all ? `, ${chunks.rendered} of ${chunks.all} pieces rendered` : '';
  const how = deduplicated ? 'was there already' : `in ${formatMilliseconds(timings.total ?? 0)}${reused}`;
  return [...where, `${format}, ${width} × ${height}, ${formatBytes(bytes)}, ${how}.`];
}

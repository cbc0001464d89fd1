/** Addresses of a finished video and of its poster. */
import type { RenderView } from './control-plane.ts';

type File = Pick<RenderView, 'video' | 'downloadUrl'>;

/**
 * Where the browser saves the video instead of showing it. Null while there is none.
 * @param page a signed link to the page of its version, where the plain address opens for nobody
 */
export function downloadUrlOf({ video, downloadUrl }: File, page: string | null = null): string | null {
  if (video === null) return null;
  const address = page === null ? downloadUrl : `${page}/video/${video.key}.${video.format}`;
  if (address === null) return null;
  const url = new URL(address);
  if (!url.searchParams.has('download')) url.search = '?download';
  return url.href;
}

/** It lies beside the video. */
export function posterUrlOf({ video, downloadUrl }: File): string | null {
  return video === null || downloadUrl === null ? null : new URL(`${video.key}.jpg`, downloadUrl).href;
}

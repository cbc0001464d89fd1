/**
 * What the edge adds to the page of a version that has videos. The page itself was stored before there were any, and its
 * bytes never change. Pure.
 */
import { artifactPrefix, posterKey, videoKey } from '../../action/contract/keys.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import { pinnedPath } from '../../action/contract/links.ts';
import type { Meta } from '../../action/contract/meta.ts';
import type { AttachedVideo, VideoFormat } from '../../action/contract/video.ts';
import { escapeHtml } from './escape.ts';
import type { Thumbnail } from './oembed.ts';

/** All of it is HTML. */
export interface Additions {
  /** For the head: what programs read. */
  head: string;
  /** For the head of a page without a picture of its own. */
  image: string;
  /** For the menu: downloads, one a format. */
  menu: string;
  /** In place of the card that stands for a film without a poster. */
  poster: string;
}

interface Place {
  thread: string;
  version: number;
  /** Origin in public addresses. */
  origin: string;
}

interface Page extends Place {
  /** Whether it is seen through a signed link. */
  signed: boolean;
}

/** As menus list them, and as a person names them. */
const FORMAT_NAMES: Readonly<Record<VideoFormat, string>> = { mp4: 'MP4', webm: 'WebM', gif: 'GIF' };
const CONTENT_TYPES: Readonly<Record<VideoFormat, string>> = {
  mp4: 'video/mp4',
  webm: 'video/webm',
  gif: 'image/gif',
};

/**
 * The look of the entries comes with them: a page may be older than the thought of a video. Nothing else in the player
 * is an `a` or `small`. Written as the player's style is, which the page has already: so it packs into few bytes.
 */
const MENU_STYLE =
  // The longer menu would reach out of a small embed.
  '#menu{max-height:calc(100dvh - 66px);overflow:auto}' +
  'a{all:unset;box-sizing:border-box;cursor:pointer;min-width:44px;min-height:44px;border-radius:8px;display:flex;align-items:center;padding:0 16px;white-space:nowrap}' +
  'a:hover{background:var(--faint)}' +
  'small{margin-left:auto;padding-left:24px;color:var(--dim)}';

/**
 * What to add. Null: nothing, the page goes out as it was stored.
 * @param videos of this version, the newest first
 */
export function additionsTo(page: Page, videos: readonly AttachedVideo[]): Additions | null {
  const [newest] = videos;
  if (newest === undefined) return null;
  const offered = newestOfEachFormat(videos);
  // Whoever makes a preview of a link keeps a copy of what it shows: not of what is behind a signed one.
  const told = page.signed ? '' : describeVideo(page, offered);
  const alternates = offered.filter(({ format }) => format !== 'gif').map((video) => alternateLink(page, video));
  return {
    head: told + alternates.join(''),
    image: page.signed ? '' : describeImage(page, newest),
    menu: `<style>${MENU_STYLE}</style>${offered.map((video) => menuEntry(page, video)).join('')}`,
    poster: `<img src="${posterPath(page, newest)}" alt="" width="${newest.width}" height="${newest.height}" fetchpriority="high">`,
  };
}

/** In the order of {@link FORMAT_NAMES}. */
function newestOfEachFormat(videos: readonly AttachedVideo[]): AttachedVideo[] {
  const formats = Object.keys(FORMAT_NAMES);
  return formats.flatMap((format) => videos.find((video) => video.format === format) ?? []);
}

/** A GIF is no video to those who read this. */
function describeVideo(page: Place, offered: readonly AttachedVideo[]): string {
  const video = offered.find(({ format }) => format !== 'gif');
  if (video === undefined) return '';
  const url = publicUrl(page, videoPath(page, video));
  return properties([
    ['og:video', url],
    ...(url.startsWith('https:') ? [['og:video:secure_url', url] as const] : []),
    ['og:video:type', CONTENT_TYPES[video.format]],
    ['og:video:width', video.width],
    ['og:video:height', video.height],
  ]);
}

function describeImage(page: Place, video: AttachedVideo): string {
  const url = publicUrl(page, posterPath(page, video));
  const size = [
    ['og:image:width', video.width],
    ['og:image:height', video.height],
  ] as const;
  return `${properties([['og:image', url], ...size])}<meta name="twitter:image" content="${escapeHtml(url)}">\n`;
}

function properties(pairs: readonly (readonly [string, string | number])[]): string {
  return pairs.map(([name, value]) => `<meta property="${name}" content="${escapeHtml(String(value))}">\n`).join('');
}

function alternateLink(page: Place, video: AttachedVideo): string {
  return `<link rel="alternate" type="${CONTENT_TYPES[video.format]}" href="${videoPath(page, video)}">\n`;
}

/** The script of a page that was published earlier knows nothing of this entry: it closes the menu by itself. */
function menuEntry(page: Place, video: AttachedVideo): string {
  const size = `${FORMAT_NAMES[video.format]}, ${formatBytes(video.bytes)}`;
  return `<a href="${videoPath(page, video)}?download" onclick="parentNode.hidePopover()">Download video <small>${size}</small></a>`;
}

/**
 * The picture that a preview shows: the project's own poster, else that of the newest video. Null when there is neither,
 * and for an app, whose poster may have any size.
 */
export function thumbnailOf(meta: Meta, videos: readonly AttachedVideo[], origin: string): Thumbnail | null {
  if (meta.kind !== 'storyboard') return null;
  const { thread, version, width, height } = meta;
  const page = { thread, version, origin };
  if (meta.poster !== undefined) return { url: publicUrl(page, pathOf(page, meta.poster)), width, height };
  const [video] = videos;
  return video ? { url: publicUrl(page, posterPath(page, video)), width: video.width, height: video.height } : null;
}

function videoPath(page: Place, { key, format }: AttachedVideo): string {
  return pathOf(page, videoKey(page.thread, page.version, key, format));
}

function posterPath(page: Place, { key }: AttachedVideo): string {
  return pathOf(page, posterKey(page.thread, page.version, key));
}

/** Relative to the page, as the page's own addresses are: they keep the token of a signed link. */
function pathOf({ thread, version }: Place, key: string): string {
  return `${version}/${key.slice(artifactPrefix(thread, version).length)}`;
}

function publicUrl({ thread, version, origin }: Place, path: string): string {
  return new URL(path, origin + pinnedPath(thread, version)).href;
}

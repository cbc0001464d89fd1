/** `/oembed` (oembed.com): how another site shows a share link in place. Pure. */
import { parseLink } from '../../action/contract/links.ts';
import type { Meta } from '../../action/contract/meta.ts';
import { escapeHtml } from './escape.ts';

/** An app has no size of its own, in pixels. */
const APP_WIDTH = 960;
const APP_HEIGHT = 600;

export type OembedRequest =
  | { kind: 'page'; thread: string; version: number | 'latest'; path: string; bounds: Bounds }
  | { kind: 'formatUnsupported' }
  | { kind: 'notOurs' };

/** A picture of a page; its size in pixels. */
export interface Thumbnail {
  url: string;
  width: number;
  height: number;
}

/** In pixels. */
interface Bounds {
  maxWidth: number;
  maxHeight: number;
}

/**
 * Only public addresses can be embedded by name: a signed link is for the people it was given to, and a site that asks
 * here would keep it.
 * @param origins origins under which this edge is known
 */
export function readOembedRequest(query: URLSearchParams, origins: readonly string[]): OembedRequest {
  if ((query.get('format') ?? 'json') !== 'json') return { kind: 'formatUnsupported' };
  const url = URL.parse(query.get('url') ?? '');
  if (url === null || !origins.includes(url.origin)) return { kind: 'notOurs' };
  const path = url.pathname.replace(/\/$/, '');
  const target = parseLink(path);
  if (target?.kind !== 'pinned' && target?.kind !== 'latest') return { kind: 'notOurs' };
  const version = target.kind === 'pinned' ? target.version : 'latest';
  const bounds = { maxWidth: readBound(query.get('maxwidth')), maxHeight: readBound(query.get('maxheight')) };
  return { kind: 'page', thread: target.thread, version, path, bounds };
}

function readBound(text: string | null): number {
  return text !== null && /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

/**
 * @param page its path below `origin`, and how much room there is
 * @param thumbnail null when the page has no picture
 * @returns the answer as JSON
 */
export function formatOembed(
  meta: Meta,
  origin: string,
  { path, bounds }: { path: string; bounds: Bounds },
  thumbnail: Thumbnail | null,
): string {
  const { width, height } = sizeOf(meta, bounds);
  const attributes = {
    src: `${origin}${path}?embed=1`,
    width: String(width),
    height: String(height),
    title: meta.title,
    style: 'border:0',
    allow: 'fullscreen; autoplay',
  };
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}="${escapeHtml(value)}"`);
  return JSON.stringify({
    version: '1.0',
    type: 'rich',
    title: meta.title,
    provider_name: 'Permaframe',
    provider_url: `${origin}/`,
    width,
    height,
    html: `<iframe ${pairs.join(' ')} allowfullscreen></iframe>`,
    ...(thumbnail && describeThumbnail(thumbnail, bounds)),
  });
}

/** The specification holds thumbnails to the bounds too. There is one size of each. */
function describeThumbnail({ url, width, height }: Thumbnail, { maxWidth, maxHeight }: Bounds): object {
  if (width > maxWidth || height > maxHeight) return {};
  return { thumbnail_url: url, thumbnail_width: width, thumbnail_height: height };
}

/** A film keeps its shape; an app takes the room that there is. */
function sizeOf(meta: Meta, { maxWidth, maxHeight }: Bounds): { width: number; height: number } {
  if (meta.kind === 'app') return { width: Math.min(APP_WIDTH, maxWidth), height: Math.min(APP_HEIGHT, maxHeight) };
  const scale = Math.min(1, maxWidth / meta.width, maxHeight / meta.height);
  // Rounded down: a bound is a bound. Never to nothing.
  const scaled = (pixels: number) => Math.max(1, Math.floor(pixels * scale));
  return { width: scaled(meta.width), height: scaled(meta.height) };
}

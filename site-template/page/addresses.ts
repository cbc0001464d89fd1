/** Addresses, made from object keys. The page is served at `…/p/{thread}/{version}`: its base is `…/p/{thread}/`. */
import { artifactPrefix } from '../../action/contract/keys.ts';
import { pinnedPath } from '../../action/contract/links.ts';
import type { Meta } from '../../action/contract/meta.ts';

type Version = Pick<Meta, 'thread' | 'version'>;

/**
 * The address of an object, as the page writes it. The runtime is public and the same for all pages; everything else
 * is relative, so that a signed link (`/s/{token}/p/…`) keeps its token.
 */
export function addressOf({ thread, version }: Version, key: string): string {
  if (key.startsWith('runtime/')) return `/${key}`;
  const own = artifactPrefix(thread, version);
  return key.startsWith(own) ? `${version}/${key.slice(own.length)}` : `../../${key}`;
}

/** Where the artifact's assets are, with a slash at the end. */
export function assetBaseOf({ version }: Version): string {
  return `${version}/assets/`;
}

/** The page's one public address. */
export function canonicalUrl(publicUrl: string, { thread, version }: Version): string {
  return publicUrl + pinnedPath(thread, version);
}

/** The public address of one of the artifact's own files. */
export function publicFileUrl(publicUrl: string, version: Version, key: string): string {
  return new URL(addressOf(version, key), canonicalUrl(publicUrl, version)).href;
}

/** Where oEmbed consumers read about the page. */
export function oembedUrl(publicUrl: string, version: Version): string {
  return `${publicUrl}/oembed?url=${encodeURIComponent(canonicalUrl(publicUrl, version))}&format=json`;
}

/** A store of which the published part is read through a link, and what is added lies in a folder. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PermaframeError } from '../../action/contract/errors.ts';
import { parseKey } from '../../action/contract/keys.ts';
import { MAX_ARTIFACT_BYTES, MAX_VIDEO_BYTES } from '../../action/contract/limits.ts';
import type { ObjectStore } from '../../action/core/ports.ts';
import { addressOf, fetchBytes, type LinkTools, type PinnedLink, refuseUnlessOk, request } from '../link.ts';

/** What the edge serves; chunks it does not. */
const SERVED = [
  'artifact',
  'asset',
  'video',
  'poster',
  'contactSheet',
  'scene',
  'module',
  'runtime',
  'runtimeManifest',
];

/**
 * What a video is rendered from and into, for whoever has no credentials of the real store.
 * @param folder an empty one; created objects lie where their keys say
 */
export function createLinkStore(
  link: PinnedLink,
  folder: string,
  tools: LinkTools,
): Pick<ObjectStore, 'create' | 'head' | 'get'> {
  const created = new Map<string, { bytes: number; sha256: string }>();
  return {
    async create({ key, body, sha256 }) {
      const known = created.get(key);
      if (known) return { kind: 'exists', sha256: known.sha256 };
      const path = pathOf(key, folder);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, body);
      created.set(key, { bytes: body.byteLength, sha256 });
      return { kind: 'created' };
    },
    async head(key) {
      const known = created.get(key);
      if (known || !isServed(key)) return known ?? null;
      const response = await request(addressOf(key, link), tools, { method: 'HEAD' });
      if (response.status === 404) return null;
      refuseUnlessOk(response, addressOf(key, link));
      return { bytes: Number(response.headers.get('content-length')), sha256: null };
    },
    async get(key) {
      if (created.has(key)) return readFile(pathOf(key, folder));
      if (!isServed(key)) return null;
      const limit = parseKey(key)?.kind === 'video' ? MAX_VIDEO_BYTES : MAX_ARTIFACT_BYTES;
      return await fetchBytes(addressOf(key, link), limit, tools).then(({ bytes }) => bytes, nullIfMissing);
    },
  };
}

function isServed(key: string): boolean {
  return SERVED.includes(parseKey(key)?.kind ?? '');
}

/** Nothing but a key of ours becomes a path. */
function pathOf(key: string, folder: string): string {
  if (parseKey(key) === null) throw new PermaframeError('INTERNAL', `${JSON.stringify(key)} is no key of an object`);
  return join(folder, key);
}

function nullIfMissing(error: unknown): null {
  if (error instanceof PermaframeError && error.code === 'ARTIFACT_MISSING') return null;
  throw error;
}

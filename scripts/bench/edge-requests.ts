/** What the edge and its peer are asked for: the same objects, the same bytes over the wire. */
import { createHash } from 'node:crypto';
import { fileTypeOf } from '../../action/contract/content-types.ts';
import { brotliKey, pageKey } from '../../action/contract/keys.ts';
import { pinnedPath } from '../../action/contract/links.ts';
import type { FilmMeta } from '../../action/contract/meta.ts';
import { cacheControlOf } from '../../action/core/compose.ts';
import type { ObjectStore, ObjectToPut } from '../../action/core/ports.ts';
import type { LoadJob } from './load.ts';

/** Requests a sample, at most: more would say the same. */
const MAX_REQUESTS = 4000;
/** Time of a sample, in milliseconds. */
const SAMPLE_MILLISECONDS = 400;
/** As many as a browser opens on the connections of three viewers or so. */
const CONCURRENCY = 16;
/** The part of a sound file that is asked for: within what the edge must cut, in bytes. */
const RANGE = { offset: 100_000, length: 65_536 };

export interface EdgeRequest {
  what: string;
  edge: LoadJob;
  peer: LoadJob;
}

/** An object as the peer stores it. */
interface Sample {
  key: string;
  body: Buffer;
}

type Asked = Pick<LoadJob, 'path' | 'headers'>;
type Expected = LoadJob['expected'];

/** The objects that the requests are about. */
export async function readSamples(meta: FilmMeta, store: ObjectStore): Promise<Record<SampleName, Sample>> {
  const read = async (key: string | undefined): Promise<Sample> => {
    const body = key === undefined ? null : await store.get(key);
    if (key === undefined || body === null) throw new Error(`${key ?? 'an object'} is missing in the store`);
    return { key, body: Buffer.from(body) };
  };
  const modules = meta.files.filter(({ key }) => key.startsWith('projects/'));
  const libraries = meta.files.filter(({ key }) => key.startsWith('runtime/'));
  const smallest = modules.sort((a, b) => a.bytes - b.bytes)[0];
  const core = libraries.sort((a, b) => b.bytes - a.bytes)[0];
  const sound = meta.files.find(({ contentType }) => contentType.startsWith('audio/'));
  return {
    page: await read(pageKey(meta.thread, meta.version)),
    module: await read(smallest?.key),
    core: await read(core && brotliKey(core.key)),
    sound: await read(sound?.key),
  };
}

type SampleName = 'page' | 'module' | 'core' | 'sound';

/** @param key of the object, or of its brotli copy */
export function toObject({ key, body }: Sample): ObjectToPut {
  const contentType = fileTypeOf(key.replace(/\.br$/, ''))?.contentType ?? 'application/octet-stream';
  return { key, body, sha256: sha256Of(body), contentType, cacheControl: cacheControlOf(key) };
}

/** @param origins of the edge and of the peer */
export async function listRequests(
  meta: FilmMeta,
  samples: Record<SampleName, Sample>,
  origins: { edge: string; peer: string },
): Promise<EdgeRequest[]> {
  const { page, module, core, sound } = samples;
  const pair = (what: string, edge: Asked, peer: Asked, expected: Expected): EdgeRequest => ({
    what,
    edge: toJob(origins.edge, edge, expected),
    // The smallest Worker says nothing of encodings and tags.
    peer: toJob(origins.peer, peer, { ...expected, headers: {} }),
  });
  const plain = { 'accept-encoding': 'identity' };
  const pageAsked = { path: pinnedPath(meta.thread, meta.version), headers: plain };
  const peerAsked = ({ key }: Sample, headers = {}): Asked => ({ path: `/${key}`, headers: { ...plain, ...headers } });
  const tag = await tagOf(origins.edge, pageAsked);
  // R2's tag of an object is its MD5.
  const peerTag = `"${createHash('md5').update(page.body).digest('hex')}"`;
  const range = { range: `bytes=${RANGE.offset}-${RANGE.offset + RANGE.length - 1}` };
  const part = sound.body.subarray(RANGE.offset, RANGE.offset + RANGE.length);
  const assetPath = `${pageAsked.path}/${sound.key.slice(sound.key.indexOf('assets/'))}`;
  const contentRange = `${range.range.replace('=', ' ')}/${sound.body.byteLength}`;
  return [
    pair('pinned page', pageAsked, peerAsked(page), expect(200, page.body)),
    pair('small module', { path: `/${module.key}`, headers: plain }, peerAsked(module), expect(200, module.body)),
    pair(
      'runtime core, brotli',
      { path: `/${core.key.replace(/\.br$/, '')}`, headers: { 'accept-encoding': 'br' } },
      peerAsked(core),
      expect(200, core.body, { 'content-encoding': 'br' }),
    ),
    pair(
      '304 for a page',
      { ...pageAsked, headers: { ...plain, 'if-none-match': tag } },
      peerAsked(page, { 'if-none-match': peerTag }),
      expect(304, Buffer.alloc(0), { etag: tag }),
    ),
    pair(
      'range of a sound',
      { path: assetPath, headers: { ...plain, ...range } },
      peerAsked(sound, range),
      expect(206, part, { 'content-range': contentRange }),
    ),
  ];
}

function toJob(origin: string, asked: Asked, expected: Expected): LoadJob {
  const bounds = { concurrency: CONCURRENCY, maxMilliseconds: SAMPLE_MILLISECONDS, maxRequests: MAX_REQUESTS };
  return { origin, ...asked, expected, ...bounds };
}

function expect(status: number, body: Buffer, headers: Expected['headers'] = {}): Expected {
  return { status, bytes: body.byteLength, sha256: sha256Of(body), headers };
}

async function tagOf(origin: string, { path, headers }: Asked): Promise<string> {
  const response = await fetch(`${origin}${path}`, { headers });
  await response.body?.cancel();
  const tag = response.headers.get('etag');
  if (tag === null) throw new Error(`${origin}${path} has no ETag`);
  return tag;
}

function sha256Of(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

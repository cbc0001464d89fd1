/** How each file of a version is sent, to whoever has been let in. */
import { CACHE_IMMUTABLE, CACHE_PRIVATE, CACHE_SHORT } from '../../action/contract/content-types.ts';
import { metaKey, type ParsedKey, parseKey } from '../../action/contract/keys.ts';
import { type Meta, metaSchema } from '../../action/contract/meta.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';
import { type Additions, additionsTo } from './additions.ts';
import { dispositionOf } from './download-name.ts';
import { addPageHeaders, INERT_POLICY, mediaPolicy, pagePolicy } from './headers.ts';
import type { VersionFile } from './intent.ts';
import type { Objects } from './objects.ts';
import { type Compress, type Delivery, sendObject, sendRewritten } from './respond.ts';
import type { Visit } from './visit.ts';

/** What sending takes. */
interface Sender {
  objects: Objects;
  visit: Visit;
  /** Puts additions into a page. */
  addToPage: (page: Response, additions: Additions) => Response;
  compress: Compress;
}

/**
 * Null when there is no such file.
 * @param videos of the version, the newest first
 */
export async function sendVersionFile(
  file: VersionFile,
  videos: readonly AttachedVideo[],
  sender: Sender,
): Promise<Response | null> {
  const parsed = parseKey(file.key);
  if (parsed === null) return null;
  const response =
    parsed.kind === 'artifact' && parsed.file === 'page.html'
      ? await sendPage(file, videos, sender)
      : await sendFile(file, parsed, sender);
  if (response && file.token !== null) response.headers.set('X-Robots-Tag', 'noindex');
  return response;
}

async function sendPage(file: VersionFile, videos: readonly AttachedVideo[], sender: Sender): Promise<Response | null> {
  const { objects, visit, addToPage, compress } = sender;
  const delivery = { ...deliveryOf(file, CACHE_SHORT), policy: pagePolicy(visit.origins) };
  const { thread, version, token, wants } = file;
  const place = { thread, version, origin: visit.origin, signed: token !== null };
  const additions = wants === 'stored' ? null : additionsTo(place, videos);
  const response = additions
    ? await sendRewritten(
        objects,
        delivery,
        { name: JSON.stringify(additions), rewrite: (page) => addToPage(page, additions), compress },
        visit,
      )
    : await sendObject(objects, delivery, visit);
  if (response) addPageHeaders(response.headers);
  return response;
}

async function sendFile(file: VersionFile, parsed: ParsedKey, { objects, visit }: Sender): Promise<Response | null> {
  switch (parsed.kind) {
    case 'video':
    case 'poster':
    case 'contactSheet': {
      const policy = parsed.kind === 'video' ? mediaPolicy(visit.origins) : INERT_POLICY;
      const delivery = { ...deliveryOf(file, CACHE_IMMUTABLE), policy };
      const meta = file.wants === 'saved' ? await readMeta(objects, file.thread, file.version, delivery.keep) : null;
      const disposition = meta ? { disposition: dispositionOf(parsed, meta.title) } : {};
      return sendObject(objects, { ...delivery, ...disposition }, visit);
    }
    case 'asset':
      return sendObject(objects, deliveryOf(file, CACHE_IMMUTABLE), visit);
    default:
      return sendObject(objects, deliveryOf(file, CACHE_SHORT), visit);
  }
}

/** @param cacheControl for those who came without a signed link */
function deliveryOf({ key, token }: VersionFile, cacheControl: string): Delivery {
  const signed = token !== null;
  return { key, cacheControl: signed ? CACHE_PRIVATE : cacheControl, keep: !signed, policy: INERT_POLICY };
}

/**
 * Null when the version does not exist.
 * @param keep see {@link Objects.open}
 * @throws when it cannot be understood
 */
export async function readMeta(objects: Objects, thread: string, version: number, keep: boolean): Promise<Meta | null> {
  const opened = await objects.open(metaKey(thread, version), keep);
  return opened && metaSchema.parse(await new Response(opened.body).json());
}

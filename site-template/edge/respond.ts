/** Turns what was decided into responses. */
import { fileTypeOf } from '../../action/contract/content-types.ts';
import { brotliKey } from '../../action/contract/keys.ts';
import { formatContentRange, type Selection, selectPart } from './conditions.ts';
import { INERT_POLICY } from './headers.ts';
import type { Facts, Objects } from './objects.ts';
import type { Visit } from './visit.ts';

/** Errors and everything that the next request may answer otherwise. */
export const CACHE_NOTHING = 'no-store';

/** How an object is to be delivered. */
export interface Delivery {
  key: string;
  cacheControl: string;
  /** Whether the edge may keep a copy. */
  keep: boolean;
  /** Content security policy; {@link INERT_POLICY} for everything but a page. */
  policy: string;
}

/** One of the two forms in which an object may be sent. */
interface Representation extends Delivery {
  /** Key of the bytes that go over the wire. */
  stored: string;
  contentType: string;
  encoding: 'br' | null;
  varies: boolean;
}

/** The object, the part of it that is asked for, or "you have it". Null when it does not exist. */
export async function sendObject(objects: Objects, delivery: Delivery, visit: Visit): Promise<Response | null> {
  const type = fileTypeOf(delivery.key);
  if (!type) return null;
  const common = { ...delivery, contentType: type.contentType, varies: type.compressible };
  // Parts are parts of the plain object: nobody can do anything with a piece of a brotli stream.
  const compress = type.compressible && visit.takesBrotli && visit.conditions.range === null;
  if (compress && objects.mayHaveCopy(delivery.key)) {
    const compressed = { ...common, stored: brotliKey(delivery.key), encoding: 'br' } as const;
    const response = await sendRepresentation(objects, compressed, visit);
    if (response) return response;
  }
  const response = await sendRepresentation(objects, { ...common, stored: delivery.key, encoding: null }, visit);
  if (compress && response) objects.rememberPlain(delivery.key);
  return response;
}

async function sendRepresentation(objects: Objects, form: Representation, visit: Visit): Promise<Response | null> {
  const { method, conditions } = visit;
  let selection: Selection = { kind: 'whole' };
  if (method === 'HEAD' || conditions.ifNoneMatch !== null || conditions.range !== null) {
    const facts = await objects.describe(form.stored);
    if (!facts) return null;
    selection = selectPart(conditions, method, etagOf(form, facts), facts.bytes);
    if (selection.kind === 'notModified') return new Response(null, { status: 304, headers: headersOf(form, facts) });
    if (selection.kind === 'unsatisfiable') return unsatisfiable(form, facts);
    if (method === 'HEAD') return headOnly(form, facts);
  }
  const span = selection.kind === 'part' ? selection.span : undefined;
  const opened = await objects.open(form.stored, form.keep, span);
  if (!opened) return null;
  const headers = headersOf(form, opened.facts);
  describeBody(headers, form);
  headers.set('X-Permaframe-Source', opened.source);
  if (span) headers.set('Content-Range', formatContentRange(span, opened.facts.bytes));
  // `manual`: the bytes are brotli already, the runtime is not to compress them again.
  const init: ResponseInit & { encodeBody?: 'manual' } = { status: span ? 206 : 200, headers };
  if (form.encoding) init.encodeBody = 'manual';
  return new Response(opened.body, init);
}

/** A body of null has no length by itself, so that of the object is said. */
function headOnly(form: Representation, facts: Facts): Response {
  const headers = headersOf(form, facts);
  describeBody(headers, form);
  headers.set('Content-Length', String(facts.bytes));
  return new Response(null, { headers, ...(form.encoding ? { encodeBody: 'manual' } : {}) });
}

function unsatisfiable(form: Representation, facts: Facts): Response {
  const headers = headersOf(form, facts);
  headers.set('Cache-Control', CACHE_NOTHING);
  headers.set('Content-Range', `bytes */${facts.bytes}`);
  return new Response(null, { status: 416, headers });
}

/** Strong, and another one for each representation, as their bytes differ. */
function etagOf(form: Representation, facts: Facts): string {
  return form.encoding === null ? `"${facts.tag}"` : `"${facts.tag}-${form.encoding}"`;
}

/** What a 304 repeats as well. */
function headersOf(form: Representation, facts: Facts): Headers {
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': form.cacheControl,
    'Content-Security-Policy': form.policy,
    ETag: etagOf(form, facts),
  });
  if (form.varies) headers.set('Vary', 'Accept-Encoding');
  return headers;
}

function describeBody(headers: Headers, form: Representation): void {
  headers.set('Content-Type', form.contentType);
  if (form.encoding !== null) headers.set('Content-Encoding', form.encoding);
}

/** A short text of our own making. */
export function sendText(
  visit: Pick<Visit, 'method'>,
  answer: { status?: number; contentType: string; cacheControl: string; policy?: string; body: string },
): Response {
  const body = new TextEncoder().encode(answer.body);
  const headers = new Headers({
    'Content-Type': answer.contentType,
    'Cache-Control': answer.cacheControl,
    'Content-Security-Policy': answer.policy ?? INERT_POLICY,
  });
  if (visit.method === 'HEAD') headers.set('Content-Length', String(body.byteLength));
  return new Response(visit.method === 'HEAD' ? null : body, { status: answer.status ?? 200, headers });
}

export function redirect(status: 302 | 308, location: string, cacheControl: string): Response {
  return new Response(null, { status, headers: { Location: location, 'Cache-Control': cacheControl } });
}

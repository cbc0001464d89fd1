/** Turns what was decided into responses. */
import { fileTypeOf } from '../../action/contract/content-types.ts';
import { brotliKey } from '../../action/contract/keys.ts';
import { formatContentRange, type Selection, type Span, selectPart } from './conditions.ts';
import { INERT_POLICY } from './headers.ts';
import { cut, type Facts, type Objects, type Opened, type Recipe } from './objects.ts';
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
  /** What a browser is to save it as, as the value of Content-Disposition. Left out: it is shown. */
  disposition?: string;
}

/** Where the bytes that go over the wire come from. Null, both times: there is no such object. */
interface Source {
  describe(): Promise<Facts | null>;
  open(span?: Span): Promise<Opened | null>;
}

/** One of the two forms in which an object may be sent. */
interface Representation extends Delivery {
  source: Source;
  contentType: string;
  encoding: 'br' | null;
  varies: boolean;
}

/** The object, the part of it that is asked for, or "you have it". Null when it does not exist. */
export async function sendObject(objects: Objects, delivery: Delivery, visit: Visit): Promise<Response | null> {
  const { key, keep } = delivery;
  const type = fileTypeOf(key);
  if (!type) return null;
  const common = { ...delivery, contentType: type.contentType, varies: type.compressible };
  const compress = type.compressible && mayCompress(visit);
  if (compress && objects.mayHaveCopy(key)) {
    const compressed = { ...common, source: storedSource(objects, brotliKey(key), keep), encoding: 'br' } as const;
    const response = await sendRepresentation(compressed, visit);
    if (response) return response;
  }
  const plain = { ...common, source: storedSource(objects, key, keep), encoding: null };
  const response = await sendRepresentation(plain, visit);
  if (compress && response) objects.rememberPlain(key);
  return response;
}

/** What is sent in place of an object. */
export interface Rewriting {
  /** Tells rewritings of the same object apart. */
  name: string;
  rewrite(object: Response): Response;
  compress: Compress;
}

/**
 * Brotli.
 * @param effort `best` takes 10 ms for a page, `quick` a thirtieth of that for 8 % more bytes
 */
export type Compress = (content: Uint8Array, effort: 'best' | 'quick') => Uint8Array<ArrayBuffer>;

/** As {@link sendObject}, for text that is rewritten on its way. Its tags are those of what is sent. */
export async function sendRewritten(
  objects: Objects,
  delivery: Delivery,
  { name, rewrite, compress }: Rewriting,
  visit: Visit,
): Promise<Response | null> {
  const type = fileTypeOf(delivery.key);
  if (!type) return null;
  const make: Recipe['make'] = async (body) => {
    const headers = { 'Content-Type': type.contentType };
    return new Uint8Array(await rewrite(new Response(body, { headers })).arrayBuffer());
  };
  const common = { ...delivery, contentType: type.contentType, varies: true };
  // The stored copy is of no use here, and what the network compresses by itself it compresses in haste. Behind a
  // signed link nothing is kept: there it would be the best for each visitor anew.
  const recipe: Recipe = mayCompress(visit)
    ? { name: `br ${name}`, make: async (body) => compress(await make(body), delivery.keep ? 'best' : 'quick') }
    : { name, make };
  const source = derivedSource(objects, delivery, recipe);
  return sendRepresentation({ ...common, source, encoding: mayCompress(visit) ? 'br' : null }, visit);
}

/** Parts are parts of the plain object: nobody can do anything with a piece of a brotli stream. */
function mayCompress(visit: Visit): boolean {
  return visit.takesBrotli && visit.conditions.range === null;
}

function storedSource(objects: Objects, key: string, keep: boolean): Source {
  return { describe: () => objects.describe(key), open: (span) => objects.open(key, keep, span) };
}

/** Made once a request, whatever of it is asked for. */
function derivedSource(objects: Objects, { key, keep }: Delivery, recipe: Recipe): Source {
  let making: ReturnType<Objects['derive']> | undefined;
  const make = () => {
    making ??= objects.derive(key, keep, recipe);
    return making;
  };
  return {
    describe: async () => (await make())?.facts ?? null,
    open: async (span) => {
      const made = await make();
      return made && { facts: made.facts, body: cut(made.content, span), source: made.source };
    },
  };
}

async function sendRepresentation(form: Representation, visit: Visit): Promise<Response | null> {
  const { method, conditions } = visit;
  let selection: Selection = { kind: 'whole' };
  if (method === 'HEAD' || conditions.ifNoneMatch !== null || conditions.range !== null) {
    const facts = await form.source.describe();
    if (!facts) return null;
    selection = selectPart(conditions, method, etagOf(form, facts), facts.bytes);
    if (selection.kind === 'notModified') return new Response(null, { status: 304, headers: headersOf(form, facts) });
    if (selection.kind === 'unsatisfiable') return unsatisfiable(form, facts);
    if (method === 'HEAD') return headOnly(form, facts);
  }
  const span = selection.kind === 'part' ? selection.span : undefined;
  const opened = await form.source.open(span);
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
    'Cache-Control': form.cacheControl,
    'Content-Security-Policy': form.policy,
    ETag: etagOf(form, facts),
  });
  // Nobody plays a text from its middle, and every page is spared the bytes. Who asks for a part of one gets it.
  if (form.varies) headers.set('Vary', 'Accept-Encoding');
  else headers.set('Accept-Ranges', 'bytes');
  return headers;
}

function describeBody(headers: Headers, form: Representation): void {
  headers.set('Content-Type', form.contentType);
  if (form.encoding !== null) headers.set('Content-Encoding', form.encoding);
  if (form.disposition !== undefined) headers.set('Content-Disposition', form.disposition);
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

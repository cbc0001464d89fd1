/** Conditional and partial requests (RFC 9110): which part of an object to send, if any of it. Pure. */

/** What a client says about the copy that it has, and the part that it wants. Null: the header is absent. */
export interface Conditions {
  ifNoneMatch: string | null;
  ifRange: string | null;
  range: string | null;
}

/** Bytes of an object, the first counting as 0. */
export interface Span {
  offset: number;
  length: number;
}

export type Selection =
  | { kind: 'notModified' }
  | { kind: 'whole' }
  | { kind: 'part'; span: Span }
  | { kind: 'unsatisfiable' };

/**
 * @param etag strong, with its quotes
 * @param bytes size of the whole object
 */
export function selectPart(conditions: Conditions, method: 'GET' | 'HEAD', etag: string, bytes: number): Selection {
  if (conditions.ifNoneMatch !== null && matchesAny(conditions.ifNoneMatch, etag)) return { kind: 'notModified' };
  if (method === 'HEAD' || conditions.range === null) return { kind: 'whole' };
  // Strong comparison: a part is only good for a client that has the very same bytes. A date never matches, no
  // answer of ours carries one.
  if (conditions.ifRange !== null && conditions.ifRange.trim() !== etag) return { kind: 'whole' };
  return readRange(conditions.range, bytes);
}

/** Weak comparison against a list of entity tags, or `*`. */
export function matchesAny(list: string, etag: string): boolean {
  if (list.trim() === '*') return true;
  return Array.from(list.matchAll(/(?:W\/)?("[^"]*")/g), ([, tag]) => tag).includes(etag);
}

/** A single range of bytes. Several at once, and anything that cannot be read, mean the whole object. */
export function readRange(header: string, bytes: number): Selection {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header.trim()) ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', span: { offset: bytes - length, length } };
  }
  const offset = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < offset) return { kind: 'whole' };
  if (offset >= bytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', span: { offset, length: Math.min(end, bytes - 1) - offset + 1 } };
}

/** `bytes 0-99/1234` */
export function formatContentRange(span: Span, bytes: number): string {
  return `bytes ${span.offset}-${span.offset + span.length - 1}/${bytes}`;
}

/** Whether a client takes brotli (RFC 9110, 12.5.3): named, or meant by `*`, and not with a weight of zero. */
export function acceptsBrotli(acceptEncoding: string): boolean {
  let named: boolean | undefined;
  let wildcard = false;
  for (const element of acceptEncoding.split(',')) {
    const [coding = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const taken = weight === undefined || Number(weight.slice(2)) > 0;
    if (coding === 'br') named = taken;
    if (coding === '*') wildcard = taken;
  }
  return named ?? wildcard;
}

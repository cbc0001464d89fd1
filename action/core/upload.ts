/** Brings an artifact into the store: blobs first, the page, the commit mark last. Never changes a stored byte. */

import { fileTypeOf } from '../contract/content-types.ts';
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { brotliKey } from '../contract/keys.ts';
import type { Meta } from '../contract/meta.ts';
import { type Artifact, cacheControlOf, contentTypeOf } from './compose.ts';
import { eachOf } from './each-of.ts';
import type { ArtifactObject, Encode, ObjectStore, ObjectToPut, Runtime } from './ports.ts';

/** Requests to the store at a time. */
const CONCURRENCY = 16;
/** From this size on, the store is asked whether it has an object before the body is sent, in bytes. */
const ASK_FIRST_BYTES = 64_000;
/** Smaller objects gain nothing from a brotli copy, in bytes. */
const MIN_BROTLI_BYTES = 512;

export type Uploaded =
  | { kind: 'created'; uploaded: number; skipped: number; uploadedBytes: number }
  /** The same artifact was there, complete. */
  | { kind: 'alreadyThere' };

interface Counts {
  uploaded: number;
  skipped: number;
  uploadedBytes: number;
}

interface UploadTools {
  store: ObjectStore;
  /** Makes brotli copies. */
  encode: Encode;
  signal?: AbortSignal | undefined;
}

/**
 * Stores an artifact. What an interrupted upload left is completed; what is there is left as it is.
 * @throws PermaframeError ARTIFACT_CONFLICT where other bytes stand under one of its keys; STORE_…
 */
export async function uploadArtifact(artifact: Artifact, tools: UploadTools): Promise<Uploaded> {
  const { store, signal } = tools;
  const existing = await store.get(artifact.mark.key, signal);
  if (existing) {
    if ((await sha256Hex(existing)) !== artifact.hash) throw conflict(artifact.mark.key);
    // Somebody may have lost objects after the mark was made: they are put back.
    if ((await findIncomplete(artifact.meta, store, signal)).length === 0) return { kind: 'alreadyThere' };
  }
  const counts: Counts = { uploaded: 0, skipped: 0, uploadedBytes: 0 };
  await eachOf(artifact.blobs, CONCURRENCY, (blob) => storeWithCopy(blob, tools, counts));
  await storeWithCopy(artifact.page, tools, counts);
  await storeObject(toPut(artifact.mark), tools, counts);
  return { kind: 'created', ...counts };
}

/**
 * Checks that everything a commit mark promises is in the store, with the right size and digest.
 * @returns keys that are missing or differ; empty for a complete artifact
 */
export async function findIncomplete(meta: Meta, store: ObjectStore, signal?: AbortSignal): Promise<string[]> {
  const wrong: string[] = [];
  await eachOf(meta.files, CONCURRENCY, async ({ key, bytes, sha256 }) => {
    const stored = await store.head(key, signal);
    if (stored?.bytes !== bytes || stored.sha256 !== sha256) wrong.push(key);
  });
  return wrong.sort();
}

/** Stores the runtime, once: its manifest is the mark that all of it is there. */
export async function uploadRuntime(runtime: Runtime, tools: UploadTools): Promise<Counts> {
  const { store, signal } = tools;
  const counts: Counts = { uploaded: 0, skipped: 0, uploadedBytes: 0 };
  if (await store.head(runtime.manifestKey, signal)) return counts;
  const built = { ...tools, encode: (_body: Uint8Array, key: string) => runtime.read(brotliKey(key)) };
  await eachOf(runtime.manifest.files, CONCURRENCY, async ({ key, bytes, sha256 }) => {
    const body = await runtime.read(key);
    await storeWithCopy({ key, bytes, sha256, contentType: contentTypeOf(key), body }, built, counts);
  });
  const body = await runtime.read(runtime.manifestKey);
  const manifest = {
    key: runtime.manifestKey,
    bytes: body.byteLength,
    sha256: await sha256Hex(body),
    contentType: contentTypeOf(runtime.manifestKey),
    body,
  };
  await storeWithCopy(manifest, built, counts);
  return counts;
}

function toPut({ key, body, sha256, contentType }: ArtifactObject): ObjectToPut {
  return { key, body, sha256, contentType, cacheControl: cacheControlOf(key) };
}

/** The copy first: once the object is there, so is its copy. */
async function storeWithCopy(object: ArtifactObject, tools: UploadTools, counts: Counts): Promise<void> {
  const { store, encode, signal } = tools;
  const isCompressible = fileTypeOf(object.key)?.compressible === true && object.bytes >= MIN_BROTLI_BYTES;
  if (isCompressible && !(await isThere(object, tools))) {
    const body = await encode(object.body, object.key);
    const copy = { ...toPut(object), key: brotliKey(object.key), body, sha256: await sha256Hex(body) };
    // Another version of the encoder may have made the one that is there; it decodes to the same.
    await store.create({ ...copy, contentEncoding: 'br' }, signal);
  }
  await storeObject(toPut(object), tools, counts);
}

async function isThere({ key, sha256 }: ArtifactObject, { store, signal }: UploadTools): Promise<boolean> {
  return (await store.head(key, signal))?.sha256 === sha256;
}

async function storeObject(object: ObjectToPut, tools: UploadTools, counts: Counts): Promise<void> {
  const { store, signal } = tools;
  const known = object.body.byteLength >= ASK_FIRST_BYTES ? await store.head(object.key, signal) : null;
  const outcome = known ? { kind: 'exists' as const, sha256: known.sha256 } : await store.create(object, signal);
  if (outcome.kind === 'created') {
    counts.uploaded += 1;
    counts.uploadedBytes += object.body.byteLength;
  } else if (outcome.sha256 === object.sha256) counts.skipped += 1;
  else throw conflict(object.key);
}

function conflict(key: string): PermaframeError {
  return new PermaframeError('ARTIFACT_CONFLICT', `${key} exists with other content`);
}

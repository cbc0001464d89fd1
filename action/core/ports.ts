/** What the pipeline needs from outside. One adapter a port; tests bring their own. */
import type { ArtifactFileEntry } from '../contract/meta.ts';
import type { RuntimeManifest } from '../contract/runtime.ts';
import type { Compiled } from './compile/compile.ts';
import type { Snapshot } from './snapshot.ts';

/** What a create-only put came to. `exists` is never an error by itself: the caller compares digests. */
export type PutOutcome = { kind: 'created' } | { kind: 'exists'; sha256: string | null };

export interface StoredObject {
  bytes: number;
  /** Lower-case hex; null for an object that was not stored by this product. */
  sha256: string | null;
}

export interface ObjectToPut {
  key: string;
  body: Uint8Array;
  /** Lower-case hex of `body`. The store refuses a body that does not match. */
  sha256: string;
  contentType: string;
  cacheControl: string;
  /** `br` for the brotli copy of an object. */
  contentEncoding?: 'br';
}

/**
 * Objects that never change. Every method rejects with a PermaframeError (`STORE_…`) once its retries are used
 * up; `signal` ends waiting and retrying at once with the signal's reason.
 */
export interface ObjectStore {
  /** Creates the object, whole or not at all. Never overwrites. */
  create(object: ObjectToPut, signal?: AbortSignal): Promise<PutOutcome>;
  head(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | null>;
  /** Keys that begin with `prefix`, ascending; with a delimiter, the common prefixes up to it instead. */
  list(prefix: string, options?: { delimiter?: '/' }, signal?: AbortSignal): Promise<string[]>;
}

/**
 * The one kind of object that changes. Only the control plane is given this.
 * A revision is an opaque token; null stands for "no object".
 */
export interface ThreadControlStore {
  read(thread: string): Promise<{ content: string; revision: string } | null>;
  /** Writes if the object still has that revision; false when somebody else was faster. */
  replace(thread: string, content: string, revision: string | null): Promise<boolean>;
}

/** Compiles a snapshot, isolated and bounded. Rejects with a PermaframeError carrying diagnostics. */
export interface Compiler {
  compile(snapshot: Snapshot, signal?: AbortSignal): Promise<Compiled>;
}

/** The shared libraries, as they were built. */
export interface Runtime {
  manifest: RuntimeManifest;
  /** Key of the manifest in the store. */
  manifestKey: string;
  /** The content of the manifest or of one of its files. */
  read(key: string): Promise<Uint8Array>;
}

/**
 * Compresses with brotli.
 * @param key of the object that is compressed
 */
export type Encode = (body: Uint8Array, key: string) => Promise<Uint8Array>;

/** The stages of a publish, for logs and timings. */
export type Stage = 'read' | 'compile' | 'compose' | 'upload';

/** A file with its content, on its way to the store or to disk. */
export interface ArtifactObject extends ArtifactFileEntry {
  body: Uint8Array;
}

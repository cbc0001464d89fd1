/** Which versions a thread has, and which comes next. */
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { parseVersion } from '../contract/ids.ts';
import { metaKey, threadPrefix } from '../contract/keys.ts';
import { type Meta, metaSchema } from '../contract/meta.ts';
import type { ObjectStore } from './ports.ts';

/** A commit mark, as it is stored. */
export interface StoredMeta {
  meta: Meta;
  /** The artifact's hash: SHA-256 of the stored bytes. */
  hash: string;
}

export interface ThreadVersions {
  /** Newest version that is complete. */
  newest: StoredMeta | null;
  /** Highest version of which anything is stored, complete or not; 0 when there is none. */
  highest: number;
}

/** Looks a thread up in the store. An interrupted publish leaves a version without a mark: it counts as begun. */
export async function findVersions(store: ObjectStore, thread: string, signal?: AbortSignal): Promise<ThreadVersions> {
  const prefix = threadPrefix(thread);
  const folders = await store.list(prefix, { delimiter: '/' }, signal);
  const versions = folders
    .map((folder) => parseVersion(folder.slice(prefix.length, -1)))
    .filter((version) => version !== null)
    .sort((a, b) => b - a);
  for (const version of versions) {
    const newest = await readMeta(store, thread, version, signal);
    if (newest) return { newest, highest: versions[0] ?? version };
  }
  return { newest: null, highest: versions[0] ?? 0 };
}

/** The commit mark of a version, or null when it has none. */
export async function readMeta(
  store: ObjectStore,
  thread: string,
  version: number,
  signal?: AbortSignal,
): Promise<StoredMeta | null> {
  const key = metaKey(thread, version);
  const bytes = await store.get(key, signal);
  if (!bytes) return null;
  try {
    const meta = metaSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { meta, hash: await sha256Hex(bytes) };
  } catch (cause) {
    throw new PermaframeError('VERIFY_FAILED', `${key} cannot be read`, { cause });
  }
}

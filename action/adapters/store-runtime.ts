/** The runtime as it lies in the store. A runner reads its manifest and what is compiled into modules, into memory. */
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { parseKey } from '../contract/keys.ts';
import { type RuntimeManifest, runtimeManifestSchema } from '../contract/runtime.ts';
import type { ObjectStore, Runtime } from '../core/ports.ts';

/**
 * Opens a runtime that `permaframe runtime push` stored. Everything read from it is checked against its digest, which
 * the manifest names; the manifest's own digest is in its key.
 * @param manifestKey `runtime/manifest-{sha256}.json`
 * @throws PermaframeError RUNTIME_INVALID; STORE_…
 */
export async function openStoreRuntime(
  store: Pick<ObjectStore, 'get'>,
  manifestKey: string,
  signal?: AbortSignal,
): Promise<Runtime> {
  const key = parseKey(manifestKey);
  if (key?.kind !== 'runtimeManifest') throw invalid(`${manifestKey} is no key of a runtime's manifest`);
  const text = await readChecked(store, manifestKey, key.sha256, signal);
  const manifest = parseManifest(text, manifestKey);
  const digests = new Map(manifest.files.map((file) => [file.key, file.sha256]));
  const known = new Map<string, Promise<Uint8Array>>([[manifestKey, Promise.resolve(text)]]);
  return {
    manifest,
    manifestKey,
    async read(wanted) {
      const sha256 = digests.get(wanted);
      const reading = known.get(wanted) ?? (sha256 && readChecked(store, wanted, sha256, signal));
      if (!reading) throw invalid(`the runtime has no ${wanted}`);
      known.set(wanted, reading);
      return reading;
    },
  };
}

async function readChecked(store: Pick<ObjectStore, 'get'>, key: string, sha256: string, signal?: AbortSignal) {
  const bytes = await store.get(key, signal);
  if (!bytes) throw invalid(`the store has no ${key}: push the runtime, and name its manifest`);
  if ((await sha256Hex(bytes)) !== sha256) throw invalid(`${key} is damaged`);
  return bytes;
}

function parseManifest(bytes: Uint8Array, key: string): RuntimeManifest {
  try {
    return runtimeManifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw invalid(`${key} has another form: it was made by another version`, cause);
  }
}

function invalid(message: string, cause?: unknown): PermaframeError {
  return new PermaframeError('RUNTIME_INVALID', message, cause === undefined ? {} : { cause });
}

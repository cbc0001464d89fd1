/** The built runtime on disk: a folder that mirrors the store's keys. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { runtimeManifestSchema } from '../contract/runtime.ts';
import type { Runtime } from '../core/ports.ts';

const KEY = /^runtime\/(manifest-)?[0-9a-f]{64}\.(js|css|json)(\.br)?$/;

/**
 * @param folder holds `runtime/manifest-{sha256}.json` and the files that it lists
 * @throws PermaframeError RUNTIME_INVALID
 */
export async function openRuntime(folder: string): Promise<Runtime> {
  const names = await readdir(join(folder, 'runtime')).catch((cause) => {
    throw new PermaframeError('RUNTIME_INVALID', `there is no runtime in ${folder}`, { cause });
  });
  const manifests = names.filter((name) => /^manifest-[0-9a-f]{64}\.json$/.test(name));
  const [name] = manifests;
  if (name === undefined || manifests.length > 1) {
    throw new PermaframeError('RUNTIME_INVALID', `${folder} holds ${manifests.length} runtime manifests, not one`);
  }
  const manifestKey = `runtime/${name}`;
  const read = async (key: string): Promise<Uint8Array> => {
    if (!KEY.test(key)) throw new PermaframeError('RUNTIME_INVALID', `${key} is no key of a runtime`);
    return readFile(join(folder, key)).catch((cause) => {
      throw new PermaframeError('RUNTIME_INVALID', `the runtime has no ${key}`, { cause });
    });
  };
  const text = await read(manifestKey);
  if (`manifest-${await sha256Hex(text)}.json` !== name) {
    throw new PermaframeError('RUNTIME_INVALID', `${manifestKey} is damaged`);
  }
  const parsed = runtimeManifestSchema.safeParse(JSON.parse(new TextDecoder().decode(text)));
  if (!parsed.success) {
    throw new PermaframeError('RUNTIME_INVALID', `${manifestKey} has another form`, { cause: parsed.error });
  }
  return { manifest: parsed.data, manifestKey, read };
}

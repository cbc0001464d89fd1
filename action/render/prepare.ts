/** Lays out the page that a film is rendered in, and everything that it loads, in a folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import { sha256Hex } from '../contract/hash.ts';
import { parseKey } from '../contract/keys.ts';
import { eachOf } from '../core/each-of.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RenderSite } from '../core/render/site.ts';

/** Requests to the store at a time. */
const CONCURRENCY = 8;

/**
 * @param folder an empty one; a file lies where its key says
 * @throws PermaframeError VERIFY_FAILED for a file that is missing or damaged; STORE_…
 */
export async function writeSite(
  site: RenderSite,
  folder: string,
  store: Pick<ObjectStore, 'get'>,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), site.page);
  // The renderer looks for a source map beside a file of this name.
  await writeFile(join(folder, 'bundle.js'), '');
  await eachOf(site.files, CONCURRENCY, async ({ key, sha256 }) => {
    const path = join(folder, checked(key));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await read(key, sha256, store, signal));
  });
}

async function read(key: string, sha256: string, store: Pick<ObjectStore, 'get'>, signal?: AbortSignal) {
  const body = await store.get(key, signal);
  if (body && (await sha256Hex(body)) === sha256) return body;
  throw new PermaframeError('VERIFY_FAILED', `${key} is ${body ? 'damaged' : 'missing'}`);
}

/** Nothing but a key of ours becomes a path. */
function checked(key: string): string {
  if (parseKey(key) === null)
    throw new PermaframeError('VERIFY_FAILED', `${JSON.stringify(key)} is no key of an object`);
  return key;
}

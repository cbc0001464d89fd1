/** Builds the runtime when its libraries or sources have changed, and keeps it under the ignored state folder. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT_FOLDER, STATE_FOLDER } from './state.ts';

/** Everything that the runtime is made from, besides the packages that the lock file pins. */
const SOURCES = ['site-template/runtime', 'site-template/page', 'action/contract', 'action/core/compile'];
const CACHE_FOLDER = join(STATE_FOLDER, 'runtime');

/**
 * The folder of the runtime for this lock file. Builds it if need be, which takes half a minute.
 * Two processes may build at once: the first to finish is kept.
 */
export async function ensureRuntime(progress: (line: string) => void): Promise<string> {
  const folder = join(CACHE_FOLDER, cacheKey());
  if (existsSync(folder)) return folder;
  progress('Building the runtime libraries (once per lock file, about half a minute) …');
  const { buildRuntime } = await import('../site-template/runtime/build.ts');
  const { files } = await buildRuntime();
  await mkdir(CACHE_FOLDER, { recursive: true });
  const draft = await mkdtemp(join(CACHE_FOLDER, '.draft-'));
  for (const [key, body] of files) {
    await mkdir(dirname(join(draft, key)), { recursive: true });
    await writeFile(join(draft, key), body);
  }
  await rename(draft, folder).catch(async (error) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

function cacheKey(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT_FOLDER, 'package-lock.json')));
  for (const source of SOURCES) {
    const names = readdirSync(join(ROOT_FOLDER, source), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((path) => /\.tsx?$/.test(path)).sort()) {
      hash.update(`\n${source}/${name}\n`).update(readFileSync(join(ROOT_FOLDER, source, name)));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

/** Reads a project's folder into memory: regular files only, nothing through links. */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Warning } from '../contract/diagnostics.ts';
import { PermaframeError } from '../contract/errors.ts';
import { compareText } from '../contract/hash.ts';
import { MAX_SNAPSHOT_FILES } from '../contract/limits.ts';
import { checkListing, createSnapshot, isIgnoredPath, type ListedFile, type Snapshot } from '../core/snapshot.ts';

/** Files open at a time. */
const READ_CONCURRENCY = 32;
/** A listing stops here: far over the limit, and far under what would exhaust memory. */
const LISTING_STOP = MAX_SNAPSHOT_FILES * 10;

/**
 * @param folder the project's folder; its links are left out, with a warning for each
 * @throws PermaframeError FOLDER_UNREADABLE, or what createSnapshot throws
 */
export async function readFolder(folder: string): Promise<Snapshot> {
  const warnings: Warning[] = [];
  const paths: string[] = [];
  try {
    await listFiles(folder, '', paths, warnings);
  } catch (error) {
    throw new PermaframeError('FOLDER_UNREADABLE', `${folder} cannot be read`, { cause: error });
  }
  paths.sort(compareText);
  const listed = await inBatches(paths, async (path): Promise<ListedFile> => {
    const { size } = await stat(join(folder, path));
    return { path, bytes: size };
  });
  checkListing(listed);
  const contents = await inBatches(paths, async (path): Promise<[string, Uint8Array]> => {
    return [path, await readRegularFile(folder, path)];
  });
  return createSnapshot(new Map(contents), warnings);
}

async function listFiles(folder: string, below: string, paths: string[], warnings: Warning[]): Promise<void> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (isIgnoredPath(path) || paths.length > LISTING_STOP) continue;
    if (entry.isDirectory()) await listFiles(folder, path, paths, warnings);
    else if (entry.isFile()) paths.push(path);
    else warnings.push(skippedLink(path));
  }
}

/** Said of everything that is not a regular file: it is not part of a snapshot. */
export function skippedLink(path: string): Warning {
  return { code: 'LINK_SKIPPED', file: path, message: 'is not a regular file and was left out' };
}

async function readRegularFile(folder: string, path: string): Promise<Uint8Array> {
  // A link put in its place since the listing must not be followed.
  await using file = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => {
    throw new PermaframeError('FOLDER_UNREADABLE', `${path} cannot be read`, { cause: error });
  });
  if (!(await file.stat()).isFile()) throw new PermaframeError('FOLDER_UNREADABLE', `${path} is not a regular file`);
  return file.readFile();
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += READ_CONCURRENCY) {
    results.push(...(await Promise.all(items.slice(start, start + READ_CONCURRENCY).map(work))));
  }
  return results;
}

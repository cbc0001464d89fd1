/** Reads a project's folder into memory: regular files only, nothing through links. */
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import { compareText } from '../contract/hash.ts';
import { MAX_SNAPSHOT_FILES } from '../contract/limits.ts';
import { checkListing, createSnapshot, type ListedFile, type Snapshot } from '../core/snapshot.ts';
import { decodePath, showPath, skippedLinks } from './paths.ts';

/** Files open at a time. */
const READ_CONCURRENCY = 32;
/** A listing stops here: far over the limit, and far under what would exhaust memory. */
const LISTING_STOP = MAX_SNAPSHOT_FILES * 10;

/** What a folder holds, besides hidden files and installed packages. */
interface Listing {
  files: string[];
  /** Whatever is neither a regular file nor a folder. */
  links: string[];
  /** Files, folders and links. */
  entries: number;
}

/**
 * @param folder the project's folder; its links are left out, with a warning for each
 * @throws PermaframeError FOLDER_UNREADABLE, or what createSnapshot throws
 */
export async function readFolder(folder: string): Promise<Snapshot> {
  const listing: Listing = { files: [], links: [], entries: 0 };
  await list(folder, '', listing);
  const paths = listing.files.sort(compareText);
  const listed = await inBatches(paths, (path) => measure(folder, path));
  checkListing(listed);
  const contents = await inBatches(listed, async (file): Promise<[string, Uint8Array]> => {
    return [file.path, await readRegularFile(folder, file)];
  });
  return createSnapshot(new Map(contents), skippedLinks(listing.links));
}

async function list(folder: string, below: string, listing: Listing): Promise<void> {
  for (const entry of await readEntries(folder, below)) {
    const path = decodePath(below === '' ? entry.name : Buffer.concat([Buffer.from(`${below}/`), entry.name]));
    if (path === null) continue;
    if (++listing.entries > LISTING_STOP) {
      const message = `the project has more than ${LISTING_STOP} files and folders; the limit is ${MAX_SNAPSHOT_FILES} files`;
      throw new PermaframeError('TOO_MANY_FILES', message);
    }
    if (entry.isDirectory()) await list(folder, path, listing);
    else if (entry.isFile()) listing.files.push(path);
    else listing.links.push(path);
  }
}

/** Names come as bytes: not every system's names are UTF-8. */
async function readEntries(folder: string, below: string): Promise<Dirent<NonSharedBuffer>[]> {
  try {
    return await readdir(join(folder, below), { withFileTypes: true, encoding: 'buffer' });
  } catch (cause) {
    throw unreadable(below === '' ? folder : below, cause);
  }
}

async function measure(folder: string, path: string): Promise<ListedFile> {
  try {
    const { size } = await lstat(join(folder, path));
    return { path, bytes: size };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readRegularFile(folder: string, { path, bytes }: ListedFile): Promise<Uint8Array> {
  try {
    // What has been put in its place since the listing must not be followed (a link) or waited for (a pipe).
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(join(folder, path), flags);
    const found = await file.stat();
    if (!found.isFile() || found.size !== bytes) throw new Error('it changed while the folder was read');
    return await file.readFile();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): PermaframeError {
  return new PermaframeError('FOLDER_UNREADABLE', `${showPath(path)} cannot be read`, { cause });
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += READ_CONCURRENCY) {
    results.push(...(await Promise.all(items.slice(start, start + READ_CONCURRENCY).map(work))));
  }
  return results;
}

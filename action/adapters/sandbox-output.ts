/** Reads what a sandbox left behind: links, devices, pipes and giants are refused before a byte is read. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import { formatExcess } from '../contract/limits.ts';

export interface ProducedFile extends AsyncDisposable {
  /** Open for reading. */
  handle: FileHandle;
  bytes: number;
}

/**
 * Opens a file that hostile code may have made, after that code has ended. Its content is as hostile as its name.
 * @param folder the sandbox's writable folder
 * @param name of a file directly in it; never take one from the sandbox
 * @throws PermaframeError RENDER_OUTPUT_INVALID when it is missing, empty, too large, or anything but a regular file
 */
export async function openProduced(folder: string, name: string, maxBytes: number): Promise<ProducedFile> {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) throw invalid(name, 'is no file name');
  if (!(await lstat(folder)).isDirectory()) throw invalid(name, 'is not in a folder');
  // Not waiting: somebody would have to write into a pipe before it opens.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
  let handle: FileHandle;
  try {
    handle = await open(join(folder, name), flags);
  } catch (cause) {
    throw invalid(name, `cannot be opened (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw invalid(name, 'is not a regular file');
    if (stats.nlink !== 1) throw invalid(name, 'has more than one name');
    if (stats.size === 0) throw invalid(name, 'is empty');
    if (stats.size > maxBytes) throw invalid(name, `has ${formatExcess(stats.size, maxBytes)}`);
    return { handle, bytes: stats.size, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of such a file: see `openProduced`. */
export async function readProduced(folder: string, name: string, maxBytes: number): Promise<Buffer> {
  await using file = await openProduced(folder, name, maxBytes);
  const buffer = Buffer.alloc(file.bytes);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.handle.read(buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) throw invalid(name, 'became shorter while it was read');
    filled += bytesRead;
  }
  return buffer;
}

function invalid(name: string, what: string, cause?: unknown): PermaframeError {
  return new PermaframeError('RENDER_OUTPUT_INVALID', `what was rendered, ${JSON.stringify(name)}, ${what}`, { cause });
}

/** Writes a video, its poster and its contact sheet into a folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PermaframeError } from '../../action/contract/errors.ts';
import { contactSheetKey, posterKey, videoKey } from '../../action/contract/keys.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';

export interface VideoFiles {
  video: string;
  poster: string;
  sheet: string;
}

/** @throws PermaframeError USAGE */
export async function makeOutFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  await mkdir(path, { recursive: true }).catch((cause) => {
    throw new PermaframeError('USAGE', `--out ${folder} is no folder that can be written to`, { cause });
  });
  return path;
}

/**
 * `{thread}-v{version}.mp4`, `…-mp4.jpg` and `…-mp4-scenes.jpg`.
 * @param get an object by its key
 * @returns absolute paths
 */
export async function writeVideoFiles(
  { thread, version }: { thread: string; version: number },
  { key, format }: AttachedVideo,
  folder: string,
  get: (key: string) => Promise<Uint8Array | null>,
): Promise<VideoFiles> {
  const name = join(folder, `${thread}-v${version}`);
  const files = { video: `${name}.${format}`, poster: `${name}-${format}.jpg`, sheet: `${name}-${format}-scenes.jpg` };
  const objects: [path: string, key: string][] = [
    [files.video, videoKey(thread, version, key, format)],
    [files.poster, posterKey(thread, version, key)],
    [files.sheet, contactSheetKey(thread, version, key)],
  ];
  for (const [path, object] of objects) {
    const body = await get(object);
    if (!body) throw new PermaframeError('VERIFY_FAILED', `${object} is missing`);
    await writeFile(path, body);
  }
  return files;
}

/** Finds `@remotion/renderer` where it is installed: its licence does not let it be part of a released action. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Renderer from '@remotion/renderer';
import { PermaframeError } from '../contract/errors.ts';

export type RemotionRenderer = typeof Renderer;

/**
 * @param folder has it in its `node_modules`, or in those of a folder above
 * @throws PermaframeError RENDER_ENGINE_MISSING
 */
export async function importRenderer(folder: string): Promise<RemotionRenderer> {
  const path = resolveRenderer(folder);
  return ((await import(pathToFileURL(path).href)) as { default: RemotionRenderer }).default;
}

/** @throws PermaframeError RENDER_ENGINE_MISSING */
export function resolveRenderer(folder: string): string {
  try {
    return createRequire(join(folder, 'package.json')).resolve('@remotion/renderer');
  } catch (cause) {
    throw new PermaframeError('RENDER_ENGINE_MISSING', `there is no @remotion/renderer in ${folder}`, { cause });
  }
}

/**
 * Chunks of two versions would stand in one video, under keys that say the same.
 * @throws PermaframeError RENDER_ENGINE_MISSING when another version is installed there
 */
export function requireVersion(folder: string, version: string): void {
  const path = resolveRenderer(folder);
  const root = path.slice(0, path.lastIndexOf('/@remotion/renderer/') + '/@remotion/renderer/'.length);
  const found = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
  if (found === version) return;
  throw new PermaframeError('RENDER_ENGINE_MISSING', `${folder} has @remotion/renderer ${found}, not ${version}`);
}

/** What every call of ffmpeg or ffprobe through the renderer has in common. */
export const FFMPEG = { indent: false, logLevel: 'error', binariesDirectory: null, cancelSignal: undefined } as const;

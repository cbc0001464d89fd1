/** Finds `@remotion/renderer` where it is installed: its licence does not let it be part of a released action. */
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

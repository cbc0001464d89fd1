/** What this machine renders videos with. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { findBrowser } from '../../action/adapters/browser.ts';
import { registerVideo } from '../../action/adapters/remotion-licensing.ts';
import { resolveRenderer } from '../../action/adapters/remotion-renderer.ts';
import type { RenderMachine } from '../../action/adapters/render-machine.ts';
import { ROOT_FOLDER } from '../state.ts';

/** At most: each takes up to a gigabyte with large pictures, and a job has eight. */
const MAX_BROWSERS = 8;

export const RENDER_SETTINGS_HELP = `  CHROME_PATH                      the browser; the first Chromium or Chrome that is found otherwise
  PERMAFRAME_RENDERER              folder that has @remotion/renderer in its node_modules; this package's own otherwise
  PERMAFRAME_REMOTION_LICENSE_KEY  optional: Remotion is told of each video that is made with it`;

/**
 * Cheap, so that what is missing is known before any work.
 * @throws PermaframeError RENDER_BROWSER_MISSING, RENDER_ENGINE_MISSING
 */
export function findRenderMachine(env: Readonly<Record<string, string | undefined>>): RenderMachine {
  const browserExecutable = findBrowser(env.CHROME_PATH);
  const rendererFolder = resolve(env.PERMAFRAME_RENDERER || ROOT_FOLDER);
  resolveRenderer(rendererFolder);
  return {
    childPath: join(ROOT_FOLDER, 'action', 'adapters', 'remotion-child.ts'),
    codeFolders: ['action', 'node_modules'].map((folder) => join(ROOT_FOLDER, folder)),
    rendererFolder,
    browserExecutable,
    // One keeps a core busy: with fewer, cores idle; with more, they wait for each other and take memory.
    browsers: Math.min(MAX_BROWSERS, availableParallelism()),
  };
}

/**
 * For those whose licence of Remotion asks for it. From here, because nothing secret, and no network, is where a film's
 * code runs. The video is made, whatever becomes of this.
 */
export async function registerUse(
  env: Readonly<Record<string, string | undefined>>,
  { rendererFolder }: RenderMachine,
  progress: (line: string) => void,
): Promise<void> {
  const { PERMAFRAME_REMOTION_LICENSE_KEY: licenseKey } = env;
  if (!licenseKey) return;
  await registerVideo(rendererFolder, licenseKey).catch(() =>
    progress('warning: Remotion could not be told of this video: check PERMAFRAME_REMOTION_LICENSE_KEY'),
  );
}

/**
 * Tells Remotion that a video was made, for those whose licence asks for it. Not from where it is rendered: there is no
 * network, and each chunk would count.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as Licensing from '@remotion/licensing';
import { resolveRenderer } from './remotion-renderer.ts';

/**
 * @param rendererFolder has `@remotion/renderer` in its `node_modules`, or in those of a folder above
 * @throws when Remotion cannot be reached, or does not know the key
 */
export async function registerVideo(rendererFolder: string, licenseKey: string): Promise<void> {
  const path = createRequire(resolveRenderer(rendererFolder)).resolve('@remotion/licensing');
  const { registerUsageEvent } = ((await import(pathToFileURL(path).href)) as { default: typeof Licensing }).default;
  await registerUsageEvent({ licenseKey, event: 'cloud-render', host: null, succeeded: true, isProduction: true });
}

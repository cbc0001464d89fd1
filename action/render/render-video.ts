/** A whole video on one machine: plan, render what is missing, join, attach. */
import { join } from 'node:path';
import type { RenderMachine } from '../adapters/render-machine.ts';
import type { AttachedVideo, VideoSpec } from '../contract/video.ts';
import type { ObjectStore, Runtime } from '../core/ports.ts';
import { storeChunk } from '../core/render/attach.ts';
import { type PlannedChunk, planRender, type RenderOrder } from '../core/render/plan.ts';
import { finishVideo } from './finish.ts';
import { writeSite } from './prepare.ts';
import { renderChunks } from './render-chunks.ts';

export type RenderStage = 'plan' | 'render' | 'combine' | 'upload';

export interface RenderVideoTools {
  store: ObjectStore;
  machine: RenderMachine;
  /** An empty folder for everything that lies on disk meanwhile. */
  workFolder: string;
  openRuntime(manifestKey: string, signal?: AbortSignal): Promise<Runtime>;
  /** A stage begins. */
  onStage?(stage: RenderStage, chunks: readonly PlannedChunk[]): void;
  /** Frames drawn, of those that have to be. */
  onFrames?(frames: number, of: number): void;
  signal?: AbortSignal;
}

export interface RenderedVideo {
  video: AttachedVideo;
  spec: VideoSpec;
  /** Whether it was there already. */
  deduplicated: boolean;
  chunks: { all: number; rendered: number };
}

/**
 * Killed at any moment, what was rendered so far is stored, and asking again renders the rest.
 * @throws RenderError; PermaframeError; the signal's reason
 */
export async function renderVideo(order: RenderOrder, tools: RenderVideoTools): Promise<RenderedVideo> {
  const { store, machine, workFolder, signal } = tools;
  tools.onStage?.('plan', []);
  const planned = await planRender(order, tools);
  if (planned.kind === 'ready') {
    return { video: planned.video, spec: planned.spec, deduplicated: true, chunks: { all: 0, rendered: 0 } };
  }
  const { plan } = planned;
  const missing = plan.chunks.filter(({ stored }) => stored === 'missing');
  tools.onStage?.('render', plan.chunks);
  if (missing.length > 0) {
    const siteFolder = join(workFolder, 'site');
    await writeSite(plan.site, siteFolder, store, signal);
    const frames = missing.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    await renderChunks(
      { plan, chunks: missing, siteFolder, workFolder: join(workFolder, 'render'), machine },
      {
        onFrames: (drawn) => tools.onFrames?.(drawn, frames),
        onChunk: (content) => storeChunk(content, plan.meta.project, tools),
        ...(signal ? { signal } : {}),
      },
    );
  }
  tools.onStage?.('combine', plan.chunks);
  const { video } = await finishVideo(plan, {
    store,
    machine,
    workFolder: join(workFolder, 'finish'),
    onUploading: () => tools.onStage?.('upload', plan.chunks),
    ...(signal ? { signal } : {}),
  });
  return { video, spec: plan.spec, deduplicated: false, chunks: { all: plan.chunks.length, rendered: missing.length } };
}

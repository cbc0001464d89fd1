/** Renders the chunks of a plan that are not stored, in the sandbox. */
import { mkdir } from 'node:fs/promises';
import { type RenderMachine, runJob } from '../adapters/render-machine.ts';
import { readProduced } from '../adapters/sandbox-output.ts';
import { MAX_VIDEO_BYTES } from '../contract/limits.ts';
import type { FilmMeta } from '../contract/meta.ts';
import type { ChunkContent } from '../core/render/attach.ts';
import type { Chunk } from '../core/render/chunks.ts';
import type { RenderPlan } from '../core/render/plan.ts';

export interface ChunkHooks {
  /** Frames drawn since the beginning, of all chunks together. */
  onFrames?(frames: number): void;
  /** A chunk is complete. What it throws ends the rendering. */
  onChunk(content: ChunkContent, milliseconds: number): Promise<void>;
  signal?: AbortSignal;
}

/** A chunk that a single process broke off in the middle of is tried once more, alone. */
const ATTEMPTS = 2;

interface Order {
  plan: Pick<RenderPlan, 'spec' | 'usesWebGl'> & { meta: Pick<FilmMeta, 'width' | 'height'> };
  chunks: readonly Chunk[];
  /** See prepare.ts. */
  siteFolder: string;
  /** An empty one, or none yet. */
  workFolder: string;
  machine: RenderMachine;
}

/**
 * Renders chunks, as many at a time as there are browsers; each is handed over as soon as it is complete.
 * @throws RenderError; PermaframeError RENDER_…; the signal's reason
 */
export async function renderChunks(order: Order, hooks: ChunkHooks): Promise<void> {
  const left = new Map(order.chunks.map((chunk) => [chunk.key, chunk]));
  for (let attempt = 1; left.size > 0; attempt++) {
    try {
      await renderOnce(order, [...left.values()], left, hooks, attempt);
    } catch (error) {
      if (attempt === ATTEMPTS || hooks.signal?.aborted || !isWorthAnother(error)) throw error;
    }
  }
}

async function renderOnce(
  { plan, siteFolder, workFolder, machine, chunks: all }: Order,
  chunks: readonly Chunk[],
  left: Map<string, Chunk>,
  { onFrames, onChunk, signal }: ChunkHooks,
  attempt: number,
): Promise<void> {
  const { spec, meta, usesWebGl } = plan;
  const folder = `${workFolder}/${attempt}`;
  await mkdir(folder, { recursive: true });
  const handing: Promise<void>[] = [];
  const doneBefore = framesOf(all) - framesOf(chunks);
  const stopped = new AbortController();
  const job = {
    kind: 'render' as const,
    spec,
    siteFolder,
    width: meta.width,
    height: meta.height,
    chunks,
    browsers: machine.browsers,
    usesWebGl,
    outputFolder: folder,
  };
  const hand = async (chunk: Chunk, isHeard: boolean, milliseconds: number): Promise<void> => {
    const read = (extension: string) => readProduced(folder, `${chunk.key}.${extension}`, MAX_VIDEO_BYTES);
    const content = { chunk, video: await read(chunk.extension), audio: isHeard ? await read('wav') : null };
    await onChunk(content, milliseconds);
  };
  await runJob(job, machine, {
    folder,
    readable: [siteFolder],
    signal: AbortSignal.any([stopped.signal, ...(signal ? [signal] : [])]),
    onMessage(message) {
      if (message.kind === 'frames') onFrames?.(doneBefore + message.frames);
      if (message.kind !== 'chunk') return;
      const chunk = left.get(message.chunk);
      if (!chunk) return;
      left.delete(chunk.key);
      const handed = hand(chunk, message.isHeard, message.milliseconds);
      handed.catch((error: unknown) => stopped.abort(error));
      handing.push(handed);
    },
  });
  await Promise.all(handing);
}

function framesOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** What the film itself does wrong, it does wrong again. */
function isWorthAnother(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'RENDER_FAILED';
}

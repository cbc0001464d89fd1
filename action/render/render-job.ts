/** One of the jobs that run a film's code. It has no secret and no token; what it leaves are files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderMachine } from '../adapters/render-machine.ts';
import { isPermaframeError, PermaframeError } from '../contract/errors.ts';
import type { RenderInputs } from './inputs.ts';
import { renderChunks } from './render-chunks.ts';
import { readOrder, siteFolder, writeChunk, writeFailure } from './work-order.ts';

/** Between two lines of the log about the progress, in milliseconds. */
const TELL_MILLISECONDS = 10_000;

export interface RenderJobTools {
  /** Absolute. */
  workspace: string;
  /** An empty folder that nothing else uses. */
  workFolder: string;
  /** @throws PermaframeError RENDER_BROWSER_MISSING */
  openMachine(): RenderMachine;
  say(line: string): void;
  signal: AbortSignal;
}

/**
 * Renders the chunks of a group. Each is in the folder as soon as it is complete; so is the failure, if there is one.
 * @throws PermaframeError after it was written down; the signal's reason
 */
export async function runRender(inputs: RenderInputs, tools: RenderJobTools): Promise<void> {
  const chunksFolder = join(tools.workspace, inputs.chunksFolder);
  await mkdir(chunksFolder, { recursive: true });
  try {
    await renderGroup(inputs, chunksFolder, tools);
  } catch (error) {
    // Cancelled: what is complete is carried on all the same.
    if (tools.signal.aborted && !isPermaframeError(tools.signal.reason)) throw error;
    const known = isPermaframeError(error) ? error : unexpected(error);
    await writeFailure(known, chunksFolder, inputs.group);
    throw known;
  }
}

async function renderGroup(
  { orderFolder, group }: RenderInputs,
  chunksFolder: string,
  { workspace, workFolder, openMachine, say, signal }: RenderJobTools,
): Promise<void> {
  const folder = join(workspace, orderFolder);
  const order = await readOrder(folder);
  const chunks = order.groups[group];
  if (!chunks) throw new PermaframeError('RENDER_FAILED', `the plan has no group ${group}`);
  const { width, height, spec, usesWebGl } = order;
  const frames = chunks.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  say(`${chunks.length} chunks, ${frames} frames of ${spec.width} × ${spec.height}`);
  let told = performance.now();
  await renderChunks(
    {
      plan: { meta: { width, height }, spec, usesWebGl },
      chunks,
      siteFolder: siteFolder(folder),
      workFolder,
      machine: openMachine(),
    },
    {
      onFrames(drawn) {
        if (performance.now() - told < TELL_MILLISECONDS) return;
        told = performance.now();
        say(`${drawn} of ${frames} frames`);
      },
      async onChunk(content, milliseconds) {
        await writeChunk(content, chunksFolder);
        const { first, last, scene } = content.chunk;
        say(`Frames ${first} to ${last} (${scene}) took ${(milliseconds / 1000).toFixed(1)} s`);
      },
      signal,
    },
  );
}

function unexpected(cause: unknown): PermaframeError {
  return new PermaframeError('RENDER_FAILED', 'an unexpected error; the log of the job that rendered has it', {
    cause,
  });
}

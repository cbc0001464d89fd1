/** Renders as people see them. */
import { pinnedPath } from '../../action/contract/links.ts';
import { standingOf, type ThreadControl } from '../../action/contract/thread-control.ts';
import type { Doc } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';
import { controlOf, controlRow } from './controls.ts';

/** What all renders of a thread are seen in. */
export interface RenderStage {
  thread: string;
  control: ThreadControl;
  /** Origin of the edge. */
  publicUrl: string;
}

export async function renderStage(ctx: QueryCtx, thread: Doc<'threads'>, publicUrl: string): Promise<RenderStage> {
  const control = controlOf(await controlRow(ctx, thread._id), thread.name);
  return { thread: thread.name, control, publicUrl };
}

export async function viewRender(ctx: QueryCtx, render: Doc<'renders'>, { thread, control, publicUrl }: RenderStage) {
  const { _id, number, requester, publish, retryOf, state, request, spec, run, times, error, video } = render;
  const { chunks, toRender, estimatedMilliseconds, durationMilliseconds, timings } = render;
  const isOpen = standingOf(control, number) === 'public';
  return {
    render: _id,
    thread,
    version: number,
    state,
    request,
    /** Null where the request was refused before it was worked out. */
    spec: spec
      ? { width: spec.width, height: spec.height, fps: spec.fps, durationInFrames: spec.durationInFrames }
      : null,
    /** Chunks of the film, and those that had to be rendered. Null until the run has planned. */
    chunks: chunks ?? null,
    toRender: toRender ?? null,
    estimatedMilliseconds: estimatedMilliseconds ?? null,
    times,
    run: run ?? null,
    error: error ?? null,
    video: video ?? null,
    durationMilliseconds: durationMilliseconds ?? null,
    timings: timings ?? null,
    /** Null until it is ready, and where only a signed link opens (threads.createLink), or none. */
    downloadUrl:
      video && isOpen ? `${publicUrl}${pinnedPath(thread, number)}/video/${video.key}.${video.format}` : null,
    requester: (await ctx.db.get('users', requester))?.name ?? null,
    /** The publish that it was asked for with. */
    publish: publish ?? null,
    retryOf: retryOf ?? null,
  };
}

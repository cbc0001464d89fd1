/** Renders as people see them. */
import { pinnedPath } from '../../action/contract/links.ts';
import { standingOf } from '../../action/contract/thread-control.ts';
import type { Doc } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';
import { controlOf, controlRow } from './controls.ts';

/** @param publicUrl origin of the edge */
export async function viewRender(ctx: QueryCtx, render: Doc<'renders'>, thread: Doc<'threads'>, publicUrl: string) {
  const { _id, number, requester, publish, retryOf, state, request, spec, run, times, error, video } = render;
  const { chunks, toRender, estimatedMilliseconds, durationMilliseconds, timings } = render;
  const control = controlOf(await controlRow(ctx, thread._id), thread.name);
  const isOpen = standingOf(control, number) === 'public';
  return {
    render: _id,
    thread: thread.name,
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
      video && isOpen ? `${publicUrl}${pinnedPath(thread.name, number)}/video/${video.key}.${video.format}` : null,
    requester: (await ctx.db.get('users', requester))?.name ?? null,
    /** The publish that it was asked for with. */
    publish: publish ?? null,
    retryOf: retryOf ?? null,
  };
}

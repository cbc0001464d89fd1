/** Publishes as people see them. */
import { latestPath } from '../../action/contract/links.ts';
import type { Doc } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';

/** One line of a history. */
export async function viewPublishBriefly(ctx: QueryCtx, publish: Doc<'publishes'>, thread: string) {
  const { _id, number, state, requester, retryOf, run, times, error, result, timings, warnings, url, videos } = publish;
  return {
    publish: _id,
    thread,
    version: number,
    state,
    requester: (await ctx.db.get('users', requester))?.name ?? null,
    retryOf: retryOf ?? null,
    run: run ?? null,
    times,
    error: error ? { code: error.code, message: error.message } : null,
    result: result ?? null,
    timings: timings ?? null,
    warningCount: warnings?.length ?? 0,
    url: url ?? null,
    /** Videos that are asked for when it is published: renders.listByVersion tells how they go. */
    video: (videos ?? []).map(({ request }) => request),
  };
}

/** With diagnostics and warnings in full. */
export async function viewPublish(ctx: QueryCtx, publish: Doc<'publishes'>, thread: string) {
  const brief = await viewPublishBriefly(ctx, publish, thread);
  return {
    ...brief,
    error: publish.error ?? null,
    warnings: publish.warnings ?? [],
    latestUrl: brief.url && new URL(latestPath(thread), brief.url).href,
  };
}

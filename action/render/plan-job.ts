/** The first job of a video: claims the render, finds out what has to be rendered, and puts it together for the jobs that do. */
import { join } from 'node:path';
import { estimateRenderMilliseconds, RENDER_JOB_START_MILLISECONDS, type VideoSpec } from '../contract/video.ts';
import { planRender, type RenderPlan } from '../core/render/plan.ts';
import { countJobs, spreadChunks } from '../core/render/spread.ts';
import type { Made } from './conduct.ts';
import type { PlanInputs } from './inputs.ts';
import { writeSite } from './prepare.ts';
import type { VideoJob } from './video-job.ts';
import { siteFolder, writeOrder } from './work-order.ts';

export interface Order {
  kind: 'ordered';
  plan: RenderPlan;
  /** Chunks that have to be rendered. */
  toRender: number;
  /** 0: everything is stored, and has to be joined only. */
  jobs: number;
  /** Until the video is ready. */
  estimatedMilliseconds: number;
  /** When planning began and ended, in milliseconds since 1970. */
  began: number;
  planned: number;
}

export type PlanOutcome = Order | ({ kind: 'ready' } & Made);

/**
 * @returns what there is to do, or the video when it is attached already
 * @throws Refused, PermaframeError, the signal's reason
 */
export async function runPlan({ order, orderFolder, maxJobs }: PlanInputs, job: VideoJob): Promise<PlanOutcome> {
  const { teller, tools, signal, asking } = job;
  const began = tools.now();
  const planning = planRender(order, { ...tools, signal });
  // Looking needs nobody's leave, and so it does not wait for any.
  planning.catch(() => {});
  if (asking) await teller.insist({ kind: 'claimRender', render: asking.id });
  const planned = await planning;
  if (planned.kind === 'ready') return { ...planned, timings: { total: tools.now() - began } };
  const { plan } = planned;
  const { spec } = plan;
  const missing = plan.chunks.filter(({ stored }) => stored === 'missing');
  const share = shareOf(missing, spec);
  const jobs = countJobs(renderMilliseconds(spec, share), missing.length, maxJobs);
  // This job has begun; and where nothing is missing, none renders.
  const begun = (jobs > 0 ? 1 : 2) * RENDER_JOB_START_MILLISECONDS;
  const estimatedMilliseconds = estimateRenderMilliseconds(spec, share / Math.max(1, jobs)) - begun;
  if (asking) {
    const counts = { chunks: plan.chunks.length, toRender: missing.length, estimatedMilliseconds };
    await teller.mention({ kind: 'rendering', render: asking.id, ...counts });
  }
  if (jobs > 0) {
    const folder = join(tools.workspace, orderFolder);
    const { width, height } = plan.meta;
    const groups = spreadChunks(missing, jobs).map((group) => group.map(({ stored: _, ...chunk }) => chunk));
    await writeOrder({ width, height, spec, usesWebGl: plan.usesWebGl, groups }, folder);
    await writeSite(plan.site, siteFolder(folder), tools.store, signal);
  }
  return {
    ...{ kind: 'ordered', plan, toRender: missing.length, jobs, estimatedMilliseconds },
    ...{ began, planned: tools.now() },
  };
}

/** Of the film's frames. */
function shareOf(chunks: readonly { first: number; last: number }[], { durationInFrames }: VideoSpec): number {
  return chunks.reduce((sum, { first, last }) => sum + last - first + 1, 0) / durationInFrames;
}

/** What one machine takes, besides what jobs take to begin. */
function renderMilliseconds(spec: VideoSpec, share: number): number {
  return estimateRenderMilliseconds(spec, share) - estimateRenderMilliseconds(spec, 0);
}

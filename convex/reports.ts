/** Takes the news of runs: reports that were verified, and ends that GitHub told. Called by http.ts only. */
import { v } from 'convex/values';
import { type ReportAnswer, renderReportSchema, reportSchema } from '../action/contract/reports.ts';
import { isPublishOver, isRenderOver } from '../action/contract/states.ts';
import type { Doc } from './_generated/dataModel.js';
import { env, internalMutation, type MutationCtx } from './_generated/server.js';
import { askFacts, type JobRow } from './model/jobs.ts';
import { applyChange, loadPublish, machineRow, publishJob, runNameOf } from './model/publishes.ts';
import { decideReport } from './model/publishMachine.ts';
import { decideRenderReport } from './model/renderMachine.ts';
import { applyRenderChange, loadRender, renderJob, renderMachineRow, renderRunNameOf } from './model/renders.ts';
import { publicUrl } from './model/settings.ts';
import { runValidator } from './model/validators.ts';

/**
 * Applies a report, or says why it changes nothing.
 * @param args.report as it was received; checked here, because a validator of Convex's does not know lengths
 * @param args.run from the verified token
 */
export const receive = internalMutation({
  args: { report: v.any(), run: runValidator },
  handler: async (ctx, args): Promise<ReportAnswer> => {
    const report = reportSchema.parse(args.report);
    const id = ctx.db.normalizeId('publishes', report.publish);
    const loaded = id && (await loadPublish(ctx, id));
    if (!loaded) return { kind: 'refused', reason: 'unknown' };
    const decision = decideReport(machineRow(loaded), report, args.run, Date.now());
    if (decision.kind === 'refused') return decision;
    await applyChange(ctx, loaded, decision.change, publicUrl(env));
    return { kind: 'accepted' };
  },
});

/** As {@link receive}, for the report of a run that makes a video. */
export const receiveRender = internalMutation({
  args: { report: v.any(), run: runValidator },
  handler: async (ctx, args): Promise<ReportAnswer> => {
    const report = renderReportSchema.parse(args.report);
    const id = ctx.db.normalizeId('renders', report.render);
    const loaded = id && (await loadRender(ctx, id));
    if (!loaded) return { kind: 'refused', reason: 'unknown' };
    const decision = decideRenderReport(renderMachineRow(loaded.render), report, args.run, Date.now());
    if (decision.kind === 'refused') return decision;
    await applyRenderChange(ctx, loaded, decision.change);
    return { kind: 'accepted' };
  },
});

/**
 * GitHub says that a run has ended. Its job is asked about, if it still waits for that run; the answer comes as it would
 * from the sweep.
 * @param args.title of the run: names the job of a run that has not claimed
 */
export const runEnded = internalMutation({
  args: { id: v.string(), attempt: v.number(), title: v.string() },
  returns: v.object({ kind: v.union(v.literal('asked'), v.literal('ignored')) }),
  handler: async (ctx, { id, attempt, title }) => {
    const job = (await findPublish(ctx, id, title)) ?? (await findRender(ctx, id, title));
    if (!job || job.isOver) return { kind: 'ignored' as const };
    const { owner } = job;
    if (owner && (owner.id !== id || owner.attempt > attempt)) return { kind: 'ignored' as const };
    await askFacts(ctx, job.row, Date.now());
    return { kind: 'asked' as const };
  },
});

/** The job of a run, as far as its end is concerned. */
interface EndedJob {
  row: Pick<JobRow<never>, 'id' | 'setDeadline'>;
  isOver: boolean;
  owner: Doc<'publishes'>['run'];
}

async function findPublish(ctx: MutationCtx, run: string, title: string): Promise<EndedJob | null> {
  const claimed = await ctx.db
    .query('publishes')
    .withIndex('by_run', (q) => q.eq('run.id', run))
    .first();
  const id = claimed?._id ?? ctx.db.normalizeId('publishes', idIn(title));
  const loaded = id && (await loadPublish(ctx, id));
  if (!loaded || (!claimed && runNameOf(loaded) !== title)) return null;
  const { state, run: owner } = loaded.publish;
  return { row: publishJob(ctx, loaded, publicUrl(env)), isOver: isPublishOver(state), owner };
}

async function findRender(ctx: MutationCtx, run: string, title: string): Promise<EndedJob | null> {
  const claimed = await ctx.db
    .query('renders')
    .withIndex('by_run', (q) => q.eq('run.id', run))
    .first();
  const id = claimed?._id ?? ctx.db.normalizeId('renders', idIn(title));
  const loaded = id && (await loadRender(ctx, id));
  if (!loaded || (!claimed && renderRunNameOf(loaded) !== title)) return null;
  const { state, run: owner } = loaded.render;
  return { row: renderJob(ctx, loaded), isOver: isRenderOver(state), owner };
}

/** The last word of a run's name. */
function idIn(title: string): string {
  return /\(([A-Za-z0-9_-]{1,64})\)$/.exec(title)?.[1] ?? '';
}

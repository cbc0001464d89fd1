/** Takes the news of runs: reports that were verified, and ends that GitHub told. Called by http.ts only. */
import { v } from 'convex/values';
import { type ReportAnswer, reportSchema } from '../action/contract/reports.ts';
import { isPublishOver } from '../action/contract/states.ts';
import type { Doc } from './_generated/dataModel.js';
import { env, internalMutation, type MutationCtx } from './_generated/server.js';
import { applyChange, askFacts, loadPublish, machineRow, runNameOf } from './model/publishes.ts';
import { decideReport } from './model/publishMachine.ts';
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

/**
 * GitHub says that a run has ended. Its publish is asked about, if it still waits for that run; the answer comes
 * through publishes.settle like any other.
 * @param args.title of the run: names the publish of a run that has not claimed
 */
export const runEnded = internalMutation({
  args: { id: v.string(), attempt: v.number(), title: v.string() },
  returns: v.object({ kind: v.union(v.literal('asked'), v.literal('ignored')) }),
  handler: async (ctx, { id, attempt, title }) => {
    const publish = (await findByRun(ctx, id)) ?? (await findByTitle(ctx, title));
    if (!publish || isPublishOver(publish.state)) return { kind: 'ignored' as const };
    const owner = publish.run;
    if (owner && (owner.id !== id || owner.attempt > attempt)) return { kind: 'ignored' as const };
    await askFacts(ctx, publish, Date.now());
    return { kind: 'asked' as const };
  },
});

async function findByRun(ctx: MutationCtx, id: string): Promise<Doc<'publishes'> | null> {
  return ctx.db
    .query('publishes')
    .withIndex('by_run', (q) => q.eq('run.id', id))
    .first();
}

async function findByTitle(ctx: MutationCtx, title: string): Promise<Doc<'publishes'> | null> {
  const named = /\(([A-Za-z0-9_-]{1,64})\)$/.exec(title)?.[1];
  const id = named === undefined ? null : ctx.db.normalizeId('publishes', named);
  const loaded = id && (await loadPublish(ctx, id));
  return loaded && runNameOf(loaded) === title ? loaded.publish : null;
}

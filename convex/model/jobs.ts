/** Carries out what is decided alike for publishes and renders. */
import type { Doc } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { ASK_AGAIN_MILLISECONDS, type SweepDecision } from './jobMachine.ts';
import { enqueue, type JobId, startInspection } from './outbox.ts';

/** What a job is about. */
export interface JobPlace {
  thread: Doc<'threads'>;
  version: Doc<'versions'>;
  project: Doc<'projects'>;
}

/** @throws Error when a row that is never deleted is missing: a bug */
export async function loadPlace(ctx: QueryCtx, job: Doc<'publishes'> | Doc<'renders'>): Promise<JobPlace> {
  const [thread, version, project] = await Promise.all([
    ctx.db.get('threads', job.thread),
    ctx.db.get('versions', job.version),
    ctx.db.get('projects', job.project),
  ]);
  if (!thread || !version || !project) throw new Error(`the job ${job._id} has lost its version`);
  return { thread, version, project };
}

/** How a decision reaches the row of a job. */
export interface JobRow<Change> {
  id: JobId;
  setDeadline(deadline: number): Promise<void>;
  apply(change: Change): Promise<void>;
}

/** Does what the sweep decides on a job. */
export async function carryOut<Change>(
  ctx: MutationCtx,
  job: JobRow<Change>,
  decision: SweepDecision<Change>,
  now: number,
): Promise<SweepDecision<Change>['kind']> {
  switch (decision.kind) {
    case 'over':
      break;
    case 'wait':
      await job.setDeadline(decision.until);
      break;
    case 'askFacts':
      await askFacts(ctx, job, now);
      break;
    case 'redispatch':
      await job.apply(decision.change);
      await enqueue(ctx, { kind: 'dispatch', ...job.id }, now);
      break;
    case 'adopt':
      await job.apply(decision.change);
      break;
    case 'fail':
      await job.apply(decision.change);
      if (decision.cancelRun) await enqueue(ctx, { kind: 'cancelRun', ...job.id }, now);
  }
  return decision.kind;
}

/** Sends somebody to GitHub and the store, and sees to it that somebody else goes if that one is lost. */
export async function askFacts(
  ctx: MutationCtx,
  job: Pick<JobRow<never>, 'id' | 'setDeadline'>,
  now: number,
): Promise<void> {
  await job.setDeadline(now + ASK_AGAIN_MILLISECONDS);
  await startInspection(ctx, job.id);
}

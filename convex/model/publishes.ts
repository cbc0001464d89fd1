/** Carries out what model/publishMachine.ts decides: the row, and what follows from it outside. */
import { pinnedPath } from '../../action/contract/links.ts';
import { runName } from '../../action/contract/reports.ts';
import { isPublishOver, PUBLISH_STATES } from '../../action/contract/states.ts';
import { withPublished } from '../../action/contract/thread-control.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { changeControl } from './controls.ts';
import { enqueueForPublish, finishForPublish } from './outbox.ts';
import {
  ASK_AGAIN_MILLISECONDS,
  decideSweep,
  type PublishChange,
  type PublishRow,
  QUEUED_MILLISECONDS,
} from './publishMachine.ts';
import { inspectRun } from './references.ts';
import type { Facts } from './validators.ts';

/** A publish with what is needed to decide on it and to name it. */
export interface Loaded {
  publish: Doc<'publishes'>;
  thread: Doc<'threads'>;
  version: Doc<'versions'>;
  project: Doc<'projects'>;
}

/** @throws Error when a row that is never deleted is missing: a bug */
export async function loadPublish(ctx: QueryCtx, id: Id<'publishes'>): Promise<Loaded | null> {
  const publish = await ctx.db.get('publishes', id);
  if (!publish) return null;
  const [thread, version, project] = await Promise.all([
    ctx.db.get('threads', publish.thread),
    ctx.db.get('versions', publish.version),
    ctx.db.get('projects', publish.project),
  ]);
  if (!thread || !version || !project) throw new Error(`the publish ${id} has lost its version`);
  return { publish, thread, version, project };
}

/** What the machine decides on. */
export function machineRow({ publish, version }: Pick<Loaded, 'publish' | 'version'>): PublishRow {
  const { state, times, dispatches, run, deadline } = publish;
  return { state, times, dispatches, run, deadline, snapshotHash: version.snapshotHash };
}

/** How the run of a publish is called at GitHub. */
export function runNameOf({ publish, thread, version }: Loaded): string {
  return runName(thread.name, version.number, publish._id);
}

/** The publish of a version that is under way or has succeeded. There is at most one. */
export async function standingPublish(ctx: QueryCtx, version: Id<'versions'>): Promise<Doc<'publishes'> | null> {
  for (const state of PUBLISH_STATES.filter((each) => each !== 'failed' && each !== 'cancelled')) {
    const found = await ctx.db
      .query('publishes')
      .withIndex('by_version_state', (q) => q.eq('version', version).eq('state', state))
      .first();
    if (found) return found;
  }
  return null;
}

/** Writes a new publish and starts it. */
export async function insertPublish(
  ctx: MutationCtx,
  asked: { version: Doc<'versions'>; thread: Doc<'threads'>; requester: Id<'users'>; retryOf?: Id<'publishes'> },
  now: number,
): Promise<Id<'publishes'>> {
  const { version, thread, requester, retryOf } = asked;
  const publish = await ctx.db.insert('publishes', {
    project: thread.project,
    thread: thread._id,
    version: version._id,
    number: version.number,
    requester,
    outputs: ['page'],
    ...(retryOf && { retryOf }),
    state: 'queued',
    revision: 1,
    dispatches: 0,
    deadline: now + QUEUED_MILLISECONDS,
    times: { queued: now },
  });
  await enqueueForPublish(ctx, publish, 'dispatch', now);
  return publish;
}

/** Writes a change into the row, and into the outbox what follows from it. */
export async function applyChange(
  ctx: MutationCtx,
  loaded: Loaded,
  change: PublishChange,
  publicUrl: string,
): Promise<void> {
  const { publish, thread, version } = loaded;
  const isOver = isPublishOver(change.state);
  const isPublished = change.state === 'published';
  await ctx.db.patch('publishes', publish._id, {
    state: change.state,
    revision: publish.revision + 1,
    dispatches: publish.dispatches + (change.dispatched ? 1 : 0),
    times: timesAfter(publish, change),
    deadline: isOver ? undefined : (change.deadline ?? publish.deadline),
    ...(change.run && { run: change.run }),
    ...(change.error && { error: change.error }),
    ...(change.result && { result: change.result }),
    ...(change.timings && { timings: change.timings }),
    ...(change.warnings && { warnings: change.warnings }),
    ...(isPublished && { url: `${publicUrl}${pinnedPath(thread.name, version.number)}` }),
  });
  if (isOver || change.claimed || change.dispatched) await finishForPublish(ctx, publish._id, 'dispatch');
  if (isPublished) await changeControl(ctx, thread, (control) => withPublished(control, version.number), change.at);
  if (version.commit !== undefined && (isOver || change.dispatched)) {
    await enqueueForPublish(ctx, publish._id, 'status', change.at);
  }
}

function timesAfter({ times, state }: Doc<'publishes'>, change: PublishChange): Doc<'publishes'>['times'] {
  const after = { ...times };
  if (change.claimed) after.claimed = change.at;
  if (change.dispatched) after.sent = change.at;
  if (change.state === state) return after;
  switch (change.state) {
    case 'queued':
      break;
    case 'dispatched':
    case 'bundling':
    case 'uploading':
      after[change.state] = change.at;
      break;
    case 'published':
    case 'failed':
    case 'cancelled':
      after.ended = change.at;
  }
  return after;
}

/**
 * Does what the sweep decides on a publish.
 * @param facts missing when nobody has asked yet: then somebody is sent
 */
export async function settle(
  ctx: MutationCtx,
  loaded: Loaded,
  facts: Facts | undefined,
  settings: { now: number; publicUrl: string },
): Promise<'over' | 'wait' | 'askFacts' | 'redispatch' | 'adopt' | 'fail'> {
  const { now, publicUrl } = settings;
  const { publish } = loaded;
  const decision = decideSweep(machineRow(loaded), now, facts);
  switch (decision.kind) {
    case 'over':
      break;
    case 'wait':
      await ctx.db.patch('publishes', publish._id, { deadline: decision.until });
      break;
    case 'askFacts':
      await askFacts(ctx, publish, now);
      break;
    case 'redispatch':
      await applyChange(ctx, loaded, decision.change, publicUrl);
      await enqueueForPublish(ctx, publish._id, 'dispatch', now);
      break;
    case 'adopt':
      await applyChange(ctx, loaded, decision.change, publicUrl);
      break;
    case 'fail':
      await applyChange(ctx, loaded, decision.change, publicUrl);
      if (decision.cancelRun) await enqueueForPublish(ctx, publish._id, 'cancelRun', now);
  }
  return decision.kind;
}

/** Sends somebody to GitHub and the store, and sees to it that somebody else goes if that one is lost. */
export async function askFacts(ctx: MutationCtx, publish: Doc<'publishes'>, now: number): Promise<void> {
  await ctx.db.patch('publishes', publish._id, { deadline: now + ASK_AGAIN_MILLISECONDS });
  await ctx.scheduler.runAfter(0, inspectRun, { publish: publish._id });
}

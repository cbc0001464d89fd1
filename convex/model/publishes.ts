/** Carries out what model/publishMachine.ts decides: the row, and what follows from it outside. */
import { pinnedPath } from '../../action/contract/links.ts';
import { runName } from '../../action/contract/reports.ts';
import { isPublishOver, PUBLISH_STATES } from '../../action/contract/states.ts';
import { withPublished } from '../../action/contract/thread-control.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { changeControl } from './controls.ts';
import { QUEUED_MILLISECONDS } from './jobMachine.ts';
import { carryOut, type JobPlace, type JobRow, loadPlace } from './jobs.ts';
import { enqueue, finish } from './outbox.ts';
import { decideSweep, type PublishChange, type PublishRow } from './publishMachine.ts';
import { beginWantedRenders } from './renderRequests.ts';
import type { Facts } from './validators.ts';

/** A publish with what is needed to decide on it and to name it. */
export interface Loaded extends JobPlace {
  publish: Doc<'publishes'>;
}

/** Videos that people want of a version once it is published. */
export type WantedVideos = NonNullable<Doc<'publishes'>['videos']>;

export async function loadPublish(ctx: QueryCtx, id: Id<'publishes'>): Promise<Loaded | null> {
  const publish = await ctx.db.get('publishes', id);
  return publish && { publish, ...(await loadPlace(ctx, publish)) };
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
  asked: {
    version: Doc<'versions'>;
    thread: Doc<'threads'>;
    requester: Id<'users'>;
    videos: WantedVideos;
    retryOf?: Id<'publishes'>;
  },
  now: number,
): Promise<Id<'publishes'>> {
  const { version, thread, requester, videos, retryOf } = asked;
  const publish = await ctx.db.insert('publishes', {
    project: thread.project,
    thread: thread._id,
    version: version._id,
    number: version.number,
    requester,
    outputs: ['page'],
    ...(videos.length > 0 && { videos }),
    ...(retryOf && { retryOf }),
    state: 'queued',
    revision: 1,
    dispatches: 0,
    deadline: now + QUEUED_MILLISECONDS,
    times: { queued: now },
  });
  await enqueue(ctx, { kind: 'dispatch', publish: publish }, now);
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
  if (isOver || change.claimed || change.dispatched) await finish(ctx, { kind: 'dispatch', publish: publish._id });
  if (isPublished) await changeControl(ctx, thread, (control) => withPublished(control, version.number), change.at);
  if (isPublished && publish.videos) await beginWantedRenders(ctx, publish, loaded, publish.videos, change.at);
  if (version.commit !== undefined && (isOver || change.dispatched)) {
    await enqueue(ctx, { kind: 'status', publish: publish._id }, change.at);
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

/** How decisions reach the row. */
export function publishJob(ctx: MutationCtx, loaded: Loaded, publicUrl: string): JobRow<PublishChange> {
  const { _id } = loaded.publish;
  return {
    id: { publish: _id },
    setDeadline: (deadline) => ctx.db.patch('publishes', _id, { deadline }),
    apply: (change) => applyChange(ctx, loaded, change, publicUrl),
  };
}

/**
 * Does what the sweep decides on a publish.
 * @param facts missing when nobody has asked yet: then somebody is sent
 */
export async function settle(
  ctx: MutationCtx,
  loaded: Loaded,
  facts: Facts | undefined,
  { now, publicUrl }: { now: number; publicUrl: string },
): Promise<string> {
  return carryOut(ctx, publishJob(ctx, loaded, publicUrl), decideSweep(machineRow(loaded), now, facts), now);
}

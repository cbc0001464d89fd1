/** Carries out what model/renderMachine.ts decides: the row, and what follows from it outside. */
import { renderRunName } from '../../action/contract/reports.ts';
import { isRenderOver, RENDER_STATES } from '../../action/contract/states.ts';
import { withVideo } from '../../action/contract/thread-control.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { changeControl } from './controls.ts';
import { carryOut, type JobPlace, type JobRow, loadPlace } from './jobs.ts';
import { enqueue, finish } from './outbox.ts';
import {
  decideRenderCancel,
  decideRenderSweep,
  type RenderChange,
  type RenderRow,
  type WantedVideo,
} from './renderMachine.ts';
import type { RenderFacts } from './validators.ts';

/** A render with what is needed to decide on it and to name it. */
export interface LoadedRender extends JobPlace {
  render: Doc<'renders'>;
}

export async function loadRender(ctx: QueryCtx, id: Id<'renders'>): Promise<LoadedRender | null> {
  const render = await ctx.db.get('renders', id);
  return render && { render, ...(await loadPlace(ctx, render)) };
}

/** The video that was asked for; null where the request was refused. */
export function wantedVideo({ key, spec }: Doc<'renders'>): WantedVideo | null {
  return key === undefined || !spec ? null : { key, format: spec.format, width: spec.width, height: spec.height };
}

/** What the machine decides on. */
export function renderMachineRow(render: Doc<'renders'>): RenderRow {
  const { state, times, dispatches, run, deadline } = render;
  return { state, times, dispatches, run, deadline, wanted: wantedVideo(render) };
}

/** How the run of a render is called at GitHub. */
export function renderRunNameOf({ render, thread, version }: LoadedRender): string {
  return renderRunName(thread.name, version.number, render._id);
}

/** The render of a video that is under way or ready. There is at most one. */
export async function standingRender(ctx: QueryCtx, key: string): Promise<Doc<'renders'> | null> {
  for (const state of RENDER_STATES.filter((each) => each !== 'failed' && each !== 'cancelled')) {
    const found = await ctx.db
      .query('renders')
      .withIndex('by_key_state', (q) => q.eq('key', key).eq('state', state))
      .first();
    if (found) return found;
  }
  return null;
}

/** Writes a change into the row, and into the outbox what follows from it. */
export async function applyRenderChange(ctx: MutationCtx, loaded: LoadedRender, change: RenderChange): Promise<void> {
  const { render, thread, version } = loaded;
  const isOver = isRenderOver(change.state);
  await ctx.db.patch('renders', render._id, {
    state: change.state,
    revision: render.revision + 1,
    dispatches: render.dispatches + (change.dispatched ? 1 : 0),
    times: timesAfter(render, change),
    deadline: isOver ? undefined : (change.deadline ?? render.deadline),
    ...(change.run && { run: change.run }),
    ...change.plan,
    ...(change.error && { error: change.error }),
    ...(change.video && { video: change.video }),
    ...(change.durationMilliseconds !== undefined && { durationMilliseconds: change.durationMilliseconds }),
    ...(change.timings && { timings: change.timings }),
  });
  if (isOver || change.claimed || change.dispatched) await finish(ctx, { kind: 'dispatch', render: render._id });
  const { video } = change;
  if (video) await changeControl(ctx, thread, (control) => withVideo(control, version.number, video), change.at);
}

function timesAfter({ times, state }: Doc<'renders'>, change: RenderChange): Doc<'renders'>['times'] {
  const after = { ...times };
  if (change.claimed) after.claimed = change.at;
  if (change.dispatched) after.sent = change.at;
  if (change.state === state) return after;
  switch (change.state) {
    case 'queued':
      break;
    case 'rendering':
    case 'combining':
    case 'uploading':
      after[change.state] = change.at;
      break;
    case 'ready':
    case 'failed':
    case 'cancelled':
      after.ended = change.at;
  }
  return after;
}

/** How decisions reach the row. */
export function renderJob(ctx: MutationCtx, loaded: LoadedRender): JobRow<RenderChange> {
  const { _id } = loaded.render;
  return {
    id: { render: _id },
    setDeadline: (deadline) => ctx.db.patch('renders', _id, { deadline }),
    apply: (change) => applyRenderChange(ctx, loaded, change),
  };
}

/**
 * Does what the sweep decides on a render.
 * @param facts missing when nobody has asked yet: then somebody is sent
 */
export async function settleRender(
  ctx: MutationCtx,
  loaded: LoadedRender,
  facts: RenderFacts | undefined,
  now: number,
): Promise<string> {
  const decision = decideRenderSweep(renderMachineRow(loaded.render), now, facts);
  return carryOut(ctx, renderJob(ctx, loaded), decision, now);
}

/** Calls a render off, and its run. `tooLate`: it is ready, or has failed. */
export async function cancelRender(
  ctx: MutationCtx,
  loaded: LoadedRender,
  now: number,
): Promise<'cancelled' | 'already' | 'tooLate'> {
  const decision = decideRenderCancel(loaded.render, now);
  if (decision.kind !== 'apply') return decision.kind;
  await applyRenderChange(ctx, loaded, decision.change);
  await enqueue(ctx, { kind: 'cancelRun', render: loaded.render._id }, now);
  return 'cancelled';
}

/** For a version that is taken down: nobody may see what its renders would make. */
export async function cancelRendersOf(ctx: MutationCtx, version: Id<'versions'>, now: number): Promise<void> {
  for (const state of RENDER_STATES.filter((each) => !isRenderOver(each))) {
    const underWay = await ctx.db
      .query('renders')
      .withIndex('by_version_state', (q) => q.eq('version', version).eq('state', state))
      .collect();
    for (const render of underWay) await cancelRender(ctx, { render, ...(await loadPlace(ctx, render)) }, now);
  }
}

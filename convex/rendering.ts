/** For convex/node/renders.ts: what is to be dispatched, asked about or called off, and what came of it. */
import { v } from 'convex/values';
import { isErrorCode } from '../action/contract/errors.ts';
import { isRenderOver } from '../action/contract/states.ts';
import { internalMutation, internalQuery } from './_generated/server.js';
import { failure } from './model/jobMachine.ts';
import { enqueue, findTask, finish, retryDispatch } from './model/outbox.ts';
import { decideRenderSent } from './model/renderMachine.ts';
import {
  applyRenderChange,
  type LoadedRender,
  loadRender,
  renderMachineRow,
  renderRunNameOf,
  settleRender,
  wantedVideo,
} from './model/renders.ts';
import {
  attachedVideoValidator,
  renderFactsValidator,
  runValidator,
  videoRequestValidator,
} from './model/validators.ts';

/** The payload of one dispatch but for the callback. Null when it is over, claimed or dispatched already. */
export const loadDispatch = internalQuery({
  args: { render: v.id('renders') },
  returns: v.union(
    v.object({
      render: v.id('renders'),
      thread: v.string(),
      project: v.string(),
      version: v.number(),
      artifactHash: v.string(),
      sha: v.union(v.string(), v.null()),
      video: videoRequestValidator,
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const loaded = await loadRender(ctx, args.render);
    const row = loaded && (await findTask(ctx, { kind: 'dispatch', render: loaded.render._id }));
    if (!row || loaded.render.run || isRenderOver(loaded.render.state)) return null;
    const { render, thread, project, version } = loaded;
    if (render.artifactHash === undefined) throw new Error(`the render ${render._id} has nothing to render`);
    return {
      render: render._id,
      thread: thread.name,
      project: project.slug,
      version: version.number,
      artifactHash: render.artifactHash,
      sha: version.commit ?? null,
      video: render.request,
    };
  },
});

/** GitHub accepted the dispatch. If the render was over by then, its run is called off. */
export const sent = internalMutation({
  args: { render: v.id('renders') },
  returns: v.object({ kind: v.union(v.literal('recorded'), v.literal('over')) }),
  handler: async (ctx, args) => {
    const now = Date.now();
    const loaded = await loadRender(ctx, args.render);
    if (!loaded) return { kind: 'over' as const };
    const decision = decideRenderSent(renderMachineRow(loaded.render), now);
    if (decision.kind === 'over') {
      await enqueue(ctx, { kind: 'cancelRun', render: args.render }, now);
      return { kind: 'over' as const };
    }
    await applyRenderChange(ctx, loaded, decision.change);
    return { kind: 'recorded' as const };
  },
});

/**
 * The dispatch did not go through.
 * @param args.retryAfter milliseconds that GitHub asked to wait, if it did
 */
export const dispatchFailed = internalMutation({
  args: {
    render: v.id('renders'),
    code: v.string(),
    message: v.string(),
    retryable: v.boolean(),
    retryAfter: v.optional(v.number()),
  },
  returns: v.object({ kind: v.union(v.literal('retrying'), v.literal('failed'), v.literal('over')) }),
  handler: async (ctx, args) => {
    const now = Date.now();
    const loaded = await loadRender(ctx, args.render);
    const row = await findTask(ctx, { kind: 'dispatch', render: args.render });
    if (!loaded || !row || isRenderOver(loaded.render.state)) return { kind: 'over' as const };
    if (await retryDispatch(ctx, row, args, now)) return { kind: 'retrying' as const };
    const code = isErrorCode(args.code) ? args.code : 'INTERNAL';
    await applyRenderChange(ctx, loaded, failure(code, args.message.slice(0, 1000), now));
    return { kind: 'failed' as const };
  },
});

const soughtFields = {
  /** By which a run is found that has not claimed. */
  runName: v.string(),
  /** The run that has claimed: no other is of interest. */
  run: v.union(runValidator, v.null()),
  /** Milliseconds since 1970: no run of this render is older. */
  queuedAt: v.number(),
};

function sought(loaded: LoadedRender) {
  const { run, times } = loaded.render;
  return { runName: renderRunNameOf(loaded), run: run ?? null, queuedAt: times.queued };
}

/** Which render to ask GitHub and the store about. Null when it is over. */
export const loadInspection = internalQuery({
  args: { render: v.id('renders') },
  returns: v.union(
    v.object({
      ...soughtFields,
      /** To be handed back with the facts: facts about an older revision are stale. */
      revision: v.number(),
      thread: v.string(),
      version: v.number(),
      video: v.union(attachedVideoValidator.omit('bytes'), v.null()),
    }),
    v.null(),
  ),
  handler: async (ctx, args) => {
    const loaded = await loadRender(ctx, args.render);
    if (!loaded || isRenderOver(loaded.render.state)) return null;
    const { render, thread, version } = loaded;
    const { revision } = render;
    const video = wantedVideo(render);
    return { ...sought(loaded), revision, thread: thread.name, version: version.number, video };
  },
});

/**
 * What was found out. Facts about an older revision are stale: the render has moved on, and is looked at again when its
 * time comes.
 */
export const settle = internalMutation({
  args: { render: v.id('renders'), revision: v.number(), facts: renderFactsValidator },
  returns: v.object({ kind: v.string() }),
  handler: async (ctx, { render, revision, facts }) => {
    const loaded = await loadRender(ctx, render);
    if (!loaded || loaded.render.revision !== revision) return { kind: 'stale' };
    return { kind: await settleRender(ctx, loaded, facts, Date.now()) };
  },
});

/** Whose run to call off. Null when there is nothing to call off. */
export const loadCancelling = internalQuery({
  args: { render: v.id('renders') },
  returns: v.union(v.object(soughtFields), v.null()),
  handler: async (ctx, args) => {
    const loaded = await loadRender(ctx, args.render);
    if (!loaded || !isRenderOver(loaded.render.state) || loaded.render.state === 'ready') return null;
    return sought(loaded);
  },
});

/** The run is called off, has ended, or never was. */
export const runCancelled = internalMutation({
  args: { render: v.id('renders') },
  returns: v.null(),
  handler: async (ctx, { render }) => {
    await finish(ctx, { kind: 'cancelRun', render });
    return null;
  },
});

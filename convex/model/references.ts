/**
 * The actions of convex/node, by name. Not by the generated `internal`: they call the functions that schedule them, and
 * a type that depends on itself is none. A test holds that each of these exists.
 */
import { type FunctionReference, makeFunctionReference } from 'convex/server';
import type { Id } from '../_generated/dataModel.js';

type PublishAction = FunctionReference<'action', 'internal', { publish: Id<'publishes'> }, null>;
type RenderAction = FunctionReference<'action', 'internal', { render: Id<'renders'> }, null>;
type ThreadAction = FunctionReference<'action', 'internal', { thread: Id<'threads'> }, null>;

function internalAction(name: string): unknown {
  return makeFunctionReference<'action'>(name);
}

/** Commits the snapshot and sends the dispatch. */
export const dispatchRun = internalAction('node/dispatch:run') as PublishAction;
/** Asks GitHub and the store what became of a publish. */
export const inspectRun = internalAction('node/inspect:run') as PublishAction;
/** Ends the run of a publish that is over. */
export const cancelRun = internalAction('node/cancel:run') as PublishAction;
/** Shows the state of a publish at its commit. */
export const statusRun = internalAction('node/status:run') as PublishAction;
/** Sends the dispatch of a render. */
export const renderDispatch = internalAction('node/renders:dispatch') as RenderAction;
/** Asks GitHub and the store what became of a render. */
export const renderInspect = internalAction('node/renders:inspect') as RenderAction;
/** Ends the run of a render that is over. */
export const renderCancel = internalAction('node/renders:cancel') as RenderAction;
/** Writes threads/{thread}.json. */
export const controlWrite = internalAction('node/control:write') as ThreadAction;

/** The sweep, which schedules itself while there is more to do. */
export const sweepRun = makeFunctionReference<'mutation'>('sweep:run') as unknown as FunctionReference<
  'mutation',
  'internal',
  Record<string, never>
>;
/** The clean-up, which goes on from where it stopped. */
export const cleanupStorage = makeFunctionReference<'mutation'>('cleanup:storage') as unknown as FunctionReference<
  'mutation',
  'internal',
  { cursor: string | null }
>;
export const cleanupRows = makeFunctionReference<'mutation'>('cleanup:rows') as unknown as FunctionReference<
  'mutation',
  'internal',
  Record<string, never>
>;

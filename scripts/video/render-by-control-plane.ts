/** Asks the control plane for videos of a version, and follows them to their end. */
import type { ConvexClient } from 'convex/browser';
import { isRenderOver } from '../../action/contract/states.ts';
import { estimateRenderMilliseconds, type VideoRequest } from '../../action/contract/video.ts';
import { api } from '../../convex/_generated/api.js';
import { type ControlPlane, failureOf, withControlPlane } from '../control-plane-client.ts';
import { formatMilliseconds } from '../output.ts';

export interface ControlPlaneRender extends ControlPlane {
  thread: string;
  version: number;
  requests: readonly VideoRequest[];
  /** The publish that this command has begun: renders of it are called off with it. */
  publish?: string | undefined;
  progress(line: string): void;
}

type Render = (typeof api.renders.get)['_returnType'];

export interface WatchedRender {
  render: Render;
  /** Whether it was ready when it was asked for. */
  deduplicated: boolean;
}

/**
 * All formats at a time. When the signal fires, what this began is cancelled before this rejects.
 * @returns in the order of the requests
 * @throws PermaframeError with the code that the control plane or the run gave
 */
export function renderByControlPlane(order: ControlPlaneRender): Promise<WatchedRender[]> {
  const asked: Promise<{ render: string; isOurs: boolean }>[] = [];
  const work = async (client: ConvexClient): Promise<WatchedRender[]> => {
    for (const request of order.requests) {
      order.signal.throwIfAborted();
      const asking = ask(client, request, order);
      asked.push(asking);
      await asking;
    }
    const followed = await Promise.allSettled(asked.map(async (each) => follow(client, (await each).render, order)));
    return followed.map((each) => {
      if (each.status === 'rejected') throw each.reason;
      return each.value;
    });
  };
  return withControlPlane(order, work, (client) => cancelAll(client, asked, order));
}

async function ask(client: ConvexClient, video: VideoRequest, { thread, version, publish }: ControlPlaneRender) {
  const { render, isNew } = await client.mutation(api.renders.request, { thread, version, video });
  if (isNew || publish === undefined) return { render: render as string, isOurs: isNew };
  return { render: render as string, isOurs: (await client.query(api.renders.get, { render })).publish === publish };
}

/** Resolves once the render is ready. */
function follow(client: ConvexClient, render: string, order: ControlPlaneRender): Promise<WatchedRender> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    let said = '';
    let updates = 0;
    const stop = client.onUpdate(
      api.renders.get,
      { render },
      (update) => {
        updates++;
        const line = describeState(update);
        if (line !== said) order.progress(`${formatMilliseconds(performance.now() - begin)} ${line}`);
        said = line;
        if (!isRenderOver(update.state)) return;
        stop();
        if (update.state === 'ready') resolve({ render: update, deduplicated: updates === 1 });
        else reject(failureOf(update, `the ${update.request.format} of version ${update.version}`));
      },
      reject,
    );
  });
}

function describeState({ request: { format }, state, spec, chunks, toRender, estimatedMilliseconds }: Render): string {
  const estimate = estimatedMilliseconds ?? (spec && estimateRenderMilliseconds({ ...spec, format }));
  const about = estimate === null || isRenderOver(state) ? '' : `, about ${Math.ceil(estimate / 1000)} s in all`;
  if (state !== 'rendering' || chunks === null || toRender === null) return `${format}: ${state}${about}`;
  return `${format}: rendering ${toRender} of ${chunks} pieces${about}`;
}

/** Of what is over already, the control plane says so. */
async function cancelAll(
  client: ConvexClient,
  asked: readonly Promise<{ render: string; isOurs: boolean }>[],
  { progress }: ControlPlaneRender,
): Promise<void> {
  for (const each of await Promise.allSettled(asked)) {
    if (each.status === 'rejected' || !each.value.isOurs) continue;
    const { render } = each.value;
    const outcome = await client.mutation(api.renders.cancel, { render }).then(
      () => 'cancelled',
      () => 'over already',
    );
    progress(`render ${render}: ${outcome}`);
  }
}

/** What the control plane says of a thread and its publishes, live. */
import { useConvexConnectionState, useQueries } from 'convex/react';
import { useMemo } from 'react';
import type { Access } from './availability.ts';
import type { PublishLine, PublishView, ShareFunctions, ThreadView } from './control-plane.ts';
import { problemOfCall } from './problems.ts';
import { currentPublish, type Focus } from './shared-versions.ts';

export interface ThreadSharing {
  access: Access;
  /** Newest first. */
  publishes: readonly PublishLine[];
  /** The publish that is shown: in full once that has come. */
  current: PublishLine | PublishView | null;
  isConnected: boolean;
}

/** By `useQueries`, because it hands a refusal over instead of throwing it into the host's tree. */
export function useThreadSharing(thread: string, focus: Focus | null, functions: ShareFunctions): ThreadSharing {
  const { isWebSocketConnected, hasEverConnected } = useConvexConnectionState();
  const asked = useQueries(
    useMemo(
      () => ({
        thread: { query: functions.thread, args: { thread } },
        publishes: { query: functions.publishes, args: { thread } },
      }),
      [thread, functions],
    ),
  );
  const access = accessOf(asked.thread);
  const publishes: readonly PublishLine[] = Array.isArray(asked.publishes) ? asked.publishes : NONE;
  const id = currentPublish(publishes, focus);
  const { publish } = useQueries(
    useMemo(
      (): Parameters<typeof useQueries>[0] =>
        id === null ? {} : { publish: { query: functions.publish, args: { publish: id } } },
      [id, functions],
    ),
  );
  const line = publishes.find((each) => each.publish === id) ?? null;
  const current = publish && !(publish instanceof Error) ? (publish as PublishView) : line;
  return { access, publishes, current, isConnected: isWebSocketConnected || !hasEverConnected };
}

const NONE: readonly PublishLine[] = [];

function accessOf(answer: ThreadView | Error | undefined): Access {
  if (answer === undefined) return { kind: 'loading' };
  if (answer instanceof Error) return { kind: 'refused', problem: problemOfCall(answer) };
  return { kind: 'open', thread: answer };
}

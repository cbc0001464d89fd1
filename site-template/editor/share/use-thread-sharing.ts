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
  const access = useMemo(() => accessOf(asked.thread, asked.publishes), [asked.thread, asked.publishes]);
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

/** Open only with the history at hand: which publish is newer than a press of Share is told by it. */
function accessOf(thread: ThreadView | Error | undefined, publishes: PublishLine[] | Error | undefined): Access {
  const refused = [thread, publishes].find((answer) => answer instanceof Error);
  if (refused) return { kind: 'refused', problem: problemOfCall(refused) };
  if (thread === undefined || thread instanceof Error || publishes === undefined) return { kind: 'loading' };
  return { kind: 'open', thread };
}

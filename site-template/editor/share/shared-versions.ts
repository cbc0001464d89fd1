/** A thread's versions as far as they were shared: one line each, whatever it took to publish them. */
import { isPublishOver } from './contract.ts';
import type { PublishLine, ThreadView } from './control-plane.ts';

/** `link`: its page opens. `takenDown`: it answers 410. `active`: on its way. `none`: failed or cancelled. */
export type VersionMark = 'link' | 'takenDown' | 'active' | 'none';

export interface SharedVersion {
  version: number;
  mark: VersionMark;
  isLatest: boolean;
  url: string | null;
  /** Who shared it last, and when it was asked for or was over, in milliseconds since 1970. */
  by: string | null;
  at: number | null;
  /** The publish that counts. Null when it is older than the history that was read. */
  publish: PublishLine | null;
}

/**
 * Newest version first.
 * @param publishes newest first, as the control plane lists them
 */
export function sharedVersions(thread: ThreadView, publishes: readonly PublishLine[]): SharedVersion[] {
  const known = new Map<number, PublishLine>();
  for (const line of publishes) {
    const other = known.get(line.version);
    if (!other || weight(line) > weight(other)) known.set(line.version, line);
  }
  const numbers = new Set([...known.keys(), ...thread.tombstones, ...(thread.latest === null ? [] : [thread.latest])]);
  return [...numbers].sort((a, b) => b - a).map((version) => describe(version, known.get(version) ?? null, thread));
}

/** Published counts most, then what is under way; of the rest the newest. */
function weight({ state }: PublishLine): number {
  return state === 'published' ? 2 : isPublishOver(state) ? 0 : 1;
}

function describe(version: number, publish: PublishLine | null, thread: ThreadView): SharedVersion {
  return {
    version,
    mark: markOf(version, publish, thread),
    isLatest: thread.latest === version,
    url: publish?.url ?? null,
    by: publish?.requester ?? null,
    at: publish ? (publish.times.ended ?? publish.times.queued) : null,
    publish,
  };
}

function markOf(version: number, publish: PublishLine | null, { tombstones, latest }: ThreadView): VersionMark {
  if (tombstones.includes(version)) return 'takenDown';
  if (publish && !isPublishOver(publish.state)) return 'active';
  return publish?.state === 'published' || latest === version ? 'link' : 'none';
}

/** What the person last asked for: it is shown until something newer begins. */
export interface Focus {
  publish: string;
  /** The newest publish when it was asked for. */
  newestThen: string | null;
}

/** The publish that the sheet shows: of several people, the newest. */
export function currentPublish(publishes: readonly PublishLine[], focus: Focus | null): string | null {
  const newest = publishes[0]?.publish ?? null;
  if (focus && (newest === null || newest === focus.newestThen)) return focus.publish;
  return newest;
}

/** Loads versions of the thread that is open. They never change, so each is loaded once. */
import { useConvex } from 'convex/react';
import { useCallback } from 'react';
import { useWorkspaceState } from '../workspace.ts';
import { type LoadedVersion, loadVersion } from './load-version.ts';

const loaded = new Map<string, Promise<LoadedVersion>>();
/** Versions kept in memory. */
const MAX_KEPT = 20;

export function useLoadVersion(): (version: number) => Promise<LoadedVersion> {
  const client = useConvex();
  const { thread } = useWorkspaceState((state) => state.thread);
  return useCallback(
    (version) => {
      const key = `${client.url}|${thread}|${version}`;
      const known = loaded.get(key);
      if (known) return known;
      const loading = loadVersion(client, thread, version);
      loaded.set(key, loading);
      loading.catch(() => loaded.delete(key));
      const [oldest] = loaded.keys();
      if (loaded.size > MAX_KEPT && oldest !== undefined) loaded.delete(oldest);
      return loading;
    },
    [client, thread],
  );
}

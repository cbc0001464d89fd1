/** Which page is shown: `#/` the projects, `#/t/{thread}` a thread. In the fragment, so that any static host will do. */
import { useSyncExternalStore } from 'react';
import { isName } from '../../action/contract/ids.ts';

export type Route = { kind: 'projects' } | { kind: 'thread'; thread: string };

export function parseRoute(fragment: string): Route {
  const thread = /^#\/t\/([^/]+)$/.exec(fragment)?.[1];
  return thread !== undefined && isName(thread) ? { kind: 'thread', thread } : { kind: 'projects' };
}

export function threadAddress(thread: string): string {
  return `#/t/${thread}`;
}

export const PROJECTS_ADDRESS = '#/';

export function useRoute(): Route {
  const fragment = useSyncExternalStore(
    (listener) => {
      addEventListener('hashchange', listener);
      return () => removeEventListener('hashchange', listener);
    },
    () => location.hash,
  );
  return parseRoute(fragment);
}

export function go(address: string): void {
  location.hash = address;
}

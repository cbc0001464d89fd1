/** What the viewer's system asks for, followed while the page is open. */
import { useSyncExternalStore } from 'react';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}

export const usePrefersDark = () => useMedia('(prefers-color-scheme: dark)');
export const usePrefersStillness = () => useMedia('(prefers-reduced-motion: reduce)');

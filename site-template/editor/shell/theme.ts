/** Light, dark, or as the machine is set. */
import { useSyncExternalStore } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'permaframe-theme';
const CHANGED = 'permaframe-theme-changed';

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme(theme);
  dispatchEvent(new Event(CHANGED));
}

export function useTheme(): { theme: Theme; dark: boolean } {
  const theme = useSyncExternalStore(listen, readTheme);
  const prefersDark = useSyncExternalStore(listen, () => matchMedia('(prefers-color-scheme: dark)').matches);
  return { theme, dark: theme === 'system' ? prefersDark : theme === 'dark' };
}

function listen(listener: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  addEventListener(CHANGED, listener);
  query.addEventListener('change', listener);
  return () => {
    removeEventListener(CHANGED, listener);
    query.removeEventListener('change', listener);
  };
}

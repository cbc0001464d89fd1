/** Everything a film needs to play: fetched when somebody presses play, not before. */
import type { Film } from '../../action/contract/film.ts';
import type { FilmHandle, FilmModule } from '../../action/contract/mounting.ts';
import { importModule, logProblem } from './modules.ts';
import type { FilmData } from './page-data.ts';

interface Start {
  frame: number;
  muted: boolean;
  volume: number;
}

/** @throws when something cannot be fetched */
export async function loadFilm(data: FilmData, stage: HTMLElement, start: () => Start): Promise<FilmHandle> {
  preloadModules(data);
  const [{ mountFilm }, index] = await Promise.all([
    importModule<FilmModule>('permaframe/film'),
    importModule<{ default: Film }>(data.entry),
    ...data.styles.map(addStyle),
  ]);
  const { frame, ...sound } = start();
  return mountFilm(stage, {
    film: index.default,
    assetBase: data.assets,
    startFrame: frame,
    onError: logProblem,
    ...sound,
  });
}

/** The import map knows all modules: asked for at once, they come in one round trip. */
function preloadModules({ entry }: FilmData): void {
  const map = document.querySelector('script[type=importmap]')?.textContent ?? '{}';
  const { integrity } = JSON.parse(map) as { integrity: Record<string, string> };
  for (const href of [...Object.keys(integrity), entry]) addLink({ rel: 'modulepreload', href });
}

function addStyle(href: string): Promise<void> {
  const link = addLink({ rel: 'stylesheet', href, crossOrigin: '' });
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject(new Error(`${href} could not be loaded`));
    };
  });
}

function addLink(properties: Partial<HTMLLinkElement>): HTMLLinkElement {
  const link = Object.assign(document.createElement('link'), properties);
  return document.head.appendChild(link);
}

/** Finds the Chromium or Chrome of this machine. browsers.json is the one list of where they are. */
import { existsSync, realpathSync } from 'node:fs';
import { PermaframeError } from '../contract/errors.ts';
import places from './browsers.json' with { type: 'json' };

/**
 * @param named a browser that a person chose (CHROME_PATH); nothing else is looked for then
 * @returns the program itself, links followed: what runs it in a sandbox has to bring its folder
 * @throws PermaframeError RENDER_BROWSER_MISSING
 */
export function findBrowser(named: string | undefined): string {
  const found = (named ? [named] : places).find((path) => existsSync(path));
  if (found !== undefined) return realpathSync(found);
  const message = named ? `CHROME_PATH names ${named}, which does not exist` : 'no Chromium and no Chrome was found';
  throw new PermaframeError('RENDER_BROWSER_MISSING', message);
}

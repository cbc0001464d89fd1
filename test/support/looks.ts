/** What a person would see of the editor, kept as pictures, and what somebody would stumble over in it. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ROOT_FOLDER, STATE_FOLDER } from '../../scripts/state.ts';
import { PHONE } from './browser.ts';

/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots', 'editor');
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

type Screen = readonly [name: string, isPhone: boolean, options: BrowserContextOptions];
const MOST: readonly Screen[] = [
  ['desk-light', false, { ...DESK, colorScheme: 'light' }],
  ['phone-dark', true, { ...PHONE, colorScheme: 'dark' }],
];
const OTHERS: readonly Screen[] = [
  ['desk-dark', false, { ...DESK, colorScheme: 'dark' }],
  ['phone-light', true, { ...PHONE, colorScheme: 'light' }],
];
/** `PERMAFRAME_SCREENS=all` for all of them: sizes and colours are all there in two. */
export const SCREENS = process.env.PERMAFRAME_SCREENS === 'all' ? [...MOST, ...OTHERS] : MOST;

export interface Looks {
  /** Takes a picture. What is found wrong is kept under its name. */
  look(page: Page, name: string): Promise<void>;
  /** By picture. */
  found: Record<string, string[]>;
}

export async function startLooking(): Promise<Looks> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const axe = await readFile(join(ROOT_FOLDER, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
  const found: Looks['found'] = {};
  return {
    found,
    async look(page, name) {
      await settle(page);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
      const blocks = await stumblingBlocks(page, axe);
      if (blocks.length > 0) found[name] = blocks;
    },
  };
}

/** What comes in is not half way when it is looked at. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.allSettled(
      document.getAnimations().map((each) => each.effect?.getTiming().iterations === 1 && each.finished),
    ),
  );
}

/** What is serious for axe, and what does not fit. */
async function stumblingBlocks(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    // Previews are pages of a project: what is in them is not ours.
    const { violations } = await axe.run(document, { resultTypes: ['violations'], iframes: false });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const blocks = serious.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
    );
    const excess = document.documentElement.scrollWidth - innerWidth;
    return excess > 0 ? [...blocks, `${excess} pixels too wide`] : blocks;
  });
}

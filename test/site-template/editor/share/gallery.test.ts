/** Every state of the share parts in a browser: for axe, for the keyboard, and as pictures for a person. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT_FOLDER, STATE_FOLDER } from '../../../../scripts/state.ts';
import { DESK, PHONE, startBrowser, visit } from '../../../support/browser.ts';
import { type PageServer, servePage } from './page-server.ts';
import { ASKED } from './publishes.ts';

/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots', 'share');
const SCREENS: [string, BrowserContextOptions][] = [
  ['desk-light', { ...DESK, colorScheme: 'light' }],
  ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
];

let server: PageServer;
let browser: Browser;
let axe: string;
let states: string[];

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [server, browser, axe] = await Promise.all([
    servePage('./gallery.tsx'),
    startBrowser(),
    readFile(join(ROOT_FOLDER, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'),
  ]);
  await using visited = await visit(browser, server.url);
  states = await visited.page.evaluate(() => (window as unknown as { states: string[] }).states);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function show(page: Page, state: string): Promise<void> {
  await page.clock.setFixedTime(ASKED + 42_000);
  await page.goto(`${server.url}?state=${state}`);
  await page.waitForSelector('.share-split');
  // Settled: what comes in is not half way when it is looked at.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((each) => each.effect?.getTiming().iterations === 1 && each.finished)),
  );
}

/** What axe finds that a person would stumble over. */
async function stumblingBlocks(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
    );
  });
}

describe.each(SCREENS)('on %s', (screen, options) => {
  it('every state is shown without a complaint, fits, and has nothing for axe to find', async () => {
    expect(states.length).toBeGreaterThan(20);
    await using visited = await visit(browser, 'about:blank', options);
    const { page, complaints } = visited;
    const found: Record<string, string[]> = {};
    for (const state of states) {
      await show(page, state);
      if (state === 'blocked-button') await page.locator('.share-press').first().focus();
      await page.screenshot({ path: join(SCREENSHOTS, `${state}-${screen}.png`) });
      const blocks = await stumblingBlocks(page);
      const overflow = await page.evaluate(() => {
        const body = document.querySelector('.share-sheet-body');
        return Math.max(
          document.documentElement.scrollWidth - innerWidth,
          body ? body.scrollWidth - body.clientWidth : 0,
        );
      });
      if (overflow > 0) blocks.push(`${overflow} pixels too wide`);
      if (blocks.length > 0) found[state] = blocks;
    }
    expect(found).toEqual({});
    expect(complaints).toEqual([]);
  }, 120_000);

  it('so are the parts that open', async () => {
    await using visited = await visit(browser, 'about:blank', options);
    const { page } = visited;
    await show(page, 'published');
    await page.getByRole('button', { name: 'More for version 4' }).click();
    await page.getByRole('button', { name: 'Create link' }).click();
    await page.getByText('Timings').click();
    await page.screenshot({ path: join(SCREENSHOTS, `opened-${screen}.png`) });
    expect(await stumblingBlocks(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take down …' }).click();
    await page.screenshot({ path: join(SCREENSHOTS, `confirm-${screen}.png`) });
    expect(await stumblingBlocks(page)).toEqual([]);
    await show(page, 'unlisted');
    await page.getByRole('button', { name: 'Create link' }).click();
    await page.screenshot({ path: join(SCREENSHOTS, `unlisted-link-${screen}.png`) });
    expect(await stumblingBlocks(page)).toEqual([]);
  });
});

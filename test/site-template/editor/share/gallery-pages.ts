/** The gallery in a browser: opened at a state, and gone over by axe. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ROOT_FOLDER, STATE_FOLDER } from '../../../../scripts/state.ts';
import { DESK, PHONE, startBrowser, type Visit, visit } from '../../../support/browser.ts';
import { servePage } from './page-server.ts';
import { ASKED } from './publishes.ts';

/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots', 'share');
export const SCREENS: [string, BrowserContextOptions][] = [
  ['desk-light', { ...DESK, colorScheme: 'light' }],
  ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
];

/** A picture for the store that is not there. */
const POSTER = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#0b6b4e"/>
<circle cx="8" cy="4.5" r="2.5" fill="#f0c26b"/></svg>`;

export interface GalleryPages extends AsyncDisposable {
  states: readonly string[];
  open(options?: BrowserContextOptions): Promise<Visit>;
  show(page: Page, state: string): Promise<void>;
  /** What axe finds that a person would stumble over, and what does not fit. */
  stumblingBlocks(page: Page): Promise<string[]>;
}

export async function startGallery(): Promise<GalleryPages> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const [server, browser, axe] = await Promise.all([
    servePage('./gallery.tsx'),
    startBrowser(),
    readFile(join(ROOT_FOLDER, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'),
  ]);
  await using visited = await visit(browser, server.url);
  return {
    states: await visited.page.evaluate(() => (window as unknown as { states: string[] }).states),
    open: (options) => open(browser, options),
    show: (page, state) => show(page, `${server.url}?state=${state}`),
    stumblingBlocks: (page) => stumblingBlocks(page, axe),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Settled: what comes in is not half way when it is looked at. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((each) => each.effect?.getTiming().iterations === 1 && each.finished)),
  );
}

export async function photograph(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

async function open(browser: Browser, options?: BrowserContextOptions): Promise<Visit> {
  const visited = await visit(browser, 'about:blank', options);
  const answer = { contentType: 'image/svg+xml', body: POSTER };
  await visited.page.route('https://share.example/**/*.jpg', (route) => route.fulfill(answer));
  return visited;
}

async function show(page: Page, url: string): Promise<void> {
  await page.clock.setFixedTime(ASKED + 42_000);
  await page.goto(url);
  await page.waitForSelector('.share-split');
  await page.evaluate(() => document.querySelector('.share-videos')?.scrollIntoView({ block: 'center' }));
  await settle(page);
}

async function stumblingBlocks(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const blocks = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
    );
    const [sheet, body] = ['.share-sheet', '.share-sheet-body'].map((each) => document.querySelector(each));
    const wide = [document.documentElement.scrollWidth - innerWidth, body ? body.scrollWidth - body.clientWidth : 0];
    if (Math.max(...wide) > 0) blocks.push(`${Math.max(...wide)} pixels too wide`);
    // It is the body that scrolls: a sheet that does takes its head out of sight.
    if (sheet && sheet.scrollHeight > sheet.clientHeight) blocks.push('the sheet scrolls');
    return blocks;
  });
}

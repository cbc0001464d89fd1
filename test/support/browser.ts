/** Chromium for tests: a new profile each time, and no connection but the ones that a test makes. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser as findOn } from '../../action/adapters/browser.ts';

/** Switches that keep Chromium from asking its maker's hosts for anything. */
export const QUIET_SWITCHES = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
  '--autoplay-policy=user-gesture-required',
];

export const DESK: BrowserContextOptions = { viewport: { width: 1440, height: 900 }, colorScheme: 'light' };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  colorScheme: 'dark',
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};

/** @throws PermaframeError when there is none */
export function findBrowser(): string {
  return findOn(process.env.CHROME_PATH);
}

export async function startBrowser(): Promise<Browser> {
  // As root there is no user namespace to put its sandbox in.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findBrowser(), args: [...QUIET_SWITCHES, ...sandbox] });
}

export interface Visit extends AsyncDisposable {
  page: Page;
  /** Errors and warnings of the console, exceptions, and requests that failed, in order. */
  complaints: string[];
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = DESK): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => {
    // A browser gives up media that it has enough of; that is not a failure.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

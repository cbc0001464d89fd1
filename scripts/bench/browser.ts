/** Chromium with the profile of a phone. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../action/adapters/browser.ts';
import { TransferLog } from './transfers.ts';

/** No connection but to the pages that are measured. */
const SWITCHES = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
];

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** Lighthouse's slow 4G: 150 ms, 1.6 Mbit/s down, 750 kbit/s up; in milliseconds and bytes a second. */
const SLOW_NETWORK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
/**
 * `wrangler dev` recodes what a Worker sends into the first encoding that a browser names, which is gzip. Cloudflare
 * passes brotli on to whoever takes it, as every browser does.
 */
const TAKEN_ENCODING = 'br';

/** How much slower than this machine the phone is. */
const CPU_SLOWDOWN = 4;

/** @param named a browser to use instead of the one that is found */
export async function startBrowser(named: string | undefined): Promise<Browser> {
  const executablePath = findBrowser(named);
  // As root there is no user namespace to put its sandbox in.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // Ctrl-C is the root's: the browser would end this process before anything is tidied up.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return chromium.launch({ executablePath, args: [...SWITCHES, ...sandbox], ...signals });
}

export interface Phone extends AsyncDisposable {
  page: Page;
  log: TransferLog;
}

/**
 * An empty page with an empty cache.
 * @param isSlow an old phone on a slow network, instead of this machine on the loopback
 */
export async function openPhone(browser: Browser, isSlow: boolean): Promise<Phone> {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setExtraHTTPHeaders', { headers: { 'Accept-Encoding': TAKEN_ENCODING } });
  if (isSlow) {
    await session.send('Network.emulateNetworkConditions', SLOW_NETWORK);
    await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  }
  return { page, log: new TransferLog(session), [Symbol.asyncDispose]: () => context.close() };
}

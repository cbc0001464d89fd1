/** How soon the editor is there, and what has come by then. */
import { brotliCompressSync, constants } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import type { BenchContext } from './context.ts';
import type { EditorPlace } from './editor.ts';
import type { Figure } from './figure.ts';
import { TransferLog } from './transfers.ts';

const LOADS = 5;
export const SCREEN = { viewport: { width: 1440, height: 900 } };
/** What a network in between does without being asked for more. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

export async function measureLoads(place: EditorPlace, context: BenchContext): Promise<Figure[]> {
  const paints: number[] = [];
  const codes: number[] = [];
  const loaded = new Set<string>();
  for (let round = 0; round < Math.min(context.rounds ?? LOADS, LOADS); round++) {
    context.signal.throwIfAborted();
    context.progress(`editor: load ${round + 1}`);
    await using seat = await place.browser.newContext(SCREEN);
    paints.push(await firstPaint(place, seat));
    const { page, log } = await openThread(place, seat);
    for (const { url } of log.over) loaded.add(url);
    await page.reload();
    await page.locator('.cm-content').waitFor();
    codes.push(await page.evaluate(() => performance.now()));
  }
  const sizes = await compressedSizes(place, loaded);
  const code = sizes.filter(([url]) => /\.(js|css|html)$|\/$/.test(url));
  const wasm = sizes.filter(([url]) => url.endsWith('.wasm'));
  const bytes = (what: string, counted: [string, number][]): Figure => {
    return { part: 'editor', what, unit: 'bytes', samples: [counted.reduce((sum, [, size]) => sum + size, 0)] };
  };
  return [
    {
      part: 'editor',
      what: 'editor: first paint, empty cache',
      unit: 'ms',
      samples: paints,
      budget: { of: 'value', bound: 'atMost', limit: 1000 },
    },
    { part: 'editor', what: 'editor: reload of a thread → its code', unit: 'ms', samples: codes },
    bytes('editor: scripts and styles of a thread, brotli', code),
    bytes('editor: esbuild.wasm, which the code does not wait for, brotli', wasm),
  ];
}

async function firstPaint({ stack }: EditorPlace, seat: BrowserContext): Promise<number> {
  const page = await seat.newPage();
  await page.goto(stack.editorUrl);
  const paint = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          for (const { startTime } of list.getEntriesByName('first-contentful-paint')) resolve(startTime);
        });
        observer.observe({ type: 'paint', buffered: true });
      }),
  );
  await page.close();
  return paint;
}

/** Signs in, and opens the thread in a browser whose cache is empty. */
export async function openThread(
  { stack, thread }: EditorPlace,
  seat: BrowserContext,
): Promise<{ page: Page; log: TransferLog }> {
  const page = await seat.newPage();
  const session = await seat.newCDPSession(page);
  await session.send('Network.enable');
  const log = new TransferLog(session);
  await page.goto(`${stack.editorUrl}/#/t/${thread}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Continue as Ada' }).click();
  await page.locator('.cm-content').waitFor();
  await page.locator('[data-preview-revision="1"]').waitFor({ timeout: 60_000 });
  return { page, log };
}

async function compressedSizes({ stack }: EditorPlace, urls: ReadonlySet<string>): Promise<[string, number][]> {
  const own = [...urls].filter((url) => url.startsWith(`${stack.editorUrl}/`));
  return Promise.all(
    own.map(async (url): Promise<[string, number]> => {
      const body = new Uint8Array(await (await fetch(url)).arrayBuffer());
      return [url, brotliCompressSync(body, BROTLI).byteLength];
    }),
  );
}

/** People at their browsers, sharing threads on a whole local stack. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConvexHttpClient } from 'convex/browser';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { api } from '../../../../convex/_generated/api.js';
import { type PersonName, type Stack, startStack } from '../../../../scripts/stack/stack.ts';
import { DESK, startBrowser, visit } from '../../../support/browser.ts';
import type { Host } from './harness.tsx';
import { servePage } from './page-server.ts';

/** Longer than a publish takes on a machine that has other things to do, in milliseconds. */
export const PATIENCE = 30_000;
export const PROJECT = 'studio';

export interface World extends AsyncDisposable {
  stack: Stack;
  browser: Browser;
  /** Calls functions as that person. */
  as(person: PersonName): Promise<ConvexHttpClient>;
  /** Makes a thread of Ada's and returns its name. */
  thread(): Promise<string>;
  open(person: PersonName, thread: string, options?: BrowserContextOptions): Promise<AtShare>;
}

/** One person at one window. */
export interface AtShare extends AsyncDisposable {
  page: Page;
  complaints: string[];
  share: Locator;
  more: Locator;
  sheet: Locator;
  /** The headline of the publish that is shown. */
  headline(text: string): Promise<void>;
  host<T>(read: (host: Host) => T): Promise<T>;
  edit(path: string, text: string): Promise<void>;
}

export async function startWorld(): Promise<World> {
  await using started = new AsyncDisposableStack();
  const state = started.use(await mkdtempDisposable(join(tmpdir(), 'permaframe-share-')));
  const [stack, browser] = await Promise.all([startStack({ stateFolder: state.path, port: 0 }), startBrowser()]);
  started.use(stack);
  started.defer(() => browser.close());
  const server = started.use(
    await servePage('./harness.tsx', async ({ pathname, searchParams }) =>
      pathname === '/token' ? stack.tokenOf(searchParams.get('person') as PersonName) : null,
    ),
  );
  const as = async (person: PersonName): Promise<ConvexHttpClient> => {
    const client = new ConvexHttpClient(stack.convex.url);
    client.setAuth(await stack.tokenOf(person));
    return client;
  };
  const ada = await as('ada');
  await ada.mutation(api.projects.create, { project: PROJECT, title: 'Studio' });
  let threads = 0;
  const owned = started.move();
  return {
    stack,
    browser,
    as,
    async thread() {
      const thread = `page-${++threads}`;
      await ada.mutation(api.threads.create, { project: PROJECT, thread, title: 'A page' });
      return thread;
    },
    open: (person, thread, options) =>
      openShare(browser, `${server.url}?convex=${stack.convex.url}&thread=${thread}&person=${person}`, options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openShare(browser: Browser, url: string, options: BrowserContextOptions = DESK): Promise<AtShare> {
  const visited = await visit(browser, url, options);
  const { page, complaints } = visited;
  const sheet = page.getByRole('dialog', { name: 'Share' });
  const host = <T>(read: (host: Host) => T): Promise<T> => page.evaluate(`(${read})(window.host)`) as Promise<T>;
  await page.waitForSelector('.share-split');
  return {
    page,
    complaints,
    sheet,
    host,
    share: page.locator('.share-press').first(),
    more: page.getByRole('button', { name: 'Links and versions' }),
    headline: (text) => sheet.getByRole('heading', { name: text }).waitFor({ timeout: PATIENCE }),
    edit: (path, text) =>
      page.evaluate(([to, content]) => (window as unknown as { host: Host }).host.edit(to, content), [
        path,
        text,
      ] as const),
    [Symbol.asyncDispose]: () => visited[Symbol.asyncDispose](),
  };
}

/** The app of the harness, with another heading. */
export function appSaying(text: string): string {
  return `export default function App() {\n  return <h1>${text}</h1>;\n}\n`;
}

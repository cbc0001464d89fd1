/** The editor on a whole local stack, and people who sit in front of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { DESK, startBrowser } from './browser.ts';

export interface EditorPlace extends AsyncDisposable {
  stack: Stack;
  browser: Browser;
  /** Errors and warnings of all consoles, with who has seen them. */
  complaints: string[];
  /** A browser of their own. */
  seat(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** One more window in a browser, signed in. */
  window(context: BrowserContext, name: 'Ada' | 'Ben', address?: string): Promise<Page>;
}

/** Takes about seven seconds, and some more when the editor's sources have changed. */
export async function startEditorPlace(): Promise<EditorPlace> {
  await using started = new AsyncDisposableStack();
  const stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-editor-'));
  started.defer(() => rm(stateFolder, { recursive: true, force: true, maxRetries: 3 }));
  const stack = started.use(await startStack({ stateFolder, port: await findFreePort() }));
  const browser = await startBrowser();
  started.defer(() => browser.close());
  const complaints: string[] = [];
  const owned = started.move();
  return {
    stack,
    browser,
    complaints,
    seat: (options = DESK) => browser.newContext(options),
    async window(context, name, address = stack.editorUrl) {
      const page = await context.newPage();
      // Before the test's own time is up, so that it says what it was waiting for.
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => complaints.push(`${name}: ${error}`));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${name}: ${message.text()}`);
      });
      await page.goto(address);
      await signIn(page, name);
      return page;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** One click in the editor, one at the issuer. */
export async function signIn(page: Page, name: 'Ada' | 'Ben'): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: `Continue as ${name}` }).click();
}

/** @param starter as the dialog calls it */
export async function createProject(page: Page, starter: string, title: string): Promise<void> {
  await page.getByRole('button', { name: 'New project' }).click();
  await page.getByRole('radio', { name: new RegExp(`^${starter}`) }).check({ force: true });
  await page.getByRole('textbox', { name: 'Title' }).fill(title);
  await page.getByRole('button', { name: 'Create' }).click();
  await codeOf(page).waitFor();
}

export function codeOf(page: Page) {
  return page.locator('.cm-content');
}

/** Types at the very beginning of the file that is shown. */
export async function typeAtStart(page: Page, text: string): Promise<void> {
  await codeOf(page).click();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.type(text);
}

/** A film from the example to its links and back, as two people live through it in the editor, on the whole local stack. */
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyLink } from '../../scripts/verify-link.ts';
import { visit } from '../support/browser.ts';
import { codeOf, createProject, type EditorPlace, startEditorPlace, typeAtStart } from '../support/editor.ts';

/** For a publish, and for what the edge remembers, on a machine that has other things to do. In milliseconds. */
const PATIENCE = 30_000;
const LIVE = 'The link is live';

vi.setConfig({ testTimeout: 60_000 });

let place: EditorPlace;
let ada: Page;
/** Ada's second window. */
let beside: Page;
let ben: Page;
let first: string;
let firstHash: string;
let second: string;

beforeAll(async () => {
  place = await startEditorPlace();
}, 90_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: PATIENCE });
const sheetOf = (page: Page) => page.getByRole('dialog', { name: 'Share' });
const pictureOf = (page: Page): FrameLocator => page.frameLocator('iframe[data-layer=front]');
const shareButton = (page: Page) => page.locator('.share-press').first();
const hashOf = async (url: string): Promise<string> =>
  (await verifyLink(new URL(url), { fetch, signal: AbortSignal.timeout(PATIENCE), progress() {} })).artifactHash;

async function headline(page: Page, text: string): Promise<void> {
  await sheetOf(page).getByRole('heading', { name: text }).waitFor({ timeout: PATIENCE });
}

/** Waits for the publish that is shown, and reads its link. */
async function link(page: Page): Promise<string> {
  await headline(page, LIVE);
  const open = sheetOf(page).locator('.share-panel').getByRole('link', { name: 'Open' });
  return (await open.getAttribute('href')) ?? '';
}

/** Replaces a word of the code that is shown by another. */
async function replaceWord(page: Page, before: string, after: string): Promise<void> {
  await codeOf(page)
    .getByText(`'${before}`)
    .dblclick({ position: { x: 20, y: 8 } });
  await page.keyboard.type(after);
}

describe('a film', () => {
  it('is begun from an example and edited, and the preview follows', async () => {
    const seat = await place.seat();
    ada = await place.window(seat, 'Ada');
    await createProject(ada, 'Launch film', 'Tides');
    await ada.getByRole('button', { name: 'ebb.tsx' }).first().click();
    await pictureOf(ada).getByText('Twice').first().waitFor({ state: 'attached', timeout: PATIENCE });
    await replaceWord(ada, 'Twice', 'Thrice');
    await pictureOf(ada).getByText('Thrice').first().waitFor({ state: 'attached' });
    beside = await place.window(seat, 'Ada', ada.url());
    await codeOf(beside).waitFor();
  });

  it('is saved and shared: the states pass, and the other window agrees', async () => {
    await ada.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { passed: seen });
      const look = (): void => {
        const state = document.querySelector<HTMLElement>('.share-panel')?.dataset.state;
        if (state !== undefined && seen.at(-1) !== state) seen.push(state);
      };
      const options = { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] };
      new MutationObserver(look).observe(document.body, options);
    });
    await ada.bringToFront();
    await ada.keyboard.press('ControlOrMeta+s');
    await ada.getByText('Saved as version 2').first().waitFor();
    await shareButton(ada).click();
    await beside.getByRole('button', { name: 'Links and versions' }).click();
    first = await link(ada);
    expect(await link(beside)).toBe(first);
    const passed = (await ada.evaluate('passed')) as string[];
    const order = ['queued', 'dispatched', 'bundling', 'uploading', 'published'];
    expect(passed).toEqual(order.filter((state) => passed.includes(state)));
    expect(passed.length).toBeGreaterThanOrEqual(4);
    expect(await sheetOf(ada).getByRole('link', { name: 'Log of the run' }).getAttribute('href')).toContain('/runs/');
    firstHash = await hashOf(first);
    await beside.close();
  });

  it('plays for somebody who is not signed in', async () => {
    await using visited = await visit(place.browser, first);
    const { page, complaints } = visited;
    await page.locator('#start').click();
    await eventually(async () => Number(await page.locator('#line').getAttribute('aria-valuenow'))).toBeGreaterThan(20);
    expect(await page.getByText('Thrice').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  it('is edited and shared again: another link, and not a byte of the first has changed', async () => {
    await ada.keyboard.press('Escape');
    await replaceWord(ada, 'Thrice', 'Daily');
    await shareButton(ada).click();
    second = await link(ada);
    expect(second).not.toBe(first);
    expect(await hashOf(second)).not.toBe(firstHash);
    expect(await hashOf(first)).toBe(firstHash);
    await ada.keyboard.press('Escape');
  });
});

describe('what goes wrong', () => {
  it('in the code keeps it from being shared, and is shown where it is', async () => {
    await typeAtStart(ada, 'const = 1;\n');
    await eventually(() => shareButton(ada).getAttribute('aria-disabled')).toBe('true');
    await ada
      .getByRole('tooltip', { includeHidden: true })
      .filter({ hasText: 'scenes/ebb.tsx:1:7' })
      .waitFor({ state: 'attached' });
    await ada.getByRole('button', { name: 'neap.tsx' }).first().click();
    await ada.getByRole('button', { name: 'Links and versions' }).click();
    await sheetOf(ada).getByRole('button', { name: 'Show' }).click();
    expect(await sheetOf(ada).isVisible()).toBe(false);
    await ada.locator('.cm-activeLine', { hasText: 'const = 1;' }).waitFor();
    await ada.keyboard.press('Home');
    await ada.keyboard.press('Shift+ArrowDown');
    await ada.keyboard.press('Delete');
    await eventually(() => shareButton(ada).getAttribute('aria-disabled')).toBe('false');
  });

  it('on the way has its reason, and Retry ends well', async () => {
    place.stack.github.faults.push({ method: 'POST', path: /dispatches/, fault: { kind: 'answer', status: 403 } });
    await typeAtStart(ada, '// once more\n');
    await shareButton(ada).click();
    await headline(ada, 'GitHub refuses the system’s credentials');
    await sheetOf(ada).getByRole('button', { name: 'Retry' }).click();
    expect(await hashOf(await link(ada))).not.toBe(firstHash);
    await ada.keyboard.press('Escape');
  });
});

describe('somebody else', () => {
  it('is refused, invited, and shares', async () => {
    ben = await place.window(await place.seat(), 'Ben', ada.url());
    await ben.getByRole('heading', { name: 'Nothing is here, or not for you' }).waitFor();
    await ada.getByRole('button', { name: 'People of this project' }).click();
    await ada.getByLabel('Invite by e-mail').fill('ben@example.com');
    await ada.getByLabel('Role', { exact: true }).selectOption('editor');
    await ada.getByRole('button', { name: 'Invite' }).click();
    await ada.getByLabel('Role of Ben').waitFor();
    await ada.keyboard.press('Escape');
    await ben.getByRole('button', { name: 'Try again' }).click();
    await typeAtStart(ben, '// by Ben\n');
    await shareButton(ben).click();
    const url = await link(ben);
    await ada.getByRole('button', { name: 'Links and versions' }).click();
    expect(await link(ada)).toBe(url);
    await sheetOf(ada)
      .getByText(/Version \d · Ben/)
      .waitFor();
  });

  it('finds nothing behind the link of a version that was taken down', async () => {
    const row = ada.locator('[data-version="2"]');
    await row.getByRole('button', { name: 'More for version 2' }).click();
    await row.getByRole('button', { name: 'Take down …' }).click();
    await row.getByRole('button', { name: 'Take down', exact: true }).click();
    const status = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;
    await eventually(() => status(first)).toBe(410);
    expect(await status(second)).toBe(200);
    await sheetOf(ben).locator('[data-version="2"]', { hasText: 'Taken down' }).waitFor();
  });
});

it('no console has complained', () => {
  expect(place.complaints).toEqual([]);
});

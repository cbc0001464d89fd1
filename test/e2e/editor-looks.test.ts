/** Every state of the editor on a desk and a phone, light and dark: for axe, for what does not fit, and as pictures. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf, createProject, type EditorPlace, signIn, startEditorPlace, typeAtStart } from '../support/editor.ts';
import { type Looks, SCREENS, startLooking } from '../support/looks.ts';

vi.setConfig({ testTimeout: 120_000 });
/** For the preview of an example, on a machine that has other things to do. In milliseconds. */
const PATIENCE = 30_000;

let place: EditorPlace;
let looks: Looks;
/** A thread with two versions, of which the second is shared. */
let address: string;

beforeAll(async () => {
  [place, looks] = await Promise.all([startEditorPlace(), startLooking()]);
  const seat = await place.seat();
  const page = await place.window(seat, 'Ada');
  await createProject(page, 'Launch film', 'Tides');
  await typeAtStart(page, '// The second version.\n');
  await page.locator('.share-press').first().click();
  await page.getByRole('heading', { name: 'The link is live' }).waitFor({ timeout: PATIENCE });
  address = page.url();
  await seat.close();
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const preview = (page: Page) => page.locator('iframe[data-layer=front]').waitFor({ timeout: PATIENCE });
const part = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Parts' }).getByRole('button', { name }).click();

describe.each(SCREENS)('on %s', (screen, isPhone, options) => {
  const look = (page: Page, name: string) => looks.look(page, `${name}-${screen}`);
  /** Closes what was opened by a key. */
  const opened = async (page: Page, name: string): Promise<void> => {
    await look(page, name);
    await page.keyboard.press('Escape');
  };

  it('signing in, projects and their dialogs', async () => {
    const seat = await place.seat(options);
    const page = await seat.newPage();
    await page.goto(place.stack.editorUrl);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await look(page, 'sign-in');
    await signIn(page, 'Ada');
    await page.getByRole('article', { name: 'Tides' }).waitFor();
    await look(page, 'projects');
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByRole('dialog').locator('img').first().waitFor();
    await opened(page, 'new-project');
    await page.getByRole('button', { name: 'People' }).first().click();
    await page.getByRole('dialog').getByText('Ada').first().waitFor();
    await opened(page, 'people');
    await page.getByRole('button', { name: 'Thread', exact: true }).first().click();
    await opened(page, 'new-thread');
    await page.evaluate(() => {
      const token = sessionStorage.getItem('permaframe-token') ?? '';
      sessionStorage.setItem('permaframe-token', `${token.slice(0, -8)}AAAAAAAA`);
    });
    await page.reload();
    await page.getByRole('alert').waitFor();
    await look(page, 'signed-out');
    await seat.close();
  });

  it('a thread: preview, code, files, what is wrong with it, and Share', async () => {
    const seat = await place.seat(options);
    const page = await place.window(seat, 'Ada', address);
    await preview(page);
    await look(page, 'preview');
    if (isPhone) {
      await part(page, 'Files');
      await look(page, 'files');
      await part(page, 'Code');
    }
    await codeOf(page).waitFor();
    await look(page, 'code');
    await page.getByRole('button', { name: 'Links and versions' }).click();
    await page.getByRole('heading', { name: 'The link is live' }).waitFor();
    await opened(page, 'share');
    await typeAtStart(page, 'const = 1;\n');
    await page.locator('.share-press[aria-disabled="true"]').first().waitFor();
    await page.locator('.cm-lintRange').first().waitFor();
    await look(page, 'code-wrong');
    await page.locator('.share-press').first().focus();
    await look(page, 'share-blocked');
    if (isPhone) await part(page, 'Preview');
    await page.locator('[data-preview-problem]').waitFor();
    await look(page, 'preview-wrong');
    await seat.close();
  });

  it('menus, shortcuts, versions and their comparison', async () => {
    const seat = await place.seat(options);
    const page = await place.window(seat, 'Ada', address);
    await preview(page);
    await page.getByRole('button', { name: /threads of this project/ }).click();
    await opened(page, 'thread-menu');
    await page.getByRole('button', { name: /^Ada/ }).click();
    await opened(page, 'person-menu');
    await page.keyboard.press('Control+?');
    await page.getByRole('dialog').waitFor();
    await opened(page, 'shortcuts');
    if (isPhone) await part(page, 'Files');
    await page.getByRole('button', { name: 'Version 2' }).click();
    await page.getByRole('menuitem').first().waitFor();
    await look(page, 'version-menu');
    await page.getByRole('menuitem', { name: 'What changed in it' }).click();
    await page.getByRole('dialog').locator('.cm-changedLine, .cm-insertedLine').first().waitFor();
    await opened(page, 'compare');
    await seat.close();
  });

  it('what is said of other windows, other people, and threads that one may not see', async () => {
    const seat = await place.seat(options);
    const page = await place.window(seat, 'Ada', address);
    await codeOf(page).waitFor({ state: 'attached' });
    const beside = await place.window(seat, 'Ada', address);
    await beside.getByText('You are editing this thread in another window.').waitFor();
    await look(beside, 'other-window');
    await seat.setOffline(true);
    await page.getByText('No connection.').waitFor();
    await look(page, 'offline');
    await seat.close();
    const stranger = await place.seat(options);
    const refused = await place.window(stranger, 'Ben', address);
    await refused.getByRole('heading', { name: 'Nothing is here, or not for you' }).waitFor();
    await look(refused, 'refused');
    await stranger.close();
  });
});

it('nothing is in the way of anybody, and everything fits', () => {
  expect(looks.found).toEqual({});
});

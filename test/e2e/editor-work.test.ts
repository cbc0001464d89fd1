import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf, createProject, type EditorPlace, startEditorPlace, typeAtStart } from '../support/editor.ts';

// Several windows at a time, each with a preview that is drawn without a graphics card.
vi.setConfig({ testTimeout: 60_000 });

let place: EditorPlace;

beforeAll(async () => {
  place = await startEditorPlace();
}, 90_000);

// A window that nobody looks at any more still draws its preview.
afterEach(() => Promise.all(place.browser.contexts().map((context) => context.close())));

afterAll(() => place?.[Symbol.asyncDispose]());

const versions = (page: Page) => page.getByRole('region', { name: 'Versions' }).getByRole('listitem').allInnerTexts();
const toast = (page: Page, text: string | RegExp) =>
  page.getByRole('listitem').filter({ hasText: text }).first().waitFor();

/** As from a window of files: the browser itself makes the events. */
async function drop(page: Page, files: string[], onto: Locator): Promise<void> {
  const box = await onto.boundingBox();
  if (!box) throw new Error('there is nothing to drop onto');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: box.x + box.width / 2, y: box.y + box.height / 2, data });
  }
}

describe('one person', () => {
  it('begins with an example, edits, saves, and finds the draft after a reload in mid-word', async () => {
    const page = await place.window(await place.seat(), 'Ada');
    await createProject(page, 'Launch film', 'Neap');
    await page.getByRole('button', { name: 'permaframe.json' }).click();
    await codeOf(page).filter({ hasText: '"title": "Neap"' }).waitFor();
    await page.getByRole('button', { name: 'ebb.tsx' }).first().click();
    await typeAtStart(page, '// kept at the last mo');
    await page.reload();
    await toast(page, 'Your unsaved changes are back');
    await codeOf(page).filter({ hasText: '// kept at the last mo' }).waitFor();
    await page.keyboard.press('ControlOrMeta+s');
    await toast(page, 'Saved as version 2');
    await page.getByText('Version 2', { exact: true }).first().waitFor();
    expect((await versions(page)).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/^Version 2 Ada, just now$/),
      expect.stringMatching(/^Version 1 Ada, /),
    ]);
    await page.reload();
    await codeOf(page).filter({ hasText: '// kept at the last mo' }).waitFor();
    expect(await page.getByText('Your unsaved changes are back').count()).toBe(0);
  });

  it('adds, uploads, renames and deletes files; what is no text goes up by itself', async () => {
    const page = await place.window(await place.seat(), 'Ada');
    await createProject(page, 'Empty', 'Files');
    await page.getByRole('button', { name: 'New file' }).click();
    await page.getByRole('textbox', { name: 'Path of the new file' }).fill('shared/theme.ts');
    await page.keyboard.press('Enter');
    await page.getByLabel('Files to upload').setInputFiles([
      { name: 'dot.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a', 'hex') },
      { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# Notes') },
      { name: 'huge.tsx', mimeType: 'text/plain', buffer: Buffer.alloc(300_000, 97) },
    ]);
    await toast(page, 'huge.tsx: is 300 kB; the limit is 256 kB');
    await page
      .getByRole('button', { name: /^notes\.md/ })
      .first()
      .focus();
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'New path of notes.md' }).fill('docs/readme.md');
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: /^theme\.ts/ })
      .first()
      .focus();
    await page.keyboard.press('Delete');
    await page.keyboard.press('ControlOrMeta+s');
    await toast(page, 'Saved as version 2');
    await page.reload();
    await codeOf(page).waitFor();
    const rows = page.getByRole('region', { name: 'Files' }).getByRole('listitem');
    expect(await rows.allInnerTexts()).toEqual([
      'docs',
      'readme.md',
      'scenes',
      'hello.tsx',
      'permaframe.json',
      'dot.png',
    ]);
  });

  it('takes files and whole folders that are dropped, into the folder under the pointer', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-drop-'));
    await mkdir(join(folder.path, 'pictures', 'small'), { recursive: true });
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    const dropped = ['dot.png', 'pictures'].map((name) => join(folder.path, name));
    await writeFile(join(folder.path, 'dot.png'), png);
    await writeFile(join(folder.path, 'pictures', 'small', 'dash.png'), png);
    await writeFile(join(folder.path, 'pictures', '.hidden'), 'not a part of it');
    const page = await place.window(await place.seat(), 'Ada');
    await createProject(page, 'Empty', 'Dropped files');
    await drop(page, dropped, page.getByRole('button', { name: 'hello.tsx' }).first());
    await toast(page, 'Added 2 files.');
    const rows = page.getByRole('region', { name: 'Files' }).getByRole('listitem');
    const names = ['scenes', 'pictures', 'small', 'dash.png', 'dot.png', 'hello.tsx', 'permaframe.json'];
    await codeOf(page).click();
    await page.keyboard.press('ControlOrMeta+s');
    await toast(page, 'Saved as version 2');
    await page.reload();
    await codeOf(page).waitFor();
    expect(await rows.allInnerTexts()).toEqual(names);
  });

  it('compares two versions and goes back to the first', async () => {
    const page = await place.window(await place.seat(), 'Ada');
    await createProject(page, 'Empty', 'History');
    await typeAtStart(page, '// second\n');
    await page.keyboard.press('ControlOrMeta+s');
    await toast(page, 'Saved as version 2');
    await page.getByRole('button', { name: 'Version 2' }).click();
    await page.getByRole('menuitem', { name: 'What changed in it' }).click();
    const dialog = page.getByRole('dialog', { name: 'Version 1 and Version 2' });
    await dialog.locator('.cm-merge-b .cm-changedLine', { hasText: '// second' }).waitFor();
    expect(await dialog.locator('.cm-changedLine').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Version 1' }).click();
    await page.getByRole('menuitem', { name: 'Restore it' }).click();
    await toast(page, 'The files of version 1 are back');
    expect(await codeOf(page).innerText()).not.toContain('// second');
    await page.keyboard.press('ControlOrMeta+s');
    await toast(page, 'Saved as version 3');
  });

  it('has two windows: one writes, the other shows it, and the pen goes where it is wanted', async () => {
    const seat = await place.seat();
    const first = await place.window(seat, 'Ada');
    await createProject(first, 'Empty', 'Windows');
    const second = await place.window(seat, 'Ada', first.url());
    const elsewhere = 'You are editing this thread in another window.';
    await second.getByText(elsewhere).waitFor();
    await typeAtStart(first, '// by the first\n');
    await codeOf(second).filter({ hasText: '// by the first' }).waitFor();
    await second.getByRole('button', { name: 'Edit here instead' }).click();
    await first.getByText(elsewhere).waitFor();
    await second.getByText(elsewhere).waitFor({ state: 'detached' });
    await typeAtStart(second, '// by the second\n');
    await codeOf(first).filter({ hasText: '// by the second' }).waitFor();
    await second.close();
    await first.getByText(elsewhere).waitFor({ state: 'detached' });
    await first.keyboard.press('ControlOrMeta+s');
    await toast(first, 'Saved as version 2');
    expect(await codeOf(first).innerText()).toContain('// by the second\n// by the first');
  });
});

describe('two people', () => {
  it('are refused, invited, meet in one file, and lose nothing', async () => {
    const ada = await place.window(await place.seat(), 'Ada');
    await createProject(ada, 'Empty', 'Together');
    const ben = await place.window(await place.seat(), 'Ben', ada.url());
    await ben.getByRole('heading', { name: 'Nothing is here, or not for you' }).waitFor();
    await ada.getByRole('button', { name: 'People of this project' }).click();
    await ada.getByLabel('Invite by e-mail').fill('ben@example.com');
    await ada.getByLabel('Role', { exact: true }).selectOption('viewer');
    await ada.getByRole('button', { name: 'Invite' }).click();
    await ada.getByLabel('Role of Ben').waitFor();
    await ben.reload();
    await ben.getByText('You may look at this thread.').waitFor();
    await codeOf(ben).click();
    await ben.keyboard.type('nothing');
    expect(await ben.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await ada.getByLabel('Role of Ben').selectOption('editor');
    await ada.keyboard.press('Escape');
    await ben.getByText('You may look at this thread.').waitFor({ state: 'detached' });
    await typeAtStart(ada, '// by Ada\n');
    await typeAtStart(ben, '// by Ben\n');
    expect(await codeOf(ben).innerText()).not.toContain('nothing');
    await ben.keyboard.press('ControlOrMeta+s');
    await toast(ben, 'Saved as version 2');
    await ada.getByText('Ben saved version 2').waitFor();
    await ada.getByRole('button', { name: 'Compare and choose' }).click();
    await ada.getByRole('radio', { name: 'Ben' }).check();
    await ada.getByRole('button', { name: 'Combine both' }).click();
    await codeOf(ada).filter({ hasText: '// by Ben' }).waitFor();
    expect(await codeOf(ada).innerText()).not.toContain('// by Ada');
    await typeAtStart(ada, '// again\n');
    await ada.keyboard.press('ControlOrMeta+s');
    await toast(ada, 'Saved as version 3');
    await codeOf(ben).filter({ hasText: '// again' }).waitFor();
  });
});

it('a save that waited for the connection meets a newer version: nothing is overwritten, nothing is lost', async () => {
  const seat = await place.seat();
  const ada = await place.window(seat, 'Ada');
  await createProject(ada, 'Empty', 'Dropped');
  const elsewhere = await place.window(await place.seat(), 'Ada', ada.url());
  await codeOf(elsewhere).waitFor();
  await seat.setOffline(true);
  await typeAtStart(ada, '// while away\n');
  await ada.keyboard.press('ControlOrMeta+s');
  await ada.getByText('No connection.').waitFor();
  await typeAtStart(elsewhere, '// meanwhile\n');
  await elsewhere.keyboard.press('ControlOrMeta+s');
  await toast(elsewhere, 'Saved as version 2');
  await seat.setOffline(false);
  await ada.getByText('Ada saved version 2').waitFor();
  expect(await codeOf(ada).innerText()).toContain('// while away');
  await ada.getByRole('button', { name: 'Compare and choose' }).click();
  await ada.getByRole('button', { name: 'Keep only mine' }).click();
  await ada.keyboard.press('ControlOrMeta+s');
  await toast(ada, 'Saved as version 3');
  await codeOf(elsewhere).filter({ hasText: '// while away' }).waitFor();
});

it('no console has complained', () => {
  // What the browser itself says while it is offline.
  expect(place.complaints.filter((text) => !text.includes('net::ERR_INTERNET_DISCONNECTED'))).toEqual([]);
});

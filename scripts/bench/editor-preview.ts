/** Somebody who types in the editor and looks at the preview. */

import type { EditorPlace } from './editor.ts';
import { openThread, SCREEN } from './editor-load.ts';
import { EDITED, editedLine, tenScenes } from './ten-scenes.ts';

/** Between a picture and the next key stroke, in milliseconds. */
export const PAUSE = 300;
/** For a picture, in milliseconds. */
export const PATIENCE = 20_000;

export interface Contestant extends AsyncDisposable {
  /** Edits once. @returns milliseconds until the edit was drawn */
  edit(): Promise<number>;
}

declare global {
  interface Window {
    seen: Promise<number>;
  }
}

/** With the cursor where each key stroke changes the module. */
export async function openPreview(place: EditorPlace): Promise<Contestant> {
  const seat = await place.browser.newContext(SCREEN);
  const { page } = await openThread(place, seat);
  const source = new TextDecoder().decode((await tenScenes()).files.get(EDITED)?.content);
  const line = source.split('\n').findIndex((text) => text.includes(editedLine('')));
  await page
    .getByRole('button', { name: EDITED.split('/').at(-1) as string })
    .first()
    .click();
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+Home');
  for (let i = 0; i < line; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  for (const _ of '" />') await page.keyboard.press('ArrowLeft');
  let strokes = 0;
  return {
    async edit() {
      await page.waitForTimeout(PAUSE);
      await page.evaluate(expectPicture, PATIENCE);
      await page.keyboard.press('abcdefghij'[strokes++ % 10] as string);
      return page.evaluate(() => window.seen);
    },
    [Symbol.asyncDispose]: () => seat.close(),
  };
}

/** Runs in the page, so that what drives the browser does not count: from the key to the frame that is drawn. */
function expectPicture(patience: number): void {
  const pane = document.querySelector('[data-preview-revision]') as HTMLElement;
  window.seen = new Promise((done, fail) => {
    setTimeout(() => fail(new Error('the edit was not seen')), patience);
    let pressedAt = 0;
    addEventListener('keydown', ({ timeStamp }) => (pressedAt = timeStamp), { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (pressedAt === 0) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - pressedAt);
        channel.port2.postMessage(null);
      });
    });
    observer.observe(pane, { attributes: true, attributeFilter: ['data-preview-revision'] });
  });
  // Whoever waits for it hears of it.
  window.seen.catch(() => {});
}

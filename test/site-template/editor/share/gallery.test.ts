/** Every state of the share parts in a browser: for axe, for the keyboard, and as pictures for a person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GalleryPages, photograph, SCREENS, settle, startGallery } from './gallery-pages.ts';

let gallery: GalleryPages;
beforeAll(async () => {
  gallery = await startGallery();
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

describe.each(SCREENS)('on %s', (screen, options) => {
  it('every state is shown without a complaint, fits, and has nothing for axe to find', async () => {
    expect(gallery.states.length).toBeGreaterThan(40);
    await using visited = await gallery.open(options);
    const { page, complaints } = visited;
    const found: Record<string, string[]> = {};
    for (const state of gallery.states) {
      await gallery.show(page, state);
      if (state === 'blocked-button') {
        await page.locator('.share-press').first().focus();
        await settle(page);
      }
      await photograph(page, `${state}-${screen}`);
      const blocks = await gallery.stumblingBlocks(page);
      if (blocks.length > 0) found[state] = blocks;
    }
    expect(found).toEqual({});
    expect(complaints).toEqual([]);
  }, 240_000);

  it('so are the parts that open', async () => {
    await using visited = await gallery.open(options);
    const { page } = visited;
    const look = async (name: string): Promise<void> => {
      await photograph(page, `${name}-${screen}`);
      expect(await gallery.stumblingBlocks(page)).toEqual([]);
    };
    await gallery.show(page, 'published');
    await page.getByRole('button', { name: 'More for version 4' }).click();
    await page.getByRole('button', { name: 'Create link' }).click();
    await page.getByText('Timings').click();
    await look('opened');
    await page.getByRole('button', { name: 'Take down …' }).click();
    await look('confirm');
    await gallery.show(page, 'unlisted');
    await page.getByRole('button', { name: 'Create link' }).click();
    await look('unlisted-link');
    await gallery.show(page, 'video-none');
    await page.getByRole('button', { name: 'Make a video' }).click();
    await page.getByRole('button', { name: 'Make video', exact: true }).scrollIntoViewIfNeeded();
    await look('video-maker');
    await page.getByRole('radio', { name: 'GIF' }).check();
    await page.getByRole('combobox', { name: 'Size' }).selectOption('1080p');
    await look('video-maker-refused');
    await gallery.show(page, 'video-several');
    await page.getByRole('button', { name: 'Make another' }).click();
    await page.getByRole('button', { name: 'Make video', exact: true }).scrollIntoViewIfNeeded();
    await look('video-maker-there');
  });
});

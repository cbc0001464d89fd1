/** The videos of a version, in a browser, by hand and by keyboard. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GalleryPages, startGallery } from './gallery-pages.ts';

let gallery: GalleryPages;
beforeAll(async () => {
  gallery = await startGallery();
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

async function at(state: string) {
  const visited = await gallery.open();
  const { page } = visited;
  await gallery.show(page, state);
  const videos = page.getByRole('region', { name: 'Video of version 5' });
  return {
    ...{ page, videos, make: videos.getByRole('button', { name: 'Make video' }) },
    complaints: visited.complaints,
    [Symbol.asyncDispose]: () => visited[Symbol.asyncDispose](),
  };
}

const calls = (page: Page): Promise<unknown> => page.evaluate(() => (window as unknown as { calls: unknown }).calls);
const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.activeElement?.textContent?.trim());

describe('making a video', () => {
  it('says what the choice comes to and asks for just that; the form is gone, and the focus is not lost', async () => {
    await using shown = await at('video-none');
    const { page, videos, make } = shown;
    await videos.getByRole('button', { name: 'Make a video' }).click();
    const status = videos.getByRole('status').filter({ hasText: 'Ready in' });
    await status.getByText('1280 × 720 · 30 fps · 20 s').waitFor();
    await status.getByText('about 2 min').waitFor();
    await videos.getByRole('radio', { name: 'WebM' }).check();
    await videos.getByRole('combobox', { name: 'Size' }).selectOption({ label: '4K (3840 × 2160)' });
    await videos.getByRole('combobox', { name: 'Quality' }).selectOption('high');
    await videos.getByRole('combobox', { name: 'Frames a second' }).selectOption('60');
    await videos.getByRole('combobox', { name: 'Poster' }).selectOption('Scene 2: The tide turns');
    await status.getByText('3840 × 2160 · 60 fps · 20 s').waitFor();
    await status.getByText('about 21 min').waitFor();
    await make.click();
    const request = { format: 'webm', quality: 'high', resolution: '4k', fps: '60', posterFrame: 330 };
    expect(await calls(page)).toEqual([['make', request]]);
    await make.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Make a video');
    expect(shown.complaints).toEqual([]);
  });

  it('beyond a limit is refused with the number and what helps, before it is asked for', async () => {
    await using shown = await at('video-none');
    const { page, videos, make } = shown;
    await videos.getByRole('button', { name: 'Make a video' }).click();
    await videos.getByRole('combobox', { name: 'Size' }).selectOption('1080p');
    await videos.getByRole('radio', { name: 'GIF' }).check();
    await videos.getByText('1920 × 1080 pixels; the limit of gif is 1280 pixels along the longer side').waitFor();
    await videos.getByText('Choose a lower resolution').waitFor();
    expect(await make.getAttribute('aria-disabled')).toBe('true');
    const reason = page.locator(`[id="${await make.getAttribute('aria-describedby')}"]`);
    expect(await reason.textContent()).toContain('The video would be too large');
    await make.click({ force: true });
    await page.keyboard.press('Enter');
    expect(await calls(page)).toEqual([]);
    await videos.getByRole('combobox', { name: 'Size' }).selectOption('own');
    await make.click();
    expect(await calls(page)).toHaveLength(1);
  });

  it('that is there already is not asked for again', async () => {
    await using shown = await at('video-ready');
    const { page, videos, make } = shown;
    await videos.getByRole('button', { name: 'Make another' }).click();
    await videos.getByText('This video is there already').waitFor();
    await make.click({ force: true });
    expect(await calls(page)).toEqual([]);
  });

  it('is done with the keyboard alone, and called off with it', async () => {
    await using shown = await at('video-none');
    const { page, videos, make } = shown;
    await videos.getByRole('button', { name: 'Make a video' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    expect(await videos.getByRole('radio', { name: 'WebM' }).isChecked()).toBe(true);
    for (const _ of ['size', 'quality', 'frame rate', 'poster', 'the button']) await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Make video');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Not now');
    await page.keyboard.press('Enter');
    await make.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Make a video');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await calls(page)).toMatchObject([['make', { format: 'mp4' }]]);
  });
});

describe('a video', () => {
  it('under way tells how far it is and how long it takes, shows its run, and is called off', async () => {
    await using shown = await at('video-rendering');
    const { page, videos } = shown;
    const bar = videos.getByRole('progressbar', { name: 'Progress of the video' });
    expect(Number(await bar.getAttribute('value'))).toBeCloseTo(38 / 55);
    await videos.getByText('about 20 s left').waitFor();
    expect(await videos.locator('[aria-current="step"]').textContent()).toContain('Rendering, under way');
    expect(await videos.getByRole('link', { name: 'Watch the run' }).getAttribute('href')).toContain('/runs/9');
    await videos.getByRole('button', { name: 'Cancel' }).click();
    expect(await calls(page)).toEqual([['cancel', 'r1']]);
  });

  it('once ready is downloaded, and shows its poster', async () => {
    await using shown = await at('video-ready');
    const link = shown.videos.getByRole('link', { name: 'Download 4.2 MB' });
    expect(await link.getAttribute('href')).toMatch(/\/p\/film\/5\/video\/[0-9a-f]{64}\.mp4\?download$/);
    const width = () => shown.videos.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBeGreaterThan(0);
  });

  it('whose poster cannot be had shows a sign instead', async () => {
    await using visited = await gallery.open();
    const { page } = visited;
    await page.route('https://share.example/**/*.jpg', (route) => route.fulfill({ status: 404 }));
    await gallery.show(page, 'video-ready');
    await page.locator('.share-poster svg').waitFor();
    expect(await page.locator('.share-poster img').count()).toBe(0);
  });

  it('that failed names the place, and jumps to it', async () => {
    await using shown = await at('video-failed');
    const { page, videos } = shown;
    await videos.getByRole('heading', { name: 'A scene fails while it is rendered' }).waitFor();
    await videos.getByText('Correct the scene at the place that is shown').waitFor();
    await videos.getByRole('button', { name: /scenes\/intro\.tsx:18:21/ }).click();
    expect(await calls(page)).toMatchObject([['jump', { file: 'scenes/intro.tsx', line: 18, column: 21 }]]);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it.each(['video-failed', 'video-lost', 'video-cancelled'])('in the state %s is tried again', async (state) => {
    await using shown = await at(state);
    await shown.videos.getByRole('button', { name: 'Retry' }).click();
    expect(await calls(shown.page)).toEqual([['retry', 'r1']]);
  });

  it('of an unlisted thread is downloaded by a link that is made for it', async () => {
    await using shown = await at('video-unlisted');
    const { videos } = shown;
    expect(await videos.getByRole('link', { name: /Download/ }).count()).toBe(0);
    await videos.getByRole('button', { name: 'Create download link 4.2 MB' }).click();
    const href = await videos.getByRole('link', { name: 'Download 4.2 MB' }).getAttribute('href');
    expect(href).toMatch(/\/s\/v1\.k+\/p\/film\/5\/video\/[0-9a-f]{64}\.mp4\?download$/);
    expect(await focused(shown.page)).toContain('Download');
  });
});

describe('who may not change a thread', () => {
  it('sees its videos and downloads them, and makes, cancels or retries none', async () => {
    await using shown = await at('video-viewer');
    await shown.videos.getByRole('link', { name: 'Download 4.2 MB' }).waitFor();
    expect(await shown.videos.getByRole('button').count()).toBe(0);
  });

  it('is told whom to ask where only signed links open', async () => {
    await using shown = await at('video-unlisted-viewer');
    await shown.videos.getByText('an editor can send it to you').waitFor();
    expect(await shown.videos.getByRole('button').count()).toBe(0);
  });
});

describe('what is not a film', () => {
  it('has no word of videos', async () => {
    await using shown = await at('published');
    await shown.page.getByRole('button', { name: 'More for version 4' }).click();
    expect(await shown.page.getByRole('dialog').textContent()).not.toMatch(/video/i);
  });
});

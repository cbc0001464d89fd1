/** Films with a video, as viewers meet them: what the page offers, and what links to it show. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createObjectStore, createThreadControlStore } from '../../action/adapters/r2.ts';
import { CACHE_IMMUTABLE, fileTypeOf } from '../../action/contract/content-types.ts';
import { pageKey, posterKey, videoKey } from '../../action/contract/keys.ts';
import { type FilmMeta, metaSchema } from '../../action/contract/meta.ts';
import { serializeThreadControl, threadControlSchema, withVideo } from '../../action/contract/thread-control.ts';
import type { AttachedVideo, VideoFormat } from '../../action/contract/video.ts';
import { ROOT_FOLDER, STATE_FOLDER } from '../../scripts/state.ts';
import { DESK, PHONE, startBrowser, visit } from '../support/browser.ts';
import { sha256 } from '../support/edge.ts';
import { makeProjectFolder } from '../support/project-folder.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { threeScenes } from '../support/tree.ts';
import { makeSmallVideo, type SmallVideo } from './small-video.ts';

const LAUNCH_FILM = join(ROOT_FOLDER, 'site-template', 'examples', 'launch-film');
/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots');
/** The edge knows a thread for ten seconds. */
const SEEN = { timeout: 15_000, interval: 500 };

let stack: TestStack;
let browser: Browser;
let video: SmallVideo;
/** Films with a poster of their own, and without. */
let own: Film;
let bare: Film;

interface Film {
  url: string;
  meta: FilmMeta;
}

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [stack, browser] = await Promise.all([startTestStack(), startBrowser()]);
  video = await makeSmallVideo(browser);
  await using project = await makeProjectFolder(threeScenes(), 'three-scenes');
  own = await share(LAUNCH_FILM);
  bare = await share(project.path);
  await attach(own, ['mp4']);
  await attach(bare, ['gif', 'webm', 'mp4']);
  for (const { url } of [own, bare]) {
    await vi.waitFor(async () => expect(await readPage(url)).toContain('Download video'), SEEN);
  }
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await stack?.[Symbol.asyncDispose]();
});

async function share(folder: string): Promise<Film> {
  const { code, stdout, stderr } = await stack.permaframe('share', folder, '--json');
  if (code !== 0) throw new Error(stderr || stdout);
  const { url } = JSON.parse(stdout);
  const meta = metaSchema.parse(await (await fetch(`${url}/meta.json`)).json());
  if (meta.kind !== 'storyboard') throw new Error('not a film');
  return { url, meta };
}

/** As the run and the control plane do: the objects first, then the word that they are there. The last is the newest. */
async function attach({ meta: { thread, version } }: Film, formats: readonly VideoFormat[]): Promise<void> {
  using store = createObjectStore(stack.config);
  using controls = createThreadControlStore(stack.config);
  for (const format of formats) {
    const key = sha256(`${thread} ${version} ${format}`);
    // The edge sends what is stored: a WebM and a GIF need not be any.
    await create(store, videoKey(thread, version, key, format), video.mp4);
    await create(store, posterKey(thread, version, key), video.poster);
    const { width, height, mp4 } = video;
    const attached: AttachedVideo = { key, format, width, height, bytes: mp4.byteLength };
    const known = await controls.read(thread);
    if (!known) throw new Error('the thread has no control');
    const control = withVideo(threadControlSchema.parse(JSON.parse(known.content)), version, attached);
    expect(await controls.replace(thread, serializeThreadControl(control), known.revision)).toBe(true);
  }
}

async function create(store: ReturnType<typeof createObjectStore>, key: string, body: Buffer): Promise<void> {
  const contentType = fileTypeOf(key)?.contentType ?? '';
  await store.create({ key, body, sha256: sha256(body), contentType, cacheControl: CACHE_IMMUTABLE });
}

async function readPage(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `video-${name}.png`) });
}

/** Whether the middle of an element is what a pointer would meet there. Runs in the page. */
function isShown(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect();
  return (element.getRootNode() as ShadowRoot).elementFromPoint(left + width / 2, top + height / 2) === element;
}

const entries = (page: Page) => page.locator('#menu a');

describe('a page with videos', () => {
  it.each([
    ['desk', DESK],
    ['desk-dark', { ...DESK, colorScheme: 'dark' }],
    ['phone', PHONE],
    ['phone-light', { ...PHONE, colorScheme: 'light' }],
  ] as const)('offers them in its menu on a %s', async (screen, options) => {
    await using visited = await visit(browser, bare.url, options);
    const { page, complaints } = visited;
    await page.locator('#share').click();
    expect(await entries(page).allTextContents()).toEqual([
      expect.stringMatching(/^Download video MP4, [\d.]+ kB$/),
      expect.stringMatching(/^Download video WebM, [\d.]+ kB$/),
      expect.stringMatching(/^Download video GIF, [\d.]+ kB$/),
    ]);
    await page.waitForTimeout(300);
    await look(page, `menu-${screen}`);
    const view = page.viewportSize() ?? { width: 0, height: 0 };
    for (const entry of await entries(page).all()) {
      const box = await entry.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
      expect([box && box.x >= 0, box && box.x + box.width <= view.width]).toEqual([true, true]);
    }
    expect(complaints).toEqual([]);
  });

  it('hands over the very file, under the name of the film, and shuts the menu', async () => {
    await using visited = await visit(browser, own.url);
    const { page, complaints } = visited;
    await page.locator('#share').click();
    const [download] = await Promise.all([page.waitForEvent('download'), entries(page).first().click()]);
    expect(download.suggestedFilename()).toBe('Neap leave on the tide-v1.mp4');
    expect(await readFile(await download.path())).toEqual(video.mp4);
    await expect.poll(() => page.locator('#menu').isVisible()).toBe(false);
    expect(page.url()).toBe(own.url);
    expect(complaints).toEqual([]);
  });

  it('hands it over to those who use the keyboard, who are then where they were', async () => {
    await using visited = await visit(browser, own.url);
    const { page } = visited;
    await page.locator('#share').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent);
    expect(await focused()).toMatch(/^Download video MP4/);
    await look(page, 'menu-focus');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(await readFile(await download.path())).toEqual(video.mp4);
    const at = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id);
    await expect.poll(at).toBe('share');
  });

  it('names each entry to a screen reader, and keeps nobody out', async () => {
    await using visited = await visit(browser, bare.url);
    const { page } = visited;
    await page.locator('#share').click();
    const names = await page.getByRole('link', { name: /^Download video (MP4|WebM|GIF), / }).count();
    expect(names).toBe(3);
    await page.evaluate(await readFile(join(ROOT_FOLDER, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
    });
    expect(violations).toEqual([]);
  });

  it('shows the poster of a video before it plays, where the film has none', async () => {
    await using visited = await visit(browser, bare.url);
    const { page, complaints } = visited;
    const cover = page.locator('#cover img');
    const width = () => cover.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBe(video.width);
    await look(page, 'poster');
    await page.locator('#start').click();
    await expect.poll(() => page.locator('#player').getAttribute('data-phase'), { timeout: 15_000 }).toBe('ready');
    expect(complaints).toEqual([]);
  });

  it('offers them in a small embed too, all within reach', async () => {
    await using visited = await visit(browser, `${bare.url}?embed=1`, { viewport: { width: 480, height: 270 } });
    const { page } = visited;
    await page.locator('#start').click();
    await page.locator('#share').click();
    const menu = await page.locator('#menu').boundingBox();
    expect(menu?.y).toBeGreaterThanOrEqual(0);
    // What has no room is scrolled to, instead of lying over the bar.
    const last = page.locator('#help');
    expect(await last.evaluate(isShown)).toBe(false);
    await last.scrollIntoViewIfNeeded();
    expect(await last.evaluate(isShown)).toBe(true);
    await page.waitForTimeout(300);
    await look(page, 'embed-menu');
    const [download] = await Promise.all([page.waitForEvent('download'), entries(page).first().click()]);
    expect(download.suggestedFilename()).toBe('Three scenes-v1.mp4');
  });

  it('is what previews of links read', async () => {
    await using visited = await visit(browser, bare.url);
    const content = (name: string) => visited.page.locator(`meta[property="${name}"]`).getAttribute('content');
    const image = (await content('og:image')) ?? '';
    const film = (await content('og:video')) ?? '';
    expect(Buffer.from(await (await fetch(image)).arrayBuffer())).toEqual(video.poster);
    const answer = await fetch(film);
    expect(answer.headers.get('content-type')).toBe(await content('og:video:type'));
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(video.mp4);
  });
});

describe('the file by itself', () => {
  it('plays in a browser that opens it, and is found by parts', async () => {
    const { thread, version } = own.meta;
    const key = sha256(`${thread} ${version} mp4`);
    await using visited = await visit(browser, `${own.url}/video/${key}.mp4`);
    const state = () =>
      visited.page.locator('video').evaluate((element: HTMLVideoElement) => ({
        width: element.videoWidth,
        error: element.error?.message ?? null,
      }));
    await expect.poll(state).toEqual({ width: video.width, error: null });
    expect(visited.complaints).toEqual([]);
  });
});

describe('a page without a video', () => {
  it('is, to the byte, what the store has', async () => {
    await using project = await makeProjectFolder(threeScenes(), 'no-video');
    const { url, meta } = await share(project.path);
    using store = createObjectStore(stack.config);
    const stored = Buffer.from((await store.get(pageKey(meta.thread, meta.version))) ?? '');
    const served = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(served).toEqual(stored);
    expect(served.byteLength).toBeGreaterThan(10_000);
    await using visited = await visit(browser, url);
    await visited.page.locator('#share').click();
    expect(await entries(visited.page).count()).toBe(0);
    expect(await visited.page.locator('#menu button').first().textContent()).toBe('Copy link');
  });

  it('stays so in the store when it gets one', async () => {
    using store = createObjectStore(stack.config);
    const { thread, version } = bare.meta;
    const stored = Buffer.from((await store.get(pageKey(thread, version))) ?? '').toString();
    expect(stored).not.toContain('Download video');
    expect(await readPage(bare.url)).not.toBe(stored);
    const verified = await stack.permaframe('verify', bare.url, '--json');
    expect([verified.code, JSON.parse(verified.stdout)]).toEqual([0, expect.objectContaining({ thread, version })]);
  });
});

/** The examples, shared through the command onto the local stack, as viewers meet them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FilmMeta, metaSchema } from '../../action/contract/meta.ts';
import { ROOT_FOLDER, STATE_FOLDER } from '../../scripts/state.ts';
import { DESK, PHONE, startBrowser, visit } from '../support/browser.ts';
import { makeProjectFolder } from '../support/project-folder.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { MANIFEST, threeScenes } from '../support/tree.ts';

const EXAMPLES = join(ROOT_FOLDER, 'site-template', 'examples');
/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots');

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [stack, browser] = await Promise.all([startTestStack(), startBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await stack?.[Symbol.asyncDispose]();
});

async function share(folder: string): Promise<string> {
  const { code, stdout, stderr } = await stack.permaframe('share', folder, '--json');
  if (code !== 0) throw new Error(stderr || stdout);
  return JSON.parse(stdout).url;
}

async function readMeta(url: string): Promise<FilmMeta> {
  const meta = metaSchema.parse(await (await fetch(`${url}/meta.json`)).json());
  if (meta.kind !== 'storyboard') throw new Error('not a film');
  return meta;
}

/** `idle`, `loading`, `failed`, and once the film is there `playing`, `paused` or `ended`. */
async function phase(page: Page): Promise<string | null> {
  const player = page.locator('#player');
  const name = await player.getAttribute('data-phase');
  if (name !== 'ready') return name;
  return player.getAttribute('data-state');
}

const frame = async (page: Page) => Number(await page.locator('#line').getAttribute('aria-valuenow'));

async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

async function play(page: Page): Promise<void> {
  await page.locator('#start').click();
  await expect.poll(() => phase(page), { timeout: 15_000 }).toBe('playing');
}

/** Jumps to a frame by the keys of the time line: one second, then single frames. */
async function seek(page: Page, target: number, fps: number): Promise<void> {
  await page.keyboard.press('Home');
  for (let second = 0; second < Math.floor(target / fps); second++) await page.keyboard.press('ArrowRight');
  for (let step = 0; step < target % fps; step++) await page.keyboard.press('.');
  await expect.poll(() => frame(page)).toBe(target);
}

describe.each(['launch-film', 'data-story'])('the example %s', (name) => {
  let url: string;
  beforeAll(async () => {
    url = await share(join(EXAMPLES, name));
  });

  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ])('plays on a %s without a complaint in the console', async (screen, options) => {
    await using visited = await visit(browser, url, options);
    const { page, complaints } = visited;
    expect(await page.title()).not.toBe('');
    await look(page, `${name}-${screen}-idle`);
    await play(page);
    const before = await frame(page);
    await expect.poll(() => frame(page), { timeout: 10_000 }).toBeGreaterThan(before + 15);
    await look(page, `${name}-${screen}-playing`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  it('draws something in the middle of every scene', async () => {
    await using visited = await visit(browser, url);
    const { page, complaints } = visited;
    await play(page);
    await page.keyboard.press('k');
    await expect.poll(() => phase(page)).toBe('paused');
    const meta = await readMeta(url);
    for (const scene of meta.scenes) {
      await seek(page, scene.from + Math.floor(scene.durationInFrames / 2), meta.fps);
      expect(await page.locator('#scene').textContent()).toBe(scene.title);
      const picture = await page.locator('#picture').screenshot({ path: join(SCREENSHOTS, `${name}-${scene.id}.png`) });
      // A picture of one colour compresses to far less.
      expect(picture.byteLength).toBeGreaterThan(10_000);
    }
    expect(complaints).toEqual([]);
  });
});

describe('the player', () => {
  let url: string;
  let meta: FilmMeta;
  beforeAll(async () => {
    url = await share(join(EXAMPLES, 'launch-film'));
    meta = await readMeta(url);
  });

  it('loads no library before somebody presses play', async () => {
    const context = await browser.newContext(DESK);
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(url, { waitUntil: 'networkidle' });
    const scripts = asked.filter((path) => path.endsWith('.js'));
    expect(scripts).toHaveLength(1);
    expect(asked.filter((path) => path.startsWith('/projects/'))).toEqual([]);
    await context.close();
  });

  it('obeys the keyboard: play, pause, seconds, frames, scenes, ends', async () => {
    await using visited = await visit(browser, url);
    const { page } = visited;
    await play(page);
    await page.keyboard.press('k');
    await expect.poll(() => phase(page)).toBe('paused');
    await page.keyboard.press('Home');
    await expect.poll(() => frame(page)).toBe(0);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => frame(page)).toBe(meta.fps);
    await page.keyboard.press('.');
    await expect.poll(() => frame(page)).toBe(meta.fps + 1);
    await page.keyboard.press(',');
    await expect.poll(() => frame(page)).toBe(meta.fps);
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => frame(page)).toBe(meta.scenes[1]?.from);
    await page.keyboard.press('End');
    await expect.poll(() => frame(page)).toBe(meta.durationInFrames - 1);
  });

  it('is scrubbed by touch on a phone', async () => {
    await using visited = await visit(browser, url, PHONE);
    const { page } = visited;
    await play(page);
    const line = await page.locator('#line').boundingBox();
    if (!line) throw new Error('the time line is not visible');
    await page.touchscreen.tap(line.x + line.width * 0.75, line.y + line.height / 2);
    await expect.poll(() => frame(page)).toBeGreaterThan(meta.durationInFrames * 0.7);
  });

  it('copies a link and an embed snippet that work', async () => {
    await using visited = await visit(browser, url, { ...DESK, permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = visited;
    for (const [button, pattern] of [
      ['#copy-link', new RegExp(`^${url}$`)],
      ['#copy-embed', new RegExp(`<iframe [^>]*src="${url}\\?embed=1"`)],
    ] as const) {
      await page.locator('#share').click();
      await page.locator(button).click();
      // The page has an opaque origin and may not read the clipboard; a field of another page may.
      const other = await page.context().newPage();
      await other.setContent('<textarea></textarea>');
      await other.locator('textarea').focus();
      await other.keyboard.press('ControlOrMeta+V');
      expect(await other.locator('textarea').inputValue()).toMatch(pattern);
      await other.close();
    }
  });

  it('is all there is in an embed', async () => {
    await using visited = await visit(browser, `${url}?embed=1`, { viewport: { width: 640, height: 360 } });
    const { page, complaints } = visited;
    expect(await page.locator('h1').isVisible()).toBe(false);
    const box = await page.locator('#player').boundingBox();
    expect(box).toMatchObject({ x: 0, y: 0, width: 640, height: 360 });
    await play(page);
    await look(page, 'embed');
    expect(complaints).toEqual([]);
  });

  it('shows title and poster where there is no JavaScript', async () => {
    await using visited = await visit(browser, url, { ...DESK, javaScriptEnabled: false });
    const { page } = visited;
    await look(page, 'no-javascript');
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await page.locator('#cover img').isVisible()).toBe(true);
    expect(await page.locator('noscript').textContent()).toContain('needs JavaScript');
  });
});

describe('when something is wrong', () => {
  it('a scene that throws shows a calm message, and the other scenes play', async () => {
    const throwing = 'export default function Scene() { throw new Error("on purpose"); }';
    await using project = await makeProjectFolder(threeScenes({ 'scenes/two.tsx': throwing }), 'throwing');
    await using visited = await visit(browser, await share(project.path));
    const { page } = visited;
    await play(page);
    await page.keyboard.press('k');
    await seek(page, 45, MANIFEST.fps);
    await look(page, 'throwing-scene');
    const stage = page.locator('#permaframe-stage');
    expect(await stage.textContent()).toMatch(/two/);
    expect(await stage.textContent()).not.toContain('on purpose');
    await seek(page, 70, MANIFEST.fps);
    expect(await stage.locator('h1').textContent()).toBe('three');
  });

  it('a scene whose module fails to load leaves the others playing', async () => {
    const failing = "throw new Error('while loading');\nexport default () => null;";
    await using project = await makeProjectFolder(threeScenes({ 'scenes/two.tsx': failing }), 'failing');
    await using visited = await visit(browser, await share(project.path));
    const { page } = visited;
    await play(page);
    await page.keyboard.press('k');
    await seek(page, 5, MANIFEST.fps);
    expect(await page.locator('#permaframe-stage h1').textContent()).toBe('one');
  });

  it('a film that cannot be loaded says so, and loads when it is tried again', async () => {
    const context = await browser.newContext(DESK);
    const page = await context.newPage();
    await page.route('**/projects/**', (route) => route.abort());
    await page.goto(await share(join(EXAMPLES, 'launch-film')));
    await page.locator('#start').click();
    await expect.poll(() => page.locator('#problem').isVisible()).toBe(true);
    await look(page, 'load-failure');
    await page.unroute('**/projects/**');
    await page.locator('#problem button').click();
    await expect.poll(() => phase(page), { timeout: 15_000 }).toBe('playing');
    await context.close();
  });

  it('a page cannot reach the store of the browser or another host', async () => {
    const probing = `
      import { useEffect, useState } from 'react';
      export default function App() {
        const [found, setFound] = useState('');
        useEffect(() => {
          const tries = [
            () => { if (localStorage.getItem('a')) return 'kept'; localStorage.setItem('a', 'b'); throw new Error('new'); },
            () => { document.cookie = 'a=b'; if (document.cookie) return 'cookie'; throw new Error('no cookie'); },
            () => fetch('http://127.0.0.1:9/'),
            () => { if (origin === 'null') throw new Error('opaque'); },
          ];
          Promise.allSettled(tries.map(async (go) => go())).then((all) => setFound(all.map((one) => one.status).join()));
        }, []);
        return <p id="found">{found}</p>;
      }`;
    const manifest = JSON.stringify({ title: 'Probe', kind: 'app', entry: 'app.tsx' });
    await using project = await makeProjectFolder({ 'permaframe.json': manifest, 'app.tsx': probing }, 'probe');
    await using visited = await visit(browser, await share(project.path));
    for (const _time of ['first', 'again']) {
      await expect.poll(() => visited.page.locator('#found').textContent()).toBe('rejected,rejected,rejected,rejected');
      await visited.page.reload();
    }
  });
});

describe('an app', () => {
  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ])('runs at once, full size, on a %s', async (screen, options) => {
    await using visited = await visit(browser, await share(join(EXAMPLES, 'interactive-app')), options);
    const { page, complaints } = visited;
    await page.locator('button').first().waitFor();
    await page.waitForTimeout(500);
    await look(page, `interactive-app-${screen}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });
});

describe('an engine', () => {
  it('is React for a film that needs it, which plays as well', async () => {
    const scene = `
      import { ThreeCanvas } from '@remotion/three';
      import { useCurrentFrame } from 'remotion';
      export default function Scene() {
        const frame = useCurrentFrame();
        return <ThreeCanvas width={640} height={360}>
          <ambientLight intensity={2} /><mesh rotation={[frame / 20, 0.5, 0]}><boxGeometry args={[3, 3, 3]} /><meshStandardMaterial color="tomato" /></mesh>
        </ThreeCanvas>;
      }`;
    await using project = await makeProjectFolder(threeScenes({ 'scenes/one.tsx': scene }), 'three');
    const url = await share(project.path);
    expect((await readMeta(url)).engine).toBe('react');
    await using visited = await visit(browser, url);
    await play(visited.page);
    await expect.poll(() => visited.page.locator('#permaframe-stage canvas').count()).toBe(1);
    await look(visited.page, 'three');
  });
});

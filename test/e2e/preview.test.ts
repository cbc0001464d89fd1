/** Compiler and preview of the editor in a real browser, with a working copy that the test edits. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as native from 'esbuild';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFolder } from '../../action/adapters/folder.ts';
import { compile } from '../../action/core/compile/compile.ts';
import { toCompileInput } from '../../action/core/compile/input.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { listExamples } from '../../scripts/bench/examples.ts';
import { STATE_FOLDER } from '../../scripts/state.ts';
import { circles, everyLoader } from '../site-template/editor/compiler/projects.ts';
import { DESK, startBrowser, visit } from '../support/browser.ts';
import { type PreviewStack, startPreviewStack } from '../support/preview-stack.ts';
import { sharedRuntime } from '../support/runtime.ts';
import { snapshotOf } from '../support/snapshots.ts';
import { MANIFEST, threeScenes } from '../support/tree.ts';

/** Kept for a person to look at; ignored by git. */
const SCREENSHOTS = join(STATE_FOLDER, 'screenshots');
const SLOW = { timeout: 20_000 };
const eventually = <T>(ask: () => Promise<T>) => expect.poll(ask, SLOW);

vi.setConfig({ testTimeout: 90_000 });

let stack: PreviewStack;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [stack, browser] = await Promise.all([startPreviewStack((await sharedRuntime()).runtime), startBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await stack?.[Symbol.asyncDispose]();
});

/** What main.tsx of the page gives to a test. */
declare global {
  interface Window {
    edit(path: string, text: string): void;
    read(path: string): string;
  }
}

async function open(snapshot: Snapshot) {
  stack.setProject(snapshot);
  const visited = await visit(browser, stack.url, DESK);
  await eventually(() => shown(visited.page)).toBe(1);
  return visited;
}

const openFilm = async (changes: Record<string, string> = {}) => open(await snapshotOf(threeScenes(changes), MANIFEST));
const shown = async (page: Page) =>
  Number(await page.locator('[data-preview-revision]').getAttribute('data-preview-revision'));
const picture = (page: Page): FrameLocator => page.frameLocator('iframe[data-layer=front]');
const title = (page: Page) => picture(page).locator('h1').first().textContent();
const frame = async (page: Page) =>
  Number(await page.locator('[data-preview-frame]').getAttribute('data-preview-frame'));
const problem = async (page: Page) => (await page.locator('[data-preview-problem]').allTextContents()).join();

async function edit(page: Page, path: string, change: (text: string) => string): Promise<void> {
  const text = await page.evaluate((each) => window.read(each), path);
  await page.evaluate(([each, next]) => window.edit(each as string, next as string), [path, change(text)]);
}

const withTitle = (text: string) => (source: string) => source.replace(/text="[^"]*"/, `text="${text}"`);
const withFirstLine = (line: string) => (source: string) =>
  source.replace('const frame = useCurrentFrame();', `const frame = useCurrentFrame();\n  ${line}`);

async function longestPause(page: Page, milliseconds: number): Promise<number> {
  return page.evaluate(async (limit) => {
    const begin = performance.now();
    let [last, longest] = [begin, 0];
    while (last - begin < limit) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    return longest;
  }, milliseconds);
}

describe('the preview', () => {
  it('shows what was edited, at the same frame, without ever being empty', async () => {
    await using visited = await openFilm();
    const { page, complaints } = visited;
    expect(await title(page)).toBe('one');
    await page.getByRole('slider', { name: 'Time line' }).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('.');
    await eventually(() => picture(page).locator('.one p').textContent()).toBe('5');
    await page.evaluate(() => {
      const look = (): void => {
        if (!document.querySelector('iframe[data-layer=front]')) document.title = 'was empty';
        requestAnimationFrame(look);
      };
      look();
    });
    await edit(page, 'scenes/one.tsx', withTitle('edited'));
    await eventually(() => shown(page)).toBe(2);
    expect(await title(page)).toBe('edited');
    expect(await picture(page).locator('.one p').textContent()).toBe('5');
    expect(await page.title()).not.toBe('was empty');
    expect(complaints).toEqual([]);
  });

  it('plays on after an edit, scrubs, and jumps to a scene', async () => {
    await using visited = await openFilm();
    const { page } = visited;
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await eventually(() => frame(page)).toBeGreaterThan(2);
    await edit(page, 'scenes/one.tsx', withTitle('while playing'));
    await eventually(() => shown(page)).toBe(2);
    const then = await frame(page);
    await eventually(() => frame(page)).not.toBe(then);
    await page.getByRole('button', { name: /Pause|Play again/ }).click();
    await page.getByRole('combobox', { name: 'Scene' }).selectOption('The third');
    await eventually(() => frame(page)).toBe(50);
    await eventually(() => picture(page).locator('.three p').textContent()).toBe('0');
    const line = (await page.getByRole('slider').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.click(line.x + line.width / 2, line.y + line.height / 2);
    await eventually(() => frame(page)).toBe(40);
    await page.screenshot({ path: join(SCREENSHOTS, 'preview.png') });
  });

  it('has the assets that code, style and static files ask for', async () => {
    const scene = `import { staticFile } from 'remotion'; import picture from '../images/picture.svg'; import './one.css';
      export default () => <><img id="a" src={picture} /><img id="b" src={staticFile('b.svg')} /></>;`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="7" height="9"><!--${'x'.repeat(12_000)}--></svg>`;
    await using visited = await openFilm({
      'scenes/one.tsx': scene,
      'scenes/one.css': 'body { background: url(../images/picture.svg) }',
      'images/picture.svg': svg,
      'public/b.svg': svg,
    });
    const widths = () =>
      picture(visited.page)
        .locator('img')
        .evaluateAll((all) => all.map((img) => (img as HTMLImageElement).naturalWidth));
    await eventually(widths).toEqual([7, 7]);
    const background = () =>
      picture(visited.page)
        .locator('body')
        .evaluate((body) => getComputedStyle(body).backgroundImage);
    expect(await background()).toMatch(/^url\("blob:null\//);
    expect(visited.complaints).toEqual([]);
  });

  it('names an error of the sources, keeps what it showed, and goes on once it is mended', async () => {
    await using visited = await openFilm();
    const { page } = visited;
    await edit(page, 'scenes/one.tsx', (source) => `${source}\nconst broken = ;`);
    await eventually(() => problem(page)).toMatch(/does not compile.*scenes\/one\.tsx:\d+:16/s);
    expect(await title(page)).toBe('one');
    await edit(page, 'scenes/one.tsx', (source) => withTitle('mended')(source.replace('const broken = ;', '')));
    await eventually(() => title(page)).toBe('mended');
    expect(await problem(page)).toBe('');
  });

  it('names scene, file and line of what throws, and keeps what it showed', async () => {
    await using visited = await openFilm();
    const { page } = visited;
    await edit(page, 'scenes/one.tsx', withFirstLine("if (frame >= 0) throw new TypeError('on purpose');"));
    await eventually(() => problem(page)).toMatch(/“one” has failed.*TypeError: on purpose.*scenes\/one\.tsx:8:/s);
    expect(await title(page)).toBe('one');
    await page.screenshot({ path: join(SCREENSHOTS, 'preview-error.png') });
    await edit(page, 'scenes/one.tsx', (source) => source.replace('>= 0', '> 8'));
    await eventually(() => problem(page)).toBe('');
    await page.getByRole('slider', { name: 'Time line' }).focus();
    for (let i = 0; i < 9; i++) await page.keyboard.press('.');
    await eventually(() => problem(page)).toMatch(/TypeError: on purpose.*scenes\/one\.tsx:8:/s);
  });
});

describe('what never ends', () => {
  it('is named with file and line, while the editor stays responsive and the last good preview comes back', async () => {
    await using visited = await openFilm();
    const { page } = visited;
    await edit(page, 'shared/title.tsx', (source) =>
      source.replace('=> <h1>', '=> { let n = 0;\n  while (text) n++;\n  return <h1>').replace('</h1>;', '</h1>; };'),
    );
    expect(await longestPause(page, 2000)).toBeLessThan(500);
    await eventually(() => problem(page)).toMatch(/“one” was stopped.*shared\/title\.tsx:2:3/s);
    await eventually(() => title(page)).toBe('one');
    await page.screenshot({ path: join(SCREENSHOTS, 'preview-stuck.png') });
    await edit(
      page,
      'shared/title.tsx',
      () => 'export const Title = ({ text }: { text: string }) => <h1>{text}!</h1>;',
    );
    await eventually(() => title(page)).toBe('one!');
    expect(await problem(page)).toBe('');
  });

  it('at a later frame: the state before comes back', async () => {
    await using visited = await openFilm();
    const { page } = visited;
    await edit(page, 'scenes/one.tsx', (source) => withTitle('later')(withFirstLine('while (frame === 3);')(source)));
    await eventually(() => title(page)).toBe('later');
    await page.getByRole('slider', { name: 'Time line' }).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('.');
    await eventually(() => problem(page)).toMatch(/“one” was stopped.*scenes\/one\.tsx:8:3/s);
    await eventually(() => title(page)).toBe('one');
  });

  it('from the very beginning: there is nothing to show, and it says why', async () => {
    stack.setProject(
      await snapshotOf(threeScenes({ 'scenes/one.tsx': 'for (;;);\nexport default () => null;' }), MANIFEST),
    );
    await using visited = await visit(browser, stack.url, DESK);
    await eventually(() => problem(visited.page)).toMatch(/“one” was stopped.*scenes\/one\.tsx:1:1/s);
    await edit(visited.page, 'scenes/one.tsx', () => 'export default () => <h1>ends</h1>;');
    await eventually(() => title(visited.page)).toBe('ends');
  });
});

describe('a page of the preview', () => {
  it('reaches neither the editor nor any host', async () => {
    const app = `
      import { useEffect, useState } from 'react';
      export default function App() {
        const [found, setFound] = useState('');
        useEffect(() => {
          const tries = [
            () => parent.document.title,
            () => { localStorage.setItem('a', 'b'); if (Object.getPrototypeOf(localStorage) !== Object.prototype) return 'kept'; throw new Error('forgets'); },
            () => fetch('${stack.url}config.json'),
            () => import(['${stack.url}', 'assets/x.js'].join('')),
            () => new Promise((done, fail) => { const img = new Image(); img.onload = done; img.onerror = fail; img.src = '${stack.url}favicon.ico'; }),
          ];
          Promise.allSettled(tries.map(async (go) => go())).then((all) => setFound(all.map((one) => one.status).join()));
        }, []);
        return <p id="found">{found}</p>;
      }`;
    stack.setProject(await snapshotOf({ 'app.tsx': app }));
    await using visited = await visit(browser, stack.url, DESK);
    const found = () => picture(visited.page).locator('#found').textContent();
    await eventually(found).toBe(Array(5).fill('rejected').join());
  });

  it('does nothing outside of a sandbox, where it would have the origin of the editor', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(stack.url);
    const answered = await page.evaluate(async () => {
      const element = document.createElement('iframe');
      element.src = 'preview.html';
      document.body.appendChild(element);
      await new Promise((resolve) => element.addEventListener('load', resolve));
      const { port1, port2 } = new MessageChannel();
      element.contentWindow?.postMessage('permaframe-preview', '*', [port2]);
      port1.postMessage({ kind: 'ping' });
      return new Promise((resolve) => {
        port1.onmessage = () => resolve(true);
        setTimeout(() => resolve(false), 500);
      });
    });
    expect(answered).toBe(false);
    await context.close();
  });
});

describe('the bytes that the browser compiles are those of a publish', () => {
  const projects: [string, () => Promise<Snapshot>][] = [
    ...listExamples().map(({ name, folder }): [string, () => Promise<Snapshot>] => [name, () => readFolder(folder)]),
    ['modules in circles', () => snapshotOf(circles.files, circles.manifest)],
    ['every kind of file', () => snapshotOf(everyLoader.files, everyLoader.manifest)],
  ];

  it.each(projects)('%s', async (_, read) => {
    const snapshot = await read();
    const { runtime } = await sharedRuntime();
    const readText = async (key: string) => new TextDecoder().decode(await runtime.read(key));
    const expected = await compile(native, toCompileInput(snapshot), { manifest: runtime.manifest, readText });
    stack.setProject(snapshot);
    const context = await browser.newContext();
    await context.addInitScript(() => {
      // What the worker says, as the editor hears it.
      const Original = Worker;
      const listen = (worker: Worker): Worker => {
        worker.addEventListener('message', ({ data }) => {
          if (data.kind === 'compiled') Object.assign(window, { build: data.build });
        });
        return worker;
      };
      Object.assign(window, {
        Worker: new Proxy(Original, { construct: (Target, args: [URL]) => listen(new Target(...args)) }),
      });
    });
    const page = await context.newPage();
    await page.goto(stack.url);
    await page.waitForFunction(() => 'build' in window, null, SLOW);
    const build = await page.evaluate(
      () => (window as unknown as { build: { compiled: unknown; hash: string } }).build,
    );
    expect(build.compiled).toEqual(expected);
    expect(build.hash).toBe(snapshot.hash);
    await context.close();
  });
});

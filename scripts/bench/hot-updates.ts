/** The peer of the preview: Vite's dev server with React's fast refresh, on the same film, in the same browser. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import { SCREEN } from './editor-load.ts';
import { type Contestant, PATIENCE, PAUSE } from './editor-preview.ts';
import { writePeerProject } from './peer-project.ts';
import { EDITED, editedLine, tenScenes } from './ten-scenes.ts';

/** @param folder must not exist */
export async function startHotUpdates(folder: string, browser: Browser): Promise<Contestant> {
  const [film, project] = [join(folder, 'film'), join(folder, 'project')];
  const { files } = await tenScenes();
  for (const [path, { content }] of files) {
    await mkdir(dirname(join(film, path)), { recursive: true });
    await writeFile(join(film, path), content);
  }
  const text = new TextDecoder().decode(files.get(EDITED)?.content);
  // All of the same length.
  const source = (stroke: number): string => text.replace(editedLine(''), editedLine(`${stroke}`.padStart(6, '0')));
  await writePeerProject(film, project);
  await writeFile(join(project, EDITED), source(0));
  const server = await createServer({
    root: project,
    configFile: join(project, 'vite.config.mjs'),
    logLevel: 'error',
    // The packages are this repository's.
    server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
  });
  await server.listen();
  const seat = await browser.newContext(SCREEN);
  const page = await seat.newPage();
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.locator('[data-stroke]').waitFor({ state: 'attached', timeout: 60_000 });
  let strokes = 0;
  return {
    async edit() {
      await page.waitForTimeout(PAUSE);
      await page.evaluate(expectPicture, PATIENCE);
      const before = performance.timeOrigin + performance.now();
      // Not cut off first: Vite would find an empty file.
      await writeFile(join(project, EDITED), source(++strokes), { flag: 'r+' });
      return (await page.evaluate(() => window.seen)) - before;
    },
    async [Symbol.asyncDispose]() {
      await seat.close();
      await server.close();
    },
  };
}

/** When the edited element was drawn, in milliseconds since 1970. */
function expectPicture(patience: number): void {
  window.seen = new Promise((done, fail) => {
    setTimeout(() => fail(new Error('the edit was not seen')), patience);
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.timeOrigin + performance.now());
        channel.port2.postMessage(null);
      });
    });
    const observed = { subtree: true, childList: true, attributes: true, attributeFilter: ['data-stroke'] };
    observer.observe(document.body, observed);
  });
  // Whoever waits for it hears of it.
  window.seen.catch(() => {});
}

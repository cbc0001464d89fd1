/** The editor on the whole local stack: how soon it is there, and how soon a key stroke is seen in the preview. */
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { readFolder } from '../../action/adapters/folder.ts';
import { createSnapshot, type Snapshot } from '../../action/core/snapshot.ts';
import { shareByControlPlane } from '../share-by-control-plane.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { startBrowser } from './browser.ts';
import type { BenchContext, BenchPart } from './context.ts';
import { listExamples } from './examples.ts';
import type { Budget, Figure } from './figure.ts';
import { quantile } from './statistics.ts';
import { sumBytes, TransferLog } from './transfers.ts';

const LOADS = 5;
const KEY_STROKES = 120;
/** Key strokes that warm up what a person's first minute finds cold. */
const WARM_UP = 20;
/** Between two key strokes, in milliseconds: somebody who types and looks. */
const PAUSE = 350;
const THREAD = 'ten-scenes';
const EDITED = 'ebb.tsx';
const SCREEN = { viewport: { width: 1440, height: 900 } };
/** Of the 95th percentile, in milliseconds. */
const PREVIEW_BUDGET: Budget = { of: 'value', bound: 'atMost', limit: 100 };
const LOAD_BUDGET: Budget = { of: 'value', bound: 'atMost', limit: 1000 };

export const benchEditor: BenchPart = async (context) => {
  context.progress('editor: starting the whole stack …');
  await using stack = await startStack({ stateFolder: join(context.folder, 'stack'), port: 0 });
  await shareByControlPlane(await tenScenes(), {
    convexUrl: stack.convex.url,
    token: await stack.tokenOf('ada'),
    thread: THREAD,
    project: 'bench',
    onState: () => {},
    signal: context.signal,
  });
  await using browser = await startBrowser(context.browser);
  const loads = await measureLoads(stack, browser, context);
  context.progress('editor: key strokes');
  const strokes = await measureKeyStrokes(stack, browser, context);
  const p95 = quantile(
    strokes.toSorted((a, b) => a - b),
    0.95,
  );
  const what = 'key stroke → preview, ten scenes';
  return [
    ...loads,
    { part: 'editor', what, unit: 'ms', samples: strokes },
    { part: 'editor', what: `${what}: 95th percentile`, unit: 'ms', samples: [p95], budget: PREVIEW_BUDGET },
  ];
};

/** The example with the most to draw, each of its scenes twice. */
async function tenScenes(): Promise<Snapshot> {
  const example = listExamples().find(({ name }) => name === 'launch-film');
  if (!example) throw new Error('there is no example launch-film');
  const { files, manifest } = await readFolder(example.folder);
  if (manifest.kind !== 'storyboard') throw new Error('the example is not a film');
  const contents = new Map([...files].map(([path, { content }]) => [path, content]));
  const copies = manifest.scenes.map((scene) => {
    const entry = scene.entry.replace('.tsx', '-again.tsx');
    contents.set(entry, contents.get(scene.entry) as Uint8Array);
    return { ...scene, id: `${scene.id}-again`, entry };
  });
  const doubled = { ...manifest, scenes: [...manifest.scenes, ...copies] };
  contents.set('permaframe.json', new TextEncoder().encode(JSON.stringify(doubled, null, 2)));
  return createSnapshot(contents);
}

/** The sign-in of one browser, whose cache is empty at first. */
async function signIn(stack: Stack, context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(stack.editorUrl);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Continue as Ada' }).click();
  await page.getByRole('button', { name: 'New project' }).waitFor();
  return page;
}

async function measureLoads(stack: Stack, browser: Browser, context: BenchContext): Promise<Figure[]> {
  const paints: number[] = [];
  const codes: number[] = [];
  const bytes: number[] = [];
  const wasmBytes: number[] = [];
  for (let round = 0; round < Math.min(context.rounds ?? LOADS, LOADS); round++) {
    context.signal.throwIfAborted();
    context.progress(`editor: load ${round + 1}`);
    await using seat = await browser.newContext(SCREEN);
    const page = await seat.newPage();
    const session = await seat.newCDPSession(page);
    await session.send('Network.enable');
    const log = new TransferLog(session);
    await page.goto(stack.editorUrl);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0));
    await page.close();
    const signedIn = await signIn(stack, seat);
    await signedIn.goto(`${stack.editorUrl}/#/t/${THREAD}`);
    await signedIn.reload();
    await signedIn.locator('.cm-content').waitFor();
    codes.push(await signedIn.evaluate(() => performance.now()));
    const sizes = await signedIn.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).map(
        ({ name, encodedBodySize }): [string, number] => [name, encodedBodySize],
      ),
    );
    wasmBytes.push(sizes.find(([name]) => name.endsWith('.wasm'))?.[1] ?? 0);
    bytes.push(sumBytes(log.over));
  }
  const part = 'editor';
  return [
    { part, what: 'editor: first paint, empty cache', unit: 'ms', samples: paints, budget: LOAD_BUDGET },
    { part, what: 'editor: reload of a thread → its code', unit: 'ms', samples: codes },
    { part, what: 'editor: before sign-in, as the local stack sends it', unit: 'bytes', samples: bytes },
    ...(wasmBytes.every((each) => each > 0)
      ? [
          {
            part,
            what: 'editor: esbuild.wasm, while the code is there already',
            unit: 'bytes',
            samples: wasmBytes,
          } as const,
        ]
      : []),
  ];
}

async function measureKeyStrokes(stack: Stack, browser: Browser, context: BenchContext): Promise<number[]> {
  await using seat = await browser.newContext(SCREEN);
  const page = await signIn(stack, seat);
  await page.goto(`${stack.editorUrl}/#/t/${THREAD}`);
  await page.getByRole('button', { name: EDITED }).first().click();
  await page.locator('[data-preview-revision="1"]').waitFor({ timeout: 60_000 });
  // A new statement at the end of a scene: what is typed into its string changes the module each time.
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.insertText('\nconsole.debug("");\n');
  for (const key of ['ArrowUp', 'End', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
  const samples: number[] = [];
  const count = WARM_UP + (context.rounds ?? KEY_STROKES);
  for (let stroke = 0; stroke < count; stroke++) {
    context.signal.throwIfAborted();
    await page.waitForTimeout(PAUSE);
    const seen = page.evaluate(timeKeyStroke);
    await page.keyboard.press('abcdefghij'[stroke % 10] as string);
    const milliseconds = await seen;
    if (stroke >= WARM_UP) samples.push(milliseconds);
  }
  return samples;
}

/** Runs in the page, so that what drives the browser does not count. Milliseconds from the key to the frame drawn. */
function timeKeyStroke(): Promise<number> {
  const pane = document.querySelector('[data-preview-revision]') as HTMLElement;
  return new Promise((done) => {
    let pressedAt = 0;
    addEventListener('keydown', ({ timeStamp }) => (pressedAt = timeStamp), { capture: true, once: true });
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - pressedAt);
        channel.port2.postMessage(null);
      });
    });
    observer.observe(pane, { attributes: true, attributeFilter: ['data-preview-revision'] });
  });
}

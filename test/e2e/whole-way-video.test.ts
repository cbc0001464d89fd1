/** The whole way of a video on the local stack: asked for in the editor, rendered by the workflow that ships, attached, served. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConvexHttpClient } from 'convex/browser';
import type { FunctionReturnType } from 'convex/server';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRenderOver } from '../../action/contract/states.ts';
import { api } from '../../convex/_generated/api.js';
import type { Stack } from '../../scripts/stack/stack.ts';
import { visit } from '../support/browser.ts';
import { runCommand } from '../support/command.ts';
import { type EditorPlace, startEditorPlace } from '../support/editor.ts';
import { type JobWatch, watchJobs } from '../support/job-processes.ts';
import { decodePictures, difference, type Picture, probe } from '../support/media.ts';
import { eventually } from '../support/processes.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';

type Render = FunctionReturnType<typeof api.renders.get>;

const THREAD = 'tiny-film';
const FRAMES = 8;

let folder: string;
let place: EditorPlace;
let stack: Stack;
let jobs: JobWatch;
/** In the editor, with the thread before her. */
let ada: Page;
let project: ProjectFolder;
let client: ConvexHttpClient;
const before = process.env.TMPDIR;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permaframe-video-'));
  // Jobs work below it: what is left of them is found by it.
  process.env.TMPDIR = folder;
  project = await makeProjectFolder(film({}), THREAD);
  jobs = watchJobs(folder);
  place = await startEditorPlace();
  ({ stack } = place);
  client = new ConvexHttpClient(stack.convex.url, { logger: false });
  client.setAuth(await stack.tokenOf('ada'));
}, 120_000);
afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Three scenes. @param bodies what a scene does before it draws */
function film(bodies: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['one', 'two', 'three'];
  const scenes = names.map((id) => ({ id, entry: `scenes/${id}.tsx`, durationInFrames: FRAMES }));
  const manifest = { title: 'Tiny', kind: 'storyboard', fps: 30, width: 320, height: 180, scenes };
  const sources = names.map((name, index) => [`scenes/${name}.tsx`, scene(name, index, bodies[name] ?? '')]);
  return { 'permaframe.json': JSON.stringify(manifest), ...Object.fromEntries(sources) };
}

function scene(name: string, index: number, body: string): string {
  return `import { AbsoluteFill, useCurrentFrame } from 'remotion';
export default function Scene() {
  const frame = useCurrentFrame();
  ${body}
  return <AbsoluteFill style={{ background: 'hsl(' + (${index * 90} + frame * 4) + ' 70% 50%)' }}><h1>${name}</h1></AbsoluteFill>;
}
`;
}

/** Takes a second a frame. */
const SLOW = 'const until = Date.now() + 1000; while (Date.now() < until);';

async function share(files: Record<string, string>): Promise<number> {
  await project.write(files);
  const env = { PERMAFRAME_CONVEX_URL: stack.convex.url, PERMAFRAME_TOKEN: await stack.tokenOf('ada') };
  const { code, stdout, stderr } = await runCommand(['share', project.path, '--json'], env);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout).version;
}

async function request(
  version: number,
  video: { format: 'mp4' | 'webm' | 'gif'; quality?: 'low' | 'high' },
): Promise<string> {
  const { render } = await client.mutation(api.renders.request, { thread: THREAD, version, video });
  return render;
}

function until(render: string, what: string, is: (render: Render) => boolean): Promise<Render> {
  return poll(`${render} is ${what}`, async () => {
    const found = await client.query(api.renders.get, { render });
    return is(found) ? found : null;
  });
}

const untilOver = (render: string) => until(render, 'over', ({ state }) => isRenderOver(state));

/** Longer than `eventually` waits. */
async function poll<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  const ends = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > ends) throw new Error(`this did not happen: ${what}\n${await logs()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function logs(): Promise<string> {
  const run = stack.github.runs.at(-1);
  return run ? await stack.runner.readLog(run) : 'no run';
}

const noProcessIsLeft = () => eventually('all processes are gone', async () => (await jobs.processes()).length === 0);

const sheet = (): Locator => ada.getByRole('dialog', { name: 'Share' });
const videosOf = (version: number): Locator => sheet().getByRole('region', { name: `Video of version ${version}` });
/** Of the newest video. */
const card = (version: number): Locator => videosOf(version).locator('.share-video').first();
const isIn = (version: number, state: string) =>
  expect.poll(() => card(version).getAttribute('data-state'), { timeout: 60_000 }).toBe(state);

/** Notes each state and progress of the newest video that is shown, from now on. */
async function follow(): Promise<void> {
  await ada.evaluate(() => {
    const seen: { state: string; progress: number }[] = [];
    Object.assign(window, { seen });
    const look = (): void => {
      const card = document.querySelector<HTMLElement>('.share-video');
      const progress = card?.querySelector('progress')?.value ?? 1;
      if (card) seen.push({ state: card.dataset.state ?? '', progress });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

const followed = () => ada.evaluate('seen') as Promise<{ state: string; progress: number }[]>;

describe('a video, asked for in the sheet', () => {
  it('is chosen, followed while it is made, and downloaded: what was asked for, with its poster', async () => {
    await share({});
    ada = await place.window(await place.seat(), 'Ada', new URL(`#/t/${THREAD}`, stack.editorUrl).href);
    await ada.getByRole('button', { name: 'Links and versions' }).click();
    await sheet().getByRole('button', { name: 'Make a video' }).click();
    await choose({ Size: '720p', Quality: 'low', Poster: 'Scene 2: two' });
    const verdict = sheet().getByRole('status').filter({ hasText: 'Ready in' });
    expect(await verdict.textContent()).toMatch(/1280\s×\s720 · 30\sfps · 0\.8 sReady in about 1 min/);
    await follow();
    await sheet().getByRole('button', { name: 'Make video' }).click();
    await isIn(1, 'ready');
    const seen = await followed();
    const states = seen.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
    const order = ['queued', 'rendering', 'combining', 'uploading', 'ready'];
    expect(states).toEqual(order.filter((state) => states.includes(state)));
    expect(states.length).toBeGreaterThanOrEqual(4);
    const progress = seen.map((each) => each.progress);
    // The page learns of the control plane's clock as it goes: a few milliseconds of a minute.
    expect(progress.filter((part, index) => part < (progress[index - 1] ?? 0) - 0.001)).toEqual([]);
    expect(new Set(progress).size).toBeGreaterThan(5);

    const link = card(1).getByRole('link', { name: 'Download' });
    const [download] = await Promise.all([ada.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe('Tiny-v1.webm');
    const bytes = await readFile(await download.path());
    expect(await probe(bytes)).toMatchObject({ codec: 'vp9', width: 1280, height: 720, frames: 24, fps: 30 });
    const address = (await card(1).locator('img').getAttribute('src')) ?? '';
    const [poster] = await decodePictures(Buffer.from(await (await fetch(address)).arrayBuffer()));
    const frames = await decodePictures(bytes);
    expect(difference(poster as Picture, frames[FRAMES + FRAMES / 2] as Picture).mean).toBeLessThan(2);
    expect(difference(poster as Picture, frames[0] as Picture).mean).toBeGreaterThan(20);
  });

  it('is there at once when it is wished for again, and nothing runs', async () => {
    const runs = stack.github.runs.length;
    await sheet().getByRole('button', { name: 'Make another' }).click();
    await choose({ Size: '720p', Quality: 'low', Poster: 'Scene 2: two' });
    await videosOf(1).getByText('This video is there already').waitFor();
    await sheet().getByRole('button', { name: 'Make video' }).click({ force: true });
    await sheet().getByRole('button', { name: 'Not now' }).click();
    expect(await videosOf(1).locator('.share-video').count()).toBe(1);
    expect(stack.github.runs).toHaveLength(runs);
  });

  it('is offered by the page that the link opens', async () => {
    const url = (await sheet().locator('.share-panel').getByRole('link', { name: 'Open' }).getAttribute('href')) ?? '';
    // The edge knows a thread for ten seconds.
    const isOffered = async () => (await (await fetch(url)).text()).includes('Download video');
    await expect.poll(isOffered, { timeout: 20_000 }).toBe(true);
    await using visited = await visit(place.browser, url);
    await visited.page.locator('#share').click();
    const entry = visited.page.getByRole('link', { name: /^Download video WebM/ });
    const [download] = await Promise.all([visited.page.waitForEvent('download'), entry.click()]);
    expect(await probe(await readFile(await download.path()))).toMatchObject({ codec: 'vp9', frames: 24 });
    expect(visited.complaints).toEqual([]);
  });

  /** In the form that is open; WebM. */
  async function choose(choices: Readonly<Record<string, string>>): Promise<void> {
    await sheet().getByRole('radio', { name: 'WebM' }).check();
    for (const [label, choice] of Object.entries(choices)) {
      const select = sheet().getByRole('combobox', { name: label });
      await select.selectOption(choice);
    }
  }
});

describe('a video', () => {
  it('is rendered, attached, served in parts, and what was asked for', async () => {
    const version = 1;
    const render = await request(version, { format: 'mp4' });
    const ready = await untilOver(render);
    expect(ready.error).toBeNull();
    expect(ready).toMatchObject({ state: 'ready', chunks: 3, toRender: 3, durationMilliseconds: 800 });
    expect(Object.keys(ready.timings ?? {}).sort()).toEqual(['combine', 'plan', 'render', 'total', 'upload']);
    await stack.github.idle();
    expect(stack.github.runs.at(-1)).toMatchObject({
      conclusion: 'success',
      title: `Render ${THREAD} v${version} (${render})`,
    });

    const url = ready.downloadUrl ?? '';
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.byteLength).toBe(ready.video?.bytes);
    const part = await fetch(url, { headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));
    expect(await probe(bytes)).toMatchObject({ codec: 'h264', width: 320, height: 180, frames: 24, fps: 30 });
  });

  it('is not made twice, and its chunks serve the next version', async () => {
    const runs = stack.github.runs.length;
    const again = await client.mutation(api.renders.request, { thread: THREAD, version: 1, video: { format: 'mp4' } });
    expect(again.isNew).toBe(false);
    expect(stack.github.runs).toHaveLength(runs);
    const version = await share({ 'scenes/two.tsx': scene('changed', 4, '') });
    const ready = await untilOver(await request(version, { format: 'mp4' }));
    expect(ready).toMatchObject({ state: 'ready', chunks: 3, toRender: 1 });
  });

  it('that is called off while it is rendered leaves no process', async () => {
    const version = await share({ 'scenes/three.tsx': scene('slow', 2, SLOW) });
    await videosOf(version).getByRole('button', { name: 'Make a video' }).click();
    await videosOf(version).getByRole('button', { name: 'Make video' }).click();
    await poll('a browser of the job draws', async () => (await jobs.isDrawing()) || null);
    await card(version).getByRole('button', { name: 'Cancel' }).click();
    await card(version).getByRole('heading', { name: 'Cancelled' }).waitFor();
    await noProcessIsLeft();
    await stack.github.idle();
    expect(stack.github.runs.at(-1)).toMatchObject({ conclusion: 'cancelled' });
    const render = (await card(version).getAttribute('data-render')) ?? '';
    expect((await untilOver(render)).state).toBe('cancelled');
  });

  it('of a scene that throws fails with its file and line', async () => {
    const version = await share({
      'scenes/three.tsx': scene('three', 2, "if (frame === 5) throw new Error('out of paint');"),
    });
    const { state, error } = await untilOver(await request(version, { format: 'mp4' }));
    expect({ state, code: error?.code }).toEqual({ state: 'failed', code: 'RENDER_SCENE_FAILED' });
    expect(error?.message).toContain('out of paint');
    expect(error?.diagnostics).toMatchObject([
      { code: 'RENDER_SCENE_FAILED', file: 'scenes/three.tsx', line: 4, excerpt: expect.stringContaining('out of') },
    ]);
    await card(version).getByRole('heading', { name: 'A scene fails while it is rendered' }).waitFor();
    await card(version).getByRole('button', { name: 'scenes/three.tsx:4' }).waitFor();
  });

  it('whose job was killed keeps what was complete; Retry renders the rest', async () => {
    const version = await share({ 'scenes/three.tsx': scene('slow', 2, SLOW.replace('1000', '400')) });
    // Another quality: nothing of it is stored.
    const render = await request(version, { format: 'mp4', quality: 'high' });
    await until(render, 'rendering', ({ state }) => state === 'rendering');
    const { pid } = await poll('two chunks are complete', async () => {
      const complete = await jobs.completeChunks();
      return complete?.chunks === 2 ? complete : null;
    });
    process.kill(pid, 'SIGKILL');
    const failed = await untilOver(render);
    expect(failed).toMatchObject({ state: 'failed', chunks: 3, toRender: 3, error: { code: 'RENDER_FAILED' } });
    await stack.github.idle();
    await noProcessIsLeft();
    await card(version).getByRole('button', { name: 'Retry' }).click();
    await card(version).getByRole('button', { name: 'Cancel' }).waitFor();
    // Who has closed the sheet is told all the same.
    await ada.keyboard.press('Escape');
    const said = ada.getByRole('listitem').filter({ hasText: `The MP4 of version ${version} is ready.` });
    const [download] = await Promise.all([
      ada.waitForEvent('download', { timeout: 60_000 }),
      said.getByRole('button', { name: 'Download' }).click({ timeout: 60_000 }),
    ]);
    expect(await probe(await readFile(await download.path()))).toMatchObject({ codec: 'h264', frames: 24 });
    await ada.getByRole('button', { name: 'Links and versions' }).click();
    await isIn(version, 'ready');
    const retry = (await card(version).getAttribute('data-render')) ?? '';
    expect(await untilOver(retry)).toMatchObject({ state: 'ready', chunks: 3, toRender: 1, retryOf: render });
    await card(version).getByRole('link', { name: 'Download' }).waitFor();
  });
});

it('no console has complained', () => {
  expect(place.complaints).toEqual([]);
});

import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ConvexHttpClient } from 'convex/browser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { api } from '../../convex/_generated/api.js';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { probe } from '../support/media.ts';
import { eventually } from '../support/processes.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';
import { FAILING_SCENE, smallFilm } from '../support/small-film.ts';

let stateFolder: string;
let stack: Stack;
let project: ProjectFolder;
let env: Record<string, string>;

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-render-'));
  stack = await startStack({ stateFolder, port: 0 });
  project = await makeProjectFolder(smallFilm(), 'small');
  env = { PERMAFRAME_CONVEX_URL: stack.convex.url, PERMAFRAME_TOKEN: await stack.tokenOf('ada') };
}, 120_000);
afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await rm(stateFolder, { recursive: true, force: true, maxRetries: 3 });
});

async function permaframe(...args: string[]) {
  const { code, stdout, stderr } = await runCommand([...args, '--json'], env);
  return { code, stderr, json: JSON.parse(stdout) };
}

async function rendersOf(version: number) {
  const client = new ConvexHttpClient(stack.convex.url, { logger: false });
  client.setAuth(await stack.tokenOf('ada'));
  return client.query(api.renders.listByVersion, { thread: 'small', version });
}

it('share --video has the video made once the page is live, and says each state on the way', async () => {
  const { code, json, stderr } = await permaframe('share', project.path, '--video', 'mp4', '--quality', 'low');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const link = `${stack.publicUrl}/p/small/1`;
  expect(json).toMatchObject({ url: link, version: 1 });
  // Live first: the link is said before the first state of the video.
  expect(stderr.indexOf(link)).toBeGreaterThan(0);
  expect(stderr.indexOf(link)).toBeLessThan(stderr.indexOf('mp4: '));
  expect(stderr).toMatch(/mp4: rendering \d+ of \d+ pieces, about \d+ s/);
  expect(stderr).toContain('mp4: ready');
  expect(json.videos).toHaveLength(1);
  const [video] = json.videos;
  expect(video).toMatchObject({ format: 'mp4', width: 320, height: 180, deduplicated: false });
  expect(video.url).toBe(`${link}/video/${video.key}.mp4`);
  expect(video.chunks.rendered).toBe(video.chunks.all);
  // Of the render, not of the film.
  expect(video.timings.total).toBeGreaterThan(video.timings.render ?? 1000);
  expect(await rendersOf(1)).toHaveLength(1);
}, 120_000);

it('render answers at once with what is there, and writes it into a folder', async () => {
  const out = join(project.path, '..', 'out');
  const { code, json, stderr } = await permaframe(
    ...['render', `${stack.publicUrl}/p/small/latest`, '--quality', 'low', '--out', out],
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(json).toMatchObject({ url: `${stack.publicUrl}/p/small/1`, videos: [{ deduplicated: true, chunks: null }] });
  const file = await readFile(json.videos[0].files.video);
  expect(file.byteLength).toBe(json.videos[0].bytes);
  expect(await probe(file)).toMatchObject({ codec: 'h264', frames: 20 });
  expect(await rendersOf(1)).toHaveLength(1);
}, 60_000);

it('Ctrl-C calls off what the command has begun', async () => {
  const child = startCommand(['render', `${stack.publicUrl}/p/small/1`, '--video', 'webm', '--json'], env);
  if (!child.stdout || !child.stderr) throw new Error('the command has no output');
  const printed = text(child.stdout);
  child.stderr.resume();
  await eventually('the render is under way', async () => (await rendersOf(1)).length === 2);
  child.kill('SIGINT');
  await once(child, 'close');
  expect(child.exitCode).toBe(1);
  expect(JSON.parse(await printed).error).toMatchObject({ code: 'USAGE', message: 'interrupted' });
  expect((await rendersOf(1))[0]).toMatchObject({ state: 'cancelled', request: { format: 'webm' } });
  await stack.github.idle();
}, 60_000);

it('says in which file and line a scene threw, and refuses what cannot be before anything is saved', async () => {
  await project.write({ 'scenes/two.tsx': FAILING_SCENE });
  const impossible = await permaframe('share', project.path, '--video', 'gif', '--resolution', '4k');
  expect(impossible).toMatchObject({ code: 1, json: { error: { code: 'VIDEO_TOO_LARGE' } } });
  const failed = await permaframe('share', project.path, '--video', 'mp4', '--quality', 'low');
  expect(failed).toMatchObject({ code: 1, json: { error: { code: 'RENDER_SCENE_FAILED' } } });
  expect(failed.json.error.diagnostics).toMatchObject([{ file: 'scenes/two.tsx', line: 6 }]);
  // The page is live all the same: it is the second version, because the refusal saved nothing.
  expect((await fetch(`${stack.publicUrl}/p/small/2`)).status).toBe(200);
}, 120_000);

it('leaves versions to the control plane, and names the setting that is missing', async () => {
  const counted = await permaframe('share', project.path, '--version', '7', '--video', 'mp4');
  expect(counted).toMatchObject({ code: 1, json: { error: { code: 'USAGE' } } });
  const { code, stdout } = await runCommand(['render', `${stack.publicUrl}/p/small/1`, '--json'], {
    PERMAFRAME_CONVEX_URL: stack.convex.url,
  });
  expect({ code, answer: JSON.parse(stdout) }).toMatchObject({
    code: 2,
    answer: { error: { code: 'CONFIG_INVALID' } },
  });
  expect(stdout).toContain('PERMAFRAME_TOKEN');
});

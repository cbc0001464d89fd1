/** The whole way of a video on the local stack: asked for, dispatched, rendered by the workflow that ships, attached, served. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConvexHttpClient } from 'convex/browser';
import type { FunctionReturnType } from 'convex/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRenderOver } from '../../action/contract/states.ts';
import { api } from '../../convex/_generated/api.js';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { runCommand } from '../support/command.ts';
import { probe } from '../support/media.ts';
import { eventually } from '../support/processes.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';

type Render = FunctionReturnType<typeof api.renders.get>;

const THREAD = 'tiny-film';
const FRAMES = 8;

let folder: string;
let stack: Stack;
let project: ProjectFolder;
let client: ConvexHttpClient;
const before = process.env.TMPDIR;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permaframe-video-'));
  // Jobs work below it: what is left of them is found by it.
  process.env.TMPDIR = folder;
  project = await makeProjectFolder(film({}), THREAD);
  stack = await startStack({ stateFolder: join(folder, 'state'), port: 0 });
  client = new ConvexHttpClient(stack.convex.url, { logger: false });
  client.setAuth(await stack.tokenOf('ada'));
}, 120_000);
afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
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

interface JobProcess {
  pid: number;
  line: string;
  user: number;
  /** Of the action, what it does; else empty. */
  mode: string;
}

/** Users that sandboxes had: each is nobody else. */
const users = new Set<number>();

/** Of jobs, and of all that runs as a user of one of their sandboxes. */
async function jobProcesses(): Promise<JobProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const all = await Promise.all(
    pids.map(async (pid) => {
      const line = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');
      const user = Number(/^Uid:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0);
      const mode = /\0INPUT_MODE=(\w+)/.exec(await read(`/proc/${pid}/environ`))?.[1] ?? '';
      return { pid: Number(pid), line, user, mode };
    }),
  );
  const found = all.filter(({ line }) => line.includes(`${folder}/permaframe-job-`));
  for (const { user } of found) if (user > 1_000_000_000) users.add(user);
  return all.filter((each) => found.includes(each) || users.has(each.user));
}

/** When pictures are being drawn. */
const drawing = () =>
  poll('a browser of the job draws', async () => {
    const all = await jobProcesses();
    return all.some(({ line, user }) => users.has(user) && line.includes('--type=renderer')) || null;
  });

/** Where the job that renders puts what is complete. */
async function completeChunks(): Promise<{ pid: number; chunks: number } | null> {
  const job = (await jobProcesses()).find(({ mode }) => mode === 'render');
  const [, root] = / (\/\S*\/permaframe-job-[^/]+)\//.exec(job?.line ?? '') ?? [];
  if (!job || root === undefined) return null;
  const names = await readdir(`${root}/work/studio/studio/chunks`).catch(() => []);
  return { pid: job.pid, chunks: names.filter((name) => /^[0-9a-f]{64}\.ts$/.test(name)).length };
}

describe('a video', () => {
  it('is rendered, attached, served in parts, offered by the page, and what was asked for', async () => {
    const version = await share({});
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
    await expect
      .poll(async () => (await fetch(`${stack.publicUrl}/p/${THREAD}/${version}`)).text(), { timeout: 20_000 })
      .toContain(`${ready.video?.key}.mp4`);
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
    const render = await request(version, { format: 'mp4', quality: 'low' });
    await drawing();
    await client.mutation(api.renders.cancel, { render });
    await eventually('all processes are gone', async () => (await jobProcesses()).length === 0);
    await stack.github.idle();
    expect(stack.github.runs.at(-1)).toMatchObject({ conclusion: 'cancelled' });
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
  });

  it('whose job was killed keeps what was complete; Retry renders the rest', async () => {
    const version = await share({ 'scenes/three.tsx': scene('slow', 2, SLOW.replace('1000', '400')) });
    // Another quality: nothing of it is stored.
    const render = await request(version, { format: 'mp4', quality: 'high' });
    await until(render, 'rendering', ({ state }) => state === 'rendering');
    const { pid } = await poll('two chunks are complete', async () => {
      const complete = await completeChunks();
      return complete?.chunks === 2 ? complete : null;
    });
    process.kill(pid, 'SIGKILL');
    const failed = await untilOver(render);
    expect(failed).toMatchObject({ state: 'failed', chunks: 3, toRender: 3, error: { code: 'RENDER_FAILED' } });
    await stack.github.idle();
    await eventually('all processes are gone', async () => (await jobProcesses()).length === 0);
    const { render: retry } = await client.mutation(api.renders.retry, { render });
    expect(await untilOver(retry)).toMatchObject({ state: 'ready', chunks: 3, toRender: 1, retryOf: render });
  });
});

/** The whole way on the local stack: control plane, commits, dispatch, the workflow that ships, reports, link. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConvexHttpClient } from 'convex/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api } from '../../convex/_generated/api.js';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { runCommand } from '../support/command.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';
import { threeScenes } from '../support/tree.ts';

let stateFolder: string;
let stack: Stack;
let project: ProjectFolder;

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-whole-'));
  stack = await startStack({ stateFolder, port: 0 });
  project = await makeProjectFolder(threeScenes(), 'whole-way');
}, 90_000);
afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await rm(stateFolder, { recursive: true, force: true, maxRetries: 3 });
});

async function permaframe(...args: string[]) {
  const env = { PERMAFRAME_CONVEX_URL: stack.convex.url, PERMAFRAME_TOKEN: await stack.tokenOf('ada') };
  const { code, stdout, stderr } = await runCommand([...args, '--json'], env);
  return { code, stderr, json: JSON.parse(stdout) };
}

function git(...args: string[]): string {
  return execFileSync('git', ['--git-dir', stack.github.repositoryFolder, ...args], { encoding: 'utf8' }).trim();
}

async function clientOf(person: 'ada' | 'ben'): Promise<ConvexHttpClient> {
  const client = new ConvexHttpClient(stack.convex.url, { logger: false });
  client.setAuth(await stack.tokenOf(person));
  return client;
}

describe('permaframe share through the control plane', () => {
  it('ends with a link that opens, and says each state on the way', async () => {
    const { code, json, stderr } = await permaframe('share', project.path);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(json).toMatchObject({ thread: 'whole-way', version: 1, url: `${stack.publicUrl}/p/whole-way/1` });
    expect(json.uploaded).toBeGreaterThan(5);
    for (const state of ['queued', 'dispatched', 'published']) expect(stderr).toContain(state);
    expect((await fetch(json.url)).status).toBe(200);
    expect((await runCommand(['verify', json.url])).code).toBe(0);
  });

  it('makes one commit a version, with trailers and a status that leads to the page', async () => {
    await stack.github.idle();
    expect(git('rev-list', '--count', 'threads/whole-way')).toBe('1');
    expect(git('log', '-1', '--format=%(trailers:only)', 'threads/whole-way')).toMatch(
      /Permaframe-Thread: whole-way\nPermaframe-Version: 1\nPermaframe-Publish: /,
    );
    const head = git('rev-parse', 'threads/whole-way');
    const status = stack.github.statuses.findLast(({ sha }) => sha === head);
    expect(status).toMatchObject({ state: 'success', context: 'permaframe/publish' });
    expect(JSON.stringify(status)).toContain(`${stack.publicUrl}/p/whole-way/1`);
  });

  it('answers with the same link while nothing changes, without another run', async () => {
    const runs = stack.github.runs.length;
    const { json } = await permaframe('share', project.path);
    expect(json).toMatchObject({ version: 1, uploaded: 0 });
    expect(stack.github.runs).toHaveLength(runs);
  });

  it('gives a change the next version, whose commit shows the difference; latest moves, the first stays', async () => {
    await project.write({ 'scenes/two.tsx': 'export default () => <b>changed</b>;\n' });
    const { json } = await permaframe('share', project.path);
    expect(json).toMatchObject({ version: 2, url: `${stack.publicUrl}/p/whole-way/2` });
    expect(git('diff', '--name-only', 'threads/whole-way~1', 'threads/whole-way')).toBe('scenes/two.tsx');
    await expect
      .poll(async () => (await fetch(json.latestUrl, { redirect: 'manual' })).headers.get('location'))
      .toMatch(/\/p\/whole-way\/2$/);
    expect((await fetch(`${stack.publicUrl}/p/whole-way/1`)).status).toBe(200);
  });

  it("brings the author's mistake back, with file, line and excerpt, and exit code 1", async () => {
    await project.write({ 'scenes/three.tsx': 'export default () => <b>three</i>;\n' });
    const { code, json } = await permaframe('share', project.path);
    expect(code).toBe(1);
    expect(json.error).toMatchObject({ code: 'SYNTAX_ERROR' });
    expect(json.error.diagnostics[0]).toMatchObject({ file: 'scenes/three.tsx', line: 1 });
    await stack.github.idle();
    const head = git('rev-parse', 'threads/whole-way');
    expect(stack.github.statuses.findLast(({ sha }) => sha === head)?.state).toBe('failure');
  });

  it('lets nobody else in, until the owner does', async () => {
    const ben = await clientOf('ben');
    const thread = 'whole-way';
    const refused = await ben.mutation(api.publishes.request, { thread, version: 1 }).catch((error) => error.data);
    expect(refused).toMatchObject({ code: 'NOT_FOUND' });
    const ada = await clientOf('ada');
    await ada.mutation(api.projects.addCollaborator, {
      project: thread,
      who: { email: 'ben@example.com' },
      role: 'editor',
    });
    expect(await ben.mutation(api.publishes.request, { thread, version: 1 })).toMatchObject({ isNew: false });
  });

  it('takes a version down: its link answers 410, and comes back when it is restored', async () => {
    const ada = await clientOf('ada');
    const status = async () => (await fetch(`${stack.publicUrl}/p/whole-way/1`)).status;
    await ada.mutation(api.threads.takeDown, { thread: 'whole-way', version: 1 });
    await expect.poll(status, { timeout: 25_000 }).toBe(410);
    await ada.mutation(api.threads.restore, { thread: 'whole-way', version: 1 });
    await expect.poll(status, { timeout: 25_000 }).toBe(200);
  }, 60_000);

  it('runs again by hand, verifies what is complete, and changes nothing', async () => {
    const before = stack.github.runs.length;
    const answer = await fetch(`${stack.github.apiUrl}/repos/local/studio/actions/workflows/publish.yml/dispatches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.githubToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ref: 'main', inputs: { thread: 'whole-way', version: '2' } }),
    });
    expect(answer.status).toBeLessThan(300);
    await stack.github.idle();
    expect(stack.github.runs).toHaveLength(before + 1);
    const run = stack.github.runs.at(-1);
    expect(run?.conclusion).toBe('success');
    const report = await stack.runner.reportOf(run?.id ?? 0, 1);
    expect(report.jobs[0]?.summary).toContain('/p/whole-way/2');
  });
});

describe('a restart of the stack', () => {
  it('serves the links of before, and goes on counting', async () => {
    await stack[Symbol.asyncDispose]();
    stack = await startStack({ stateFolder });
    expect((await fetch(`${stack.publicUrl}/p/whole-way/2`)).status).toBe(200);
    await project.write({ 'scenes/three.tsx': 'export default () => <b>mended</b>;\n' });
    const { json } = await permaframe('share', project.path);
    expect(json).toMatchObject({ version: 4, thread: 'whole-way' });
    expect(git('rev-list', '--count', 'threads/whole-way')).toBe('4');
  }, 90_000);
});

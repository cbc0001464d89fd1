/** docs/embed-in-your-editor.md, done as it says, in an empty folder. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../../../../scripts/stack/stack.ts';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';
import { startBrowser, visit } from '../../../support/browser.ts';

const run = promisify(execFile);

interface Block {
  language: string;
  /** The file that it is, or what the commands are for. */
  name: string;
  text: string;
}

async function readBlocks(): Promise<Block[]> {
  const doc = await readFile(join(ROOT_FOLDER, 'docs', 'embed-in-your-editor.md'), 'utf8');
  const blocks = doc.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language = '', name = '', text = '']) => ({ language, name, text }));
}

let started: AsyncDisposableStack;
let stack: Stack;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  started = new AsyncDisposableStack();
  const state = started.use(await mkdtempDisposable(join(tmpdir(), 'permaframe-embed-stack-')));
  folder = started.use(await mkdtempDisposable(join(tmpdir(), 'permaframe-embed-'))).path;
  [stack, browser] = await Promise.all([startStack({ stateFolder: state.path, port: 0 }), startBrowser()]);
  started.use(stack);
  started.defer(() => browser.close());
});
afterAll(() => started?.disposeAsync());

/** Commands of the page. This machine's packages stand in for those that it installs. */
async function follow(name: string, blocks: readonly Block[]): Promise<string> {
  const commands = blocks.find((block) => block.language === 'sh' && block.name === name);
  if (!commands) throw new Error(`the page has no commands ${name}`);
  const env = { PATH: process.env.PATH ?? '', HOME: folder, PERMAFRAME: join(folder, 'permaframe') };
  // Serving does not end: the test does it itself.
  const lines = commands.text.replace('npx vite preview\n', '');
  return (await run('sh', ['-euc', lines], { cwd: folder, env })).stdout;
}

describe('the page on embedding', () => {
  it('is right: a bare React app shares, fails with file and line, and shares again', async () => {
    const blocks = await readBlocks();
    await symlink(join(ROOT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
    await makeRepository();
    for (const { language, name, text } of blocks.filter(({ language }) => language !== 'sh')) {
      if (language === 'css') continue;
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    for (const name of ['vendor', 'settings', 'build']) await follow(name, blocks);

    await using served = await preview({
      root: folder,
      logLevel: 'silent',
      preview: { host: '127.0.0.1', port: 0 },
    }).then((server) => ({ url: server.resolvedUrls?.local[0] ?? '', [Symbol.asyncDispose]: () => server.close() }));
    await using visited = await visit(browser, served.url);
    const { page, complaints } = visited;
    await page.getByRole('button', { name: 'Begin' }).click();
    const sheet = page.getByRole('dialog', { name: 'Share' });
    const field = page.getByRole('textbox', { name: 'app.tsx' });

    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await sheet.getByRole('heading', { name: 'The link is live' }).waitFor({ timeout: 30_000 });
    const first = await sheet.getByRole('link', { name: 'Open' }).getAttribute('href');
    await using opened = await visit(browser, first ?? '');
    await expect.poll(() => opened.page.locator('h1').allTextContents(), { timeout: 15_000 }).toContain('Hello');

    await page.keyboard.press('Escape');
    await field.fill('export default function App() {\n  return <h1>Hello</h2>;\n}\n');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await sheet.getByRole('heading', { name: 'The code does not compile' }).waitFor({ timeout: 30_000 });
    await sheet.getByRole('button', { name: /app\.tsx:2/ }).click();
    expect(await sheet.isVisible()).toBe(false);
    const cursor = await field.evaluate((each: HTMLTextAreaElement) => ({
      focused: document.activeElement === each,
      before: each.value.slice(0, each.selectionStart),
    }));
    expect(cursor).toMatchObject({ focused: true, before: expect.stringContaining('\n  return') });

    await field.fill('export default function App() {\n  return <h1>Hello again</h1>;\n}\n');
    await page.getByRole('button', { name: 'Links and versions' }).click();
    await sheet.getByRole('button', { name: 'Retry' }).click();
    await sheet.getByRole('heading', { name: 'The link is live' }).waitFor({ timeout: 30_000 });
    expect(await sheet.getByRole('link', { name: 'Open' }).getAttribute('href')).not.toBe(first);
    expect(complaints).toEqual([]);
  }, 120_000);
});

/** This repository as far as the page speaks of it, with the stack of this test as the one that runs. */
async function makeRepository(): Promise<void> {
  const repository = join(folder, 'permaframe');
  await mkdir(join(repository, '.permaframe'), { recursive: true });
  for (const part of ['action', 'site-template']) await symlink(join(ROOT_FOLDER, part), join(repository, part));
  const settings = `PERMAFRAME_CONVEX_URL=${stack.convex.url}\nPERMAFRAME_TOKEN=${await stack.tokenOf('ada')}\n`;
  await writeFile(join(repository, '.permaframe', 'stack.env'), settings);
}

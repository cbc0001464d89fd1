/** `npm start`: brings up the local stack, shares the examples through it, and keeps serving. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readFolder } from '../action/adapters/folder.ts';
import { isPermaframeError } from '../action/contract/errors.ts';
import { formatMilliseconds, printError } from './output.ts';
import { createRunPrinter } from './run-printer.ts';
import { ensureRuntime } from './runtime-cache.ts';
import type { WatchedPublish } from './share-by-control-plane.ts';
import { shareByControlPlane } from './share-by-control-plane.ts';
import { type Stack, startStack } from './stack/stack.ts';
import { ROOT_FOLDER, STATE_FOLDER } from './state.ts';
import { formatTable } from './table.ts';

const EXAMPLES = join(ROOT_FOLDER, 'site-template', 'examples');
const ENV_FILE = join(STATE_FOLDER, 'stack.env');
const PROJECT = 'examples';
/** Beside the edge's. */
const EDITOR_PORT = 8786;

interface Row {
  thread: string;
  version: number;
  what: string;
  url: string;
  saved: number;
  total: number;
  publish: WatchedPublish;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const terminal = { progress: say, print: say };

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

try {
  await main();
} catch (error) {
  if (isPermaframeError(error)) printError(error, terminal);
  else if (!interrupt.signal.aborted) say(error instanceof Error ? error.message : String(error));
  process.exitCode = interrupt.signal.aborted ? 130 : 2;
}

async function main(): Promise<void> {
  const begin = performance.now();
  await ensureRuntime(say);
  const runtimeReady = performance.now();
  say('Starting store, edge, GitHub, runner and control plane …');
  const port = values.port === undefined ? {} : { port: Number(values.port) };
  let github: Stack['github'] | undefined;
  const nameOf = (run: number): string => github?.runs.find(({ id }) => id === run)?.title ?? `run ${run}`;
  await using stack = await startStack({
    stateFolder: join(STATE_FOLDER, 'stack'),
    onProgress: createRunPrinter(say, nameOf),
    ...(values.verbose ? { log: say } : {}),
    ...port,
    ...(process.env.CHROME_PATH ? { browser: process.env.CHROME_PATH } : {}),
    editorPort: EDITOR_PORT,
  });
  github = stack.github;
  say(`\nEditor  ${stack.editorUrl}\n`);
  const stackReady = performance.now();
  if (stack.movedFrom !== null) say(`Port ${stack.movedFrom} is taken; the edge is at ${stack.publicUrl} instead.`);
  await writeEnvFile(stack);
  try {
    const rows: Row[] = [];
    for (const thread of exampleNames()) rows.push(await shareExample(thread, stack));
    report(rows, { runtime: runtimeReady - begin, stack: stackReady - runtimeReady, all: performance.now() - begin });
    if (values.once) {
      // The last run still has its own last steps to go.
      await stack.github.idle();
      return;
    }
    say('\nShare a folder of your own from another terminal:  npx permaframe share <folder>');
    say(`Versions are commits:  git --git-dir ${displayed(stack.github.repositoryFolder)} log --stat threads/<thread>`);
    say('Serving until Ctrl-C.');
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
  } finally {
    // The command must not talk to a stack that is gone.
    await rm(ENV_FILE, { force: true });
  }
}

function displayed(path: string): string {
  return path.startsWith(ROOT_FOLDER) ? path.slice(ROOT_FOLDER.length) : path;
}

function exampleNames(): string[] {
  const entries = readdirSync(EXAMPLES, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function shareExample(thread: string, stack: Stack): Promise<Row> {
  const begin = performance.now();
  const shared = await shareByControlPlane(await readFolder(join(EXAMPLES, thread)), {
    convexUrl: stack.convex.url,
    token: await stack.tokenOf('ada'),
    thread,
    project: PROJECT,
    projectTitle: 'Examples',
    onState: () => {},
    signal: interrupt.signal,
  });
  const { publish, version, isUnchanged, saveMilliseconds } = shared;
  return {
    thread,
    version,
    what: isUnchanged ? 'unchanged' : 'published',
    url: publish.url ?? '',
    saved: saveMilliseconds,
    total: performance.now() - begin,
    publish,
  };
}

function report(rows: readonly Row[], spent: { runtime: number; stack: number; all: number }): void {
  const head = ['example', 'version', '', 'save', 'commit', 'start', 'run', 'total', 'link'];
  const body = rows.map(({ thread, version, what, url, saved, total, publish }) => {
    const { times } = publish;
    const span = (from: number | undefined, to: number | undefined): string =>
      what === 'unchanged' || from === undefined || to === undefined ? '' : formatMilliseconds(to - from);
    return [
      ...[thread, String(version), what, formatMilliseconds(saved)],
      span(times.queued, times.dispatched),
      span(times.dispatched, times.bundling),
      span(times.bundling, times.ended),
      ...[formatMilliseconds(total), url],
    ];
  });
  say(`\n${formatTable([head, ...body])}`);
  const parts = [
    `runtime ${formatMilliseconds(spent.runtime)}`,
    `stack ${formatMilliseconds(spent.stack)}`,
    `sharing ${formatMilliseconds(rows.reduce((sum, row) => sum + row.total, 0))}`,
  ];
  say(`\nReady after ${formatMilliseconds(spent.all)}: ${parts.join(', ')}.`);
}

/** Tells the `permaframe` command where the stack is. Credentials of this machine only; readable by their owner. */
async function writeEnvFile(stack: Stack): Promise<void> {
  const lines = [
    '# The local stack, as long as it runs. Read by the permaframe command; variables that are set win.',
    `PERMAFRAME_CONVEX_URL=${stack.convex.url}`,
    `PERMAFRAME_TOKEN=${await stack.tokenOf('ada')}`,
    `PERMAFRAME_PUBLIC_URL=${stack.publicUrl}`,
    `PERMAFRAME_S3_ENDPOINT=${stack.store.endpoint}`,
    `PERMAFRAME_S3_BUCKET=${stack.store.bucket}`,
    `PERMAFRAME_S3_ACCESS_KEY_ID=${stack.store.accessKeyId}`,
    `PERMAFRAME_S3_SECRET_ACCESS_KEY=${stack.store.secretAccessKey}`,
  ];
  await writeFile(ENV_FILE, `${lines.join('\n')}\n`, { mode: 0o600 });
}

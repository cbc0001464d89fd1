/** `npm start`: brings up the local stack, shares the examples through it, and keeps serving. */

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeBrotli } from '../action/adapters/brotli.ts';
import { createObjectStore, createThreadControlStore } from '../action/adapters/r2.ts';
import { parseStoreConfig } from '../action/adapters/store-config.ts';
import { isPermaframeError } from '../action/contract/errors.ts';
import { pinnedPath } from '../action/contract/links.ts';
import type { Stage } from '../action/core/ports.ts';
import { share } from '../action/core/publish.ts';
import { formatMilliseconds, printError, printWarnings } from './output.ts';
import { startPipeline, type Timings } from './pipeline.ts';
import { ensureRuntime } from './runtime-cache.ts';
import { type StoreAndEdge, startStoreAndEdge } from './stack/store-and-edge.ts';
import { ROOT_FOLDER, STATE_FOLDER } from './state.ts';
import { formatTable } from './table.ts';

const EXAMPLES = join(ROOT_FOLDER, 'site-template', 'examples');
const ENV_FILE = join(STATE_FOLDER, 'stack.env');
const PROJECT = 'examples';

interface Row {
  thread: string;
  version: number;
  what: string;
  url: string;
  timings: Timings;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const terminal = { progress: say, print: say };

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false }, port: { type: 'string' } } });
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
  say('Starting store and edge …');
  const port = values.port === undefined ? {} : { port: Number(values.port) };
  await using stack = await startStoreAndEdge({ stateFolder: join(STATE_FOLDER, 'stack'), ...port });
  const stackReady = performance.now();
  if (stack.movedFrom !== null) say(`Port ${stack.movedFrom} is taken; the edge is at ${stack.publicUrl} instead.`);
  await writeEnvFile(stack);
  try {
    const rows: Row[] = [];
    for (const thread of exampleNames()) rows.push(await shareExample(thread, stack));
    report(rows, { runtime: runtimeReady - begin, stack: stackReady - runtimeReady, all: performance.now() - begin });
    if (values.once) return;
    say('\nShare a folder of your own from another terminal:  npx permaframe share <folder>');
    say('Serving until Ctrl-C.');
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
  } finally {
    // The command must not talk to a stack that is gone.
    await rm(ENV_FILE, { force: true });
  }
}

function exampleNames(): string[] {
  const entries = readdirSync(EXAMPLES, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function shareExample(thread: string, stack: StoreAndEdge): Promise<Row> {
  const folder = join(EXAMPLES, thread);
  const config = parseStoreConfig(stack.store);
  using store = createObjectStore(config);
  using controls = createThreadControlStore(config);
  await using pipeline = await startPipeline(folder, undefined, { terminal, signal: interrupt.signal, env: {} });
  const place = { thread, project: PROJECT, publicUrl: stack.publicUrl };
  const tools = { ...pipeline.tools, store, controls, encode: encodeBrotli };
  const shared = await share(pipeline.snapshot, place, tools);
  if (shared.kind === 'published') printWarnings(shared.artifact.warnings, terminal);
  const isNew = shared.kind === 'published' && shared.outcome.kind === 'created';
  return {
    thread,
    version: shared.version,
    what: isNew ? 'published' : 'unchanged',
    url: `${stack.publicUrl}${pinnedPath(thread, shared.version)}`,
    timings: pipeline.timings(),
  };
}

function report(rows: readonly Row[], spent: { runtime: number; stack: number; all: number }): void {
  const stages: readonly Stage[] = ['read', 'compile', 'compose', 'upload'];
  const time = (milliseconds: number | undefined): string =>
    milliseconds === undefined ? '' : formatMilliseconds(milliseconds);
  const head = ['example', 'version', '', ...stages, 'total', 'link'];
  const body = rows.map(({ thread, version, what, url, timings }) => [
    thread,
    String(version),
    what,
    ...stages.map((stage) => time(timings[stage])),
    time(timings.total),
    url,
  ]);
  say(`\n${formatTable([head, ...body])}`);
  const parts = [
    `runtime ${formatMilliseconds(spent.runtime)}`,
    `store and edge ${formatMilliseconds(spent.stack)}`,
    `sharing ${formatMilliseconds(rows.reduce((sum, row) => sum + row.timings.total, 0))}`,
  ];
  say(`\nReady after ${formatMilliseconds(spent.all)}: ${parts.join(', ')}.`);
}

/** Tells the `permaframe` command where the stack is. Credentials of this machine only; readable by their owner. */
async function writeEnvFile({ publicUrl, store }: StoreAndEdge): Promise<void> {
  const lines = [
    '# The local stack, as long as it runs. Read by the permaframe command; variables that are set win.',
    `PERMAFRAME_PUBLIC_URL=${publicUrl}`,
    `PERMAFRAME_S3_ENDPOINT=${store.endpoint}`,
    `PERMAFRAME_S3_BUCKET=${store.bucket}`,
    `PERMAFRAME_S3_ACCESS_KEY_ID=${store.accessKeyId}`,
    `PERMAFRAME_S3_SECRET_ACCESS_KEY=${store.secretAccessKey}`,
  ];
  await writeFile(ENV_FILE, `${lines.join('\n')}\n`, { mode: 0o600 });
}

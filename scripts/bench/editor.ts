/** The editor on the whole local stack: how soon it is there, how soon a key stroke is seen, and a state of a publish. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { shareByControlPlane } from '../share-by-control-plane.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { startBrowser } from './browser.ts';
import type { BenchContext, BenchPart } from './context.ts';
import { measureLoads } from './editor-load.ts';
import { openPreview } from './editor-preview.ts';
import type { Budget, Figure } from './figure.ts';
import { startHotUpdates } from './hot-updates.ts';
import { measureInTurn } from './rounds.ts';
import { measureShareVisible } from './share-visible.ts';
import { quantile } from './statistics.ts';
import { tenScenes } from './ten-scenes.ts';

const KEY_STROKES = 100;
/** Key strokes that warm up what a person's first minute finds cold. */
const WARM_UP = 20;
/** Of the 95th percentile, in milliseconds. */
const BUDGET: Budget = { of: 'value', bound: 'atMost', limit: 100 };
const THREAD = 'ten-scenes';

export const benchEditor: BenchPart = async (context) => [
  ...(await benchStack(context)),
  ...(await measureShareVisible(context, 'editor')),
];

async function benchStack(context: BenchContext): Promise<Figure[]> {
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
  const place = { stack, browser, thread: THREAD };
  return [...(await measureLoads(place, context)), ...(await measureKeyStrokes(place, context))];
}

export interface EditorPlace {
  stack: Stack;
  browser: Browser;
  thread: string;
}

async function measureKeyStrokes(place: EditorPlace, context: BenchContext): Promise<Figure[]> {
  context.progress('editor: key strokes');
  await using editor = await openPreview(place);
  await using vite = await startHotUpdates(join(context.folder, 'hot-updates'), place.browser);
  const [ours = [], theirs = []] = await measureInTurn(
    [editor, vite],
    WARM_UP + (context.rounds ?? KEY_STROKES),
    async (contestant) => {
      context.signal.throwIfAborted();
      return contestant.edit();
    },
  );
  const what = 'key stroke → preview, ten scenes';
  const [samples, peer] = [ours.slice(WARM_UP), theirs.slice(WARM_UP)];
  const name = 'vite dev, saved → seen';
  const slowest = (all: readonly number[]): number[] => [
    quantile(
      all.toSorted((a, b) => a - b),
      0.95,
    ),
  ];
  return [
    { part: 'editor', what, unit: 'ms', samples, peer: { name, samples: peer } },
    {
      part: 'editor',
      what: `${what}: 95th percentile`,
      unit: 'ms',
      samples: slowest(samples),
      peer: { name, samples: slowest(peer) },
      budget: BUDGET,
    },
  ];
}

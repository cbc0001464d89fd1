/** What a page loads before somebody presses play, and what it loads then. */
import type { Browser } from 'playwright-core';
import type { Meta } from '../../action/contract/meta.ts';
import { runtimeManifestSchema } from '../../action/contract/runtime.ts';
import { openPhone } from './browser.ts';
import type { Budget, Figure } from './figure.ts';
import type { SharedExample } from './shared-examples.ts';
import { isMedia, sumBytes, type Transfer } from './transfers.ts';

const BEFORE_PLAY: Budget = { of: 'value', bound: 'atMost', limit: 10_000 };
const JAVASCRIPT: Budget = { of: 'value', bound: 'atMost', limit: 80_000 };

/**
 * Bytes do not vary, so one visit tells them all.
 * @throws Error when something comes that should not, or does not come as it should
 */
export async function weighPage(example: SharedExample, browser: Browser): Promise<Figure[]> {
  const { before, all } = await visit(example, browser);
  checkTransfers(example, before, all);
  const player = await playerFiles(example);
  const isPlayer = (transfer: Transfer): boolean => player.has(pathOf(transfer));
  const weight = (what: string, bytes: number, budget?: Budget): Figure => {
    const figure: Figure = { part: 'page', what: `${example.name}: ${what}`, unit: 'bytes', samples: [bytes] };
    return budget ? { ...figure, budget } : figure;
  };
  const isPoster = (transfer: Transfer): boolean => transfer.url === posterUrl(example);
  const beforePlay = sumBytes(before, (transfer) => !isPoster(transfer));
  return [
    // An app has no play button: it is all there from the start.
    ...(example.meta.kind === 'app' ? [] : [weight('before play, besides the poster', beforePlay, BEFORE_PLAY)]),
    weight('JavaScript besides its own', sumBytes(all, isRuntime), JAVASCRIPT),
    // The rest are libraries that the example imports by itself, as d3.
    weight('JavaScript that every page loads', sumBytes(all, isPlayer), JAVASCRIPT),
    weight('its own JavaScript', sumBytes(all, isOwnModule)),
    weight('poster', sumBytes(all, isPoster)),
    weight(
      'everything but sound',
      sumBytes(all, (transfer) => !isMedia(transfer)),
    ),
  ];
}

interface Visited {
  before: Transfer[];
  /** What came before, and what came after pressing play. */
  all: Transfer[];
}

async function visit({ url, meta }: SharedExample, browser: Browser): Promise<Visited> {
  await using phone = await openPhone(browser, false);
  const { page, log } = phone;
  await page.goto(url);
  await log.settle();
  const before = [...log.over];
  if (meta.kind === 'storyboard') {
    await page.locator('#start').click();
    await page.locator('#player[data-phase=ready]').waitFor();
    await log.settle();
  }
  return { before, all: [...log.over] };
}

function checkTransfers({ name, meta }: SharedExample, before: readonly Transfer[], all: readonly Transfer[]): void {
  const early = meta.kind === 'storyboard' ? before.find(isOwnModule) : undefined;
  if (early) throw new Error(`${name}: ${early.url} is loaded before anybody presses play`);
  const modules = all.filter((transfer) => isRuntime(transfer) || isOwnModule(transfer));
  if (!modules.some(isOwnModule)) throw new Error(`${name}: none of its modules is loaded`);
  const twice = modules.find(({ url }, index) => modules.findIndex((other) => other.url === url) < index);
  if (twice) throw new Error(`${name}: ${twice.url} is loaded twice`);
  const plain = modules.find(({ encoding }) => encoding !== 'br');
  if (plain) throw new Error(`${name}: ${plain.url} comes as ${plain.encoding || 'it is'}, not as brotli`);
}

/** Paths of what every page of this kind loads: its script, and what starts the artifact. */
async function playerFiles({ url, meta }: SharedExample): Promise<Set<string>> {
  const response = await fetch(new URL(`/${meta.runtime}`, url));
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  const { engines, page } = runtimeManifestSchema.parse(await response.json());
  const { key, requires } = startOf(meta, engines[meta.engine]);
  return new Set([page.key, key, ...requires].map((file) => `/${file}`));
}

function startOf<Start>({ kind }: Meta, engine: { film: Start; app: Start }): Start {
  return kind === 'app' ? engine.app : engine.film;
}

function posterUrl({ url, meta }: SharedExample): string | null {
  return meta.poster ? `${url}/assets/${meta.poster.slice(meta.poster.lastIndexOf('/') + 1)}` : null;
}

function pathOf({ url }: Transfer): string {
  return new URL(url).pathname;
}

function isRuntime(transfer: Transfer): boolean {
  return pathOf(transfer).startsWith('/runtime/') && pathOf(transfer).endsWith('.js');
}

function isOwnModule(transfer: Transfer): boolean {
  return pathOf(transfer).startsWith('/projects/');
}

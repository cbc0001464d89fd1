/** What a viewer's phone loads, and how long it takes until there is a picture. */
import type { Browser } from 'playwright-core';
import { openPhone, startBrowser } from './browser.ts';
import type { BenchPart } from './context.ts';
import type { Figure } from './figure.ts';
import { weighPage } from './page-weight.ts';
import { measureInTurn } from './rounds.ts';
import { type SharedExample, startExampleStack } from './shared-examples.ts';

const DEFAULT_ROUNDS = 5;
/** How long an app may take to start on the slow phone, in milliseconds. */
const START_MILLISECONDS = 60_000;

export const benchPage: BenchPart = async (context) => {
  await using shared = await startExampleStack(context);
  await using browser = await startBrowser(context.browser);
  const figures: Figure[] = [];
  for (const example of shared.examples) {
    context.signal.throwIfAborted();
    context.progress(`page: ${example.name}`);
    figures.push(...(await weighPage(example, browser)));
  }
  context.progress('page: first frames on a slow phone');
  const starts = await measureInTurn(
    shared.examples,
    context.rounds ?? DEFAULT_ROUNDS,
    (example) => timeStart(example, browser),
    context.signal,
  );
  for (const [index, { name, meta }] of shared.examples.entries()) {
    const what = meta.kind === 'app' ? 'link → app, slow phone' : 'play → first frame, slow phone';
    figures.push({ part: 'page', what: `${name}: ${what}`, unit: 'ms', samples: starts[index] ?? [] });
  }
  return figures;
};

/** A cold cache each time. From pressing play for a film, from following the link for an app; in milliseconds. */
async function timeStart({ url, meta }: SharedExample, browser: Browser): Promise<number> {
  await using phone = await openPhone(browser, true);
  const { page, log } = phone;
  if (meta.kind === 'app') {
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('permaframe-wait').waitFor({ state: 'detached', timeout: START_MILLISECONDS });
    // Awaited here: on return the page closes.
    return await page.evaluate(() => performance.now());
  }
  await page.goto(url);
  await log.settle();
  const [milliseconds] = await Promise.all([page.evaluate(timeFilmStart), page.locator('#start').click()]);
  return milliseconds;
}

/** Runs in the page, so that what drives the browser does not count. Milliseconds from the click to the film. */
function timeFilmStart(): Promise<number> {
  const player = document.querySelector('permaframe-film')?.shadowRoot?.getElementById('player');
  if (!player) throw new Error('the page has no player');
  return new Promise((done) => {
    let clickedAt = 0;
    const onClick = (): void => {
      clickedAt = performance.now();
    };
    player.addEventListener('click', onClick, { capture: true, once: true });
    const watch = (): void => {
      if (clickedAt > 0 && player.dataset.phase === 'ready') requestAnimationFrame((time) => done(time - clickedAt));
      else requestAnimationFrame(watch);
    };
    watch();
  });
}

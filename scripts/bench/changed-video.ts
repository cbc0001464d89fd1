/** A film of which one scene has changed, beside the same film rendered as a whole. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runCold } from './cold-process.ts';
import { browserSettings } from './cold-video.ts';
import type { BenchContext } from './context.ts';
import type { Budget, Figure } from './figure.ts';
import { type BenchFilm, type FilmStack, permaframe, storeSettings } from './films.ts';

const BUDGET: Budget = { of: 'ratio', bound: 'atMost', limit: 0.35 };

const renderedSchema = z.object({
  videos: z.tuple([
    z.object({ deduplicated: z.literal(false), chunks: z.object({ all: z.int(), rendered: z.int() }) }),
  ]),
});

/** Not the first, because nothing leads into that; of its own length, with a transition on either side. */
const CHANGED_SCENE = 2;

/** Each round is a project of its own, so that none finds what another has left. */
export async function benchChangedScene(
  film: BenchFilm,
  { what, rounds }: { what: string; rounds: number },
  stack: FilmStack,
  context: BenchContext,
): Promise<Figure[]> {
  const whole: number[] = [];
  const changed: number[] = [];
  const entry = join(film.folder, film.peer.film.scenes[CHANGED_SCENE]?.entry ?? '');
  const source = await readFile(entry, 'utf8');
  for (let round = 1; round <= rounds; round++) {
    context.signal.throwIfAborted();
    context.progress(`video: ${what}, one scene changed, round ${round}`);
    const thread = `changed-${round}`;
    await writeFile(entry, source);
    const first = await renderIntoStore(await stack.share(film.folder, thread), stack, context);
    if (first.chunks.rendered !== first.chunks.all) throw new Error(`${thread}: something was rendered before`);
    whole.push(first.milliseconds);
    // Something that stays in the module, and that nobody sees.
    await writeFile(entry, `${source}\nconsole.debug('round ${round}');\n`);
    const second = await renderIntoStore(await stack.share(film.folder, thread), stack, context);
    if (second.chunks.rendered >= second.chunks.all) throw new Error(`${thread}: all of it was rendered again`);
    context.progress(`video: ${second.chunks.rendered} of ${second.chunks.all} pieces were rendered again`);
    changed.push(second.milliseconds);
  }
  await writeFile(entry, source);
  return [
    {
      part: 'video',
      what: `${what}, one changed`,
      unit: 'ms',
      samples: changed,
      peer: { name: 'all scenes', samples: whole },
      budget: BUDGET,
    },
  ];
}

async function renderIntoStore(url: string, { stack }: FilmStack, context: BenchContext) {
  const env = { ...storeSettings(stack), ...browserSettings(context) };
  const run = await runCold({ ...permaframe(['render', url, '--json']), env }, context);
  const [{ chunks }] = renderedSchema.parse(JSON.parse(run.stdout)).videos;
  return { chunks, milliseconds: run.milliseconds };
}

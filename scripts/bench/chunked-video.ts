/** The same film in one chunk, in two and in four, joined; pictures compared. */
import { mkdtempDisposable } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderMachine } from '../../action/adapters/render-machine.ts';
import { openStoreRuntime } from '../../action/adapters/store-runtime.ts';
import { sha256Hex } from '../../action/contract/hash.ts';
import { chunkKey, videoKey } from '../../action/contract/keys.ts';
import { videoRequestSchema } from '../../action/contract/video.ts';
import { storeChunk } from '../../action/core/render/attach.ts';
import type { Chunk } from '../../action/core/render/chunks.ts';
import { planRender, type RenderPlan } from '../../action/core/render/plan.ts';
import { finishVideo } from '../../action/render/finish.ts';
import { writeSite } from '../../action/render/prepare.ts';
import { renderChunks } from '../../action/render/render-chunks.ts';
import { readAddress, resolveLink } from '../link.ts';
import { createLinkStore } from '../video/link-store.ts';
import { findRenderMachine } from '../video/machine.ts';
import { browserSettings, expectedOf } from './cold-video.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import type { BenchFilm } from './films.ts';
import { decodeBrightness, similarities } from './frames.ts';
import { checkVideo, type Expected } from './probe.ts';
import { measureInTurn } from './rounds.ts';

const COUNTS = [1, 2, 4];
/** Chunks that are rendered by several machines, too. */
const SPREAD = 4;
/**
 * Of all pictures together. H.264 makes something else of equal pictures where pieces have other lengths: it looks ahead,
 * and begins anew with each piece.
 */
const LEAST_SIMILARITY = 0.995;

/** What came of a film in so many chunks. */
interface Made {
  /** The brightness of every pixel. */
  pictures: Buffer;
  /** SHA-256 of every chunk. */
  chunks: string[];
}

/** @throws Error when several machines give another video than one, or pieces show other pictures than the whole */
export async function benchChunks(
  film: BenchFilm,
  { what, rounds }: { what: string; rounds: number },
  context: BenchContext,
): Promise<Figure[]> {
  const made = new Map<number, Made>();
  const expected = expectedOf(film.peer);
  const measure = async (count: number): Promise<number> => {
    context.progress(`video: ${what}, ${named(count)}`);
    await using work = await prepare(film, count, context);
    const { plan, folder, store, machine, signal } = work;
    const begin = performance.now();
    await renderAll(work, plan.chunks);
    const { video } = await finishVideo(plan, { store, machine, workFolder: join(folder, 'finish'), signal });
    const milliseconds = performance.now() - begin;
    const { thread, version } = plan.meta;
    const path = join(folder, 'store', videoKey(thread, version, video.key, 'mp4'));
    await checkVideo(path, expected);
    made.set(count, { pictures: await decodeBrightness(path, expected), chunks: await digestsOf(work) });
    return milliseconds;
  };
  const samples = await measureInTurn(COUNTS, rounds, measure, context.signal, true);
  comparePictures(made, expected, context);
  await compareMachines(film, made.get(SPREAD)?.chunks ?? [], context);
  const peer = { name: named(1), samples: samples[0] ?? [] };
  return COUNTS.map((count, index) => ({
    part: 'video',
    what: `${what}, ${named(count)}`,
    unit: 'ms',
    samples: samples[index] ?? [],
    ...(count === 1 ? {} : { peer }),
  }));
}

function named(count: number): string {
  return count === 1 ? 'one chunk' : `${count} chunks`;
}

function comparePictures(made: ReadonlyMap<number, Made>, expected: Expected, { progress }: BenchContext): void {
  const whole = made.get(1)?.pictures;
  for (const count of COUNTS.slice(1)) {
    const pieces = made.get(count)?.pictures;
    if (!whole || !pieces) throw new Error(`there is no video of ${named(count)}`);
    const each = similarities(whole, pieces, expected);
    const mean = each.reduce((sum, value) => sum + value, 0) / each.length;
    progress(`video: ${named(count)} beside one: SSIM ${mean.toFixed(5)}, least ${Math.min(...each).toFixed(5)}`);
    if (!(mean >= LEAST_SIMILARITY)) throw new Error(`${named(count)} show other pictures than one: ${mean}`);
  }
}

/** Each chunk in a job of its own: how many machines share the work must not be seen. */
async function compareMachines(film: BenchFilm, wanted: readonly string[], context: BenchContext): Promise<void> {
  context.progress(`video: ${named(SPREAD)}, each rendered alone`);
  await using work = await prepare(film, SPREAD, context);
  for (const chunk of work.plan.chunks) await renderAll(work, [chunk]);
  const alone = await digestsOf(work);
  if (alone.join() !== wanted.join()) throw new Error('a chunk that is rendered alone has other bytes');
  context.progress('video: chunks that were rendered alone have the same bytes');
}

async function digestsOf({ plan: { meta, chunks }, store }: Prepared): Promise<string[]> {
  const digest = async ({ key, extension }: Chunk): Promise<string> => {
    const body = await store.get(chunkKey(meta.project, key, extension));
    if (!body) throw new Error(`there is no chunk ${key}`);
    return sha256Hex(body);
  };
  return Promise.all(chunks.map(digest));
}

interface Prepared extends AsyncDisposable {
  folder: string;
  plan: RenderPlan;
  store: ReturnType<typeof createLinkStore>;
  machine: RenderMachine;
  signal: AbortSignal;
}

/** A page that lies on disk, and chunks to be rendered in it. */
async function prepare({ url }: BenchFilm, count: number, context: BenchContext): Promise<Prepared> {
  const { signal } = context;
  const work = await mkdtempDisposable(join(context.folder, 'chunks-'));
  const link = await resolveLink(readAddress(url), { fetch, signal });
  const store = createLinkStore(link, join(work.path, 'store'), { fetch, signal });
  const request = videoRequestSchema.parse({ format: 'mp4' });
  const openRuntime = (key: string) => openStoreRuntime(store, key, signal);
  const planned = await planRender({ ...link, artifactHash: null, request }, { store, openRuntime, signal });
  if (planned.kind === 'ready') throw new Error(`${url} offers this video already`);
  const plan = { ...planned.plan, chunks: await cut(planned.plan, count) };
  await writeSite(plan.site, join(work.path, 'site'), store, signal);
  const machine = findRenderMachine(browserSettings(context));
  return { folder: work.path, plan, store, machine, signal, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}

async function renderAll(work: Prepared, chunks: readonly Chunk[]): Promise<void> {
  const { folder, plan, store, machine, signal } = work;
  const workFolder = join(folder, 'render', chunks[0]?.key ?? '');
  const order = { plan, chunks, siteFolder: join(folder, 'site'), workFolder, machine };
  await renderChunks(order, { onChunk: (content) => storeChunk(content, plan.meta.project, { store }), signal });
}

/** Equal pieces, whatever the plan would have cut. */
async function cut({ spec, chunks: [pattern] }: RenderPlan, count: number): Promise<RenderPlan['chunks']> {
  if (!pattern) throw new Error('a film without chunks');
  const edge = (piece: number): number => Math.round((spec.durationInFrames * piece) / count);
  const pieces = Array.from({ length: count }, async (_, piece) => {
    const [first, last] = [edge(piece), edge(piece + 1) - 1];
    return { ...pattern, key: await sha256Hex(`${first} to ${last}`), first, last, stored: 'missing' as const };
  });
  return Promise.all(pieces);
}

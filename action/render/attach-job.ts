/** The last job of a video: stores the chunks that came, joins them, and attaches the video to its version. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderMachine } from '../adapters/render-machine.ts';
import type { Place } from '../contract/diagnostics.ts';
import { isPermaframeError, PermaframeError } from '../contract/errors.ts';
import { videoKey } from '../contract/keys.ts';
import type { FilmMeta } from '../contract/meta.ts';
import { nameAssets } from '../core/asset-names.ts';
import { eachOf } from '../core/each-of.ts';
import { storeChunk } from '../core/render/attach.ts';
import { type PlannedChunk, planRender, type RenderPlan } from '../core/render/plan.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { type CameChunk, checkChunks } from './check-chunks.ts';
import type { Made } from './conduct.ts';
import { finishVideo } from './finish.ts';
import type { AttachInputs } from './inputs.ts';
import type { VideoJob } from './video-job.ts';
import { type JobFailure, readFailures } from './work-order.ts';

/** Chunks that are stored at a time: each is in memory. */
const CONCURRENCY = 4;

export interface AttachTools {
  /** An empty folder that nothing else uses. */
  workFolder: string;
  /** @throws PermaframeError RENDER_BROWSER_MISSING */
  openMachine(): RenderMachine;
  /** Where a scene threw; null when it cannot be told. @param stack hostile */
  locate(stack: string, meta: FilmMeta): Promise<Place | null>;
  /** What the film was made from; null when it cannot be told. */
  readFiles(meta: FilmMeta): Promise<Snapshot['files'] | null>;
}

/**
 * Plans by itself, from the store: what the jobs that rendered say is taken as content of chunks that this plan lacks, and
 * for nothing else.
 * @throws Refused; PermaframeError, with the place where a scene threw; the signal's reason
 */
export async function runAttach(inputs: AttachInputs, job: VideoJob, its: AttachTools): Promise<Made> {
  const { tools, signal } = job;
  const began = tools.now();
  const planned = await planRender(inputs.order, { ...tools, signal });
  if (planned.kind === 'ready') return { ...planned, timings: { total: tools.now() - began } };
  const { plan } = planned;
  const chunksFolder = join(tools.workspace, inputs.chunksFolder);
  const names = new Set(await readdir(chunksFolder).catch(() => []));
  const lacking = await storeChunks(plan, chunksFolder, names, job, its);
  if (lacking.length > 0) throw await explain(lacking, await readFailures(chunksFolder, names), plan, its);
  const { timings, ...made } = await finish(plan, job, its);
  return {
    ...made,
    timings: { ...timings, ...timesBefore(inputs, began), total: since(inputs.times?.began ?? began, tools.now()) },
  };
}

/** Of other machines' clocks. */
function timesBefore({ times }: AttachInputs, began: number) {
  return times ? { plan: since(times.began, times.planned), render: since(times.planned, began) } : {};
}

function since(from: number, to: number): number {
  return Math.max(0, to - from);
}

interface Finished extends Omit<Made, 'timings'> {
  timings: { combine: number; upload: number };
}

/** A chunk that cannot be stored: it did not come, or came damaged. */
interface Lacking {
  chunk: PlannedChunk;
  /** Null: it did not come. */
  problem: string | null;
}

/**
 * Looks into what came first: a stored chunk is never replaced, so a damaged one would break each Retry. The good ones
 * are stored whatever the others are.
 */
async function storeChunks(
  plan: RenderPlan,
  cameFolder: string,
  names: ReadonlySet<string>,
  { tools, signal }: VideoJob,
  { workFolder, openMachine }: AttachTools,
): Promise<Lacking[]> {
  const wanted = plan.chunks.filter(({ stored }) => stored === 'missing');
  const folder = join(workFolder, 'check');
  const came = await checkChunks(wanted, { cameFolder, names, spec: plan.spec }, { folder, openMachine, signal });
  const good = came.filter((each) => each.problem === null);
  await eachOf(good, CONCURRENCY, async ({ read }) => {
    await storeChunk(await read(), plan.meta.project, { ...tools, signal });
  });
  await rm(folder, { recursive: true });
  return lackingOf(wanted, came);
}

function lackingOf(wanted: readonly PlannedChunk[], came: readonly CameChunk<PlannedChunk>[]): Lacking[] {
  const verdicts = new Map(came.map((each) => [each.chunk.key, each]));
  return wanted
    .map((chunk) => ({ chunk, verdict: verdicts.get(chunk.key) }))
    .filter(({ verdict }) => verdict?.problem !== null)
    .map(({ chunk, verdict }) => ({ chunk, problem: verdict?.problem ?? null }));
}

/** Of several jobs that failed, one whose author can mend it tells most; then what came and is damaged. */
async function explain(
  lacking: readonly Lacking[],
  failures: readonly JobFailure[],
  { meta }: RenderPlan,
  { locate, readFiles }: AttachTools,
): Promise<PermaframeError> {
  const errors = failures.map(({ code, message, stack }) => ({ stack, error: new PermaframeError(code, message) }));
  const mendable = errors.find(({ error }) => error.kind.fault === 'user');
  const told = mendable ?? damageOf(lacking) ?? errors[0];
  if (!told) {
    const [{ chunk } = { chunk: null }] = lacking;
    const message = `frames ${chunk?.first} to ${chunk?.last} were not rendered, and nobody says why: the log of that job may`;
    return new PermaframeError('RENDER_FAILED', message);
  }
  const place = told.stack === null ? null : await locate(told.stack, meta);
  const { code } = told.error;
  const message = nameAssets(told.error.message, code === 'RENDER_ASSET_MISSING' ? await readFiles(meta) : null);
  return new PermaframeError(code, message, place ? { diagnostics: [{ code, message, ...place }] } : {});
}

function damageOf(lacking: readonly Lacking[]): { stack: null; error: PermaframeError } | null {
  const [first, ...more] = lacking.filter(({ problem }) => problem !== null);
  if (!first) return null;
  const others = more.length === 0 ? '' : `, and ${more.length} more ${more.length === 1 ? 'chunk' : 'chunks'}`;
  const message = `frames ${first.chunk.first} to ${first.chunk.last} came damaged${others}: ${first.problem}`;
  return { stack: null, error: new PermaframeError('RENDER_OUTPUT_INVALID', message) };
}

async function finish(plan: RenderPlan, job: VideoJob, { workFolder, openMachine }: AttachTools): Promise<Finished> {
  const { tools, signal, asking, teller } = job;
  const { spec, meta, renderKey } = plan;
  const move = async (state: 'combining' | 'uploading'): Promise<void> => {
    if (asking) await teller.mention({ kind: 'renderMoved', render: asking.id, state });
  };
  const began = tools.now();
  let joined = began;
  const timings = () => ({ combine: since(began, joined), upload: since(joined, tools.now()) });
  move('combining').catch(() => {});
  let admitted: Promise<void> | null = null;
  const store = {
    get: tools.store.get,
    // The report travels while the poster does. The video is not stored before somebody still wants it.
    create: async (...parameters: Parameters<typeof tools.store.create>) => {
      if (parameters[0].key === videoKey(meta.thread, meta.version, renderKey, spec.format)) await admitted;
      return tools.store.create(...parameters);
    },
  };
  const onUploading = (): void => {
    joined = tools.now();
    admitted = move('uploading');
    admitted.catch(() => {});
  };
  try {
    const { video } = await finishVideo(plan, { store, machine: openMachine(), workFolder, onUploading, signal });
    return { video, spec, timings: timings() };
  } catch (error) {
    const isOurs = admitted !== null && isPermaframeError(error) && error.kind.fault === 'system' && !signal.aborted;
    // The answer to the last object may have got lost.
    const video = isOurs ? await findVideo(plan, job).catch(() => null) : null;
    if (!video) throw error;
    return { video, spec, timings: timings() };
  }
}

async function findVideo({ meta, spec, renderKey }: RenderPlan, { tools, signal }: VideoJob) {
  const { format, width, height } = spec;
  const found = await tools.store.head(videoKey(meta.thread, meta.version, renderKey, format), signal);
  return found && { key: renderKey, format, width, height, bytes: found.bytes };
}

/** Finds out what a video takes: its settings, its chunks, which of them are stored, and the page to render them in. */
import { PermaframeError } from '../../contract/errors.ts';
import { sha256Hex } from '../../contract/hash.ts';
import { chunkKey, videoKey } from '../../contract/keys.ts';
import type { FilmMeta } from '../../contract/meta.ts';
import { placeScenes } from '../../contract/timeline.ts';
import {
  type AttachedVideo,
  renderKeyText,
  specifyVideo,
  type VideoRequest,
  type VideoSpec,
} from '../../contract/video.ts';
import { readIndexModule } from '../compile/film-index.ts';
import { eachOf } from '../each-of.ts';
import type { ObjectStore, Runtime } from '../ports.ts';
import { readMeta } from '../versions.ts';
import { type Chunk, planChunks } from './chunks.ts';
import { chooseStills } from './contact-sheet.ts';
import { composeSite, type RenderSite } from './site.ts';

/** What to make a video of. */
export interface RenderOrder {
  thread: string;
  version: number;
  /** SHA-256 of the meta.json that is meant; null: whatever is published. */
  artifactHash: string | null;
  request: VideoRequest;
}

export interface PlannedChunk extends Chunk {
  /** `heard` and `silent`: it is stored, with or without sound. */
  stored: 'missing' | 'heard' | 'silent';
}

export interface RenderPlan {
  meta: FilmMeta;
  spec: VideoSpec;
  renderKey: string;
  chunks: PlannedChunk[];
  site: RenderSite;
  usesWebGl: boolean;
  /** Frames of the video to choose a poster from. */
  stills: number[];
}

export interface PlanTools {
  store: Pick<ObjectStore, 'get' | 'head'>;
  openRuntime(manifestKey: string, signal?: AbortSignal): Promise<Runtime>;
  signal?: AbortSignal;
}

export type Planned = { kind: 'planned'; plan: RenderPlan } | { kind: 'ready'; video: AttachedVideo; spec: VideoSpec };

/** Requests to the store at a time. */
const CONCURRENCY = 8;

/**
 * Nothing is rendered, and nothing built.
 * @throws PermaframeError ARTIFACT_MISSING, ARTIFACT_CONFLICT when another artifact is meant, VIDEO_…, STORE_…
 */
export async function planRender(order: RenderOrder, tools: PlanTools): Promise<Planned> {
  const { store, signal } = tools;
  const found = await readMeta(store as ObjectStore, order.thread, order.version, signal);
  if (!found)
    throw new PermaframeError('ARTIFACT_MISSING', `${order.thread} has no version ${order.version} in the store`);
  const { meta, hash } = found;
  if (order.artifactHash !== null && hash !== order.artifactHash) {
    throw new PermaframeError(
      'ARTIFACT_CONFLICT',
      `${order.thread} v${order.version} is not the artifact that was meant`,
    );
  }
  if (meta.kind !== 'storyboard') throw new PermaframeError('VIDEO_NOT_A_FILM', `${meta.title} is an app`);
  const spec = specifyVideo(meta, order.request);
  const renderKey = await sha256Hex(renderKeyText(hash, spec));
  const existing = await store.head(videoKey(meta.thread, meta.version, renderKey, spec.format), signal);
  if (existing) {
    const { format, width, height } = spec;
    return { kind: 'ready', video: { key: renderKey, format, width, height, bytes: existing.bytes }, spec };
  }
  return { kind: 'planned', plan: await planFilm(meta, spec, renderKey, tools) };
}

async function planFilm(meta: FilmMeta, spec: VideoSpec, renderKey: string, tools: PlanTools): Promise<RenderPlan> {
  const [modules, runtime] = await Promise.all([
    readModules(meta, tools),
    tools.openRuntime(meta.runtime, tools.signal),
  ]);
  const film = readIndexModule(modules.get(meta.entry) ?? '');
  if (!film) throw new PermaframeError('VERIFY_FAILED', `${meta.entry} is not the index of a film`);
  const chunks = await planChunks({ meta, film, modules }, spec);
  return {
    meta,
    spec,
    renderKey,
    chunks: await eachOf(chunks, CONCURRENCY, async (chunk) => ({
      ...chunk,
      stored: await lookUp(chunk, meta.project, tools),
    })),
    site: composeSite(meta, runtime.manifest),
    usesWebGl: usesWebGl(meta, runtime),
    stills: chooseStills(placeScenes(film.scenes).scenes.map(toStill), spec.fps / film.fps, spec.durationInFrames),
  };
}

function toStill({ from, scene }: { from: number; scene: { durationInFrames: number } }) {
  return { from, durationInFrames: scene.durationInFrames };
}

async function readModules(meta: FilmMeta, { store, signal }: PlanTools): Promise<Map<string, string>> {
  const files = meta.files.filter(({ key }) => key.startsWith('projects/') && key.endsWith('.js'));
  const texts = await eachOf(files, CONCURRENCY, async ({ key, sha256 }): Promise<[string, string]> => {
    const body = await store.get(key, signal);
    if (!body || (await sha256Hex(body)) !== sha256)
      throw new PermaframeError('VERIFY_FAILED', `${key} is missing or damaged`);
    return [key, new TextDecoder().decode(body)];
  });
  return new Map(texts);
}

/** The picture is stored last: once it is there, so is the sound, if there is any. */
async function lookUp(chunk: Chunk, project: string, { store, signal }: PlanTools): Promise<PlannedChunk['stored']> {
  if (!(await store.head(chunkKey(project, chunk.key, chunk.extension), signal))) return 'missing';
  return (await store.head(chunkKey(project, chunk.key, 'wav'), signal)) ? 'heard' : 'silent';
}

/** Whether the film loads the one library of the runtime that draws with it; canvases of its own are drawn either way. */
function usesWebGl(meta: FilmMeta, { manifest }: Runtime): boolean {
  const three = manifest.engines[meta.engine].libraries.three?.key;
  return three !== undefined && meta.files.some(({ key }) => key === three);
}

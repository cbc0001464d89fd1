/** Renders videos of one artifact on this machine, one after the other, and says how far it is. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RenderError, type RenderMachine } from '../../action/adapters/render-machine.ts';
import { openStoreRuntime } from '../../action/adapters/store-runtime.ts';
import { formatPlace, type Place } from '../../action/contract/diagnostics.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import type { Meta } from '../../action/contract/meta.ts';
import type { FilmFormat, VideoRequest } from '../../action/contract/video.ts';
import { specifyVideo } from '../../action/contract/video.ts';
import { nameAssets } from '../../action/core/asset-names.ts';
import type { ObjectStore } from '../../action/core/ports.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { readMeta } from '../../action/core/versions.ts';
import { type RenderedVideo, type RenderStage, renderVideo } from '../../action/render/render-video.ts';
import { formatMilliseconds } from '../output.ts';
import { registerUse } from './machine.ts';

/** A line of progress while frames are drawn, at most every so often, in milliseconds. */
const PROGRESS_MILLISECONDS = 2000;

export interface RenderHere {
  thread: string;
  version: number;
  requests: readonly VideoRequest[];
  /** Makes the store once there is a folder for what it may want to keep; the folder is gone afterwards. */
  openStore(folder: string): Pick<ObjectStore, 'create' | 'head' | 'get'>;
  machine: RenderMachine;
  /** Finds what a stack trace of the browser means in the sources, where they are known. */
  locate?: ((stack: string, meta: Meta) => Promise<Place | null>) | undefined;
  /** What the film was made from, where it is known: files are then called by their paths. */
  sources?: Snapshot | null;
  /** A video is stored. What it throws, this throws. */
  onVideo(rendered: RenderedHere, store: Pick<ObjectStore, 'get'>): Promise<void>;
  /** Settings; see machine.ts. */
  env: Readonly<Record<string, string | undefined>>;
  progress(line: string): void;
  signal: AbortSignal;
}

export interface RenderedHere extends RenderedVideo {
  /** Of each stage, and of all together, in milliseconds. */
  timings: Partial<Record<RenderStage, number>> & { total: number };
}

/**
 * @throws PermaframeError ARTIFACT_MISSING, VIDEO_…, RENDER_… with the place in the sources where it is known; STORE_…
 */
export async function renderHere(order: RenderHere): Promise<RenderedHere[]> {
  await using work = await mkdtempDisposable(join(tmpdir(), 'permaframe-render-'));
  const store = order.openStore(join(work.path, 'store')) as ObjectStore;
  const meta = await requireFilm(order, store);
  const rendered: RenderedHere[] = [];
  for (const request of order.requests) {
    const done = await renderOne(request, meta, order, store, join(work.path, request.format));
    if (!done.deduplicated) await registerUse(order.env, order.machine, order.progress);
    await order.onVideo(done, store);
    rendered.push(done);
  }
  return rendered;
}

/** All formats at once: nobody should wait for the first to hear that the second is impossible. */
async function requireFilm({ thread, version, requests, signal }: RenderHere, store: ObjectStore): Promise<Meta> {
  const found = await readMeta(store, thread, version, signal);
  if (!found) throw new PermaframeError('ARTIFACT_MISSING', `${thread} has no version ${version} in the store`);
  const { meta } = found;
  specifyAll(meta.kind === 'storyboard' ? meta : null, meta.title, requests);
  return meta;
}

/**
 * @param film null for what is none
 * @throws PermaframeError VIDEO_NOT_A_FILM, VIDEO_TOO_LARGE, VIDEO_TOO_LONG; INPUT_INVALID for the poster's frame
 */
export function specifyAll(film: FilmFormat | null, title: string, requests: readonly VideoRequest[]): void {
  if (!film) throw new PermaframeError('VIDEO_NOT_A_FILM', `${title} is an app`);
  for (const request of requests) specifyVideo(film, request);
}

async function renderOne(
  request: VideoRequest,
  meta: Meta,
  order: RenderHere,
  store: ObjectStore,
  workFolder: string,
): Promise<RenderedHere> {
  const { thread, version, machine, signal } = order;
  const clock = startClock(request.format, order.progress);
  try {
    const rendered = await renderVideo(
      { thread, version, artifactHash: null, request },
      {
        store,
        machine,
        workFolder,
        openRuntime: (key) => openStoreRuntime(store, key, signal),
        onStage: clock.onStage,
        onFrames: clock.onFrames,
        signal,
      },
    );
    return { ...rendered, timings: clock.end() };
  } catch (error) {
    // Ctrl-C reaches the renderer's processes as well as this one: whichever is heard first, it was the person.
    signal.throwIfAborted();
    throw await explain(error, meta, order);
  }
}

async function explain(
  error: unknown,
  meta: Meta,
  { locate, sources }: Pick<RenderHere, 'locate' | 'sources'>,
): Promise<unknown> {
  if (!(error instanceof RenderError)) return error;
  const place = error.browserStack === null || !locate ? null : await locate(error.browserStack, meta);
  const { code } = error;
  const message = nameAssets(error.message, sources?.hash === meta.snapshot ? sources.files : null);
  if (place === null) return message === error.message ? error : new PermaframeError(code, message, { cause: error });
  const diagnostics = [{ code, message, ...place }];
  return new PermaframeError(code, `${formatPlace(place)}: ${message}`, { diagnostics, cause: error });
}

const STAGES: Readonly<Record<RenderStage, string>> = {
  plan: 'looking what is there',
  render: 'rendering',
  combine: 'joining',
  upload: 'storing',
};

function startClock(format: string, progress: (line: string) => void) {
  const begin = performance.now();
  const timings: Partial<Record<RenderStage, number>> = {};
  let current: { stage: RenderStage; at: number } | null = null;
  let said = begin;
  let first: { frames: number; at: number } | null = null;
  let drawn = 0;
  const say = (what: string): void => {
    said = performance.now();
    progress(`${formatMilliseconds(said - begin)} ${format}: ${what}`);
  };
  const leave = (): void => {
    if (current) timings[current.stage] = Math.round(performance.now() - current.at);
  };
  return {
    onStage(stage: RenderStage): void {
      leave();
      current = { stage, at: performance.now() };
      say(STAGES[stage]);
    },
    onFrames(frames: number, of: number): void {
      const now = performance.now();
      // Before the first frame a browser starts, which tells nothing about the others.
      if (first === null && frames > 0) first = { frames, at: now };
      if (first === null || frames === drawn || (frames < of && now - said < PROGRESS_MILLISECONDS)) return;
      drawn = frames;
      const left = ((now - first.at) / (frames - first.frames)) * (of - frames);
      const about =
        Number.isFinite(left) && frames < of ? `, about ${Math.max(1, Math.round(left / 1000))} s left` : '';
      say(`frame ${frames} of ${of}${about}`);
    },
    end(): RenderedHere['timings'] {
      leave();
      return { ...timings, total: Math.round(performance.now() - begin) };
    },
  };
}

/** Renders tiny films for real: published into memory, rendered in the sandbox by Chromium and ffmpeg. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RenderMachine } from '../../action/adapters/render-machine.ts';
import { contactSheetKey, posterKey, videoKey } from '../../action/contract/keys.ts';
import { videoRequestSchema } from '../../action/contract/video.ts';
import type { Runtime } from '../../action/core/ports.ts';
import { publish } from '../../action/core/publish.ts';
import type { RenderOrder } from '../../action/core/render/plan.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { type RenderedVideo, type RenderVideoTools, renderVideo } from '../../action/render/render-video.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';
import { findBrowser } from './browser.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { PLACE, startPublishing } from './publishing.ts';
import { sharedRuntime } from './runtime.ts';
import { type Files, snapshotOf } from './snapshots.ts';

/** What renders on this machine. */
export const MACHINE: RenderMachine = {
  childPath: fileURLToPath(new URL('../../action/adapters/remotion-child.ts', import.meta.url)),
  codeFolders: [join(ROOT_FOLDER, 'action')],
  rendererFolder: ROOT_FOLDER,
  browserExecutable: findBrowser(),
  browsers: 2,
};

/** As it is asked for: what is left out has its default. */
export type AskedVideo = Parameters<typeof videoRequestSchema.parse>[0];

export interface MadeVideo extends RenderedVideo {
  bytes: Uint8Array;
  /** JPEG */
  poster: Uint8Array;
  /** JPEG */
  sheet: Uint8Array;
}

export interface PublishedFilm {
  snapshot: Snapshot;
  version: number;
  store: MemoryStore;
  /** @throws what `renderVideo` throws */
  render(video: AskedVideo, more?: Partial<RenderVideoTools>): Promise<MadeVideo>;
}

export interface Rendering extends AsyncDisposable {
  runtime: Runtime;
  /** An empty folder for whatever a test needs; everything else lies below it, too. */
  folder: string;
  /**
   * Publishes a project as version 1, or as the next one.
   * @param film of which this is another version, in the same store
   */
  publish(files: Files, manifest: object, film?: PublishedFilm): Promise<PublishedFilm>;
}

export async function startRendering(): Promise<Rendering> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-rendering-'));
  const publishing = await startPublishing();
  const { runtime } = await sharedRuntime();
  return {
    runtime,
    folder,
    async publish(files, manifest, film) {
      const snapshot = await snapshotOf(files, manifest);
      const store = film?.store ?? createMemoryStore();
      const version = [...store.bucket.keys()].filter((key) => key.endsWith('/meta.json')).length + 1;
      await publish(snapshot, { ...PLACE, version }, publishing.into(store));
      return publishedFilm({ snapshot, store, version }, runtime, folder);
    },
    async [Symbol.asyncDispose]() {
      await publishing[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function publishedFilm(
  film: Pick<PublishedFilm, 'snapshot' | 'store' | 'version'>,
  runtime: Runtime,
  folder: string,
): PublishedFilm {
  const { store, version } = film;
  const { thread } = PLACE;
  return {
    ...film,
    async render(video, more = {}) {
      const workFolder = await mkdtemp(join(folder, 'work-'));
      const order: RenderOrder = { thread, version, artifactHash: null, request: videoRequestSchema.parse(video) };
      const tools = { store, machine: MACHINE, workFolder, openRuntime: async () => runtime, ...more };
      try {
        const made = await renderVideo(order, tools);
        const { key, format } = made.video;
        const bytes = await read(store, videoKey(thread, version, key, format));
        const poster = await read(store, posterKey(thread, version, key));
        return { ...made, bytes, poster, sheet: await read(store, contactSheetKey(thread, version, key)) };
      } finally {
        await rm(workFolder, { recursive: true, force: true });
      }
    },
  };
}

async function read(store: MemoryStore, key: string): Promise<Uint8Array> {
  const body = await store.get(key);
  if (!body) throw new Error(`${key} was not stored`);
  return body;
}

/** Films for the tests of planning: published into memory and planned, or made up without any code. */
import type { FilmMeta } from '../../../../action/contract/meta.ts';
import { placeScenes } from '../../../../action/contract/timeline.ts';
import { videoRequestSchema } from '../../../../action/contract/video.ts';
import { publish } from '../../../../action/core/publish.ts';
import type { FilmSource } from '../../../../action/core/render/chunks.ts';
import { planRender, type RenderPlan } from '../../../../action/core/render/plan.ts';
import { createMemoryStore } from '../../../support/memory-store.ts';
import { PLACE, startPublishing } from '../../../support/publishing.ts';
import type { AskedVideo } from '../../../support/rendering.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { type Files, snapshotOf } from '../../../support/snapshots.ts';

export interface Planning extends AsyncDisposable {
  plan(files: Files, manifest: object, video?: AskedVideo): Promise<RenderPlan>;
}

export async function startPlanning(): Promise<Planning> {
  const publishing = await startPublishing();
  const { runtime } = await sharedRuntime();
  return {
    async plan(files, manifest, video = { format: 'mp4' }) {
      const store = createMemoryStore();
      await publish(await snapshotOf(files, manifest), { ...PLACE, version: 1 }, publishing.into(store));
      const request = videoRequestSchema.parse(video);
      const order = { thread: PLACE.thread, version: 1, artifactHash: null, request };
      const planned = await planRender(order, { store, openRuntime: async () => runtime });
      if (planned.kind !== 'planned') throw new Error('there is a video already');
      return planned.plan;
    },
    [Symbol.asyncDispose]: () => publishing[Symbol.asyncDispose](),
  };
}

export interface MadeUpScene {
  durationInFrames: number;
  transition?: { type: 'fade'; durationInFrames: number };
}

const SHA = 'e'.repeat(64);

/** What planning looks at, of scenes whose modules have no text. */
export function madeUpFilm(fps: number, scenes: readonly MadeUpScene[]): FilmSource & { durationInFrames: number } {
  const named = scenes.map((scene, index) => ({ ...scene, id: `s${index}`, title: `s${index}`, props: {} }));
  const { durationInFrames, scenes: places } = placeScenes(named);
  const size = { fps, width: 320, height: 180 };
  const meta: FilmMeta = {
    schema: 1,
    thread: 'film',
    project: 'tests',
    version: 1,
    title: 'Made up',
    snapshot: SHA,
    engine: 'preact',
    runtime: `runtime/manifest-${SHA}.json`,
    entry: `projects/tests/modules/${SHA}.js`,
    javascriptBytes: 0,
    files: [],
    kind: 'storyboard',
    ...size,
    durationInFrames,
    scenes: places.map(({ scene, from }) => ({
      id: scene.id,
      title: scene.title,
      from,
      durationInFrames: scene.durationInFrames,
      module: `projects/tests/scenes/${scene.id}/${SHA}.js`,
    })),
  };
  return { meta, film: { ...size, scenes: named, staticFiles: {} }, modules: new Map(), durationInFrames };
}

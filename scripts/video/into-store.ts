/** Renders videos of a version here, stores them, and lets its link offer them: what a control plane would have done. */
import { createThreadControlStore } from '../../action/adapters/r2.ts';
import type { RenderMachine } from '../../action/adapters/render-machine.ts';
import type { StoreConfig } from '../../action/adapters/store-config.ts';
import type { VideoRequest } from '../../action/contract/video.ts';
import type { ObjectStore } from '../../action/core/ports.ts';
import type { PinnedLink } from '../link.ts';
import { type VideoFiles, writeVideoFiles } from './files.ts';
import { offerVideo, refuseIfGone } from './offer.ts';
import { type RenderHere, renderHere } from './render-here.ts';
import { describeRendered, type VideoDescription } from './report.ts';

export interface IntoStore extends Pick<RenderHere, 'locate' | 'sources' | 'env' | 'progress' | 'signal'> {
  link: PinnedLink;
  requests: readonly VideoRequest[];
  machine: RenderMachine;
  config: StoreConfig;
  store: ObjectStore;
  /** Where files are written too; null: nowhere. */
  out: string | null;
}

/** @throws PermaframeError ARTIFACT_GONE; as {@link renderHere} */
export async function renderIntoStore({ link, out, config, store, ...order }: IntoStore): Promise<VideoDescription[]> {
  using controls = createThreadControlStore(config);
  await refuseIfGone(controls, link);
  const files: VideoFiles[] = [];
  const { thread, version } = link;
  const rendered = await renderHere({
    ...order,
    thread,
    version,
    openStore: () => store,
    onVideo: async ({ video }) => {
      await offerVideo(controls, link, video);
      if (out !== null) files.push(await writeVideoFiles(link, video, out, (key) => store.get(key, order.signal)));
    },
  });
  return rendered.map((each, index) => describeRendered(each, link, true, files[index] ?? null));
}

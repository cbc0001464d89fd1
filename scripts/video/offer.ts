/** Lets a link offer a video, where no control plane does it. */
import { PermaframeError } from '../../action/contract/errors.ts';
import { videosOf, withVideo } from '../../action/contract/thread-control.ts';
import type { AttachedVideo } from '../../action/contract/video.ts';
import type { ThreadControlStore } from '../../action/core/ports.ts';
import { changeThreadControl, readThreadControl } from '../../action/core/thread-control.ts';

interface Version {
  thread: string;
  version: number;
}

/** @throws PermaframeError ARTIFACT_GONE for a version that was taken down */
export async function refuseIfGone(controls: ThreadControlStore, { thread, version }: Version): Promise<void> {
  const { control } = await readThreadControl(controls, thread);
  if (!control.tombstones.includes(version)) return;
  throw new PermaframeError('ARTIFACT_GONE', `${thread} version ${version} was taken down`);
}

/** What is offered already stays where it is. */
export async function offerVideo(
  controls: ThreadControlStore,
  { thread, version }: Version,
  video: AttachedVideo,
): Promise<void> {
  await changeThreadControl(controls, thread, (control) => {
    const isOffered = videosOf(control, version).some(({ key }) => key === video.key);
    return isOffered ? control : withVideo(control, version, video);
  });
}

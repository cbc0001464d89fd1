/** Shares a snapshot the whole way: save it in the control plane, ask for a publish, and watch it. */

import type { ConvexClient } from 'convex/browser';
import { PermaframeError } from '../action/contract/errors.ts';
import { MAX_INLINE_FILE_BYTES } from '../action/contract/limits.ts';
import { isSourcePath } from '../action/contract/snapshot-paths.ts';
import { isPublishOver, type PublishState } from '../action/contract/states.ts';
import type { VideoRequest } from '../action/contract/video.ts';
import { eachOf } from '../action/core/each-of.ts';
import type { Snapshot, SnapshotFile } from '../action/core/snapshot.ts';
import { api } from '../convex/_generated/api.js';
import { type ControlPlane, failureOf, nullIfMissing, withControlPlane } from './control-plane-client.ts';

/** Uploads at a time. */
const CONCURRENCY = 6;

export interface ControlPlaneShare extends ControlPlane {
  thread: string;
  project: string;
  /** For a project that is made by this; the snapshot's title otherwise. */
  projectTitle?: string;
  /** Begun once the version is published. */
  videos?: readonly VideoRequest[];
  /** Called with each state that the publish gets to, the first one included. */
  onState(state: PublishState): void;
}

/** What the control plane says of the publish in the end. */
export type WatchedPublish = (typeof api.publishes.get)['_returnType'];

export interface SharedVersion {
  version: number;
  /** Whether the newest version was this very snapshot already. */
  isUnchanged: boolean;
  publish: WatchedPublish;
  /** Wall-clock time until the version was saved, in milliseconds. */
  saveMilliseconds: number;
}

/**
 * @throws PermaframeError with the code that the control plane or the run gave
 */
export function shareByControlPlane(snapshot: Snapshot, options: ControlPlaneShare): Promise<SharedVersion> {
  return withControlPlane(options, (client) => shareWith(client, snapshot, options));
}

async function shareWith(client: ConvexClient, snapshot: Snapshot, options: ControlPlaneShare): Promise<SharedVersion> {
  const begin = performance.now();
  const { thread, videos = [] } = options;
  const known = await findOrCreateThread(client, snapshot.manifest.title, options);
  const [newest] = known.newest === 0 ? [] : await client.query(api.versions.list, { thread, limit: 1 });
  const isUnchanged = newest?.snapshotHash === snapshot.hash && !known.tombstones.includes(newest.version);
  const version = isUnchanged ? newest.version : await saveVersion(client, snapshot, known.newest, options);
  const saveMilliseconds = Math.round(performance.now() - begin);
  const { publish } = await client.mutation(api.publishes.request, { thread, version, video: [...videos] });
  const watched = await watch(client, publish, options.onState);
  if (watched.state === 'published') return { version, isUnchanged, publish: watched, saveMilliseconds };
  throw failureOf(watched, `the publish of version ${version}`);
}

async function findOrCreateThread(client: ConvexClient, title: string, options: ControlPlaneShare) {
  const { project, thread, projectTitle = title } = options;
  const found = await client.query(api.threads.get, { thread }).catch(nullIfMissing);
  if (found) return found;
  const isProjectThere = await client.query(api.projects.get, { project }).catch(nullIfMissing);
  if (!isProjectThere) await client.mutation(api.projects.create, { project, title: projectTitle });
  await client.mutation(api.threads.create, { project, thread, title });
  return client.query(api.threads.get, { thread });
}

async function saveVersion(
  client: ConvexClient,
  snapshot: Snapshot,
  base: number,
  { thread, project }: ControlPlaneShare,
): Promise<number> {
  const files = await eachOf([...snapshot.files.values()], CONCURRENCY, async (file) => {
    const { path, sha256 } = file;
    const text = asText(file);
    if (text === null) await upload(client, project, file);
    return text === null ? { path, sha256 } : { path, text };
  });
  return (await client.mutation(api.versions.save, { thread, base, files })).version;
}

/** Null for what cannot travel as text: large files, and bytes that are no UTF-8. */
function asText({ path, content }: SnapshotFile): string | null {
  if (!isSourcePath(path) || content.byteLength > MAX_INLINE_FILE_BYTES) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

async function upload(client: ConvexClient, project: string, { sha256, content }: SnapshotFile): Promise<void> {
  const started = await client.mutation(api.files.startUpload, { project, sha256, bytes: content.byteLength });
  if (started.kind === 'known') return;
  const body = new Blob([content as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
  const answer = await fetch(started.url, { method: 'POST', body });
  if (!answer.ok) throw new PermaframeError('STORE_UNAVAILABLE', `an upload was answered with ${answer.status}`);
  const { storageId } = (await answer.json()) as { storageId: string };
  await client.mutation(api.files.finishUpload, { upload: started.upload, storage: storageId as never });
}

/** Resolves once the publish is over. */
function watch(client: ConvexClient, publish: string, onState: (state: PublishState) => void): Promise<WatchedPublish> {
  return new Promise((resolve, reject) => {
    let last: PublishState | null = null;
    const stop = client.onUpdate(
      api.publishes.get,
      { publish },
      (update) => {
        if (update.state !== last) onState(update.state);
        last = update.state;
        if (!isPublishOver(update.state)) return;
        stop();
        resolve(update);
      },
      reject,
    );
  });
}

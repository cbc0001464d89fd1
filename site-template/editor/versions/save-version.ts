/** Saves the working copy as a version: uploads what the control plane does not have, then names it all at once. */
import type { ConvexReactClient } from 'convex/react';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { MAX_INLINE_FILE_BYTES } from '../../../action/contract/limits.ts';
import { checkListing } from '../../../action/core/snapshot.ts';
import { api } from '../../../convex/_generated/api.js';
import { sizeOf } from '../files/read-file.ts';
import type { Files, OpenThread, WorkspaceFile } from '../workspace.ts';

/** Uploads at a time. */
const CONCURRENCY = 4;

type GivenFile = { path: string; text: string } | { path: string; sha256: string };

/**
 * @param base the version that was edited
 * @throws ConvexError SAVE_CONFLICT when there is a newer one by now, others for what is wrong with the files
 */
export async function saveVersion(
  client: ConvexReactClient,
  { thread, project }: Pick<OpenThread, 'thread' | 'project'>,
  base: number,
  files: Files,
): Promise<{ version: number; snapshotHash: string }> {
  checkListing([...files].map(([path, file]) => ({ path, bytes: sizeOf(file) })));
  const queue = [...files];
  const given: GivenFile[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) given.push(await give(client, project, ...next));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return client.mutation(api.versions.save, { thread, base, files: given });
}

async function give(client: ConvexReactClient, project: string, path: string, file: WorkspaceFile): Promise<GivenFile> {
  if (file.kind === 'text') {
    const text = file.text.toWellFormed();
    const bytes = new TextEncoder().encode(text);
    if (bytes.byteLength <= MAX_INLINE_FILE_BYTES) return { path, text };
    const sha256 = await sha256Hex(bytes);
    await upload(client, project, sha256, new Blob([bytes]));
    return { path, sha256 };
  }
  if (file.content.kind === 'blob') await upload(client, project, file.sha256, file.content.blob);
  return { path, sha256: file.sha256 };
}

async function upload(client: ConvexReactClient, project: string, sha256: string, blob: Blob): Promise<void> {
  const started = await client.mutation(api.files.startUpload, { project, sha256, bytes: blob.size });
  if (started.kind === 'known') return;
  const body = blob.slice(0, blob.size, 'application/octet-stream');
  const answer = await fetch(started.url, { method: 'POST', body });
  if (!answer.ok) throw new TypeError(`an upload was answered with ${answer.status}`);
  const { storageId } = (await answer.json()) as { storageId: string };
  await client.mutation(api.files.finishUpload, { upload: started.upload, storage: storageId as never });
}

/** A saved version, as files of a working copy. */
import type { ConvexReactClient } from 'convex/react';
import { MAX_INLINE_FILE_BYTES } from '../../../action/contract/limits.ts';
import { api } from '../../../convex/_generated/api.js';
import { isTextPath } from '../files/paths.ts';
import { decodeText } from '../files/read-file.ts';
import type { Files, WorkspaceFile } from '../workspace.ts';

export interface LoadedVersion {
  version: number;
  author: string | null;
  /** In milliseconds since 1970. */
  savedAt: number;
  snapshotHash: string;
  files: Files;
}

type StoredFile = (typeof api.versions.get)['_returnType']['files'][number];

/** @throws ConvexError when there is no such version; TypeError when a text could not be fetched */
export async function loadVersion(client: ConvexReactClient, thread: string, version: number): Promise<LoadedVersion> {
  const { author, savedAt, snapshotHash, files } = await client.query(api.versions.get, { thread, version });
  const entries = files.map(async (file) => [file.path, await openFile(file)] as const);
  return { version, author, savedAt, snapshotHash, files: new Map(await Promise.all(entries)) };
}

async function openFile({ path, sha256, bytes, content }: StoredFile): Promise<WorkspaceFile> {
  if (content.kind === 'text') return { kind: 'text', text: content.text };
  const { url } = content;
  if (url === null) throw new TypeError(`the content of ${path} is gone`);
  if (isTextPath(path) && bytes <= MAX_INLINE_FILE_BYTES) {
    const text = decodeText(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    if (text !== null) return { kind: 'text', text };
  }
  return { kind: 'binary', sha256, bytes, content: { kind: 'url', url } };
}

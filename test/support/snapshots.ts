/** Snapshots made in memory, for suites that compile. */
import { createSnapshot, type Snapshot } from '../../action/core/snapshot.ts';

/** Path → content; text is encoded. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export const APP = { title: 'An app', kind: 'app', entry: 'app.tsx' };

/** A storyboard whose scenes lie in `scenes/{id}.tsx`. */
export function filmOf(...ids: string[]) {
  const scenes = ids.map((id) => ({ id, entry: `scenes/${id}.tsx`, durationInFrames: 30 }));
  return { title: 'A film', kind: 'storyboard', fps: 30, width: 640, height: 360, scenes };
}

/** The files as a reader hands them over, with the manifest among them. */
export function contentsOf(files: Files, manifest: object = APP): Map<string, Uint8Array> {
  const all: Files = { 'permaframe.json': JSON.stringify(manifest), ...files };
  const encode = (content: string | Uint8Array) =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return new Map(Object.entries(all).map(([path, content]) => [path, encode(content)]));
}

export function snapshotOf(files: Files, manifest: object = APP): Promise<Snapshot> {
  return createSnapshot(contentsOf(files, manifest));
}

/** Shares a snapshot the whole way: save it in the control plane, ask for a publish, and watch it. */
import { ConvexClient } from 'convex/browser';
import { ConvexError } from 'convex/values';
import { isErrorCode, PermaframeError } from '../action/contract/errors.ts';
import { MAX_INLINE_FILE_BYTES } from '../action/contract/limits.ts';
import { isSourcePath } from '../action/contract/snapshot-paths.ts';
import { isPublishOver, type PublishState } from '../action/contract/states.ts';
import type { Snapshot, SnapshotFile } from '../action/core/snapshot.ts';
import { api } from '../convex/_generated/api.js';

/** Uploads at a time. */
const CONCURRENCY = 6;

export interface ControlPlaneShare {
  /** Address of the control plane. */
  convexUrl: string;
  /** Signs the person in who shares. Never printed. */
  token: string;
  thread: string;
  project: string;
  /** For a project that is made by this; the snapshot's title otherwise. */
  projectTitle?: string;
  /** Called with each state that the publish gets to, the first one included. */
  onState(state: PublishState): void;
  signal: AbortSignal;
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
export async function shareByControlPlane(snapshot: Snapshot, options: ControlPlaneShare): Promise<SharedVersion> {
  const client = new ConvexClient(options.convexUrl, { unsavedChangesWarning: false });
  client.setAuth(async () => options.token);
  try {
    return await untilAborted(options.signal, shareWith(client, snapshot, options));
  } catch (error) {
    throw toPermaframeError(error);
  } finally {
    await client.close();
  }
}

async function shareWith(client: ConvexClient, snapshot: Snapshot, options: ControlPlaneShare): Promise<SharedVersion> {
  const begin = performance.now();
  const { thread } = options;
  const known = await findOrCreateThread(client, snapshot.manifest.title, options);
  const [newest] = known.newest === 0 ? [] : await client.query(api.versions.list, { thread, limit: 1 });
  const isUnchanged = newest?.snapshotHash === snapshot.hash && !known.tombstones.includes(newest.version);
  const version = isUnchanged ? newest.version : await saveVersion(client, snapshot, known.newest, options);
  const saveMilliseconds = Math.round(performance.now() - begin);
  const { publish } = await client.mutation(api.publishes.request, { thread, version });
  const watched = await watch(client, publish, options.onState);
  if (watched.state === 'published') return { version, isUnchanged, publish: watched, saveMilliseconds };
  throw failureOf(watched);
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
  const queue = [...snapshot.files.values()];
  const files: ({ path: string; text: string } | { path: string; sha256: string })[] = [];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const text = asText(file);
      if (text === null) await upload(client, project, file);
      files.push(text === null ? { path: file.path, sha256: file.sha256 } : { path: file.path, text });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
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

function failureOf({ state, error, version }: WatchedPublish): PermaframeError {
  if (state === 'cancelled')
    return new PermaframeError('STATE_CONFLICT', `the publish of version ${version} was cancelled`);
  const code = error && isErrorCode(error.code) ? error.code : 'INTERNAL';
  const diagnostics = (error?.diagnostics ?? []).map((diagnostic) => ({
    ...diagnostic,
    code: isErrorCode(diagnostic.code) ? diagnostic.code : code,
  }));
  return new PermaframeError(code, error?.message ?? 'the publish failed', { diagnostics });
}

function nullIfMissing(error: unknown): null {
  if (error instanceof ConvexError && (error.data as { code?: string }).code === 'NOT_FOUND') return null;
  throw error;
}

function toPermaframeError(error: unknown): unknown {
  if (!(error instanceof ConvexError)) return error;
  const { code = '', message = String(error) } = error.data as { code?: string; message?: string };
  return new PermaframeError(isErrorCode(code) ? code : 'INTERNAL', message, { cause: error });
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** From compiled modules to an artifact: every file with its key, the page, and the commit mark that lists it all. */

import { CACHE_IMMUTABLE, CACHE_SHORT, fileTypeOf, PUBLIC_FOLDER } from '../contract/content-types.ts';
import type { Warning } from '../contract/diagnostics.ts';
import { PermaframeError } from '../contract/errors.ts';
import { compareText, sha256Hex } from '../contract/hash.ts';
import { assetKey, metaKey, pageKey, styleKey } from '../contract/keys.ts';
import { formatBytes, MAX_ARTIFACT_BYTES } from '../contract/limits.ts';
import { type ArtifactFileEntry, type Meta, serializeMeta } from '../contract/meta.ts';
import type { RenderPage } from '../contract/page.ts';
import type { LibraryModule } from '../contract/runtime.ts';
import { placeScenes } from '../contract/timeline.ts';
import type { Compiled } from './compile/compile.ts';
import { staticFilesOf } from './compile/film-index.ts';
import { assetName } from './compile/virtual-files.ts';
import type { ArtifactObject, Runtime } from './ports.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';

/** Where an artifact will live. */
export interface ArtifactPlace {
  thread: string;
  project: string;
  version: number;
  /** Origin of the edge, without a slash at the end. It is written into the page, so it is part of the bytes. */
  publicUrl: string;
}

export interface Artifact {
  meta: Meta;
  /** SHA-256 of meta.json, which holds the hashes of everything else. */
  hash: string;
  /** The artifact's own files but page and mark, sorted by key. */
  blobs: ArtifactObject[];
  page: ArtifactObject;
  mark: ArtifactObject;
  /** The files of the runtime that it needs. */
  runtimeFiles: ArtifactFileEntry[];
  warnings: Warning[];
}

/**
 * Puts an artifact together. Pure: equal arguments, equal bytes.
 * @throws PermaframeError ARTIFACT_TOO_LARGE
 */
export async function compose(
  snapshot: Snapshot,
  compiled: Compiled,
  runtime: Runtime,
  place: ArtifactPlace,
  renderPage: RenderPage,
): Promise<Artifact> {
  const { thread, version, publicUrl } = place;
  const blobs = [...(await moduleObjects(compiled, place.project)), ...assetObjects(snapshot, compiled, place)];
  blobs.push(await toObject(styleKey(thread, version), compiled.style));
  blobs.sort((a, b) => compareText(a.key, b.key));
  const runtimeFiles = runtimeFilesOf(compiled, runtime, snapshot.manifest.kind);
  const draft = metaOf(snapshot, compiled, runtime, place, [...blobs.map(withoutBody), ...runtimeFiles]);

  const staticFiles = staticFilesOf(snapshot.files);
  const html = renderPage({ meta: draft, runtime: runtime.manifest, publicUrl, staticFiles });
  const page = await toObject(pageKey(thread, version), html);
  const meta: Meta = { ...draft, files: sortFiles([...draft.files, withoutBody(page)]) };
  const mark = await toObject(metaKey(thread, version), serializeMeta(meta));

  const bytes = [...blobs, page, mark].reduce((sum, object) => sum + object.bytes, 0);
  if (bytes > MAX_ARTIFACT_BYTES) {
    const message = `the artifact is ${formatBytes(bytes)}; the limit is ${formatBytes(MAX_ARTIFACT_BYTES)}`;
    throw new PermaframeError('ARTIFACT_TOO_LARGE', message);
  }
  const warnings = [...snapshot.warnings, ...compiled.warnings, ...posterWarning(snapshot)];
  return { meta, hash: mark.sha256, blobs, page, mark, runtimeFiles, warnings };
}

function metaOf(
  snapshot: Snapshot,
  compiled: Compiled,
  runtime: Runtime,
  place: ArtifactPlace,
  files: ArtifactFileEntry[],
): Meta {
  const { manifest } = snapshot;
  const inProject = (path: string): string => `projects/${place.project}/${path}`;
  const poster = manifest.poster === undefined ? undefined : snapshot.files.get(manifest.poster);
  const common = {
    schema: 1 as const,
    thread: place.thread,
    project: place.project,
    version: place.version,
    title: manifest.title,
    ...(manifest.description === undefined ? {} : { description: manifest.description }),
    snapshot: snapshot.hash,
    engine: compiled.engine,
    runtime: runtime.manifestKey,
    entry: inProject(compiled.entry),
    ...(poster ? { poster: keyOfAsset(poster, place) } : {}),
    javascriptBytes: compiled.javascriptBytes,
    files: sortFiles(files),
  };
  if (manifest.kind === 'app') return { ...common, kind: 'app' };
  const { fps, width, height } = manifest;
  const timeline = placeScenes(manifest.scenes);
  const scenes = timeline.scenes.map(({ scene, from }) => ({
    id: scene.id,
    title: scene.title ?? scene.id,
    from,
    durationInFrames: scene.durationInFrames,
    module: inProject(compiled.scenes[scene.id] as string),
  }));
  return { ...common, kind: 'storyboard', fps, width, height, durationInFrames: timeline.durationInFrames, scenes };
}

async function moduleObjects(compiled: Compiled, project: string): Promise<ArtifactObject[]> {
  return Promise.all(compiled.modules.map(({ path, text }) => toObject(`projects/${project}/${path}`, text)));
}

/** What the code asks for, all of `public/`, and the poster: each content once. */
function assetObjects(snapshot: Snapshot, compiled: Compiled, place: ArtifactPlace): ArtifactObject[] {
  const paths = [
    ...compiled.assets,
    ...[...snapshot.files.keys()].filter((path) => path.startsWith(PUBLIC_FOLDER)),
    ...(snapshot.manifest.poster === undefined ? [] : [snapshot.manifest.poster]),
  ];
  const byKey = new Map<string, ArtifactObject>();
  for (const path of paths) {
    const file = snapshot.files.get(path);
    const contentType = fileTypeOf(path)?.contentType;
    if (!file || contentType === undefined) throw new Error(`${path} cannot be published`);
    const key = keyOfAsset(file, place);
    byKey.set(key, { key, bytes: file.content.byteLength, sha256: file.sha256, contentType, body: file.content });
  }
  return [...byKey.values()];
}

function keyOfAsset(file: SnapshotFile, { thread, version }: ArtifactPlace): string {
  return assetKey(thread, version, assetName(file.path, file));
}

/** The modules that start the artifact, the libraries that it imports, and what those load. */
function runtimeFilesOf(compiled: Compiled, { manifest }: Runtime, kind: Meta['kind']): ArtifactFileEntry[] {
  const engine = manifest.engines[compiled.engine];
  const start: LibraryModule = kind === 'app' ? engine.app : engine.film;
  const libraries = compiled.libraries.map((name) => engine.libraries[name] as LibraryModule);
  const needed = new Set([
    manifest.page.key,
    ...[start, ...libraries].flatMap(({ key, requires }) => [key, ...requires]),
  ]);
  return manifest.files
    .filter(({ key }) => needed.has(key))
    .map((file) => ({ ...file, contentType: contentTypeOf(file.key) }));
}

async function toObject(key: string, text: string): Promise<ArtifactObject> {
  const body = new TextEncoder().encode(text);
  return { key, bytes: body.byteLength, sha256: await sha256Hex(body), contentType: contentTypeOf(key), body };
}

/** @throws Error for a key of a type that is never published */
export function contentTypeOf(key: string): string {
  const type = fileTypeOf(key);
  if (!type) throw new Error(`${key} has no content type`);
  return type.contentType;
}

/** Pages can be taken down, so their copies must be asked about; everything else is named by its content. */
export function cacheControlOf(key: string): string {
  return /\/(page\.html|style\.css|meta\.json)$/.test(key) ? CACHE_SHORT : CACHE_IMMUTABLE;
}

function withoutBody({ key, bytes, sha256, contentType }: ArtifactObject): ArtifactFileEntry {
  return { key, bytes, sha256, contentType };
}

function sortFiles(files: readonly ArtifactFileEntry[]): ArtifactFileEntry[] {
  return [...files].sort((a, b) => compareText(a.key, b.key));
}

function posterWarning({ manifest }: Snapshot): Warning[] {
  if (manifest.poster !== undefined) return [];
  const message = 'the project names no poster: before it plays, and where it is linked, a title card is shown';
  return [{ code: 'NO_POSTER', file: 'permaframe.json', message }];
}

/** Object keys of the store: how they are built, and what a key means. */
import { isPublishableAsset } from './content-types.ts';
import { isName, parseVersion } from './ids.ts';
import type { VideoFormat } from './video.ts';

/** Where a version's own files live: `artifacts/{thread}/{version}/`. */
export function artifactPrefix(thread: string, version: number): string {
  return `${threadPrefix(thread)}${version}/`;
}

/** Where all versions of a thread live: `artifacts/{thread}/`. */
export function threadPrefix(thread: string): string {
  return `artifacts/${thread}/`;
}

export function pageKey(thread: string, version: number): string {
  return `${artifactPrefix(thread, version)}page.html`;
}

export function styleKey(thread: string, version: number): string {
  return `${artifactPrefix(thread, version)}style.css`;
}

/** The commit mark: an artifact exists when this object does. */
export function metaKey(thread: string, version: number): string {
  return `${artifactPrefix(thread, version)}meta.json`;
}

/** @param name `{sha256}.{extension}` */
export function assetKey(thread: string, version: number, name: string): string {
  return `${artifactPrefix(thread, version)}assets/${name}`;
}

/** A video of a version, attached after it was published. `renderKey`: see video.ts. */
export function videoKey(thread: string, version: number, renderKey: string, format: VideoFormat): string {
  return `${artifactPrefix(thread, version)}video/${renderKey}.${format}`;
}

/** The poster of a video. */
export function posterKey(thread: string, version: number, renderKey: string): string {
  return `${artifactPrefix(thread, version)}video/${renderKey}.jpg`;
}

/** The contact sheet of a video: one picture a scene. */
export function contactSheetKey(thread: string, version: number, renderKey: string): string {
  return `${artifactPrefix(thread, version)}video/${renderKey}-sheet.jpg`;
}

/**
 * A rendered piece of a film: its picture (`ts`, `webm`, `mkv`) or its sound (`wav`). Kept, so that a new version renders
 * only what changed; never served.
 */
export function chunkKey(project: string, sha256: string, extension: ChunkExtension): string {
  return `projects/${project}/chunks/${sha256}.${extension}`;
}

export function sceneModuleKey(project: string, scene: string, sha256: string): string {
  return `projects/${project}/scenes/${scene}/${sha256}.js`;
}

/** Shared chunks, storyboard indexes and app entries. */
export function sharedModuleKey(project: string, sha256: string): string {
  return `projects/${project}/modules/${sha256}.js`;
}

export function runtimeFileKey(sha256: string, extension: 'js' | 'css'): string {
  return `runtime/${sha256}.${extension}`;
}

export function runtimeManifestKey(sha256: string): string {
  return `runtime/manifest-${sha256}.json`;
}

/** The only object that changes. One writer: the control plane. */
export function threadControlKey(thread: string): string {
  return `threads/${thread}.json`;
}

/**
 * The brotli copy of a compressible object. It is a transport encoding, made for the edge: no part of an
 * artifact, in no meta.json, and equal to the object once decoded.
 */
export function brotliKey(key: string): string {
  return `${key}.br`;
}

export type ArtifactFile = 'page.html' | 'style.css' | 'meta.json';

export type ChunkExtension = 'ts' | 'webm' | 'mkv' | 'wav';

export type ParsedKey =
  | { kind: 'artifact'; thread: string; version: number; file: ArtifactFile }
  | { kind: 'asset'; thread: string; version: number; name: string }
  | { kind: 'video'; thread: string; version: number; renderKey: string; format: VideoFormat }
  | { kind: 'poster' | 'contactSheet'; thread: string; version: number; renderKey: string }
  | { kind: 'chunk'; project: string; sha256: string; extension: ChunkExtension }
  | { kind: 'scene'; project: string; scene: string; sha256: string }
  | { kind: 'module'; project: string; sha256: string }
  | { kind: 'runtime'; sha256: string; extension: 'js' | 'css' }
  | { kind: 'runtimeManifest'; sha256: string }
  | { kind: 'threadControl'; thread: string };

const SHA = '([0-9a-f]{64})';
const NAME = '([a-z0-9][a-z0-9-]{0,62})';
const patterns = {
  artifact: new RegExp(`^artifacts/${NAME}/([0-9]+)/(page\\.html|style\\.css|meta\\.json)$`),
  asset: new RegExp(`^artifacts/${NAME}/([0-9]+)/assets/(${SHA}\\.[a-z0-9]{1,5})$`),
  video: new RegExp(`^artifacts/${NAME}/([0-9]+)/video/${SHA}(\\.mp4|\\.webm|\\.gif|\\.jpg|-sheet\\.jpg)$`),
  chunk: new RegExp(`^projects/${NAME}/chunks/${SHA}\\.(ts|webm|mkv|wav)$`),
  scene: new RegExp(`^projects/${NAME}/scenes/${NAME}/${SHA}\\.js$`),
  module: new RegExp(`^projects/${NAME}/modules/${SHA}\\.js$`),
  runtime: new RegExp(`^runtime/${SHA}\\.(js|css)$`),
  runtimeManifest: new RegExp(`^runtime/manifest-${SHA}\\.json$`),
};

/** What a key names. Null for anything that this product never stores. */
export function parseKey(key: string): ParsedKey | null {
  let match = patterns.artifact.exec(key);
  if (match) {
    const version = parseVersion(match[2] ?? '');
    return version === null
      ? null
      : { kind: 'artifact', thread: match[1] ?? '', version, file: match[3] as ArtifactFile };
  }
  match = patterns.asset.exec(key);
  if (match) {
    const version = parseVersion(match[2] ?? '');
    const name = match[3] ?? '';
    // Code is never an asset: a page of its own below `assets/` would be one that nobody composed.
    if (version === null || !isPublishableAsset(name)) return null;
    return { kind: 'asset', thread: match[1] ?? '', version, name };
  }
  match = patterns.video.exec(key);
  if (match) return parseVideoKey(match);
  match = patterns.chunk.exec(key);
  if (match) {
    return { kind: 'chunk', project: match[1] ?? '', sha256: match[2] ?? '', extension: match[3] as ChunkExtension };
  }
  match = patterns.scene.exec(key);
  if (match) return { kind: 'scene', project: match[1] ?? '', scene: match[2] ?? '', sha256: match[3] ?? '' };
  match = patterns.module.exec(key);
  if (match) return { kind: 'module', project: match[1] ?? '', sha256: match[2] ?? '' };
  match = patterns.runtime.exec(key);
  if (match) return { kind: 'runtime', sha256: match[1] ?? '', extension: match[2] as 'js' | 'css' };
  match = patterns.runtimeManifest.exec(key);
  if (match) return { kind: 'runtimeManifest', sha256: match[1] ?? '' };
  const thread = /^threads\/(.+)\.json$/.exec(key)?.[1];
  return thread !== undefined && isName(thread) ? { kind: 'threadControl', thread } : null;
}

function parseVideoKey([, thread = '', number = '', renderKey = '', ending = '']: RegExpExecArray): ParsedKey | null {
  const version = parseVersion(number);
  if (version === null) return null;
  if (ending === '.jpg') return { kind: 'poster', thread, version, renderKey };
  if (ending === '-sheet.jpg') return { kind: 'contactSheet', thread, version, renderKey };
  return { kind: 'video', thread, version, renderKey, format: ending.slice(1) as VideoFormat };
}

/** Whether the object, once stored, never changes. */
export function isImmutableKey(key: string): boolean {
  const parsed = parseKey(key);
  return parsed !== null && parsed.kind !== 'threadControl';
}

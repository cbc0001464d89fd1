/** The files of one version, checked against limits and manifest before any work is done on them. */
import {
  ASSET_EXTENSIONS,
  fileTypeOf,
  isPublishableAsset,
  PUBLIC_FOLDER,
  TEXT_EXTENSIONS,
} from '../contract/content-types.ts';
import type { Diagnostic, Warning } from '../contract/diagnostics.ts';
import { PermaframeError } from '../contract/errors.ts';
import { compareText, sha256Hex } from '../contract/hash.ts';
import {
  formatExcess,
  MAX_ARTIFACT_BYTES,
  MAX_ASSET_BYTES,
  MAX_DIAGNOSTICS,
  MAX_PATH_CHARACTERS,
  MAX_SNAPSHOT_FILES,
  MAX_SNAPSHOT_SOURCE_BYTES,
  MAX_SOURCE_FILE_BYTES,
} from '../contract/limits.ts';
import { isSnapshotPath, MANIFEST_PATH, type Manifest, parseManifest } from '../contract/manifest.ts';
import { snapshotHash } from '../contract/snapshot-hash.ts';
import { CODE_EXTENSIONS, isCodePath, isIgnoredPath, isSourcePath } from '../contract/snapshot-paths.ts';

export interface SnapshotFile {
  path: string;
  content: Uint8Array;
  /** Lower-case hex. */
  sha256: string;
}

export interface Snapshot {
  manifest: Manifest;
  /** By path, in ascending order of code units. */
  files: ReadonlyMap<string, SnapshotFile>;
  /** SHA-256 over all paths and contents: equal for equal projects, wherever they were read from. */
  hash: string;
  warnings: readonly Warning[];
}

/** What a reader knows of a file before it reads it. */
export interface ListedFile {
  path: string;
  bytes: number;
}

const POSTER_TYPES = ['image/jpeg', 'image/png', 'image/webp'];

/**
 * Refuses a listing that is over a limit, so that a reader need not load it.
 * @throws PermaframeError with a diagnostic for each file that is too large or badly named
 */
export function checkListing(files: readonly ListedFile[]): void {
  const problems: Diagnostic[] = [];
  if (files.length > MAX_SNAPSHOT_FILES) {
    const message = `the project has ${files.length} files; the limit is ${MAX_SNAPSHOT_FILES}`;
    problems.push({ code: 'TOO_MANY_FILES', message });
  }
  let sourceBytes = 0;
  let assetBytes = 0;
  for (const { path, bytes } of files) {
    const problem = checkFile(path, bytes);
    if (problem) problems.push(problem);
    if (isSourcePath(path)) sourceBytes += bytes;
    else assetBytes += bytes;
  }
  if (sourceBytes > MAX_SNAPSHOT_SOURCE_BYTES) {
    const message = `the sources are ${formatExcess(sourceBytes, MAX_SNAPSHOT_SOURCE_BYTES)}`;
    problems.push({ code: 'SNAPSHOT_TOO_LARGE', message });
  }
  if (assetBytes > MAX_ARTIFACT_BYTES) {
    const message = `the assets are ${formatExcess(assetBytes, MAX_ARTIFACT_BYTES)}`;
    problems.push({ code: 'ARTIFACT_TOO_LARGE', message });
  }
  throwIfAny(problems);
}

/** A path that may hold anything, as a message can bear it: in quotes, on one line, not endlessly. */
export function quotePath(path: string): string {
  const text = JSON.stringify(path.slice(0, MAX_PATH_CHARACTERS).toWellFormed());
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}

function checkFile(path: string, bytes: number): Diagnostic | null {
  if (!isSnapshotPath(path)) {
    return { code: 'PATH_INVALID', message: `${quotePath(path)} cannot be a path of a project` };
  }
  const refuse = (code: Diagnostic['code'], limit: number): Diagnostic => ({
    code,
    file: path,
    message: `is ${formatExcess(bytes, limit)}`,
  });
  if (isSourcePath(path)) {
    return bytes > MAX_SOURCE_FILE_BYTES ? refuse('SOURCE_FILE_TOO_LARGE', MAX_SOURCE_FILE_BYTES) : null;
  }
  if (bytes > MAX_ASSET_BYTES) return refuse('ASSET_TOO_LARGE', MAX_ASSET_BYTES);
  if (path.startsWith(PUBLIC_FOLDER) && !isPublishableAsset(path)) {
    const supported = [...ASSET_EXTENSIONS, ...TEXT_EXTENSIONS].join(', ');
    return {
      code: 'FILE_TYPE_NOT_SUPPORTED',
      file: path,
      message: `files of this type are not served from ${PUBLIC_FOLDER}; these are: ${supported}`,
    };
  }
  return null;
}

/**
 * Makes a snapshot of files that are in memory.
 * @param contents by path; hidden files and installed packages are left out
 * @throws PermaframeError naming file, field and limit
 */
export async function createSnapshot(
  contents: ReadonlyMap<string, Uint8Array>,
  warnings: readonly Warning[] = [],
): Promise<Snapshot> {
  const paths = [...contents.keys()].filter((path) => !isIgnoredPath(path)).sort(compareText);
  const listing = paths.map((path) => ({ path, bytes: contents.get(path)?.byteLength ?? 0 }));
  const manifest = checkProject(listing, contents.get(MANIFEST_PATH));

  const entries = await Promise.all(
    paths.map(async (path): Promise<[string, SnapshotFile]> => {
      const content = contents.get(path) as Uint8Array;
      return [path, { path, content, sha256: await sha256Hex(content) }];
    }),
  );
  const files = new Map(entries);
  return { manifest, files, hash: await snapshotHash(files.values()), warnings };
}

/**
 * What holds for a snapshot whatever its files contain: limits, the manifest, and what that names.
 * @param files without those that are ignored
 * @throws PermaframeError naming file, field and limit
 */
export function checkProject(files: readonly ListedFile[], manifest: Uint8Array | undefined): Manifest {
  checkListing(files);
  const parsed = readManifest(manifest);
  throwIfAny(checkReferences(parsed, new Set(files.map(({ path }) => path))));
  return parsed;
}

function readManifest(content: Uint8Array | undefined): Manifest {
  if (!content) {
    const message = `the project has no ${MANIFEST_PATH}`;
    throw new PermaframeError('MANIFEST_MISSING', message, {
      diagnostics: [{ code: 'MANIFEST_MISSING', file: MANIFEST_PATH, message }],
    });
  }
  const parsed = parseManifest(new TextDecoder().decode(content));
  if (!parsed.ok) throwIfAny(parsed.diagnostics);
  return (parsed as { ok: true; manifest: Manifest }).manifest;
}

function checkReferences(manifest: Manifest, paths: ReadonlySet<string>): Diagnostic[] {
  const entries =
    manifest.kind === 'app'
      ? [{ path: manifest.entry, field: 'entry' }]
      : manifest.scenes.map((scene, index) => ({ path: scene.entry, field: `scenes[${index}].entry` }));
  const problems: Diagnostic[] = [];
  for (const { path, field } of entries) {
    const message = !paths.has(path)
      ? `${field} names ${path}, which is not a file of the project`
      : isCodePath(path)
        ? null
        : `${field} names ${path}; an entry is a file of ${CODE_EXTENSIONS.join(', ')}`;
    if (message) problems.push({ code: 'ENTRY_MISSING', file: MANIFEST_PATH, field, message });
  }
  const poster = manifest.poster;
  if (poster !== undefined && !(paths.has(poster) && POSTER_TYPES.includes(fileTypeOf(poster)?.contentType ?? ''))) {
    const message = `poster names ${poster}, which is not a JPEG, PNG or WebP file of the project`;
    problems.push({ code: 'POSTER_INVALID', file: MANIFEST_PATH, field: 'poster', message });
  }
  return problems;
}

function throwIfAny(problems: readonly Diagnostic[]): void {
  const [first] = problems;
  if (!first) return;
  const place = first.file ? `${first.file}: ` : '';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new PermaframeError(first.code, `${place}${first.message}${more}`, {
    diagnostics: problems.slice(0, MAX_DIAGNOSTICS),
  });
}

/** What may be saved as a version: paths and sizes, before anything is written. */
import {
  formatBytes,
  formatExcess,
  MAX_ARTIFACT_BYTES,
  MAX_ASSET_BYTES,
  MAX_SNAPSHOT_FILES,
  MAX_SNAPSHOT_SOURCE_BYTES,
  MAX_SOURCE_FILE_BYTES,
} from '../../action/contract/limits.ts';
import { isSnapshotPath } from '../../action/contract/manifest.ts';
import { isIgnoredPath, isSourcePath } from '../../action/contract/snapshot-paths.ts';
import { refusal } from './refusal.ts';

/** @throws ConvexError TOO_MANY_FILES, PATH_INVALID or INPUT_INVALID, naming the file */
export function checkPaths(paths: readonly string[]): void {
  if (paths.length === 0) throw refusal('INPUT_INVALID', 'files must not be empty', 'files');
  if (paths.length > MAX_SNAPSHOT_FILES) {
    const message = `the project has ${paths.length} files; the limit is ${MAX_SNAPSHOT_FILES}`;
    throw refusal('TOO_MANY_FILES', message, 'files');
  }
  const seen = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const field = `files[${index}].path`;
    const rule = isSnapshotPath(path) ? pathProblem(path, seen) : 'is not a plain relative path';
    if (rule !== null) throw refusal('PATH_INVALID', `${field} ${rule}`, field);
    seen.add(path);
  }
  const index = paths.findIndex((path) => parentsOf(path).some((parent) => seen.has(parent)));
  if (index >= 0) {
    const field = `files[${index}].path`;
    throw refusal('PATH_INVALID', `${field} lies below another file`, field);
  }
}

function pathProblem(path: string, seen: ReadonlySet<string>): string | null {
  if (isIgnoredPath(path)) return 'is hidden or an installed package, which is never published';
  return seen.has(path) ? 'is there twice' : null;
}

function parentsOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

export interface SizedFile {
  path: string;
  bytes: number;
  /** Whether its text is kept in the database, all of which is read at once. */
  isText: boolean;
}

/** @throws ConvexError with the limit's own code, the number and the file */
export function checkSizes(files: readonly SizedFile[]): void {
  let sourceBytes = 0;
  let assetBytes = 0;
  let textBytes = 0;
  for (const [index, { path, bytes, isText }] of files.entries()) {
    const isSource = isSourcePath(path);
    const limit = isSource ? MAX_SOURCE_FILE_BYTES : MAX_ASSET_BYTES;
    if (bytes > limit) {
      const code = isSource ? 'SOURCE_FILE_TOO_LARGE' : 'ASSET_TOO_LARGE';
      throw refusal(code, `files[${index}] is ${formatExcess(bytes, limit)}`, `files[${index}]`);
    }
    if (isSource) sourceBytes += bytes;
    else assetBytes += bytes;
    if (isText) textBytes += bytes;
  }
  checkSum('SNAPSHOT_TOO_LARGE', 'the sources are', sourceBytes, MAX_SNAPSHOT_SOURCE_BYTES);
  checkSum('SNAPSHOT_TOO_LARGE', 'the files that were not uploaded are', textBytes, MAX_SNAPSHOT_SOURCE_BYTES);
  checkSum('ARTIFACT_TOO_LARGE', 'the assets are', assetBytes, MAX_ARTIFACT_BYTES);
}

function checkSum(code: 'SNAPSHOT_TOO_LARGE' | 'ARTIFACT_TOO_LARGE', what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw refusal(code, `${what} ${formatExcess(bytes, limit)} (${formatBytes(limit)})`, 'files');
}

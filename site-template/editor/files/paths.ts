/** Files of a working copy: added, renamed, deleted, and listed as a tree. Pure. */
import { fileTypeOf } from '../../../action/contract/content-types.ts';
import { compareText } from '../../../action/contract/hash.ts';
import { isSnapshotPath, MANIFEST_PATH } from '../../../action/contract/manifest.ts';
import { isCodePath, isIgnoredPath } from '../../../action/contract/snapshot-paths.ts';
import type { Files, WorkspaceFile } from '../workspace.ts';

export interface TreeRow {
  path: string;
  name: string;
  depth: number;
  kind: 'folder' | 'file';
}

/** Whether a file is edited as text, if its bytes are UTF-8. */
export function isTextPath(path: string): boolean {
  const type = fileTypeOf(path);
  return isCodePath(path) || (type !== undefined && type.use !== 'asset') || /\.svg$/i.test(path);
}

/** Every folder and file, folders first, in the order in which a tree shows them. */
export function treeRows(paths: Iterable<string>): TreeRow[] {
  const rows = new Map<string, TreeRow>();
  for (const path of paths) {
    const segments = path.split('/');
    for (const [index, name] of segments.entries()) {
      const isFile = index === segments.length - 1;
      const at = segments.slice(0, index + 1).join('/');
      rows.set(at, { path: at, name, depth: index, kind: isFile ? 'file' : 'folder' });
    }
  }
  return [...rows.values()].sort(compareRows);
}

/** The manifest leads, because everything begins there. */
function compareRows(a: TreeRow, b: TreeRow): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  for (let index = 0; ; index++) {
    const [l, r] = [left[index], right[index]];
    if (l === undefined || r === undefined) return (l === undefined ? 0 : 1) - (r === undefined ? 0 : 1);
    if (l === r) continue;
    const isFileLeft = index === left.length - 1 && a.kind === 'file';
    const isFileRight = index === right.length - 1 && b.kind === 'file';
    if (isFileLeft !== isFileRight) return isFileLeft ? 1 : -1;
    if (index === 0 && (l === MANIFEST_PATH || r === MANIFEST_PATH)) return l === MANIFEST_PATH ? -1 : 1;
    return compareText(l.toLowerCase(), r.toLowerCase()) || compareText(l, r);
  }
}

/** Rows of folders that are open, and of what lies in them. */
export function visibleRows(rows: readonly TreeRow[], closed: ReadonlySet<string>): TreeRow[] {
  return rows.filter(({ path }) => !parentsOf(path).some((parent) => closed.has(parent)));
}

export function parentsOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/**
 * Why a file cannot be called that; null when it can.
 * @param from the file or folder that is being renamed, if one is
 */
export function pathProblem(path: string, files: Files, from: string | null = null): string | null {
  if (path.trim() === '') return 'A file needs a name.';
  if (path !== path.trim()) return 'A name must not begin or end with a space.';
  if (!isSnapshotPath(path)) return 'Use a plain relative path with "/", such as scenes/intro.tsx.';
  if (isIgnoredPath(path)) return 'Hidden files and node_modules are never part of a version.';
  const others = [...files.keys()].filter((other) => from === null || !isWithin(other, from));
  if (others.includes(path)) return 'There is a file of that name already.';
  if (parentsOf(path).some((parent) => others.includes(parent))) return 'A file cannot lie inside another file.';
  return others.some((other) => other.startsWith(`${path}/`)) ? 'There is a folder of that name already.' : null;
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

/** @param to the new path of the file or folder `from` */
export function renamed(files: Files, from: string, to: string): Files {
  return new Map([...files].map(([path, file]) => [isWithin(path, from) ? to + path.slice(from.length) : path, file]));
}

/** @param path of a file or folder */
export function removed(files: Files, path: string): Files {
  return new Map([...files].filter(([other]) => !isWithin(other, path)));
}

export function withFile(files: Files, path: string, file: WorkspaceFile): Files {
  return new Map(files).set(path, file);
}

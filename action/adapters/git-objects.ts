/** The ids that git gives to contents and folders, computed here: so it is known what a repository has already. */
import { createHash } from 'node:crypto';

/** Of a regular file in a tree. */
export const FILE_MODE = '100644';
const FOLDER_MODE = '40000';

/** The id of a file's content. */
export function blobId(content: Uint8Array): string {
  return objectId('blob', content);
}

/** A folder: name → id of a content, or a folder. */
type Folder = Map<string, string | Folder>;

/**
 * The id of the tree that holds exactly these files.
 * @param blobs path → id of the content
 * @returns null when a path is both a file and a folder
 */
export function treeId(blobs: ReadonlyMap<string, string>): string | null {
  const root: Folder = new Map();
  for (const [path, blob] of blobs) {
    const segments = path.split('/');
    const name = segments.pop() ?? '';
    let folder = root;
    for (const segment of segments) {
      const next = folder.get(segment) ?? new Map<string, string | Folder>();
      if (typeof next === 'string') return null;
      folder.set(segment, next);
      folder = next;
    }
    if (folder.has(name)) return null;
    folder.set(name, blob);
  }
  return folderId(root);
}

function folderId(folder: Folder): string {
  const entries = [...folder].map(([name, entry]) => {
    const isFolder = typeof entry !== 'string';
    const id = isFolder ? folderId(entry) : entry;
    const header = Buffer.from(`${isFolder ? FOLDER_MODE : FILE_MODE} ${name}\0`);
    // git sorts by bytes, and folders as if their names ended in a slash.
    return { order: Buffer.from(isFolder ? `${name}/` : name), bytes: Buffer.concat([header, Buffer.from(id, 'hex')]) };
  });
  entries.sort((a, b) => Buffer.compare(a.order, b.order));
  return objectId('tree', Buffer.concat(entries.map(({ bytes }) => bytes)));
}

function objectId(type: 'blob' | 'tree', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.byteLength}\0`).update(content).digest('hex');
}

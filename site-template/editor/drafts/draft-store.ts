/** Drafts in IndexedDB: one working copy by control plane, person and thread. Only what is not saved yet is kept. */
import type { WorkspaceFile } from '../workspace.ts';

export interface Draft {
  /** The version that it was made from. */
  base: number;
  files: readonly (readonly [path: string, file: WorkspaceFile])[];
  /** In milliseconds since 1970. */
  savedAt: number;
}

export interface DraftStore {
  read(key: string): Promise<Draft | null>;
  /** Begins to write at once: what was begun is finished even if the page is closed. */
  write(key: string, draft: Draft): Promise<void>;
  remove(key: string): Promise<void>;
}

const DATABASE = 'permaframe';
const TABLE = 'drafts';

/** @throws DOMException when the browser keeps nothing, as in some private windows */
export async function openDraftStore(): Promise<DraftStore> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = await resultOf(opening);
  const table = (mode: IDBTransactionMode) =>
    database.transaction(TABLE, mode, { durability: 'relaxed' }).objectStore(TABLE);
  return {
    read: async (key) => (await resultOf<Draft | undefined>(table('readonly').get(key))) ?? null,
    write: async (key, draft) => void (await resultOf(table('readwrite').put(draft, key))),
    remove: async (key) => void (await resultOf(table('readwrite').delete(key))),
  };
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

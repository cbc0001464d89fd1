/** Convex file storage: bytes in a folder, and addresses that only those know who were given them. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, openAsBlob, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** As on Convex: an upload address is good for an hour, in milliseconds. */
const UPLOAD_MILLISECONDS = 3_600_000;
const SECRET_FILE = 'storage-secret';

export interface FileStorage {
  uploadUrl(now: number): string;
  downloadUrl(id: string): string;
  mayUpload(token: string, now: number): boolean;
  /** The id in the last part of a download address, or null when it was made up. */
  idOf(name: string): string | null;
  put(id: string, bytes: Uint8Array): Promise<void>;
  remove(id: string): void;
  /** The files of these ids; others, left by a crash before their commit, are removed. */
  open(contentTypes: ReadonlyMap<string, string>): Promise<Record<string, Blob>>;
}

/** @param folder null: nothing is kept, and addresses are new with every start */
export function createFileStorage(folder: string | null, cloudUrl: string): FileStorage {
  const blobs = folder === null ? null : join(folder, 'files');
  if (blobs !== null) mkdirSync(blobs, { recursive: true });
  const secret = folder === null ? randomBytes(32) : readSecret(join(folder, SECRET_FILE));
  const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url');
  return {
    uploadUrl: (now) => {
      const until = String(now + UPLOAD_MILLISECONDS);
      return `${cloudUrl}/api/storage/upload?token=${until}.${sign(`upload ${until}`)}`;
    },
    mayUpload: (token, now) => {
      const [until = '', signature = ''] = token.split('.');
      return isEqual(signature, sign(`upload ${until}`)) && now < Number(until);
    },
    downloadUrl: (id) => `${cloudUrl}/api/storage/${id}.${sign(`download ${id}`)}`,
    idOf: (name) => {
      const [id = '', signature = ''] = name.split('.');
      return isEqual(signature, sign(`download ${id}`)) ? id : null;
    },
    put: async (id, bytes) => {
      if (blobs === null) return;
      const file = join(blobs, id);
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
    },
    remove: (id) => void (blobs !== null && rmSync(join(blobs, id), { force: true })),
    open: async (contentTypes) => {
      if (blobs === null) return {};
      for (const name of readdirSync(blobs)) if (!contentTypes.has(name)) rmSync(join(blobs, name));
      const opened = [...contentTypes].map(async ([id, type]) => [id, await openAsBlob(join(blobs, id), { type })]);
      return Object.fromEntries(await Promise.all(opened));
    },
  };
}

/** As Convex has it in `_storage`. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function readSecret(file: string): Buffer {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
  return readFileSync(file);
}

function isEqual(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

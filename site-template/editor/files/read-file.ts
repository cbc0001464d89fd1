/** From bytes to a file of the working copy: text where it can be edited, bytes by their hash where not. */
import { sha256Hex } from '../../../action/contract/hash.ts';
import { MAX_INLINE_FILE_BYTES } from '../../../action/contract/limits.ts';
import type { WorkspaceFile } from '../workspace.ts';
import { isTextPath } from './paths.ts';

/** Null for bytes that are no UTF-8. A byte order mark is kept: what is saved is what was there. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export async function readFile(path: string, blob: Blob): Promise<WorkspaceFile> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const text = isTextPath(path) && bytes.byteLength <= MAX_INLINE_FILE_BYTES ? decodeText(bytes) : null;
  if (text !== null) return { kind: 'text', text };
  // A copy in memory: a file on disk may be gone or changed by the time it is saved.
  const content = { kind: 'blob' as const, blob: new Blob([bytes], { type: blob.type }) };
  return { kind: 'binary', sha256: await sha256Hex(bytes), bytes: bytes.byteLength, content };
}

/** In bytes. */
export function sizeOf(file: WorkspaceFile): number {
  return file.kind === 'binary' ? file.bytes : new TextEncoder().encode(file.text).byteLength;
}

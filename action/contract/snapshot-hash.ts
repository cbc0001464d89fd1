/** The identity of a snapshot: equal for equal projects, wherever their files were read from. */
import { compareText, sha256Hex } from './hash.ts';

/**
 * SHA-256 over all paths and contents.
 * @param files in any order
 */
export function snapshotHash(files: Iterable<{ path: string; sha256: string }>): Promise<string> {
  const entries = [...files].map(({ path, sha256 }): [string, string] => [path, sha256]);
  return sha256Hex(JSON.stringify(entries.sort(([a], [b]) => compareText(a, b))));
}

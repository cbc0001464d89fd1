/** What Convex says about stored files. */
import { toHex } from '../../action/contract/hash.ts';

/** The digest as hex. Convex gives it in base64 from the system table and in hex elsewhere. */
export function sha256OfStorage(digest: string): string | null {
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  if (!/^[A-Za-z0-9+/]{43}=$/.test(digest)) return null;
  return toHex(Uint8Array.from(atob(digest), (character) => character.charCodeAt(0)));
}

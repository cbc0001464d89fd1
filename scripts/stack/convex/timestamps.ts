/** Timestamps as the sync protocol writes them: 64 bits, little-endian, base64. */

/** @param ts nanoseconds since 1970 */
export function encodeTimestamp(ts: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ts);
  return bytes.toString('base64');
}

export function decodeTimestamp(encoded: string): bigint {
  return Buffer.from(encoded, 'base64').readBigUInt64LE();
}

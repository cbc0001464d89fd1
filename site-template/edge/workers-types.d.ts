/// <reference types="@cloudflare/workers-types" />
/** Where @cloudflare/workers-types says less than is true, and the contract (typed against the DOM) relies on it. */

interface TextEncoder {
  /** Always a buffer of its own, never a shared one. */
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

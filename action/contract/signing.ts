/**
 * Signed links: `/s/{token}/p/{thread}/{version}` opens a page that is not public, until it expires.
 * A token is `{keyId}.{expires}.{mac}`; the MAC (HMAC-SHA-256) covers a JSON array of everything it is
 * good for, so that no two meanings share one encoding.
 */
import { isName, parseVersion } from './ids.ts';
import { MAX_LINK_SECONDS } from './limits.ts';

const SCHEME = 1;
/** Seconds since 1970 as a token spells them: 10 or 11 digits, from 2001 to the year 5138. */
const EXPIRES = /^[1-9][0-9]{9,10}$/;
const TOKEN = /^([a-z0-9]{1,16})\.([1-9][0-9]{9,10})\.([A-Za-z0-9_-]{43})$/;

export interface SigningKey {
  /** 1 to 16 characters of a-z and 0-9. Two keys may be valid at a time, for rotation. */
  id: string;
  /** At least 32 bytes. */
  secret: Uint8Array;
}

/** What a signed link opens. */
export interface SignedScope {
  /** Host of the edge, with port: `share.example.com`. A link for one host opens nothing on another. */
  host: string;
  thread: string;
  version: number;
}

/**
 * Makes a token.
 * @param expires seconds since 1970, UTC
 * @param now seconds since 1970, UTC
 * @throws RangeError for a weak key, a malformed key id, a malformed scope, or a life of more than a year
 */
export async function signLink(key: SigningKey, scope: SignedScope, expires: number, now: number): Promise<string> {
  if (!/^[a-z0-9]{1,16}$/.test(key.id)) throw new RangeError('the key id must be 1 to 16 characters of a-z, 0-9');
  if (!isScope(scope)) throw new RangeError('the link must name a host, a thread and a version');
  if (!EXPIRES.test(String(expires))) throw new RangeError('the expiry must be in whole seconds since 1970');
  // Said so that a `now` that is not a number is refused too.
  if (!(expires > now)) throw new RangeError('the link must expire in the future');
  if (!(expires - now <= MAX_LINK_SECONDS)) throw new RangeError(`a link lives at most ${MAX_LINK_SECONDS} seconds`);
  const mac = await crypto.subtle.sign('HMAC', await importKey(key), message(key.id, scope, expires));
  return `${key.id}.${expires}.${toBase64Url(new Uint8Array(mac))}`;
}

/**
 * Checks a token. The MAC is compared in constant time, and before the expiry is believed.
 * @param now seconds since 1970, UTC
 * @throws RangeError when the key that the token names is weak
 */
export async function verifyLink(
  keys: readonly SigningKey[],
  token: string,
  scope: SignedScope,
  now: number,
): Promise<'valid' | 'expired' | 'invalid'> {
  const [, keyId, expiresText, macText] = TOKEN.exec(token) ?? [];
  const key = keys.find((candidate) => candidate.id === keyId);
  if (!key || keyId === undefined || expiresText === undefined || macText === undefined) return 'invalid';
  if (!isScope(scope)) return 'invalid';
  const expires = Number(expiresText);
  const mac = fromBase64Url(macText);
  // A second spelling of the same bytes (spare low bits) would be a second token for one meaning.
  if (toBase64Url(mac) !== macText) return 'invalid';
  const good = await crypto.subtle.verify('HMAC', await importKey(key), mac, message(keyId, scope, expires));
  if (!good) return 'invalid';
  return now < expires ? 'valid' : 'expired';
}

/** Only what JSON tells apart is signed: NaN and null, say, would share one encoding. */
function isScope(scope: SignedScope): boolean {
  const version = parseVersion(String(scope.version));
  return scope.host !== '' && isName(scope.thread) && version !== null && version === scope.version;
}

function message(keyId: string, scope: SignedScope, expires: number): Uint8Array<ArrayBuffer> {
  const fields = [SCHEME, keyId, scope.host, scope.thread, scope.version, expires];
  return new TextEncoder().encode(JSON.stringify(fields));
}

async function importKey(key: SigningKey): Promise<CryptoKey> {
  if (key.secret.byteLength < 32) throw new RangeError('the signing key must be at least 32 bytes');
  const secret = new Uint8Array(key.secret);
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

function toBase64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

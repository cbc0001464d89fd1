/** From an Authorization header, or what a sync client sends, to the caller of a function. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenVerifier } from './auth.ts';
import { type Caller, NOBODY } from './backend.ts';
import { RequestError } from './errors.ts';

export interface Authenticated extends Caller {
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number;
}

export interface CallerTools {
  tokens: TokenVerifier;
  adminKey: string;
}

export const ANONYMOUS: Authenticated = { ...NOBODY, expiresAt: Number.POSITIVE_INFINITY };

/** @throws RequestError 401 */
export async function authenticateHeader(header: string | undefined, tools: CallerTools): Promise<Authenticated> {
  if (header === undefined) return ANONYMOUS;
  const [, scheme = '', value = ''] = /^(\S+) +(.*)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return await authenticateToken(value.trim(), tools);
  if (scheme !== 'Convex') {
    throw new RequestError(401, 'InvalidAuthHeader', 'Header must begin with `bearer ` or `convex `');
  }
  const [key = '', actingAs] = value.trim().split(':');
  const identity = actingAs === undefined ? null : JSON.parse(Buffer.from(actingAs, 'base64').toString());
  return authenticateAdmin(key, identity, tools);
}

/** @throws RequestError 401 */
export async function authenticateToken(token: string, { tokens }: CallerTools): Promise<Authenticated> {
  const { identity, expiresAt } = await tokens.verify(token);
  return { identity, isAdmin: false, expiresAt };
}

/** @throws RequestError 401 */
export function authenticateAdmin(key: string, identity: Caller['identity'], { adminKey }: CallerTools): Authenticated {
  if (timingSafeEqual(digest(key), digest(adminKey))) return { ...ANONYMOUS, identity, isAdmin: true };
  throw new RequestError(401, 'BadAdminKey', 'The provided deploy key was invalid for this instance.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

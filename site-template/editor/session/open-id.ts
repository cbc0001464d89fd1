/** OpenID Connect's implicit flow, as pure functions: the address to go to, and what came back. */
import { z } from 'zod';

export interface SignInRequest {
  url: string;
  state: string;
  nonce: string;
}

export interface Session {
  token: string;
  name: string;
  /** Issuer and subject: what drafts are kept by. */
  person: string;
  /** In milliseconds since 1970. */
  expires: number;
}

/** What must be remembered between leaving and coming back. */
export const pendingSchema = z.strictObject({ state: z.string(), nonce: z.string(), returnTo: z.string() });

export type Pending = z.infer<typeof pendingSchema>;

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nonce: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
});

interface Client {
  signInUrl: string;
  audience: string;
}

/** @param redirectUri where the issuer sends the person back to, without a fragment */
export function signInRequest({ signInUrl, audience }: Client, redirectUri: string): SignInRequest {
  const [state, nonce] = [crypto.randomUUID(), crypto.randomUUID()];
  const url = new URL(signInUrl);
  const query = {
    client_id: audience,
    redirect_uri: redirectUri,
    response_type: 'id_token',
    scope: 'openid profile email',
  };
  for (const [name, value] of Object.entries({ ...query, state, nonce })) url.searchParams.set(name, value);
  return { url: url.href, state, nonce };
}

/** Null when the fragment is none of an issuer's answers: a place in the editor, say. */
export function readReturn(
  fragment: string,
): { state: string; token: string } | { state: string; error: string } | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const [state, token, error] = [fields.get('state'), fields.get('id_token'), fields.get('error')];
  if (state === null) return null;
  if (token !== null) return { state, token };
  return error === null ? null : { state, error: fields.get('error_description') ?? error };
}

/**
 * What a token says. Its signature is the control plane's to check; here it is only made sure that it answers our own
 * question, so that nobody is signed in as somebody else by a link.
 * @param nonce null for a token that was accepted before
 */
export function openSession(token: string, audience: string, nonce: string | null, now: number): Session | null {
  const claims = claimsSchema.safeParse(readClaims(token));
  if (!claims.success) return null;
  const { iss, sub, aud, exp, name, email } = claims.data;
  const isOurs = [aud].flat().includes(audience) && (nonce === null || claims.data.nonce === nonce);
  if (!isOurs || exp * 1000 <= now) return null;
  return { token, name: name ?? email ?? 'Somebody', person: `${iss}|${sub}`, expires: exp * 1000 };
}

function readClaims(token: string): unknown {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

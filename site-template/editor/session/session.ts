/** Who is signed in, in this tab: read at the start, kept in sessionStorage, gone when the tab closes. */
import { createContext, use } from 'react';
import type { Config } from '../config.ts';
import { openSession, pendingSchema, readReturn, type Session, signInRequest } from './open-id.ts';

const TOKEN_KEY = 'permaframe-token';
const PENDING_KEY = 'permaframe-sign-in';

/** `signedOut`: `problem` says why, when it was not the person's own doing. */
export type Presence = { kind: 'signedIn'; session: Session } | { kind: 'signedOut'; problem: string | null };

/** Takes what the issuer has sent back out of the address, or what this tab had before. */
export function readPresence({ audience }: Config): Presence {
  const now = Date.now();
  const answer = readReturn(location.hash);
  if (answer === null) {
    const token = sessionStorage.getItem(TOKEN_KEY);
    if (token === null) return { kind: 'signedOut', problem: null };
    const session = openSession(token, audience, null, now);
    if (session) return { kind: 'signedIn', session };
    sessionStorage.removeItem(TOKEN_KEY);
    return { kind: 'signedOut', problem: 'Your sign-in has expired. Nothing is lost: your draft is in this browser.' };
  }
  const pending = takePending();
  history.replaceState(null, '', pending?.returnTo || location.pathname);
  if (pending === null || pending.state !== answer.state) {
    return { kind: 'signedOut', problem: 'That sign-in was not begun in this tab. Please sign in here.' };
  }
  if ('error' in answer) return { kind: 'signedOut', problem: `The sign-in did not succeed: ${answer.error}` };
  const session = openSession(answer.token, audience, pending.nonce, now);
  if (!session) return { kind: 'signedOut', problem: 'The answer of the sign-in was not valid. Please try again.' };
  sessionStorage.setItem(TOKEN_KEY, answer.token);
  return { kind: 'signedIn', session };
}

function takePending() {
  const text = sessionStorage.getItem(PENDING_KEY);
  sessionStorage.removeItem(PENDING_KEY);
  const parsed = pendingSchema.safeParse(text === null ? null : JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

export function signIn(config: Config): void {
  const { url, state, nonce } = signInRequest(config, `${location.origin}${location.pathname}`);
  sessionStorage.setItem(PENDING_KEY, JSON.stringify({ state, nonce, returnTo: location.hash }));
  location.assign(url);
}

export function forgetSession(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

export interface SignedIn {
  session: Session;
  signOut(problem?: string): void;
}

export const SessionContext = createContext<SignedIn | null>(null);

export function useSession(): SignedIn {
  const signedIn = use(SessionContext);
  if (signedIn === null) throw new Error('nobody is signed in');
  return signedIn;
}

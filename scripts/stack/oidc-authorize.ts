/** Sign-in on the local stack: OpenID Connect's implicit flow, with a page that asks which local person it is. */
import { z } from 'zod';

export interface LocalPerson {
  subject: string;
  name: string;
  email: string;
}

export interface SignIn {
  /** The one client, which is also the audience of its tokens. */
  clientId: string;
  people: readonly LocalPerson[];
  /** Life of a token, in seconds. */
  seconds: number;
}

/** Gives the token of one person. */
export type Sign = (person: LocalPerson, nonce: string) => Promise<string>;

/** What to answer: a page, or a way back to the client. */
export type AuthorizeAnswer =
  | { kind: 'page'; status: number; html: string }
  /** @property url with the token in its fragment, which no server sees */
  | { kind: 'redirect'; url: string };

const requestSchema = z.object({
  client_id: z.string(),
  redirect_uri: z.url({ protocol: /^https?$/ }).refine(isLoopback, 'must be on this machine'),
  response_type: z.literal('id_token'),
  nonce: z.string().min(1).max(200),
  state: z.string().min(1).max(200),
  /** Not a part of the protocol: the button that was pressed. */
  person: z.string().optional(),
});

/** @param query of the request to the authorization endpoint */
export async function authorize(query: URLSearchParams, signIn: SignIn, sign: Sign): Promise<AuthorizeAnswer> {
  const parsed = requestSchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return problem(`${issue?.path.join('.') ?? 'the request'} ${issue?.message ?? 'is not valid'}`);
  }
  const { client_id, redirect_uri, nonce, state, person: chosen } = parsed.data;
  if (client_id !== signIn.clientId) return problem('client_id names no client of this issuer');
  const person = signIn.people.find(({ subject }) => subject === chosen);
  if (person) {
    const url = new URL(redirect_uri);
    url.hash = new URLSearchParams({ id_token: await sign(person, nonce), state }).toString();
    return { kind: 'redirect', url: url.href };
  }
  return { kind: 'page', status: 200, html: page(choices(query, signIn.people)) };
}

function isLoopback(address: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname);
}

function problem(message: string): AuthorizeAnswer {
  const body = `<h1>This sign-in cannot go on</h1><p>${escapeHtml(message)}. Go back, and try again from the editor.</p>`;
  return { kind: 'page', status: 400, html: page(body) };
}

function choices(query: URLSearchParams, people: readonly LocalPerson[]): string {
  const buttons = people.map(({ subject, name, email }) => {
    const next = new URLSearchParams(query);
    next.set('person', subject);
    return `<a href="?${escapeHtml(next.toString())}"><b aria-hidden="true">${escapeHtml(name.slice(0, 1))}</b>
<span>Continue as ${escapeHtml(name)}<small>${escapeHtml(email)}</small></span></a>`;
  });
  return `<h1>Who is it?</h1><p>This is the sign-in of your local stack. In production your own identity provider stands here.</p>
<nav aria-label="People">${buttons.join('\n')}</nav>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Sign in</title><style>${STYLE}</style><main>${body}</main></html>`;
}

const STYLE = `
:root { --ground: #f6f5f1; --sheet: #fff; --ink: #1b211f; --quiet: #5f6864; --line: #e2e0d8; --mark: #0d6b50 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #131716; --sheet: #1b211f; --ink: #ecefed; --quiet: #9aa5a0; --line: #2d3532; --mark: #6fd6ae }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100svh; display: grid; place-items: center; padding: 24px; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { width: min(400px, 100%); padding: 32px; background: var(--sheet); border: 1px solid var(--line); border-radius: 16px }
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.25; letter-spacing: -.01em }
p { margin: 0 0 24px; color: var(--quiet); font-size: 14px }
nav { display: grid; gap: 10px }
a { display: flex; gap: 14px; align-items: center; padding: 12px 14px; border: 1px solid var(--line); border-radius: 12px;
  color: inherit; text-decoration: none; font-weight: 600 }
a:hover { border-color: var(--mark) }
a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px }
b { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: var(--mark); color: var(--sheet) }
small { display: block; font-weight: 400; font-size: 13px; color: var(--quiet) }
`;

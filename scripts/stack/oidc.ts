/** The local stack's OpenID Connect issuers: one for people, one for runs in the place of GitHub's. Real keys, real JWTs. */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { z } from 'zod';
import { requireFreePort } from './free-port.ts';
import { authorize, type SignIn } from './oidc-authorize.ts';

/** GitHub's tokens for runs live this long, in seconds. */
const RUN_TOKEN_SECONDS = 300;
/** GitHub dates `nbf` back by this, in seconds, for clocks that are late. */
const NOT_BEFORE_SECONDS = 600;
const PERSON_TOKEN_SECONDS = 3600;
/** Keys are shown this long without asking again, in seconds; GitHub lets them be cached much longer. */
const KEYS_MAX_AGE_SECONDS = 60;

const PEOPLE_PATH = '/people';
const AUTHORIZE_PATH = `${PEOPLE_PATH}/authorize`;
const REQUEST_PATH = '/actions/token';

/** What GitHub says of a run. All are strings, numbers included. */
export interface RunClaims {
  sub: string;
  repository: string;
  repository_id: string;
  repository_owner: string;
  repository_owner_id: string;
  repository_visibility: string;
  job_workflow_ref: string;
  job_workflow_sha: string;
  workflow: string;
  workflow_ref: string;
  workflow_sha: string;
  event_name: string;
  ref: string;
  ref_type: string;
  sha: string;
  run_id: string;
  run_number: string;
  run_attempt: string;
  runner_environment: string;
  actor: string;
  actor_id: string;
}

export interface Person {
  subject: string;
  name: string;
  email: string;
  audience: string;
}

export interface Lifetime {
  /** When the token is signed, as it says; now by default. */
  issuedAt?: Date;
  /** Seconds from `issuedAt`. */
  expiresIn?: number;
}

/** How a job asks for its tokens; goes into the job's environment. Disposed when the job ends: nothing is minted then. */
export interface TokenRequest extends Disposable {
  /** ACTIONS_ID_TOKEN_REQUEST_URL. Has a query already: clients append `&audience=…`. */
  url: string;
  /** ACTIONS_ID_TOKEN_REQUEST_TOKEN, the bearer. */
  token: string;
}

export interface OidcIssuer extends AsyncDisposable {
  /** Signs for runs, as https://token.actions.githubusercontent.com does. No slash at the end. */
  issuer: string;
  /** Signs for people, with keys of its own: a run's token never passes for a person's. */
  peopleIssuer: string;
  /** Where people sign in: the authorization endpoint of their issuer. */
  signInUrl: string;
  signForPerson(person: Person, lifetime?: Lifetime): Promise<string>;
  signForRun(claims: RunClaims, audience: string, lifetime?: Lifetime): Promise<string>;
  /** Lets one job ask for tokens that carry `claims`. Only for jobs with `id-token: write`. */
  openRequest(claims: RunClaims): TokenRequest;
  /** Fault: the next `count` requests for a token are answered 503, as GitHub does at times. */
  failNext(count: number): void;
}

interface OidcOptions {
  /** Keys are kept below it, over restarts, readable by their owner only. */
  stateFolder: string;
  /** Port on 127.0.0.1. Must be free. */
  port: number;
  /** Who can sign in on a page. Nobody when it is missing. */
  signIn?: SignIn;
  log?: (line: string) => void;
}

/** @throws Error when the port is taken, or the keys cannot be read */
export async function startOidcIssuer({ stateFolder, port, signIn, log }: OidcOptions): Promise<OidcIssuer> {
  await requireFreePort(port);
  const folder = join(stateFolder, 'oidc');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const runs = await openSigner(join(folder, 'runs.json'), `http://127.0.0.1:${port}`);
  const people = await openSigner(join(folder, 'people.json'), `http://127.0.0.1:${port}${PEOPLE_PATH}`);
  const requests = new Map<string, RunClaims>();
  const faults = { left: 0 };
  const answer = answererOf({ runs, people, requests, faults, signIn, log: log ?? (() => undefined) });
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer: runs.issuer,
    peopleIssuer: people.issuer,
    signInUrl: `${runs.issuer}${AUTHORIZE_PATH}`,
    signForPerson: ({ subject, audience, ...claims }, lifetime) =>
      people.sign({ ...claims, email_verified: true, sub: subject }, audience, PERSON_TOKEN_SECONDS, lifetime),
    signForRun: (claims, audience, lifetime) => runs.sign({ ...claims }, audience, RUN_TOKEN_SECONDS, lifetime),
    openRequest(claims) {
      const token = randomBytes(32).toString('base64url');
      requests.set(token, claims);
      const url = `${runs.issuer}${REQUEST_PATH}?api-version=2.0`;
      return { url, token, [Symbol.dispose]: () => void requests.delete(token) };
    },
    failNext(count) {
      faults.left = count;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

interface Signer {
  issuer: string;
  /** The public half, as it is published. */
  keys: JWK[];
  sign(claims: Record<string, unknown>, audience: string, seconds: number, lifetime?: Lifetime): Promise<string>;
}

const keySchema = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() });

async function openSigner(file: string, issuer: string): Promise<Signer> {
  const jwk = await readKey(file);
  const kid = await calculateJwkThumbprint(jwk);
  const key = await importJWK(jwk, 'RS256');
  return {
    issuer,
    keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', kid, n: jwk.n, e: jwk.e }],
    sign(claims, audience, seconds, { issuedAt = new Date(), expiresIn = seconds } = {}) {
      const iat = Math.floor(issuedAt.getTime() / 1000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(randomUUID())
        .setIssuedAt(iat)
        .setNotBefore(iat - NOT_BEFORE_SECONDS)
        .setExpirationTime(iat + expiresIn)
        .sign(key);
    },
  };
}

async function readKey(file: string): Promise<z.infer<typeof keySchema>> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null) {
    const parsed = keySchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new Error(`${file} holds no RSA key. Remove it to begin anew: tokens signed before stop counting.`);
  }
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = keySchema.parse(await exportJWK(privateKey));
  await writeFile(file, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' });
  return jwk;
}

interface Answering {
  runs: Signer;
  people: Signer;
  requests: ReadonlyMap<string, RunClaims>;
  faults: { left: number };
  signIn: SignIn | undefined;
  log: (line: string) => void;
}

function answererOf({ runs, people, requests, faults, signIn, log }: Answering) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', runs.issuer);
    if (request.method !== 'GET') return sendJson(response, 405, { message: 'only GET' });
    if (url.pathname === REQUEST_PATH) {
      if (faults.left > 0) {
        faults.left -= 1;
        log('oidc: 503, as asked for');
        return sendJson(response, 503, { message: 'Service unavailable' });
      }
      const claims = claimsFor(request.headers.authorization, requests);
      if (claims === undefined) return sendJson(response, 401, { message: 'no such job, or it is over' });
      const audience = url.searchParams.get('audience') ?? `https://github.com/${claims.repository_owner}`;
      log(`oidc: a token of run ${claims.run_id} for ${audience}`);
      return sendJson(response, 200, { value: await runs.sign({ ...claims }, audience, RUN_TOKEN_SECONDS) });
    }
    if (url.pathname === AUTHORIZE_PATH && signIn) return sendSignIn(response, url.searchParams, people, signIn);
    const signer = url.pathname.startsWith(`${PEOPLE_PATH}/`) ? people : runs;
    const document = documentOf(signer, url.pathname.slice(new URL(signer.issuer).pathname.replace(/\/$/, '').length));
    if (document === undefined) return sendJson(response, 404, { message: `nothing is at ${url.pathname}` });
    response.setHeader('cache-control', `public, max-age=${KEYS_MAX_AGE_SECONDS}`);
    response.setHeader('access-control-allow-origin', '*');
    return sendJson(response, 200, document);
  };
}

async function sendSignIn(response: ServerResponse, query: URLSearchParams, people: Signer, signIn: SignIn) {
  const answer = await authorize(query, signIn, ({ subject, ...claims }, nonce) =>
    people.sign({ ...claims, email_verified: true, sub: subject, nonce }, signIn.clientId, signIn.seconds),
  );
  response.setHeader('cache-control', 'no-store');
  response.setHeader('referrer-policy', 'no-referrer');
  if (answer.kind === 'redirect') return void response.writeHead(303, { location: answer.url }).end();
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
  response.writeHead(answer.status, headers).end(answer.html);
}

function documentOf({ issuer, keys }: Signer, path: string): unknown {
  switch (path) {
    case '/.well-known/openid-configuration':
      return {
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid'],
      };
    case '/.well-known/jwks':
    case '/jwks':
      return { keys };
    default:
      return undefined;
  }
}

function claimsFor(authorization: string | undefined, requests: ReadonlyMap<string, RunClaims>): RunClaims | undefined {
  const given = Buffer.from(/^bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  const found = [...requests].find(([token]) => {
    const expected = Buffer.from(token);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return found?.[1];
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

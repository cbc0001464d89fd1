/** Reports as runs send them: with tokens of an issuer that is a real server on this machine, and whose keys are real. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { REPORT_PATH } from '../../action/contract/reports.ts';
import { type Deployment, ENVIRONMENT } from './deployment.ts';

/** The workflow that makes videos, beside the one that publishes. */
export const RENDER_WORKFLOW_REF = 'acme/films/.github/workflows/render.yml@refs/heads/main';

export const signing = await generateKeyPair('RS256', { extractable: true });

/** Starts the issuer for the tests of a file. */
export function startIssuer(): { address: () => string; requests: () => number } {
  let server: Server;
  let requests = 0;
  beforeAll(async () => {
    const jwk = { ...(await exportJWK(signing.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    // Says nothing about its use: then only we say what it may be used for.
    const bare = { ...(await exportJWK(signing.publicKey)), kid: 'bare' };
    server = createServer((request, response) => {
      requests++;
      const isKeys = request.url === '/.well-known/jwks';
      response.writeHead(isKeys ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isKeys ? { keys: [jwk, bare] } : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });
  return { address: () => issuer, requests: () => requests };
}

let issuer = '';

export function claimsOf(run = '1001', attempt = '1'): Record<string, unknown> {
  return {
    sub: 'repo:acme/films:ref:refs/heads/main',
    repository: 'acme/films',
    repository_id: ENVIRONMENT.PERMAFRAME_REPOSITORY_ID,
    repository_owner_id: ENVIRONMENT.PERMAFRAME_REPOSITORY_OWNER_ID,
    job_workflow_ref: ENVIRONMENT.PERMAFRAME_WORKFLOW_REF,
    event_name: 'repository_dispatch',
    ref: 'refs/heads/main',
    run_id: run,
    run_attempt: attempt,
  };
}

export const seconds = () => Math.floor(Date.now() / 1000);

export function token(
  changes: Record<string, unknown> = {},
  key = signing.privateKey,
  header: object = {},
): Promise<string> {
  const times = { iat: seconds(), nbf: seconds() - 10, exp: seconds() + 300 };
  const claims = { iss: issuer, aud: ENVIRONMENT.CONVEX_SITE_URL, ...times, ...claimsOf(), ...changes };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT', ...header }).sign(key);
}

export async function send(
  { t }: Deployment,
  body: unknown,
  bearer: string | null,
): Promise<{ status: number; body: unknown }> {
  const response = await t.fetch(REPORT_PATH, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
  });
  return { status: response.status, body: await response.json() };
}

export const accepted = { status: 200, body: { kind: 'accepted' } };
export const refused = (reason: string) => ({ status: 200, body: { kind: 'refused', reason } });

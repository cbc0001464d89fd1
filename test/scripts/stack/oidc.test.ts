import { mkdtempDisposable, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { findFreePort } from '../../../scripts/stack/free-port.ts';
import { type OidcIssuer, type RunClaims, startOidcIssuer } from '../../../scripts/stack/oidc.ts';
import { openBench, workflowOf } from './runner/workflow-run.ts';

const AUDIENCE = 'https://control.example.com';
const ADA = { subject: 'user-1', name: 'Ada', email: 'ada@example.com', audience: 'permaframe' };
const CLAIMS: RunClaims = {
  ...{ sub: 'repo:acme/films:ref:refs/heads/main', repository: 'acme/films', repository_id: '11' },
  ...{ repository_owner: 'acme', repository_owner_id: '22', repository_visibility: 'private' },
  ...{ job_workflow_ref: 'acme/films/w.yml@refs/heads/main', job_workflow_sha: 'a', workflow: 'w', workflow_sha: 'a' },
  ...{ workflow_ref: 'acme/films/w.yml@refs/heads/main', event_name: 'repository_dispatch', ref: 'refs/heads/main' },
  ...{ ref_type: 'branch', sha: 'a', run_id: '7', run_number: '3', run_attempt: '1' },
  ...{ runner_environment: 'github-hosted', actor: 'ada', actor_id: '22' },
};

it('signs tokens that verify with the keys it publishes, for five minutes', async () => {
  await using place = await start();
  const { oidc } = place;
  const token = await oidc.signForRun(CLAIMS, AUDIENCE);
  const { payload, protectedHeader } = await verify(oidc.issuer, token, AUDIENCE);
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
  expect(payload).toMatchObject({ ...CLAIMS, iss: oidc.issuer, aud: AUDIENCE, jti: expect.any(String) });
  expect([Number(payload.exp) - Number(payload.iat), Number(payload.iat) - Number(payload.nbf)]).toEqual([300, 600]);
  const old = await oidc.signForRun(CLAIMS, AUDIENCE, { issuedAt: new Date(Date.now() - 400_000) });
  await expect(verify(oidc.issuer, old, AUDIENCE)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
});

it('signs for people with another issuer and other keys', async () => {
  await using place = await start();
  const { oidc } = place;
  const token = await oidc.signForPerson(ADA);
  const { payload } = await verify(oidc.peopleIssuer, token, 'permaframe');
  expect(payload).toMatchObject({ sub: 'user-1', name: 'Ada', email: 'ada@example.com', email_verified: true });
  const ofRun = await oidc.signForRun(CLAIMS, 'permaframe');
  await expect(verify(oidc.peopleIssuer, ofRun, 'permaframe')).rejects.toMatchObject({
    code: 'ERR_JWKS_NO_MATCHING_KEY',
  });
});

it('keeps its keys over restarts, readable by their owner only', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-oidc-'));
  const port = await findFreePort();
  const first = await startOidcIssuer({ stateFolder: folder.path, port });
  const token = await first.signForRun(CLAIMS, AUDIENCE);
  await first[Symbol.asyncDispose]();
  await using again = await startOidcIssuer({ stateFolder: folder.path, port });
  await verify(again.issuer, token, AUDIENCE);
  for (const name of ['runs.json', 'people.json']) {
    expect((await stat(join(folder.path, 'oidc', name))).mode & 0o777).toBe(0o600);
  }
  const { keys } = (await (await fetch(`${again.issuer}/jwks`)).json()) as { keys: unknown };
  const kept = JSON.parse(await readFile(join(folder.path, 'oidc', 'runs.json'), 'utf8'));
  expect(kept.d).toEqual(expect.any(String));
  expect(JSON.stringify(keys)).not.toContain(kept.d);
});

it('answers discovery, and nothing else', async () => {
  await using place = await start();
  const { issuer, peopleIssuer } = place.oidc;
  for (const each of [issuer, peopleIssuer]) {
    const configuration = await (await fetch(`${each}/.well-known/openid-configuration`)).json();
    expect(configuration).toMatchObject({ issuer: each, jwks_uri: `${each}/.well-known/jwks` });
  }
  expect((await fetch(`${issuer}/admin`)).status).toBe(404);
  expect((await fetch(`${issuer}/jwks`, { method: 'POST' })).status).toBe(405);
});

it('mints a token for a job that may ask, until the job is over, and fails when told to', async () => {
  await using place = await start();
  const { oidc } = place;
  const ask = (url: string, token: string) =>
    fetch(`${url}&audience=${encodeURIComponent(AUDIENCE)}`, { headers: { authorization: `bearer ${token}` } });
  const request = oidc.openRequest(CLAIMS);
  oidc.failNext(2);
  const statuses = [await ask(request.url, request.token), await ask(request.url, request.token)].map(
    ({ status }) => status,
  );
  expect(statuses).toEqual([503, 503]);
  const { value } = (await (await ask(request.url, request.token)).json()) as { value: string };
  expect((await verify(oidc.issuer, value, AUDIENCE)).payload).toMatchObject(CLAIMS as never);
  const usual = (await (
    await fetch(request.url, { headers: { authorization: `Bearer ${request.token}` } })
  ).json()) as { value: string };
  expect(decodeJwt(usual.value).aud).toBe('https://github.com/acme');
  expect((await ask(request.url, `${request.token}x`)).status).toBe(401);
  expect((await fetch(request.url)).status).toBe(401);
  request[Symbol.dispose]();
  expect((await ask(request.url, request.token)).status).toBe(401);
});

it('is asked by a job with `id-token: write` only, and says what is true of its run', async () => {
  await using place = await start();
  const { oidc } = place;
  const steps = `- run: |
    [ -n "$ACTIONS_ID_TOKEN_REQUEST_URL" ] || { echo "may not ask"; exit 0; }
    node -e 'fetch(process.env.ACTIONS_ID_TOKEN_REQUEST_URL + "&audience=${AUDIENCE}", { headers: { authorization: "bearer " + process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN } }).then((r) => r.json()).then(({ value }) => console.log("token " + value.split(".").join(" ")))'`;
  using granted = openBench(`permissions: {id-token: write}\n${workflowOf(steps)}`, { oidc });
  const { log, report } = await granted.execute({ attempt: 2 });
  const token = /^token (ey\S+) (\S+) (\S+)$/m.exec(log)?.slice(1).join('.') ?? '';
  expect((await verify(oidc.issuer, token, AUDIENCE)).payload).toMatchObject({
    sub: 'repo:acme/films:ref:refs/heads/main',
    repository: 'acme/films',
    repository_id: '11',
    repository_owner_id: '22',
    job_workflow_ref: 'acme/films/.github/workflows/test.yml@refs/heads/main',
    workflow_ref: 'acme/films/.github/workflows/test.yml@refs/heads/main',
    event_name: 'repository_dispatch',
    ref: 'refs/heads/main',
    sha: granted.run.sha,
    run_id: '7',
    run_number: '3',
    run_attempt: '2',
    runner_environment: 'github-hosted',
  });
  expect(report.conclusion).toBe('success');
  for (const permissions of ['{}', 'read-all', '{contents: write}']) {
    using refused = openBench(`permissions: ${permissions}\n${workflowOf(steps)}`, { oidc });
    expect((await refused.execute()).log).toContain('\nmay not ask\n');
  }
});

function verify(issuer: string, token: string, audience: string) {
  return jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`)), { issuer, audience });
}

async function start(): Promise<{ oidc: OidcIssuer } & AsyncDisposable> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-oidc-'));
  const oidc = await startOidcIssuer({ stateFolder: folder.path, port: await findFreePort() });
  return {
    oidc,
    async [Symbol.asyncDispose]() {
      await oidc[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

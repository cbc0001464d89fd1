import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { MAX_REPORT_BYTES } from '../../action/contract/reports.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import {
  type Deployment,
  deploy,
  ENVIRONMENT,
  everything,
  makeThread,
  publish,
  publishedReport,
  receive,
  requestPublish,
} from './deployment.ts';
import {
  accepted,
  claimsOf,
  RENDER_WORKFLOW_REF,
  refused,
  seconds,
  send,
  signing,
  startIssuer,
  token,
} from './reporting.ts';

const issuer = startIssuer();
const other = await generateKeyPair('RS256', { extractable: true });

async function dispatched(): Promise<{ deployment: Deployment; id: Id<'publishes'> }> {
  const deployment = deploy();
  vi.stubEnv('PERMAFRAME_OIDC_ISSUER', issuer.address());
  const ada = deployment.person('ada');
  await makeThread(ada);
  const id = await requestPublish(ada);
  await deployment.t.mutation(internal.dispatching.sent, { publish: id });
  await deployment.newlyStarted();
  return { deployment, id };
}

describe('the report endpoint', () => {
  it('takes the reports of a run from claim to link, with one look at the keys', async () => {
    const { deployment, id } = await dispatched();
    const before = issuer.requests();
    for (const body of [
      { kind: 'claim', publish: id },
      { kind: 'progress', publish: id, state: 'bundling' },
      { kind: 'progress', publish: id, state: 'uploading' },
      publishedReport(id),
    ]) {
      expect(await send(deployment, body, await token())).toEqual(accepted);
    }
    expect(issuer.requests() - before).toBeLessThanOrEqual(1);
    const seen = await deployment.person('ada').query(api.publishes.get, { publish: id });
    const url = 'https://github.com/acme/films/actions/runs/1001/attempts/1';
    expect(seen).toMatchObject({ state: 'published', run: { id: '1001', attempt: 1, url } });
  });

  it('says of repeated, late and out-of-order reports that they change nothing', async () => {
    const { deployment, id } = await dispatched();
    const report = async (body: unknown) => send(deployment, body, await token());
    expect(await report({ kind: 'progress', publish: id, state: 'bundling' })).toEqual(refused('notYours'));
    expect(await report(publishedReport(id))).toEqual(refused('notYours'));
    expect(await report({ kind: 'claim', publish: id })).toEqual(accepted);
    expect(await report({ kind: 'claim', publish: id })).toEqual(refused('late'));
    expect(await report({ kind: 'progress', publish: id, state: 'uploading' })).toEqual(accepted);
    const before = await everything(deployment);
    expect(await report({ kind: 'progress', publish: id, state: 'bundling' })).toEqual(refused('late'));
    expect(await report({ kind: 'progress', publish: id, state: 'uploading' })).toEqual(refused('late'));
    expect(await everything(deployment)).toEqual(before);
    expect(await report(publishedReport(id))).toEqual(accepted);
    const after = await everything(deployment);
    const failed = { kind: 'failed', publish: id, code: 'INTERNAL', message: 'late', diagnostics: [] };
    for (const body of [publishedReport(id), failed, { kind: 'claim', publish: id }]) {
      expect(await report(body)).toEqual(refused('over'));
    }
    expect(await everything(deployment)).toEqual(after);
  });

  it('lets attempt 2 take over from attempt 1, and attempt 1 change nothing any more', async () => {
    const { deployment, id } = await dispatched();
    const first = await token(claimsOf('1001', '1'));
    const second = await token(claimsOf('1001', '2'));
    expect(await send(deployment, { kind: 'claim', publish: id }, first)).toEqual(accepted);
    expect(await send(deployment, publishedReport(id), second)).toEqual(refused('notYours'));
    expect(await send(deployment, { kind: 'claim', publish: id }, second)).toEqual(accepted);
    const before = await everything(deployment);
    for (const body of [{ kind: 'claim', publish: id }, publishedReport(id)]) {
      expect(await send(deployment, body, first)).toEqual(refused('notYours'));
    }
    const foreignRun = await token(claimsOf('1002', '9'));
    expect(await send(deployment, { kind: 'claim', publish: id }, foreignRun)).toEqual(refused('notYours'));
    expect(await everything(deployment)).toEqual(before);
    expect(await send(deployment, publishedReport(id), second)).toEqual(accepted);
  });

  it('a token of one publish does nothing for another that a run has claimed', async () => {
    const { deployment, id } = await dispatched();
    await publish(deployment, id);
    const eve = deployment.person('eve');
    await makeThread(eve, 'hers');
    const hers = await requestPublish(eve, 'hers');
    await receive(deployment, { kind: 'claim', publish: hers }, { id: '2002', attempt: 1, url: 'https://github.com/' });
    const before = await everything(deployment);
    for (const body of [{ kind: 'claim', publish: hers }, publishedReport(hers)]) {
      expect(await send(deployment, body, await token())).toEqual(refused('notYours'));
    }
    expect(await send(deployment, publishedReport('no-such-publish'), await token())).toEqual(refused('unknown'));
    expect(await everything(deployment)).toEqual(before);
  });
});

describe('a forged report changes nothing', () => {
  const foreign: [string, Record<string, unknown>][] = [
    ['another repository', { repository_id: '4712' }],
    ['a repository id as a number', { repository_id: 4711 }],
    ['another owner', { repository_owner_id: '43' }],
    ['another workflow', { job_workflow_ref: 'acme/films/.github/workflows/evil.yml@refs/heads/main' }],
    ['the workflow of a branch', { job_workflow_ref: 'acme/films/.github/workflows/publish.yml@refs/heads/evil' }],
    ['a workflow with a longer name', { job_workflow_ref: `${ENVIRONMENT.PERMAFRAME_WORKFLOW_REF}-evil` }],
    ['the workflow that makes videos', { job_workflow_ref: RENDER_WORKFLOW_REF }],
    ['no workflow', { job_workflow_ref: undefined }],
    ['a pull request', { event_name: 'pull_request' }],
    ['a push', { event_name: 'push' }],
    ['another branch', { ref: 'refs/heads/evil' }],
    ['no run id', { run_id: undefined }],
    ['a run id that is no decimal', { run_id: '10e2' }],
    ['a run attempt that is no decimal', { run_attempt: '0x1' }],
    ['attempt 0', { run_attempt: '0' }],
  ];
  const invalid: [string, Record<string, unknown>][] = [
    ['another audience', { aud: 'https://other.example.com' }],
    ['an audience among others', { aud: [ENVIRONMENT.CONVEX_SITE_URL, 'https://other.example.com'] }],
    ['the audience with a path', { aud: `${ENVIRONMENT.CONVEX_SITE_URL}/` }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://token.actions.githubusercontent.com' }],
    ['expired', { iat: seconds0(-400), exp: seconds0(-60) }],
    ['no expiry', { exp: undefined }],
    ['not yet valid', { nbf: seconds0(60) }],
    ['issued long ago', { iat: seconds0(-7200) }],
    ['issued in the future', { iat: seconds0(600) }],
  ];

  function seconds0(offset: number): () => number {
    return () => seconds() + offset;
  }

  async function check(status: number, make: () => Promise<string> | string): Promise<void> {
    const { deployment, id } = await dispatched();
    const bearer = await make();
    const before = await everything(deployment);
    for (const body of [{ kind: 'claim', publish: id }, publishedReport(id)]) {
      const answer = await send(deployment, body, bearer);
      expect(answer.status).toBe(status);
      if (status === 200) expect(answer).toEqual(refused('unknown'));
      // Whether the publish exists is not said.
      expect(answer).toEqual(await send(deployment, { ...body, publish: 'no-such-publish' }, bearer));
    }
    expect(await everything(deployment)).toEqual(before);
    expect(await send(deployment, { kind: 'claim', publish: id }, await token())).toEqual(accepted);
  }

  const present = (changes: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(changes).map(([key, value]) => [key, typeof value === 'function' ? value() : value]),
    );

  it.each(foreign)('from %s', (_name, changes) => check(200, () => token(present(changes))));
  it.each(invalid)('with a token: %s', (_name, changes) => check(401, () => token(present(changes))));
  it('signed with a key that is not the issuer’s', () => check(401, () => token({}, other.privateKey)));
  it('signed with an unknown key id', () => check(401, () => token({}, other.privateKey, { kid: 'k2' })));
  it('that was changed after signing', () =>
    check(401, async () => {
      const [header, payload = '', signature] = (await token()).split('.');
      const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
      const changed = Buffer.from(JSON.stringify({ ...claims, run_id: '666' })).toString('base64url');
      return `${header}.${changed}.${signature}`;
    }));
  it('that is not signed at all (alg: none)', () =>
    check(401, async () => {
      const [, payload] = (await token()).split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
      return `${header}.${payload}.`;
    }));
  it('signed with the public key as if it were a secret (HS256)', () =>
    check(401, async () => {
      const secret = new TextEncoder().encode(await exportSPKI(signing.publicKey));
      const claims = { iss: issuer.address(), aud: ENVIRONMENT.CONVEX_SITE_URL, exp: seconds() + 60, ...claimsOf() };
      const times = { iat: seconds(), nbf: seconds() };
      return new SignJWT({ ...claims, ...times }).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret);
    }));
  it('signed by another algorithm of the same key (PS256)', () =>
    check(401, async () => {
      const jwk = await exportJWK(signing.privateKey);
      const key = (await importJWK(jwk, 'PS256')) as CryptoKey;
      return token({}, key, { alg: 'PS256', kid: 'bare' });
    }));
  it('that is no token', () => check(401, () => 'not.a.token'));
  it('that is far too long', () => check(401, async () => `${await token()}${'A'.repeat(20_000)}`));
});

describe('what is no report', () => {
  it('is refused: without a token, too large, not JSON, unknown fields, tricks in values', async () => {
    const { deployment, id } = await dispatched();
    const before = await everything(deployment);
    const good = await token();
    expect((await send(deployment, { kind: 'claim', publish: id }, null)).status).toBe(401);
    const large = { kind: 'claim', publish: id, padding: 'x'.repeat(MAX_REPORT_BYTES) };
    expect((await send(deployment, large, good)).status).toBe(413);
    const failing = { kind: 'failed', publish: id, code: 'INTERNAL', message: '', diagnostics: [] };
    for (const body of [
      'nonsense',
      '',
      'null',
      '[]',
      { kind: 'claim' },
      { kind: 'claim', publish: `${id}\n` },
      { kind: 'claim', publish: '../../etc/passwd' },
      { kind: 'claim', publish: '$(id)' },
      { kind: 'claim', publish: id, state: 'published' },
      { kind: 'progress', publish: id, state: 'published' },
      { ...publishedReport(id), artifactHash: '$' + '{{ secrets.TOKEN }}' },
      { ...publishedReport(id), files: -1 },
      { ...failing, code: '__proto__' },
      { ...failing, message: 'x'.repeat(2000) },
    ]) {
      expect((await send(deployment, body, good)).status, JSON.stringify(body).slice(0, 80)).toBe(400);
    }
    expect(await everything(deployment)).toEqual(before);
  });

  it('while the issuer does not answer: 503, so that the run tries again', async () => {
    const { deployment, id } = await dispatched();
    vi.stubEnv('PERMAFRAME_OIDC_ISSUER', `${issuer.address()}/nowhere`);
    const answer = await send(
      deployment,
      { kind: 'claim', publish: id },
      await token({ iss: `${issuer.address()}/nowhere` }),
    );
    expect(answer.status).toBe(503);
  });
});

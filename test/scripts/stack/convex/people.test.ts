import { setTimeout as sleep } from 'node:timers/promises';
import { ConvexHttpClient } from 'convex/browser';
import { ConvexReactClient } from 'convex/react';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { api, eventually, newName, setUpServer, watch } from './fixture.ts';

const suite = setUpServer();

describe('people', () => {
  it('are who their token says, over HTTP', async () => {
    const client = new ConvexHttpClient(suite.server.url);
    expect(await client.query(api.messages.whoami, {})).toBeNull();
    client.setAuth(await suite.sign('ada'));
    expect(await client.query(api.messages.whoami, {})).toEqual({
      subject: 'ada',
      issuer: suite.issuer.peopleIssuer,
      tokenIdentifier: `${suite.issuer.peopleIssuer}|ada`,
      name: 'Name of ada',
      email: 'ada@example.org',
      emailVerified: true,
    });
    client.clearAuth();
    expect(await client.query(api.messages.whoami, {})).toBeNull();
  });

  it.each<[string, string, () => Promise<string> | string]>([
    [
      'expired',
      'Unauthenticated',
      () => suite.sign('ada', { issuedAt: new Date(Date.now() - 7_200_000), expiresIn: 3600 }),
    ],
    [
      'for another audience',
      'NoAuthProvider',
      () => suite.issuer.signForPerson({ subject: 'a', name: '', email: '', audience: 'other' }),
    ],
    ['of another issuer', 'NoAuthProvider', () => suite.issuer.signForRun({ sub: 'run' } as never, 'test-app')],
    ['not a JWT', 'InvalidAuthHeader', () => 'nonsense'],
    ['unsigned', 'Unauthenticated', () => unsigned()],
    ['signed with a secret', 'Unauthenticated', () => signedWithSecret()],
  ])('with a token that is %s are refused: %s', async (_what, code, token) => {
    const client = new ConvexHttpClient(suite.server.url, { auth: await token() });
    const error = await client.query(api.messages.whoami, {}).then(
      () => null,
      (cause: Error) => cause,
    );
    expect(JSON.parse(error?.message ?? '')).toMatchObject({ code });
  });

  const claims = () => ({ iss: suite.issuer.peopleIssuer, aud: 'test-app', sub: 'ada' });
  const unsigned = () => new UnsecuredJWT(claims()).setIssuedAt().setExpirationTime('1h').encode();
  const signedWithSecret = () =>
    new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new Uint8Array(32));

  it('sign in and out on a live connection, and their queries follow', async () => {
    const client = new ConvexReactClient(suite.server.url, { logger: false });
    onTestFinished(() => client.close());
    const watched = client.watchQuery(api.messages.whoami, {});
    const subject = () => (watched.localQueryResult() as { subject: string } | null | undefined)?.subject;
    watched.onUpdate(() => undefined);
    const token = await suite.sign('ada');
    const changes: boolean[] = [];
    client.setAuth(
      async () => token,
      (isAuthenticated) => changes.push(isAuthenticated),
    );
    await eventually(subject, (who) => who === 'ada');
    const channel = newName();
    await client.mutation(api.messages.send, { channel, text: 'hi' });
    expect(await client.query(api.messages.list, { channel })).toEqual(['Name of ada: hi']);
    client.clearAuth();
    await eventually(watched.localQueryResult, (identity) => identity === null);
    await client.mutation(api.messages.send, { channel, text: 'who?' });
    expect(await client.query(api.messages.list, { channel })).toEqual(['Name of ada: hi', 'who?']);
    expect(changes).toEqual([true]);
  });

  it('with a bad token are told, and go on as nobody', async () => {
    const client = suite.liveClient();
    const changes: boolean[] = [];
    client.setAuth(
      async () => signedWithSecret(),
      (isAuthenticated) => changes.push(isAuthenticated),
    );
    await eventually(
      () => changes,
      ([first]) => first === false,
      15_000,
    );
    expect(await client.query(api.messages.whoami, {})).toBeNull();
  });

  it('whose token ends while they are connected are asked for a new one', async () => {
    const client = suite.liveClient();
    let asked = 0;
    const { seen } = watch<{ subject: string } | null>(client, api.messages.whoami, {});
    client.setAuth(async () => {
      asked += 1;
      return await suite.sign(`ada-${asked}`, { expiresIn: asked === 1 ? 3 : 3600 });
    });
    await eventually(
      () => seen.at(-1)?.subject,
      (subject) => subject !== undefined,
    );
    await sleep(3_100);
    await client.mutation(api.messages.add, { name: newName() });
    expect(asked).toBeGreaterThan(1);
    expect((await client.query(api.messages.whoami, {})) as unknown).toMatchObject({ subject: `ada-${asked}` });
  });
});

import { expect, it } from 'vitest';
import { authorize, type SignIn } from '../../../scripts/stack/oidc-authorize.ts';

const SIGN_IN: SignIn = {
  clientId: 'permaframe',
  people: [
    { subject: 'ada', name: 'Ada <b>', email: 'ada@example.com' },
    { subject: 'ben', name: 'Ben', email: 'ben@example.com' },
  ],
  seconds: 60,
};
const QUERY = {
  client_id: 'permaframe',
  redirect_uri: 'http://127.0.0.1:4000/editor/',
  response_type: 'id_token',
  nonce: 'n-1',
  state: 's-1',
};

const ask = (change: Record<string, string>) =>
  authorize(
    new URLSearchParams({ ...QUERY, ...change }),
    SIGN_IN,
    async ({ subject }, nonce) => `token.${subject}.${nonce}`,
  );

it('shows one button for each person, their names as text', async () => {
  const answer = await ask({});
  expect(answer).toMatchObject({ kind: 'page', status: 200 });
  const html = answer.kind === 'page' ? answer.html : '';
  expect(html.match(/<a href/g)).toHaveLength(2);
  expect(html).toContain('Continue as Ada &#60;b&#62;');
});

it('sends the person back with a token in the fragment, which no server sees', async () => {
  const url = 'http://127.0.0.1:4000/editor/#id_token=token.ben.n-1&state=s-1';
  expect(await ask({ person: 'ben' })).toEqual({ kind: 'redirect', url });
});

it.each([
  [{ redirect_uri: 'https://example.com/' }, 'redirect_uri must be on this machine'],
  [{ redirect_uri: 'http://127.0.0.1.example.com/' }, 'redirect_uri must be on this machine'],
  [{ redirect_uri: 'javascript:alert(1)' }, 'redirect_uri'],
  [{ client_id: 'other' }, 'client_id names no client'],
  [{ response_type: 'code' }, 'response_type'],
  [{ nonce: '' }, 'nonce'],
])('hands no token to %j', async (change, message) => {
  const answer = await ask({ person: 'ada', ...change } as Record<string, string>);
  expect(answer).toMatchObject({ kind: 'page', status: 400 });
  expect(answer.kind === 'page' && answer.html).toContain(message);
});

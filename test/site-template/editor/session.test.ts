import { describe, expect, it } from 'vitest';
import { parseRoute } from '../../../site-template/editor/route.ts';
import { openSession, readReturn, signInRequest } from '../../../site-template/editor/session/open-id.ts';

const CLAIMS = {
  iss: 'https://id.example.com',
  sub: 'ada',
  aud: 'permaframe',
  exp: 2_000,
  nonce: 'n',
  name: 'Ada Łovelace',
};
const tokenOf = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const NOW = 1_000_000;

describe('what a token says', () => {
  it('opens a session, with letters of any alphabet', () => {
    const token = tokenOf(CLAIMS);
    const session = { token, name: 'Ada Łovelace', person: 'https://id.example.com|ada', expires: 2_000_000 };
    expect(openSession(token, 'permaframe', 'n', NOW)).toEqual(session);
    expect(openSession(token, 'permaframe', null, NOW)).toEqual(session);
  });

  it.each([
    ['is for another client', { ...CLAIMS, aud: 'other' }],
    ['answers another question', { ...CLAIMS, nonce: 'other' }],
    ['answers no question', { ...CLAIMS, nonce: undefined }],
    ['has expired', { ...CLAIMS, exp: 1_000 }],
    ['says nobody', { ...CLAIMS, sub: undefined }],
  ])('opens none when it %s', (_, claims) => {
    expect(openSession(tokenOf(claims), 'permaframe', 'n', NOW)).toBeNull();
  });

  it.each(['', 'x', 'a.b.c', 'a.!!.c'])('opens none when it is %j', (token) => {
    expect(openSession(token, 'permaframe', null, NOW)).toBeNull();
  });
});

it('asks the issuer for a token with a state and a nonce of its own each time', () => {
  const client = { signInUrl: 'https://id.example.com/authorize?tenant=7', audience: 'permaframe' };
  const [first, second] = [
    signInRequest(client, 'https://e.example.com/'),
    signInRequest(client, 'https://e.example.com/'),
  ];
  const query = Object.fromEntries(new URL(first.url).searchParams);
  expect(query).toEqual({
    ...{ tenant: '7', client_id: 'permaframe', redirect_uri: 'https://e.example.com/', response_type: 'id_token' },
    ...{ scope: 'openid profile email', state: first.state, nonce: first.nonce },
  });
  expect(new Set([first.state, first.nonce, second.state, second.nonce]).size).toBe(4);
});

it('tells an answer of the issuer from a place in the editor', () => {
  expect(readReturn('#id_token=t.t.t&state=s')).toEqual({ state: 's', token: 't.t.t' });
  expect(readReturn('#error=access_denied&error_description=No+way&state=s')).toEqual({ state: 's', error: 'No way' });
  expect(readReturn('#/t/launch-film')).toBeNull();
  expect(readReturn('')).toBeNull();
});

it('a place that is none is the list of projects', () => {
  expect(parseRoute('#/t/launch-film')).toEqual({ kind: 'thread', thread: 'launch-film' });
  for (const fragment of ['', '#/', '#/t/', '#/t/Über', '#/t/a/b', '#id_token=x']) {
    expect(parseRoute(fragment)).toEqual({ kind: 'projects' });
  }
});

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isPermaframeError } from '../../../action/contract/errors.ts';
import { callbackAddress, githubSettings, storeSettings } from '../../../convex/node/settings.ts';

const github = { PERMAFRAME_REPOSITORY: 'acme/films', PERMAFRAME_GITHUB_TOKEN: 'ghp_secretsecret' };
const store = {
  PERMAFRAME_S3_ENDPOINT: 'https://account.r2.cloudflarestorage.com/',
  PERMAFRAME_S3_BUCKET: 'permaframe',
  PERMAFRAME_S3_ACCESS_KEY_ID: 'key-id',
  PERMAFRAME_S3_SECRET_ACCESS_KEY: 'key-secret',
};

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (isPermaframeError(error) && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  return expect.unreachable();
}

describe("GitHub's settings", () => {
  it('are a repository and a token, at github.com unless it is said', () => {
    const auth = { kind: 'token', token: 'ghp_secretsecret' };
    expect(githubSettings(github)).toEqual({ apiUrl: 'https://api.github.com', repository: 'acme/films', auth });
    const elsewhere = { ...github, PERMAFRAME_GITHUB_API_URL: 'https://ghe.example.com/api/v3/' };
    expect(githubSettings(elsewhere).apiUrl).toBe('https://ghe.example.com/api/v3');
  });

  it.each(['pkcs1', 'pkcs8'] as const)('may be an app with a key as GitHub or others write it (%s)', (type) => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type, format: 'pem' },
    });
    const { PERMAFRAME_GITHUB_TOKEN: _, ...rest } = github;
    const app = { ...rest, PERMAFRAME_GITHUB_APP_ID: '12', PERMAFRAME_GITHUB_APP_INSTALLATION_ID: '34' };
    for (const key of [privateKey, privateKey.replaceAll('\n', '\\n')]) {
      const { auth } = githubSettings({ ...app, PERMAFRAME_GITHUB_APP_PRIVATE_KEY: key });
      expect(auth).toMatchObject({ kind: 'app', appId: '12', installationId: 34 });
      expect(auth.kind === 'app' && auth.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    }
    expect(messageOf(() => githubSettings({ ...app, PERMAFRAME_GITHUB_APP_PRIVATE_KEY: 'MIIsecret' }))).toMatch(
      /^PERMAFRAME_GITHUB_APP_PRIVATE_KEY must be/,
    );
  });

  it.each([
    [{ PERMAFRAME_REPOSITORY: undefined }, 'PERMAFRAME_REPOSITORY is not set'],
    [{ PERMAFRAME_REPOSITORY: 'films' }, 'PERMAFRAME_REPOSITORY must be owner/name'],
    [{ PERMAFRAME_REPOSITORY: 'acme/films/../x' }, 'PERMAFRAME_REPOSITORY must be owner/name'],
    [{ PERMAFRAME_GITHUB_TOKEN: undefined }, 'PERMAFRAME_GITHUB_TOKEN is not set'],
    [{ PERMAFRAME_GITHUB_TOKEN: 'ghp_secret\n' }, 'PERMAFRAME_GITHUB_TOKEN must not contain'],
    [{ PERMAFRAME_GITHUB_APP_ID: '1' }, 'both set'],
    [{ PERMAFRAME_GITHUB_API_URL: 'https://user:secret@api.github.com' }, 'PERMAFRAME_GITHUB_API_URL must be'],
    [{ PERMAFRAME_GITHUB_API_URL: 'api.github.com' }, 'PERMAFRAME_GITHUB_API_URL must be'],
  ])('are refused by the name of the variable: %j', (change, message) => {
    const said = messageOf(() => githubSettings({ ...github, ...change }));
    expect(said).toContain(message);
    expect(said).not.toContain('secret');
  });
});

describe("the store's settings", () => {
  it('are what the adapter takes', () => {
    expect(storeSettings(store)).toEqual({
      endpoint: 'https://account.r2.cloudflarestorage.com',
      bucket: 'permaframe',
      accessKeyId: 'key-id',
      secretAccessKey: 'key-secret',
      region: 'auto',
    });
  });

  it.each([
    [{ PERMAFRAME_S3_ENDPOINT: undefined }, 'PERMAFRAME_S3_ENDPOINT is not set'],
    [{ PERMAFRAME_S3_BUCKET: 'X' }, 'PERMAFRAME_S3_BUCKET must be'],
    [{ PERMAFRAME_S3_SECRET_ACCESS_KEY: 'key-secret ' }, 'PERMAFRAME_S3_SECRET_ACCESS_KEY must not contain'],
  ])('are refused by the name of the variable: %j', (change, message) => {
    const said = messageOf(() => storeSettings({ ...store, ...change }));
    expect(said).toContain(message);
    expect(said).not.toContain('key-secret');
  });
});

describe('the address that runs report to', () => {
  it('lies below the site of the deployment', () => {
    expect(callbackAddress({ CONVEX_SITE_URL: 'http://127.0.0.1:3211' })).toBe(
      'http://127.0.0.1:3211/permaframe/report',
    );
    expect(messageOf(() => callbackAddress({}))).toBe('CONVEX_SITE_URL is not set');
  });
});

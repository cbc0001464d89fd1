import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseStoreConfig } from '../../../action/adapters/store-config.ts';
import { isPermaframeError, type PermaframeError } from '../../../action/contract/errors.ts';

const settings = {
  endpoint: 'https://0123456789abcdef.r2.cloudflarestorage.com',
  bucket: 'permaframe',
  accessKeyId: 'access-key-id',
  secretAccessKey: 'a-very-secret-key',
};

describe('the settings of the store', () => {
  it('are completed', () => {
    expect(parseStoreConfig(settings)).toEqual({ ...settings, region: 'auto' });
  });

  it('may have slashes at the end of the endpoint, which are dropped', () => {
    expect(parseStoreConfig({ ...settings, endpoint: 'http://127.0.0.1:8787/cdn-cgi/local/r2/s3//' }).endpoint).toBe(
      'http://127.0.0.1:8787/cdn-cgi/local/r2/s3',
    );
  });

  it.each([
    ['endpoint', undefined],
    ['endpoint', ''],
    ['endpoint', 'abc.r2.cloudflarestorage.com'],
    ['endpoint', 'ftp://abc.r2.cloudflarestorage.com'],
    ['endpoint', 'https://user:a-very-secret-key@abc.r2.cloudflarestorage.com'],
    ['endpoint', 'https://abc.r2.cloudflarestorage.com?key=a-very-secret-key'],
    ['endpoint', 'https://abc.r2.cloudflarestorage.com/permaframe'],
    ['endpoint', 'https://abc.r2.cloudflarestorage.com/permaframe/'],
    ['bucket', undefined],
    ['bucket', 'Permaframe'],
    ['bucket', 'a'],
    ['bucket', 'a/b/c'],
    ['accessKeyId', undefined],
    ['accessKeyId', ''],
    ['accessKeyId', 'access-key-id\n'],
    ['secretAccessKey', undefined],
    ['secretAccessKey', ''],
    ['secretAccessKey', 'a-very-secret-key '],
    ['secretAccessKey', 'a-very-secret-këy'],
    ['region', 'eu-central-1'],
  ])('are refused by name when %s is %j', (name, value) => {
    const error = refusalOf({ ...settings, [name]: value });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(`${name} `);
    const others = Object.keys(settings).filter((other) => other !== name);
    for (const other of others) expect(error.message).not.toContain(`${other} must`);
  });

  it('are refused when there is one too many', () => {
    expect(refusalOf({ ...settings, sessionToken: 'x' }).message).toContain('sessionToken is not a setting');
  });

  it('name all that is missing at once', () => {
    const { message } = refusalOf({});
    for (const name of Object.keys(settings)) expect(message).toContain(`${name} must be set`);
  });

  it('are never quoted', () => {
    const error = refusalOf({
      endpoint: 'https://u:a-very-secret-key@x',
      bucket: 'a-very-secret-KEY',
      accessKeyId: 'a-very-secret-key ',
      secretAccessKey: 'a-very-secret-key ',
    });
    expect(inspect(error, { depth: null, showHidden: true }).toLowerCase()).not.toContain('a-very-secret');
  });
});

function refusalOf(wrong: unknown): PermaframeError {
  try {
    parseStoreConfig(wrong);
  } catch (error) {
    if (isPermaframeError(error)) return error;
  }
  throw new Error('expected the settings to be refused');
}

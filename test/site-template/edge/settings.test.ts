import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../site-template/edge/settings.ts';

const HEX = '0f'.repeat(32);
const BYTES = new Uint8Array(32).fill(15);
const BASE64 = Buffer.from(BYTES).toString('base64');

function parseKeys(keys: unknown) {
  return parseSettings({ LINK_KEYS: typeof keys === 'string' ? keys : JSON.stringify(keys) });
}

describe('parseSettings', () => {
  it('needs nothing to be set', () => {
    const nothing = { publicOrigin: null, linkKeys: [], problems: [] };
    expect(parseSettings({})).toEqual(nothing);
    expect(parseSettings({ PUBLIC_URL: '', LINK_KEYS: '' })).toEqual(nothing);
  });

  it.each([
    ['https://share.example.com', 'https://share.example.com'],
    ['https://share.example.com/', 'https://share.example.com'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
  ])('takes %s as the public address', (PUBLIC_URL, publicOrigin) => {
    expect(parseSettings({ PUBLIC_URL })).toMatchObject({ publicOrigin, problems: [] });
  });

  it.each(['share.example.com', 'ftp://share.example.com', 'https://share.example.com/films', 'https://a:b@c.example'])(
    'names PUBLIC_URL as the problem for %s',
    (PUBLIC_URL) => {
      const settings = parseSettings({ PUBLIC_URL });
      expect(settings.publicOrigin).toBeNull();
      expect(settings.problems).toEqual([expect.stringMatching(/^PUBLIC_URL /)]);
    },
  );

  it.each([HEX, HEX.toUpperCase(), BASE64, BASE64.replace('=', ''), Buffer.from(BYTES).toString('base64url')])(
    'reads the secret %s',
    (secret) => {
      expect(parseKeys([{ id: 'k1', secret }])).toMatchObject({
        linkKeys: [{ id: 'k1', secret: BYTES }],
        problems: [],
      });
    },
  );

  it('holds two keys, for the time in which one takes over from the other', () => {
    const { linkKeys } = parseKeys([
      { id: 'k1', secret: HEX },
      { id: 'k2', secret: 'ab'.repeat(40) },
    ]);
    expect(linkKeys.map((key) => key.id)).toEqual(['k1', 'k2']);
  });

  it.each([
    ['text that is not JSON', 'k1=secret'],
    ['an empty list', []],
    ['an object', { id: 'k1', secret: HEX }],
    ['a secret of 31 bytes', [{ id: 'k1', secret: '0f'.repeat(31) }]],
    ['a secret that is neither hex nor base64', [{ id: 'k1', secret: 'ä'.repeat(50) }]],
    ['base64 of an impossible length', [{ id: 'k1', secret: 'Z'.repeat(45) }]],
    ['a key id with a dot', [{ id: 'k.1', secret: HEX }]],
    ['an unknown field', [{ id: 'k1', secret: HEX, expires: 1 }]],
    ['one id twice', [1, 2].map(() => ({ id: 'k1', secret: HEX }))],
    ['one good key and one bad', [{ id: 'k1', secret: HEX }, { id: 'k2' }]],
  ])('uses no key at all of %s, and does not repeat it', (_, keys) => {
    const settings = parseKeys(keys);
    expect(settings.linkKeys).toEqual([]);
    expect(settings.problems).toEqual([expect.stringMatching(/^LINK_KEYS /)]);
    expect(settings.problems.join()).not.toContain('0f0f');
  });
});

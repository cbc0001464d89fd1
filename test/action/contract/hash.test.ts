import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareText, fromHex, sha256Hex, toBase64, toHex } from '../../../action/contract/hash.ts';
import { forSeeds } from './random.ts';

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

describe('SHA-256', () => {
  // FIPS 180-4's examples and the empty message.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('agrees with the standard', async (message, digest) => {
    expect(await sha256Hex(message)).toBe(digest);
  });

  test('takes a string as its UTF-8', async () => {
    const text = 'héllo 🚀';
    expect(await sha256Hex(text)).toBe(await sha256Hex(new TextEncoder().encode(text)));
    expect(await sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('takes a view as its own bytes, not as the buffer below it', async () => {
    expect(await sha256Hex(everyByte.subarray(97, 100))).toBe(await sha256Hex('abc'));
  });

  test('takes as much as the largest asset', async () => {
    const large = new Uint8Array(25_000_000).fill(7);
    expect(await sha256Hex(large)).toBe(createHash('sha256').update(large).digest('hex'));
  });
});

describe('hex', () => {
  test('writes lower case, two digits a byte', () => {
    expect(toHex(new Uint8Array())).toBe('');
    expect(toHex(Uint8Array.of(0, 1, 15, 16, 171, 255))).toBe('00010f10abff');
    expect(toHex(everyByte)).toBe(Buffer.from(everyByte).toString('hex'));
  });

  test('reads what it wrote, and upper case', () => {
    expect(fromHex(toHex(everyByte))).toEqual(everyByte);
    expect(fromHex(toHex(everyByte).toUpperCase())).toEqual(everyByte);
    expect(fromHex('fF00')).toEqual(Uint8Array.of(255, 0));
    expect(fromHex('')).toEqual(new Uint8Array());
  });

  test.each(['a', 'abc', 'gg', '0x00', ' 00', '00 ', '00\n', '-1', '0g', 'é0', '００'])('%j is not hex', (text) => {
    expect(() => fromHex(text)).toThrow(RangeError);
  });

  test('a large text does not overflow the stack', () => {
    const bytes = fromHex('ab'.repeat(3_000_000));
    expect(bytes.byteLength).toBe(3_000_000);
    expect(bytes.at(-1)).toBe(0xab);
    expect(() => fromHex(`${'ab'.repeat(3_000_000)}g0`)).toThrow('not hex');
  });
});

describe('base64', () => {
  test('is the standard alphabet with padding', () => {
    expect(toBase64(new Uint8Array())).toBe('');
    expect(toBase64(Uint8Array.of(0xfb, 0xff))).toBe('+/8=');
    expect(toBase64(Uint8Array.of(0xff))).toBe('/w==');
    expect(toBase64(everyByte)).toBe(Buffer.from(everyByte).toString('base64'));
  });

  test.each([0x7fff, 0x8000, 0x8001, 0x10000, 1_000_003])('is whole for %i bytes, across its steps', (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) % 251);
    // Not toBe: a failure would print megabytes.
    expect(toBase64(bytes) === Buffer.from(bytes).toString('base64')).toBe(true);
  });
});

describe('order of text', () => {
  test('is by code unit, whatever the locale', () => {
    const sorted = ['', '-', '0', '10', '2', 'B', 'Z', '_', 'a', 'aa', 'b', 'z', 'é', '\ud83d\ude80', '\ufb01'];
    expect([...sorted].reverse().sort(compareText)).toEqual(sorted);
  });

  test('is an order: what sorts equal is equal, and swapping turns it round', () => {
    const alphabet = [...'aAbBé-_09'];
    forSeeds(100, (random) => {
      const word = () => Array.from({ length: random.int(0, 3) }, () => random.pick(alphabet)).join('');
      const [a, b] = [word(), word()];
      expect(compareText(a, b) === 0).toBe(a === b);
      expect(compareText(a, b) + compareText(b, a)).toBe(0);
    });
  });
});

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_LINK_SECONDS } from '../../../action/contract/limits.ts';
import { type SignedScope, type SigningKey, signLink, verifyLink } from '../../../action/contract/signing.ts';

const now = 1_790_000_000;
const expires = now + 3600;
const scope: SignedScope = { host: 'share.example.com', thread: 'launch', version: 3 };
const key: SigningKey = { id: 'k1', secret: new Uint8Array(32).fill(1) };
const nextKey: SigningKey = { id: 'k2', secret: new Uint8Array(32).fill(2) };

const sign = (fields: { key?: SigningKey; scope?: object; expires?: number; now?: number } = {}) =>
  signLink(fields.key ?? key, { ...scope, ...fields.scope }, fields.expires ?? expires, fields.now ?? now);
const verify = (token: string, fields: { keys?: SigningKey[]; scope?: object; now?: number } = {}) =>
  verifyLink(fields.keys ?? [key], token, { ...scope, ...fields.scope }, fields.now ?? now);

/** A token that nobody signed by signLink: what `fields` say, correctly signed with the right key. */
function forged(expiresText: string, fields: unknown[], keyId = 'k1'): string {
  const mac = createHmac('sha256', key.secret).update(JSON.stringify(fields)).digest('base64url');
  return `${keyId}.${expiresText}.${mac}`;
}

describe('a signed link', () => {
  test('opens what it was signed for', async () => {
    expect(await verify(await sign())).toBe('valid');
  });

  test('is an HMAC-SHA-256 over a JSON array, in a form that must not change while links live', async () => {
    const fields = [1, 'k1', 'share.example.com', 'launch', 3, expires];
    expect(await sign()).toBe(forged(String(expires), fields));
  });

  test('fits into a path without escapes', async () => {
    expect(encodeURIComponent(await sign())).toBe(await sign());
  });

  test.each([
    ['another host', { host: 'evil.example.com' }],
    ['another port', { host: 'share.example.com:8443' }],
    ['another thread', { thread: 'launch2' }],
    ['another version', { version: 4 }],
    ['a host that runs into the thread', { host: 'share.example.com","launch', thread: '' }],
    ['a version that is no number', { version: Number.NaN }],
  ])('opens nothing on %s', async (_, other) => {
    expect(await verify(await sign(), { scope: other })).toBe('invalid');
  });

  test('does not open a version whose number begins with its own', async () => {
    expect(await verify(await sign({ scope: { version: 1 } }), { scope: { version: 11 } })).toBe('invalid');
  });
});

describe('the expiry of a link', () => {
  test('is the first second in which it no longer opens', async () => {
    const token = await sign();
    expect(await verify(token, { now: expires - 1 })).toBe('valid');
    expect(await verify(token, { now: expires - 0.001 })).toBe('valid');
    expect(await verify(token, { now: expires })).toBe('expired');
    expect(await verify(token, { now: expires + MAX_LINK_SECONDS })).toBe('expired');
  });

  test('is told only to those whose link was genuine', async () => {
    expect(await verify(await sign(), { now: expires, scope: { version: 4 } })).toBe('invalid');
  });

  test('cannot be reached by a clock that does not go', async () => {
    expect(await verify(await sign(), { now: Number.NaN })).toBe('expired');
  });

  test('lies in the future, and at most a year away, to the second', async () => {
    await expect(sign({ expires: now + 1 })).resolves.toBeTypeOf('string');
    await expect(sign({ expires: now + MAX_LINK_SECONDS })).resolves.toBeTypeOf('string');
    for (const odd of [now, now - 1]) await expect(sign({ expires: odd })).rejects.toThrow('in the future');
    await expect(sign({ expires: now + MAX_LINK_SECONDS + 1 })).rejects.toThrow('at most');
  });

  test('is in whole seconds that a token can spell', async () => {
    for (const odd of [expires + 0.5, Number.NaN, Number.POSITIVE_INFINITY, -expires, 0, 1e21]) {
      await expect(sign({ expires: odd }), String(odd)).rejects.toThrow('whole seconds');
    }
    await expect(sign({ expires: 999_999_999, now: 999_999_000 })).rejects.toThrow('whole seconds');
    await expect(sign({ expires: 1e11, now: 1e11 - 1 })).rejects.toThrow('whole seconds');
    const milliseconds = { now: now * 1000, expires: expires * 1000 };
    await expect(sign(milliseconds)).rejects.toThrow('whole seconds');
  });

  test('is not granted by a clock that does not go', async () => {
    await expect(sign({ now: Number.NaN })).rejects.toThrow(RangeError);
    await expect(sign({ now: Number.NEGATIVE_INFINITY })).rejects.toThrow('at most');
  });

  test.each([
    ['a leading zero', `0${expires}`],
    ['a sign', `+${expires}`],
    ['a minus', `-${expires}`],
    ['an exponent', '1790003600e0'],
    ['a short exponent', '18e8'],
    ['a fraction', `${expires}.0`],
    ['hex', `0x${expires.toString(16)}`],
    ['a separator', '1_790_003_600'],
    ['a space', ` ${expires}`],
    ['other digits', '１７９０００３６００'],
    ['too few digits', '999999999'],
    ['too many digits', '179000360000'],
    ['nothing', ''],
    ['no number', 'Infinity'],
  ])('is refused with %s, even if its MAC were right', async (_, text) => {
    for (const value of [Number(text), expires, text]) {
      const token = forged(text, [1, 'k1', scope.host, scope.thread, scope.version, value]);
      expect(await verify(token)).toBe('invalid');
    }
  });
});

describe('a damaged token', () => {
  test('with any one character replaced by any other is refused', async () => {
    const token = await sign();
    const alphabet = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    const accepted: string[] = [];
    for (let index = 0; index < token.length; index++) {
      const others = alphabet.filter((character) => character !== token[index]);
      const damaged = others.map((character) => token.slice(0, index) + character + token.slice(index + 1));
      const verdicts = await Promise.all(damaged.map((each) => verify(each, { keys: [key, nextKey] })));
      accepted.push(...damaged.filter((_, each) => verdicts[each] !== 'invalid'));
    }
    expect(accepted).toEqual([]);
  });

  test('with any one character left out, doubled or swapped with its neighbour is refused', async () => {
    const token = await sign();
    for (let index = 0; index < token.length; index++) {
      const [before, here, after] = [token.slice(0, index), token.charAt(index), token.slice(index + 1)];
      expect(await verify(before + after), `without ${index}`).toBe('invalid');
      expect(await verify(before + here + here + after), `doubled ${index}`).toBe('invalid');
      const swapped = before + after.charAt(0) + here + after.slice(1);
      if (swapped !== token) expect(await verify(swapped), `swapped ${index}`).toBe('invalid');
    }
  });

  test('whose MAC has spare bits set, padding or the other alphabet is refused: one meaning has one token', async () => {
    const token = await sign();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.at(-1) as string);
    const sameBytes = [1, 2, 3].map((bits) => token.slice(0, -1) + alphabet.charAt(last | bits));
    for (const other of sameBytes) {
      // Precondition: a lenient decoder would see no difference.
      expect(Buffer.from(other.slice(-43), 'base64url')).toEqual(Buffer.from(token.slice(-43), 'base64url'));
      expect(await verify(other)).toBe('invalid');
    }
    expect(await verify(`${token}=`)).toBe('invalid');
  });

  test('in the standard base64 alphabet is refused', async () => {
    for (let later = 0; later < 100; later++) {
      const token = await sign({ expires: expires + later });
      const standard = token.replaceAll('-', '+').replaceAll('_', '/');
      if (standard === token) continue;
      expect(await verify(token)).toBe('valid');
      return expect(await verify(standard)).toBe('invalid');
    }
    throw new Error('no MAC with - or _ among a hundred');
  });

  test('with repeated, missing or extra parts is refused', async () => {
    const token = await sign();
    const [id, time, mac] = token.split('.');
    const odd = ['', '.', '..', '...', `${id}..${time}.${mac}`, `${id}.${time}..${mac}`, `.${token}`, `${token}.`];
    odd.push(`${id}.${time}`, `${id}.${time}.`, `.${time}.${mac}`, `${id}..${mac}`, `${id}.${time}.${mac}.${mac}`);
    odd.push(
      `${id}.${id}.${time}.${mac}`,
      `${token}/`,
      `${token}\n`,
      `\n${token}`,
      `${token}\u0000`,
      `${token},${token}`,
    );
    odd.push('a'.repeat(1_000_000), encodeURIComponent(token).replace('.', '%2E'));
    for (const each of odd) expect(await verify(each), JSON.stringify(each.slice(0, 80))).toBe('invalid');
  });
});

describe('signing keys', () => {
  test('rotate: a link of either key opens while both are known', async () => {
    const [old, fresh] = [await sign(), await sign({ key: nextKey })];
    for (const keys of [
      [key, nextKey],
      [nextKey, key],
    ]) {
      expect(await verify(old, { keys })).toBe('valid');
      expect(await verify(fresh, { keys })).toBe('valid');
    }
    expect(await verify(old, { keys: [nextKey] })).toBe('invalid');
    expect(await verify(fresh, { keys: [nextKey] })).toBe('valid');
  });

  test('of unknown id open nothing, nor do none at all', async () => {
    expect(await verify(await sign({ key: { ...key, id: 'k9' } }))).toBe('invalid');
    expect(await verify(await sign(), { keys: [] })).toBe('invalid');
  });

  test('are bound to their id: one secret under two ids makes two links', async () => {
    const renamed = { ...key, id: 'k2' };
    const token = (await sign()).replace('k1.', 'k2.');
    expect(await verify(token, { keys: [key, renamed] })).toBe('invalid');
  });

  test('of the same id but another secret open nothing', async () => {
    expect(await verify(await sign(), { keys: [{ ...nextKey, id: 'k1' }] })).toBe('invalid');
  });

  test('have at least 32 bytes', async () => {
    for (const length of [32, 33, 64]) {
      const long = { id: 'k1', secret: new Uint8Array(length) };
      expect(await verify(await sign({ key: long }), { keys: [long] })).toBe('valid');
    }
    for (const length of [0, 1, 31]) {
      const weak = { id: 'k1', secret: new Uint8Array(length) };
      await expect(sign({ key: weak })).rejects.toThrow('at least 32 bytes');
      await expect(sign().then((token) => verify(token, { keys: [weak] }))).rejects.toThrow('at least 32 bytes');
    }
  });

  test('may be a view of a larger buffer: only its own bytes count', async () => {
    const view = new Uint8Array(96).fill(9);
    view.set(key.secret, 32);
    expect(await sign({ key: { id: 'k1', secret: view.subarray(32, 64) } })).toBe(await sign());
  });

  test.each(['', 'K1', 'k.1', 'k_1', 'k 1', 'é', 'k1\n', 'a'.repeat(17)])('are not called %j', async (id) => {
    await expect(sign({ key: { ...key, id } })).rejects.toThrow('key id');
  });

  test('with an id that is too long open nothing', async () => {
    const id = 'a'.repeat(17);
    const token = forged(String(expires), [1, id, scope.host, scope.thread, scope.version, expires], id);
    expect(await verify(token, { keys: [{ ...key, id }] })).toBe('invalid');
  });

  test('may have ids of 1 to 16 characters', async () => {
    for (const id of ['a', '0', 'z'.repeat(16)]) {
      const named = { ...key, id };
      expect(await verify(await sign({ key: named }), { keys: [named] })).toBe('valid');
    }
  });
});

describe('what cannot be signed', () => {
  test.each([
    ['a version that is NaN', { version: Number.NaN }],
    ['a version that is infinite', { version: Number.POSITIVE_INFINITY }],
    ['version 0', { version: 0 }],
    ['version -0', { version: -0 }],
    ['half a version', { version: 1.5 }],
    ['a version that is too large', { version: 1e9 }],
    ['a version that is text', { version: '3' }],
    ['a thread that is no name', { thread: '../x' }],
    ['no thread', { thread: '' }],
    ['no host', { host: '' }],
  ])('%s', async (_, odd) => {
    await expect(sign({ scope: odd })).rejects.toThrow('must name a host, a thread and a version');
  });

  test('NaN and null have one encoding in JSON: neither opens the other', async () => {
    const token = forged(String(expires), [1, 'k1', scope.host, scope.thread, null, expires]);
    for (const version of [Number.NaN, null, Number.POSITIVE_INFINITY]) {
      expect(await verify(token, { scope: { version } })).toBe('invalid');
    }
  });
});

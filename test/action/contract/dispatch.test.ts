import { describe, expect, test } from 'vitest';
import {
  DISPATCH_EVENT,
  type DispatchPayload,
  dispatchPayloadSchema,
  encodeDispatchPayload,
  OUTPUTS,
} from '../../../action/contract/dispatch.ts';

const payload: DispatchPayload = {
  publish: 'k57abc_DEF-0',
  thread: 'launch',
  project: 'film',
  version: 3,
  sha: 'a'.repeat(40),
  outputs: ['page', 'mp4'],
  callback: 'https://happy-otter-123.convex.site/report',
};

/** Fields that are refused in a payload in which everything else is right. */
function refused(fields: object): string[] {
  const parsed = dispatchPayloadSchema.safeParse({ ...payload, ...fields });
  return (parsed.error?.issues ?? []).map((issue) => issue.path.join('.'));
}

describe('a dispatch payload', () => {
  test('is sent as it is', () => {
    expect(encodeDispatchPayload(payload)).toEqual(payload);
    expect(dispatchPayloadSchema.parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
  });

  test('keeps within GitHub’s bounds even when every field is as long as it may be', () => {
    const longest = {
      publish: 'x'.repeat(64),
      thread: 't'.repeat(63),
      project: 'p'.repeat(63),
      version: 999_999_999,
      sha: 'f'.repeat(64),
      outputs: [...OUTPUTS],
      callback: `https://x/${'y'.repeat(1990)}`,
    };
    const encoded = encodeDispatchPayload(longest);
    expect(encoded).toEqual(longest);
    expect(Object.keys(encoded).length).toBeLessThan(10);
    expect(JSON.stringify(encoded).length).toBeLessThan(64_000);
    expect(DISPATCH_EVENT.length).toBeLessThanOrEqual(100);
  });

  test('lacks no field and has no other', () => {
    expect(refused({ publish: 'x' })).toEqual([]);
    for (const field of Object.keys(payload)) expect(refused({ [field]: undefined }), field).toEqual([field]);
    expect(refused({ extra: 1 })).toEqual(['']);
    expect(refused(JSON.parse('{"__proto__": {"version": 9}}'))).toEqual(['']);
  });

  test('is checked before it is sent', () => {
    expect(() => encodeDispatchPayload({ ...payload, version: 0 })).toThrow('version');
    expect(() => encodeDispatchPayload({ ...payload, extra: 1 } as DispatchPayload)).toThrow('extra');
  });

  test.each([
    ['publish', ['', 'x'.repeat(65), 'a b', 'a\n', 'a;b', '$(id)', 'a/b', 'é', 1]],
    ['thread', ['', 'A', '../x', '-t', 'a\n', 'x'.repeat(64), null]],
    ['project', ['', 'A', '../x', '-t', 'a\n', 'x'.repeat(64), null]],
    ['version', [0, -1, 1.5, '3', 1e9, null]],
    ['sha', ['', 'main', 'a'.repeat(39), 'A'.repeat(40), `${'a'.repeat(40)}\n`]],
  ])('%s is refused when it could mean anything else', (field, values) => {
    for (const value of values) expect(refused({ [field]: value }), JSON.stringify(value)).toEqual([field]);
  });
});

describe('outputs', () => {
  test('are any of those known, in any order', () => {
    for (const output of OUTPUTS) expect(refused({ outputs: [output] })).toEqual([]);
    expect(refused({ outputs: [...OUTPUTS].reverse() })).toEqual([]);
  });

  test('are at least one, none unknown, none twice', () => {
    expect(refused({ outputs: [] })).toEqual(['outputs']);
    expect(refused({ outputs: 'page' })).toEqual(['outputs']);
    expect(refused({ outputs: ['avi'] })).toEqual(['outputs.0']);
    expect(refused({ outputs: ['page', 'page'] })).toEqual(['outputs']);
    expect(refused({ outputs: [...OUTPUTS, 'page'] })).toContain('outputs');
  });
});

describe('the callback', () => {
  test.each([
    'https://happy-otter-123.convex.site',
    'https://happy-otter-123.convex.site/report?x=1',
    'http://127.0.0.1:8787/report',
    'http://localhost:3000/',
    'http://[::1]:3000/report',
  ])('%j is reported to, as it is written', (callback) => {
    expect(encodeDispatchPayload({ ...payload, callback }).callback).toBe(callback);
  });

  test.each([
    '',
    'report',
    '/report',
    '//host/report',
    'https:',
    'https://',
    'https:host/report',
    'https:/host/report',
    'https:///host/report',
    'https://?x',
    'https://host:99999/',
    'ftp://host/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'xhttps://host/',
    'https://user:password@host/',
    'https://user@host/',
    'https://host\\@evil/',
    ' https://host/',
    'https://host/ ',
    'https://ho\nst/',
    'https://host/\n::add-mask::x',
    'https://host/\r\nX: y',
    'https://host/\t',
    'https://host/\u0000',
    'https://höst/',
    'https://host/\ud800',
    `https://x/${'y'.repeat(1991)}`,
  ])('%j is refused', (callback) => {
    expect(refused({ callback })).toContain('callback');
  });
});

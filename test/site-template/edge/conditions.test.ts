import { describe, expect, it } from 'vitest';
import {
  acceptsBrotli,
  formatContentRange,
  matchesAny,
  readRange,
  selectPart,
} from '../../../site-template/edge/conditions.ts';

const ETAG = '"abc"';
const NONE = { ifNoneMatch: null, ifRange: null, range: null };

describe('readRange, of 1000 bytes', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, 1000],
    ['bytes=200-', 200, 800],
    ['bytes=200-299', 200, 100],
    ['bytes=990-5000', 990, 10],
    ['bytes=0-99999999999999999999999', 0, 1000],
    ['bytes=999-999', 999, 1],
    ['bytes=-100', 900, 100],
    ['bytes=-1', 999, 1],
    ['bytes=-1000', 0, 1000],
    ['bytes=-5000', 0, 1000],
    ['BYTES=0-9', 0, 10],
    [' bytes=0-9 ', 0, 10],
  ])('%s begins at %i and is %i long', (header, offset, length) => {
    expect(readRange(header, 1000)).toEqual({ kind: 'part', span: { offset, length } });
  });

  it.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=99999999999999999999-', 'bytes=-0'])(
    '%s cannot be satisfied',
    (header) => {
      expect(readRange(header, 1000)).toEqual({ kind: 'unsatisfiable' });
    },
  );

  it.each([
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'bytes=--1',
    'bytes=0-0,5-9',
    'bytes=0-0,',
    'bytes 0-9',
    'bytes=',
    'items=0-9',
    'bytes=٠-٩',
    '0-9',
    '',
  ])('%j is ignored, and the whole is meant', (header) => {
    expect(readRange(header, 1000)).toEqual({ kind: 'whole' });
  });

  it('has no part of an empty object to give', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
      expect(readRange(header, 0)).toEqual({ kind: 'unsatisfiable' });
    }
  });
});

describe('matchesAny', () => {
  it.each(['"abc"', 'W/"abc"', '"x", "abc"', '"x",W/"abc" , "y"', '*', ' * '])('%j has the object', (list) => {
    expect(matchesAny(list, ETAG)).toBe(true);
  });

  it.each(['', '"abcd"', 'abc', '"ABC"', '"abc-br"', '"x", "y"', '**'])('%j has not', (list) => {
    expect(matchesAny(list, ETAG)).toBe(false);
  });
});

describe('selectPart', () => {
  it('looks at the copy of the client before the part that it wants', () => {
    const conditions = { ...NONE, ifNoneMatch: ETAG, range: 'bytes=0-1' };
    expect(selectPart(conditions, 'GET', ETAG, 10)).toEqual({ kind: 'notModified' });
  });

  it('gives a part when If-Range names the very bytes', () => {
    const conditions = { ...NONE, ifRange: ETAG, range: 'bytes=0-1' };
    expect(selectPart(conditions, 'GET', ETAG, 10)).toEqual({ kind: 'part', span: { offset: 0, length: 2 } });
  });

  it.each(['"other"', `W/${ETAG}`, 'Tue, 17 Nov 2026 08:00:00 GMT'])('gives the whole for If-Range: %s', (ifRange) => {
    expect(selectPart({ ...NONE, ifRange, range: 'bytes=0-1' }, 'GET', ETAG, 10)).toEqual({ kind: 'whole' });
  });

  it('takes If-Range by itself for nothing', () => {
    expect(selectPart({ ...NONE, ifRange: '"other"' }, 'GET', ETAG, 10)).toEqual({ kind: 'whole' });
  });

  it('knows no part of a HEAD', () => {
    expect(selectPart({ ...NONE, range: 'bytes=0-1' }, 'HEAD', ETAG, 10)).toEqual({ kind: 'whole' });
  });
});

describe('formatContentRange', () => {
  it('counts to the last byte, inclusive', () => {
    expect(formatContentRange({ offset: 10, length: 5 }, 100)).toBe('bytes 10-14/100');
  });
});

describe('acceptsBrotli', () => {
  it.each(['br', 'gzip, deflate, br, zstd', 'gzip;q=1, br;q=0.1', 'BR', 'br ; q=1', '*', 'gzip, *;q=0.5'])(
    'with %j',
    (header) => {
      expect(acceptsBrotli(header)).toBe(true);
    },
  );

  it.each(['', 'gzip', 'br;q=0', 'br; q=0.000', '*;q=0', 'identity;q=1, *;q=0', 'br;q=0, *', 'brotli', 'br;q=x'])(
    'not with %j',
    (header) => {
      expect(acceptsBrotli(header)).toBe(false);
    },
  );
});

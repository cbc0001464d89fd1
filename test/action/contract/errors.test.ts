import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Diagnostic, formatPlace } from '../../../action/contract/diagnostics.ts';
import {
  ERRORS,
  type ErrorCode,
  isErrorCode,
  isPermaframeError,
  PermaframeError,
} from '../../../action/contract/errors.ts';

describe('the table of errors', () => {
  test.each(Object.entries(ERRORS))('%s says whose fault it is and what to do, in sentences', (code, kind) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(['user', 'system']).toContain(kind.fault);
    expect(typeof kind.retryable).toBe('boolean');
    expect(kind.advice).toMatch(/^[A-Z].{8,}\S[.}]$/);
    expect(kind.advice).not.toMatch(/ {2}|\n/);
  });

  test('a mistake of the author is never retried: the same files would fail again', () => {
    const retried = Object.entries(ERRORS).filter(([, kind]) => kind.fault === 'user' && kind.retryable);
    expect(retried).toEqual([]);
  });

  test('only what another moment may mend is retried, not what an operator must set right', () => {
    const retried = Object.entries(ERRORS).filter(([, kind]) => kind.retryable);
    expect(retried.map(([code]) => code).sort()).toEqual([
      'BUNDLE_FAILED',
      'CONTROL_PLANE_UNAVAILABLE',
      'DISPATCH_UNAVAILABLE',
      'PAGE_UNREACHABLE',
      'RENDER_FAILED',
      'RENDER_OUTPUT_INVALID',
      'RUN_LOST',
      'RUN_NOT_STARTED',
      'RUN_TIMEOUT',
      'STORE_UNAVAILABLE',
      'STORE_UNREACHABLE',
    ]);
  });

  test('is closed', () => {
    expectTypeOf<'INTERNAL'>().toExtend<ErrorCode>();
    expectTypeOf<'SOMETHING_ELSE'>().not.toExtend<ErrorCode>();
    expectTypeOf<string>().not.toExtend<ErrorCode>();
  });

  test('every code of the table is an error code', () => {
    for (const code of Object.keys(ERRORS)) expect(isErrorCode(code), code).toBe(true);
  });

  test.each(['', 'internal', 'INTERNAL ', 'SOMETHING_ELSE', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])(
    '%j is not an error code',
    (text) => {
      expect(isErrorCode(text)).toBe(false);
    },
  );
});

describe('PermaframeError', () => {
  const diagnostics: Diagnostic[] = [
    { code: 'SYNTAX_ERROR', file: 'app.tsx', line: 3, column: 7, message: 'Expected ";"' },
  ];

  test('carries code, message, diagnostics and cause', () => {
    const cause = new Error('socket hang up');
    const error = new PermaframeError('STORE_UNREACHABLE', 'the store cannot be reached', { cause, diagnostics });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('PermaframeError');
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(error.message).toBe('the store cannot be reached');
    expect(error.cause).toBe(cause);
    expect(error.diagnostics).toBe(diagnostics);
    expect(error.stack).toContain('errors.test.ts');
  });

  test('keeps a cause that is no error, even null', () => {
    for (const cause of [null, 0, '', 'text', { status: 503 }]) {
      const error = new PermaframeError('INTERNAL', 'x', { cause });
      expect(Object.hasOwn(error, 'cause')).toBe(true);
      expect(error.cause).toBe(cause);
    }
  });

  test('has no cause and no diagnostics when none are given', () => {
    const error = new PermaframeError('INTERNAL', 'x');
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(error.diagnostics).toEqual([]);
  });

  test('knows its row of the table', () => {
    for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
      expect(new PermaframeError(code, 'x').kind).toBe(ERRORS[code]);
    }
  });

  test('is told from other errors, and from what looks like one', () => {
    expect(isPermaframeError(new PermaframeError('USAGE', 'x'))).toBe(true);
    for (const other of [
      new Error('x'),
      { name: 'PermaframeError', code: 'USAGE', message: 'x' },
      'USAGE',
      null,
      undefined,
    ]) {
      expect(isPermaframeError(other)).toBe(false);
    }
  });
});

describe('a place in the author’s files', () => {
  test.each([
    [{ file: 'a.tsx', line: 3, column: 7 }, 'a.tsx:3:7'],
    [{ file: 'a.tsx', line: 3 }, 'a.tsx:3'],
    [{ file: 'a.tsx' }, 'a.tsx'],
    [{}, ''],
    [{ line: 3, column: 7 }, ''],
  ])('%j reads %j', (place, text) => {
    expect(formatPlace(place)).toBe(text);
  });

  test('a column without a line is not shown as a line', () => {
    expect(formatPlace({ file: 'a.tsx', column: 7 })).toBe('a.tsx');
  });
});

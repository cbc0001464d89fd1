import { describe, expect, it } from 'vitest';
import {
  type Clock,
  DEFAULT_RETRY_POLICY,
  decideRetry,
  type Failure,
  parseRetryAfter,
  type RetryPolicy,
  withRetries,
} from '../../../action/adapters/retry.ts';

const policy: RetryPolicy = {
  maxAttempts: 5,
  baseDelayMilliseconds: 100,
  maxDelayMilliseconds: 1000,
  attemptMilliseconds: 50,
  totalMilliseconds: 10_000,
};
const network: Failure = { kind: 'network' };

function answer(status: number, retryAfterMilliseconds: number | null = null): Failure {
  return { kind: 'answer', status, retryAfterMilliseconds };
}

function decide(failure: Failure, attempts = 1, elapsedMilliseconds = 0, random = 0.5) {
  return decideRetry(failure, { attempts, elapsedMilliseconds }, policy, random);
}

describe('the decision to try again', () => {
  it.each([
    network,
    { kind: 'timeout' } as const,
    ...[408, 409, 429, 500, 502, 503, 504].map((status) => answer(status)),
  ])('is yes after %j', (failure) => {
    expect(decide(failure).kind).toBe('retry');
  });

  it.each([{ kind: 'other' } as const, ...[200, 301, 400, 401, 403, 404, 412, 501].map((status) => answer(status))])(
    'is no after %j',
    (failure) => {
      expect(decide(failure)).toEqual({ kind: 'giveUp' });
    },
  );

  it('doubles the bound of the pause from attempt to attempt, up to the longest', () => {
    const longest = [1, 2, 3, 4].map((attempts) => decide(network, attempts, 0, 0.999999));
    expect(longest.map((decision) => decision.kind === 'retry' && decision.delayMilliseconds)).toEqual([
      99, 199, 399, 799,
    ]);
    const roomy = { ...policy, maxAttempts: 99 };
    const late = decideRetry(network, { attempts: 40, elapsedMilliseconds: 0 }, roomy, 0.999999);
    expect(late).toEqual({ kind: 'retry', delayMilliseconds: 999 });
  });

  it('may pause for no time at all', () => {
    expect(decide(network, 3, 0, 0)).toEqual({ kind: 'retry', delayMilliseconds: 0 });
  });

  it('is no after the last attempt', () => {
    expect(decide(network, 4).kind).toBe('retry');
    expect(decide(network, 5)).toEqual({ kind: 'giveUp' });
  });

  it('is never sooner than the other side asked for', () => {
    expect(decide(answer(429, 3000))).toEqual({ kind: 'retry', delayMilliseconds: 3000 });
    expect(decide(answer(503, 10), 4, 0, 0.5)).toEqual({ kind: 'retry', delayMilliseconds: 400 });
  });

  it('is no when the pause would last to the end of the time', () => {
    expect(decide(answer(429, 9999), 1, 0).kind).toBe('retry');
    expect(decide(answer(429, 10_000), 1, 0)).toEqual({ kind: 'giveUp' });
    expect(decide(network, 1, 9_990, 0.5)).toEqual({ kind: 'giveUp' });
  });

  it('leaves a page publish time to end: attempts, pauses and all', () => {
    expect(DEFAULT_RETRY_POLICY.totalMilliseconds).toBeLessThan(60_000);
    expect(DEFAULT_RETRY_POLICY.attemptMilliseconds).toBeLessThan(DEFAULT_RETRY_POLICY.totalMilliseconds);
  });
});

describe('a Retry-After header', () => {
  const now = Date.UTC(2026, 10, 20, 12, 0, 0);

  it.each([
    ['0', 0],
    [' 7 ', 7000],
    ['120', 120_000],
    ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['', null],
  ])('reads %j as %j ms', (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });

  it('may be missing', () => {
    expect(parseRetryAfter(undefined, now)).toBeNull();
  });
});

describe('a call with retries', () => {
  /** Time passes only by sleeping. */
  function fakeClock(): Clock & { slept: number[] } {
    const slept: number[] = [];
    return {
      slept,
      now: () => slept.reduce((sum, milliseconds) => sum + milliseconds, 0),
      sleep: async (milliseconds) => void slept.push(milliseconds),
      random: () => 0.5,
    };
  }

  function failing(times: number, error: unknown = new Error('down')) {
    const attempts: number[] = [];
    const attempt = async (_: AbortSignal, attemptNumber: number) => {
      attempts.push(attemptNumber);
      if (attempts.length <= times) throw error;
      return 'up';
    };
    return { attempt, attempts };
  }

  const failureOf = () => network;

  it('returns the first success, and tells each attempt its number', async () => {
    const clock = fakeClock();
    const { attempt, attempts } = failing(2);
    expect(await withRetries(attempt, { policy, clock, failureOf })).toEqual({ kind: 'done', value: 'up' });
    expect(attempts).toEqual([1, 2, 3]);
    expect(clock.slept).toEqual([50, 100]);
  });

  it('returns the last error with the number of attempts', async () => {
    const error = new Error('down');
    const { attempt, attempts } = failing(99, error);
    const result = await withRetries(attempt, { policy, clock: fakeClock(), failureOf });
    expect(result).toEqual({ kind: 'failed', error, attempts: 5 });
    expect(attempts).toHaveLength(5);
  });

  it('gives an attempt that hangs no more than its time', async () => {
    const never = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const short = { ...policy, maxAttempts: 2, attemptMilliseconds: 5 };
    const result = await withRetries(never, {
      policy: short,
      clock: fakeClock(),
      failureOf: () => ({ kind: 'other' }),
    });
    expect(result).toMatchObject({ kind: 'failed', attempts: 2, error: { name: 'TimeoutError' } });
  });

  it('does not begin when its signal is aborted already', async () => {
    const { attempt, attempts } = failing(0);
    const reason = new Error('cancelled');
    const options = { policy, clock: fakeClock(), failureOf, signal: AbortSignal.abort(reason) };
    await expect(withRetries(attempt, options)).rejects.toBe(reason);
    expect(attempts).toEqual([]);
  });
});

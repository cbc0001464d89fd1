/** When a request to another system is tried again, and how long that takes at most. */
import { setTimeout as sleepFor } from 'node:timers/promises';

/** How one attempt failed, as far as a decision needs it. */
export type Failure =
  /** No answer, or not a whole one: refused, reset, damaged, name not found. */
  | { kind: 'network' }
  /** No answer in time. */
  | { kind: 'timeout' }
  | { kind: 'answer'; status: number; retryAfterMilliseconds: number | null }
  /** Ours to mend: trying again brings the same. */
  | { kind: 'other' };

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  maxAttempts: number;
  /** Upper bound of the first pause; it doubles from pause to pause. */
  baseDelayMilliseconds: number;
  /** Upper bound of any pause that the other side did not ask for. */
  maxDelayMilliseconds: number;
  /** How long one attempt may take, the reading of the answer included. */
  attemptMilliseconds: number;
  /** How long all attempts and pauses together may take. */
  totalMilliseconds: number;
}

/** Ends well within the 60 s that a page publish may take. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 6,
  baseDelayMilliseconds: 200,
  maxDelayMilliseconds: 5_000,
  attemptMilliseconds: 15_000,
  totalMilliseconds: 45_000,
};

/** What a retry needs of the world. Tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Resolves after that time, or rejects once the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, signal && { signal }),
  random: Math.random,
};

/** Where a call stands after an attempt failed. */
export interface Progress {
  /** Attempts made. */
  attempts: number;
  /** Since the first attempt began. */
  elapsedMilliseconds: number;
}

export type RetryDecision = { kind: 'retry'; delayMilliseconds: number } | { kind: 'giveUp' };

/**
 * Decides whether to try again, and when: exponential backoff with full jitter (any time between nothing and the
 * bound, so that clients that failed together do not return together), but never before the time that the other
 * side asked for.
 * @param random at least 0, less than 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function decideRetry(failure: Failure, progress: Progress, policy: RetryPolicy, random: number): RetryDecision {
  if (!isTransient(failure) || progress.attempts >= policy.maxAttempts) return { kind: 'giveUp' };
  const bound = policy.baseDelayMilliseconds * 2 ** (progress.attempts - 1);
  const backoff = Math.floor(random * Math.min(bound, policy.maxDelayMilliseconds));
  const asked = failure.kind === 'answer' ? (failure.retryAfterMilliseconds ?? 0) : 0;
  const delayMilliseconds = Math.max(backoff, asked);
  // An attempt that begins at the deadline has no time left.
  if (progress.elapsedMilliseconds + delayMilliseconds >= policy.totalMilliseconds) return { kind: 'giveUp' };
  return { kind: 'retry', delayMilliseconds };
}

function isTransient(failure: Failure): boolean {
  switch (failure.kind) {
    case 'network':
    case 'timeout':
      return true;
    case 'answer':
      return isTransientStatus(failure.status);
    case 'other':
      return false;
  }
}

/**
 * Whether the same request may be answered otherwise later. 409 belongs here because S3 answers it while another
 * conditional write of the same key is under way; 501 (not implemented) does not.
 */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501);
}

/**
 * Reads a Retry-After header: seconds, or a date.
 * @param now milliseconds since 1970, UTC
 * @returns milliseconds to wait from now, at least 0; null when there is nothing to read
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\s*[0-9]{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

export type Retried<T> = { kind: 'done'; value: T } | { kind: 'failed'; error: unknown; attempts: number };

export type Attempt<T> = (signal: AbortSignal, attemptNumber: number) => Promise<T>;

export interface RetryOptions {
  policy: RetryPolicy;
  clock: Clock;
  /** Reads a failure out of what an attempt threw, at the time `now` (milliseconds since 1970). */
  failureOf(error: unknown, now: number): Failure;
  /** Ends everything at once. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs `attempt` until it succeeds or the policy gives up. Each attempt gets a signal that ends it in time.
 * @throws the signal's reason once it is aborted
 */
export async function withRetries<T>(attempt: Attempt<T>, options: RetryOptions): Promise<Retried<T>> {
  const { policy, clock, failureOf, signal } = options;
  const began = clock.now();
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    const left = policy.totalMilliseconds - (clock.now() - began);
    const outcome = await tryOnce(attempt, attempts, Math.min(policy.attemptMilliseconds, left), signal);
    if (outcome.kind === 'done') return outcome;
    signal?.throwIfAborted();
    const { kind, error } = outcome;
    const now = clock.now();
    const failure: Failure = kind === 'timedOut' ? { kind: 'timeout' } : failureOf(error, now);
    const decision = decideRetry(failure, { attempts, elapsedMilliseconds: now - began }, policy, clock.random());
    if (decision.kind === 'giveUp') return { kind: 'failed', error, attempts };
    await pause(decision.delayMilliseconds, clock, signal);
  }
}

async function tryOnce<T>(attempt: Attempt<T>, attemptNumber: number, milliseconds: number, outer?: AbortSignal) {
  using limit = limitTime(milliseconds, outer);
  try {
    return { kind: 'done', value: await attempt(limit.signal, attemptNumber) } as const;
  } catch (error) {
    if (limit.signal.aborted) return { kind: 'timedOut', error: limit.signal.reason as unknown } as const;
    return { kind: 'threw', error } as const;
  }
}

async function pause(milliseconds: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** A signal that is aborted with the outer one, or after that time with a TimeoutError. */
function limitTime(milliseconds: number, outer: AbortSignal | undefined): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const follow = () => controller.abort(outer?.reason);
  const expire = () =>
    controller.abort(new DOMException(`no answer within ${Math.round(milliseconds)} ms`, 'TimeoutError'));
  const timer = setTimeout(expire, milliseconds);
  outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

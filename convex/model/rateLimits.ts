/** How often: a token bucket a person and a project, for each kind of call. */
import type { MutationCtx } from '../_generated/server.js';
import { refusal } from './refusal.ts';

interface RateLimit {
  /** Calls that may come at once. */
  burst: number;
  /** Milliseconds after which one more may come. */
  refillMilliseconds: number;
}

const SECOND = 1000;

/** Each is counted for a person (`…ByPerson`) or for everybody who works on a project (`…ByProject`). */
export const RATE_LIMITS = {
  createByPerson: { burst: 50, refillMilliseconds: 60 * SECOND },
  inviteByPerson: { burst: 60, refillMilliseconds: 60 * SECOND },
  saveByPerson: { burst: 60, refillMilliseconds: SECOND },
  saveByProject: { burst: 120, refillMilliseconds: SECOND / 2 },
  uploadByPerson: { burst: 500, refillMilliseconds: SECOND / 2 },
  publishByPerson: { burst: 30, refillMilliseconds: 10 * SECOND },
  publishByProject: { burst: 60, refillMilliseconds: 5 * SECOND },
  renderByPerson: { burst: 20, refillMilliseconds: 60 * SECOND },
  renderByProject: { burst: 40, refillMilliseconds: 30 * SECOND },
  changeByPerson: { burst: 60, refillMilliseconds: SECOND },
} satisfies Record<string, RateLimit>;

export type RateLimitName = keyof typeof RATE_LIMITS;

export interface Bucket {
  tokens: number;
  /** When `tokens` was right, in milliseconds since 1970. */
  at: number;
}

export type Taken = { kind: 'taken'; bucket: Bucket; fullAt: number } | { kind: 'empty'; retryAt: number };

/** Takes one token out of a bucket that fills evenly. No bucket is a full one; a clock that went back fills nothing. */
export function takeToken(bucket: Bucket | null, limit: RateLimit, now: number): Taken {
  const elapsed = bucket ? Math.max(0, now - bucket.at) : 0;
  const filled = bucket ? bucket.tokens + elapsed / limit.refillMilliseconds : limit.burst;
  const tokens = Math.min(limit.burst, filled) - 1;
  // Rounding of floats must neither turn a refill that is due away nor add a millisecond.
  const missing = (wanted: number) => now + Math.ceil((wanted - tokens) * limit.refillMilliseconds - 1e-6);
  if (tokens < -1e-9) return { kind: 'empty', retryAt: missing(0) };
  return { kind: 'taken', bucket: { tokens: Math.max(0, tokens), at: now }, fullAt: missing(limit.burst) };
}

/**
 * Counts a call.
 * @param subject id of the person or the project
 * @throws ConvexError TOO_MANY_REQUESTS
 */
export async function countCall(ctx: MutationCtx, name: RateLimitName, subject: string, now: number): Promise<void> {
  const key = `${name} ${subject}`;
  const row = await ctx.db
    .query('rateLimits')
    .withIndex('by_key', (q) => q.eq('key', key))
    .unique();
  const taken = takeToken(row, RATE_LIMITS[name], now);
  if (taken.kind === 'empty') {
    const seconds = Math.max(1, Math.ceil((taken.retryAt - now) / SECOND));
    throw refusal(
      'TOO_MANY_REQUESTS',
      `That is too often. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    );
  }
  const { bucket, fullAt } = taken;
  if (row) await ctx.db.patch('rateLimits', row._id, { ...bucket, fullAt });
  else await ctx.db.insert('rateLimits', { key, ...bucket, fullAt });
}

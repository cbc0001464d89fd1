/** What the stack knows of the function that is running: who asked, what it has read. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Value } from 'convex/values';

export interface Call {
  /** The scheduled function that this mutation is: it is done when the mutation commits. */
  job?: string;
  /** Session and request id of the client that may send this mutation again. */
  request?: string;
  /** What the mutation will answer, once its handler is through. */
  value?: Value;
  /** When it committed, in nanoseconds. */
  ts?: bigint;
  /** Where a page of this query ends; null: not decided yet. */
  pageEnd?: string | null;
  /** Tables that were read; ANY_TABLE when that cannot be said. */
  tables?: Set<string>;
  /** The error before it crossed a system call, which drops its stack. */
  error?: unknown;
}

export const ANY_TABLE = '*';

/** The innermost call of the asynchronous context. */
export const calls = new AsyncLocalStorage<Call>();

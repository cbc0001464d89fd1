/** A person's connection to the control plane, and its refusals as errors of ours. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConvexClient } from 'convex/browser';
import { ConvexError } from 'convex/values';
import type { Diagnostic } from '../action/contract/diagnostics.ts';
import { isErrorCode, PermaframeError } from '../action/contract/errors.ts';

/** How long a control plane that does not answer keeps whoever pressed Ctrl-C. */
const LAST_WORDS_MILLISECONDS = 10_000;

export interface ControlPlane {
  /** Address of the control plane. */
  convexUrl: string;
  /** Signs the person in. Never printed. */
  token: string;
  signal: AbortSignal;
}

/** @throws PermaframeError CONFIG_INVALID, naming the setting */
export function readControlPlane(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): ControlPlane {
  const { PERMAFRAME_CONVEX_URL: convexUrl = '', PERMAFRAME_TOKEN: token = '' } = env;
  if (!URL.canParse(convexUrl)) throw new PermaframeError('CONFIG_INVALID', 'PERMAFRAME_CONVEX_URL must be an address');
  if (token === '') throw new PermaframeError('CONFIG_INVALID', 'PERMAFRAME_TOKEN is not set');
  return { convexUrl, token, signal };
}

/**
 * Works with a connection that is closed afterwards.
 * @param onAborted what is still to be said when the signal fires; the connection is closed when it is done
 * @throws PermaframeError with the code of a refusal; the signal's reason
 */
export async function withControlPlane<T>(
  { convexUrl, token, signal }: ControlPlane,
  work: (client: ConvexClient) => Promise<T>,
  onAborted: (client: ConvexClient) => Promise<void> = async () => {},
): Promise<T> {
  const client = new ConvexClient(convexUrl, { unsavedChangesWarning: false });
  client.setAuth(async () => token);
  try {
    return await untilAborted(signal, work(client));
  } catch (error) {
    if (signal.aborted) await Promise.race([onAborted(client), sleep(LAST_WORDS_MILLISECONDS, null, { ref: false })]);
    throw toPermaframeError(error);
  } finally {
    await client.close();
  }
}

export function nullIfMissing(error: unknown): null {
  if (error instanceof ConvexError && (error.data as { code?: string }).code === 'NOT_FOUND') return null;
  throw error;
}

/** What the control plane says of work that did not succeed. */
export interface FailedJob {
  state: string;
  error: {
    code: string;
    message: string;
    diagnostics?: readonly (Omit<Diagnostic, 'code'> & { code: string })[];
  } | null;
}

/** @param what the work: `the publish of version 3` */
export function failureOf({ state, error }: FailedJob, what: string): PermaframeError {
  if (state === 'cancelled') return new PermaframeError('STATE_CONFLICT', `${what} was cancelled`);
  const code = error && isErrorCode(error.code) ? error.code : 'INTERNAL';
  const diagnostics = (error?.diagnostics ?? []).map((diagnostic) => ({
    ...diagnostic,
    code: isErrorCode(diagnostic.code) ? diagnostic.code : code,
  }));
  return new PermaframeError(code, error?.message ?? `${what} failed`, { diagnostics });
}

export function toPermaframeError(error: unknown): unknown {
  if (!(error instanceof ConvexError)) return error;
  const { code = '', message = String(error) } = error.data as { code?: string; message?: string };
  return new PermaframeError(isErrorCode(code) ? code : 'INTERNAL', message, { cause: error });
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

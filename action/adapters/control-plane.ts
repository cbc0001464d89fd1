/** Tells the control plane how a publish or a render goes: each report with a token of its own, minted by GitHub for this run. */
import { getIDToken } from '@actions/core';
import { PermaframeError } from '../contract/errors.ts';
import {
  type RenderReport,
  type Report,
  type ReportAnswer,
  type ReportRefusal,
  reportAnswerSchema,
} from '../contract/reports.ts';
import {
  type Clock,
  DEFAULT_RETRY_POLICY,
  type Failure,
  parseRetryAfter,
  type RetryPolicy,
  systemClock,
  withRetries,
} from './retry.ts';

/** A page publish has 60 s; one report must not use them up. */
const REPORT_POLICY: RetryPolicy = { ...DEFAULT_RETRY_POLICY, attemptMilliseconds: 8_000, totalMilliseconds: 25_000 };
/** An answer of ours is shorter, in characters. */
const MAX_ANSWER_CHARACTERS = 10_000;

/** With these a job is over. */
const LAST_REPORTS: readonly (Report | RenderReport)['kind'][] = ['published', 'failed', 'rendered', 'renderFailed'];

/** What became of a report. */
export type Delivery =
  /** The control plane knows it now, or knew it already. */
  | { kind: 'delivered' }
  /** Nobody waits for this run any more. */
  | { kind: 'refused'; reason: Exclude<ReportRefusal, 'late'> };

export interface ControlPlane<Told extends Report | RenderReport = Report> {
  /** @throws PermaframeError CONTROL_PLANE_UNAVAILABLE; the signal's reason once it is aborted */
  report(report: Told, signal?: AbortSignal): Promise<Delivery>;
}

export interface ControlPlaneOptions {
  /** Default: GitHub's. Rejects when it cannot be had. */
  mintToken?: (audience: string) => Promise<string>;
  /** Differences from what reports take by default. */
  retry?: Partial<RetryPolicy>;
  clock?: Clock;
}

/** @param callback where reports are posted to; its origin is the audience of the tokens */
export function createControlPlane(
  callback: string,
  options: ControlPlaneOptions = {},
): ControlPlane<Report | RenderReport> {
  const { mintToken = getIDToken, clock = systemClock } = options;
  const policy = { ...REPORT_POLICY, ...options.retry };
  const audience = new URL(callback).origin;
  return {
    async report(report, signal) {
      // Whether an earlier attempt may have been taken: its answer was lost, or it was not an answer of ours.
      let isUnclear = false;
      const attempt = async (attemptSignal: AbortSignal): Promise<ReportAnswer> => {
        const token = await mint(mintToken, audience, attemptSignal);
        try {
          return await post(callback, token, report, attemptSignal);
        } catch (error) {
          isUnclear = true;
          throw error;
        }
      };
      const result = await withRetries(attempt, { policy, clock, failureOf, signal });
      if (result.kind === 'failed') throw unavailable(report, result.error, result.attempts);
      return toDelivery(result.value, report, isUnclear);
    },
  };
}

/** No failure of a report says more than this; what the other side answered is not repeated. */
class ReportFailure extends Error {
  override readonly name = 'ReportFailure';
  readonly failure: (now: number) => Failure;

  constructor(message: string, failure: (now: number) => Failure, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

function failureOf(error: unknown, now: number): Failure {
  return error instanceof ReportFailure ? error.failure(now) : { kind: 'other' };
}

/** GitHub answers 503 at times. Its client cannot be interrupted: an attempt that takes too long is left alone. */
async function mint(mintToken: (audience: string) => Promise<string>, audience: string, signal: AbortSignal) {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([mintToken(audience), promise]);
  } catch (cause) {
    throw new ReportFailure('GitHub gives the job no OIDC token', () => ({ kind: 'network' }), cause);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function post(
  callback: string,
  token: string,
  report: Report | RenderReport,
  signal: AbortSignal,
): Promise<ReportAnswer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(callback, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(report),
      // A token goes where it was minted for, and nowhere else.
      redirect: 'manual',
      signal,
    });
    text = await response.text();
  } catch (cause) {
    throw new ReportFailure('the control plane cannot be reached', () => ({ kind: 'network' }), cause);
  }
  const { status, headers } = response;
  const answer = status === 200 && text.length <= MAX_ANSWER_CHARACTERS ? parseAnswer(text) : null;
  if (answer) return answer;
  const retryAfter = headers.get('retry-after') ?? undefined;
  const message = status === 200 ? 'what answers is no control plane' : `the control plane answers ${status}`;
  throw new ReportFailure(message, (now) => ({
    kind: 'answer',
    status,
    retryAfterMilliseconds: parseRetryAfter(retryAfter, now),
  }));
}

function parseAnswer(text: string): ReportAnswer | null {
  try {
    return reportAnswerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function toDelivery(answer: ReportAnswer, report: Report | RenderReport, isUnclear: boolean): Delivery {
  if (answer.kind === 'accepted' || answer.reason === 'late') return { kind: 'delivered' };
  const isLast = LAST_REPORTS.includes(report.kind);
  // Over because of this very report: it was taken, and its answer got lost.
  if (answer.reason === 'over' && isLast && isUnclear) return { kind: 'delivered' };
  return { kind: 'refused', reason: answer.reason };
}

function unavailable({ kind }: Report | RenderReport, cause: unknown, attempts: number): PermaframeError {
  const reason = cause instanceof ReportFailure ? cause.message : 'there is no answer in time';
  const tries = attempts === 1 ? '' : ` (${attempts} attempts)`;
  const message = `The report "${kind}" could not be delivered: ${reason}${tries}.`;
  return new PermaframeError('CONTROL_PLANE_UNAVAILABLE', message, { cause });
}

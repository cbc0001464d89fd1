/** What the errors of GitHub's client mean, and what may be shown of them. */
import { type ErrorCode, PermaframeError } from '../contract/errors.ts';
import { type Failure, isTransientStatus, parseRetryAfter } from './retry.ts';

/** Characters of a foreign message that are kept. */
const MAX_MESSAGE_CHARACTERS = 300;
/** What GitHub asks for where it names no time, in milliseconds. */
const UNNAMED_WAIT_MILLISECONDS = 60_000;
/** Clocks differ a little: how long after its reset a rate limit is trusted to be reset, in milliseconds. */
const RESET_MARGIN_MILLISECONDS = 1_000;

/** One failed request, reduced to what a decision needs. */
export type GitHubFault =
  | { kind: 'answer'; status: number; forToken: boolean }
  /** @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
  | { kind: 'rateLimited'; status: number; retryAfter: string | undefined; resetSeconds: number | null }
  | { kind: 'network'; code: string }
  | { kind: 'timeout' }
  /** An answer that GitHub would not give, or only half of one. */
  | { kind: 'damaged' }
  | { kind: 'bug' };

/** The fields of Octokit's RequestError that count. */
interface RequestError {
  name?: string;
  status?: number;
  cause?: unknown;
  request?: { url?: string };
  response?: { headers?: Record<string, string | undefined>; data?: unknown };
}

/** An answer that is not what was asked for: cut off, or from somebody else than GitHub. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** A redirect: the repository was renamed or moved. Followed, a POST would become a GET. */
export class Redirected extends Error {
  override readonly name = 'Redirected';
  readonly status: number;

  constructor(status: number) {
    super(`redirected with ${status}`);
    this.status = status;
  }
}

/** Reads a fault out of whatever a request threw. */
export function faultOf(error: unknown): GitHubFault {
  if (error instanceof UnexpectedAnswer) return { kind: 'damaged' };
  if (error instanceof Redirected) return { kind: 'answer', status: error.status, forToken: false };
  if (!(error instanceof Error)) return { kind: 'bug' };
  const { name, status, cause, request, response } = error as RequestError;
  if (name === 'TimeoutError' || name === 'AbortError') return { kind: 'timeout' };
  if (name !== 'HttpError' || status === undefined) return { kind: 'bug' };
  if (!response) return faultWithoutAnswer(cause);
  const headers = response.headers ?? {};
  if (isRateLimit(status, headers, response.data)) {
    const reset = headers['x-ratelimit-remaining'] === '0' ? Number(headers['x-ratelimit-reset']) : Number.NaN;
    const resetSeconds = Number.isFinite(reset) ? reset : null;
    return { kind: 'rateLimited', status, retryAfter: headers['retry-after'], resetSeconds };
  }
  // A GitHub App asks for its installation's token with a request of its own.
  return { kind: 'answer', status, forToken: request?.url?.includes('/app/installations/') ?? false };
}

/** Octokit calls every failure to fetch a 500. */
function faultWithoutAnswer(cause: unknown): GitHubFault {
  if (!(cause instanceof Error)) return { kind: 'bug' };
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return { kind: 'timeout' };
  const code = codeOf(cause) ?? codeOf(cause.cause);
  return code === null || code.startsWith('ERR_INVALID') ? { kind: 'bug' } : { kind: 'network', code };
}

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : null;
}

/** A 403 is a refusal for good, unless something in it says that it is one for the moment. */
function isRateLimit(status: number, headers: Record<string, string | undefined>, data: unknown): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  if (headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0') return true;
  // A secondary limit may come without any header; the documentation that it points to is the only other mark.
  const documentation = (data as { documentation_url?: unknown } | null | undefined)?.documentation_url;
  return typeof documentation === 'string' && /rate-limit/.test(documentation);
}

/** @param now milliseconds since 1970, UTC */
export function failureOf(error: unknown, now: number): Failure {
  const fault = faultOf(error);
  switch (fault.kind) {
    case 'answer':
      return { kind: 'answer', status: fault.status, retryAfterMilliseconds: null };
    case 'rateLimited':
      return { kind: 'answer', status: 429, retryAfterMilliseconds: waitOf(fault, now) };
    case 'network':
    case 'damaged':
      return { kind: 'network' };
    case 'timeout':
      return { kind: 'timeout' };
    case 'bug':
      return { kind: 'other' };
  }
}

/** Milliseconds from `now` until GitHub listens again. */
function waitOf(fault: GitHubFault & { kind: 'rateLimited' }, now: number): number {
  const asked = parseRetryAfter(fault.retryAfter, now);
  if (asked !== null) return asked;
  if (fault.resetSeconds === null) return UNNAMED_WAIT_MILLISECONDS;
  return Math.max(0, fault.resetSeconds * 1000 - now) + RESET_MARGIN_MILLISECONDS;
}

/** What a failed call was about, for its message. */
export interface FailedCall {
  /** As in "cannot …". */
  action: string;
  /** `owner/name`. */
  repository: string;
  attempts: number;
  /** Milliseconds since 1970, UTC. */
  now: number;
}

/** The error that leaves the adapter. */
export function toGitHubError(error: unknown, call: FailedCall, secrets: readonly string[]): PermaframeError {
  const fault = faultOf(error);
  const retryAt = fault.kind === 'rateLimited' ? call.now + waitOf(fault, call.now) : null;
  const [code, reason] = explain(fault, retryAt);
  const tries = call.attempts === 1 ? '' : ` (${call.attempts} attempts)`;
  const message = `Cannot ${call.action} in ${call.repository}: ${reason}${tries}.`;
  return new PermaframeError(code, message, { cause: new GitHubRequestError(error, fault, retryAt, secrets) });
}

function explain(fault: GitHubFault, retryAt: number | null): [ErrorCode, string] {
  switch (fault.kind) {
    case 'network':
      return ['DISPATCH_UNAVAILABLE', `GitHub cannot be reached (${fault.code})`];
    case 'timeout':
      return ['DISPATCH_UNAVAILABLE', 'GitHub does not answer in time'];
    case 'damaged':
      return ['DISPATCH_UNAVAILABLE', 'what answers at the address of the API does not answer like GitHub'];
    case 'rateLimited': {
      const time = new Date(retryAt ?? 0).toISOString().slice(0, 19).replace('T', ' ');
      return ['DISPATCH_UNAVAILABLE', `the rate limit of GitHub is used up until ${time} UTC`];
    }
    case 'bug':
      return ['INTERNAL', 'the request could not be made'];
    case 'answer':
      return explainAnswer(fault.status, fault.forToken);
  }
}

function explainAnswer(status: number, forToken: boolean): [ErrorCode, string] {
  if (isTransientStatus(status)) return ['DISPATCH_UNAVAILABLE', `GitHub answers ${status}`];
  if (forToken) return ['DISPATCH_DENIED', `GitHub gives the app no token: check its ids and its key (${status})`];
  if (status === 401) return ['DISPATCH_DENIED', 'GitHub does not know the token (401)'];
  if (status === 403) return ['DISPATCH_DENIED', 'GitHub does not let the token do that (403)'];
  if (status < 400) return ['DISPATCH_MISSING', `the repository was renamed or moved (${status})`];
  if (status === 404 || status === 410 || status === 451) {
    return ['DISPATCH_MISSING', `GitHub has no such thing, or does not show it to the token (${status})`];
  }
  return ['INTERNAL', `GitHub refuses the request (${status})`];
}

/**
 * What is kept of the original error. The original itself must not be printed: it leads to the request, with what was
 * sent and what was answered.
 */
export class GitHubRequestError extends Error {
  override readonly name = 'GitHubRequestError';
  readonly fault: GitHubFault;
  /** When GitHub asks to be called again: milliseconds since 1970. Null where it asks nothing. */
  readonly retryAt: number | null;

  constructor(original: unknown, fault: GitHubFault, retryAt: number | null, secrets: readonly string[]) {
    const text = original instanceof Error ? `${original.name}: ${original.message}` : typeof original;
    super(withoutSecrets(text, secrets).slice(0, MAX_MESSAGE_CHARACTERS));
    this.fault = fault;
    this.retryAt = retryAt;
  }
}

/** When GitHub asked to be called again (milliseconds since 1970), if that is why a call failed. */
export function retryAtOf(error: unknown): number | null {
  const cause = error instanceof PermaframeError ? error.cause : null;
  return cause instanceof GitHubRequestError ? cause.retryAt : null;
}

/** Also of tokens that GitHub issued on the way, whatever their owner. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret !== '')
    .reduce((left, secret) => left.replaceAll(secret, '***'), text);
  return known.replace(/\b(gh[a-z]_|github_pat_|v1\.)[A-Za-z0-9_]{16,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***');
}

/** What the errors of the S3 client mean, and what may be shown of them. */
import { type ErrorCode, PermaframeError } from '../contract/errors.ts';
import { type Failure, isTransientStatus, parseRetryAfter } from './retry.ts';
import type { StoreConfig } from './store-config.ts';

/** Characters of a foreign message that are kept. */
const MAX_MESSAGE_CHARACTERS = 300;

/** One failed request, reduced to what a decision needs. */
export type StoreFault =
  /** `code` is S3's; null where the answer has no S3 error in it: to HEAD, from a gateway, from a web site. */
  | { kind: 'answer'; status: number; code: string | null; retryAfter: string | undefined }
  | { kind: 'network'; code: string }
  | { kind: 'timeout' }
  | { kind: 'damaged' }
  | { kind: 'bug' };

/** The fields of an SDK error that count. All may be missing: the SDK also passes on whatever Node throws. */
interface SdkError {
  name?: string;
  /** Node's; a number on a DOMException. */
  code?: unknown;
  /** S3's. */
  Code?: unknown;
  $metadata?: { httpStatusCode?: number };
  $response?: { statusCode?: number; headers?: Record<string, string> };
}

/** Reads a fault out of whatever a request threw. */
export function faultOf(error: unknown): StoreFault {
  if (error instanceof DamagedBytes) return { kind: 'damaged' };
  if (!(error instanceof Error)) return { kind: 'bug' };
  const { name, code, Code, $metadata, $response } = error as SdkError;
  // Before the status: a connection that breaks in the middle of an answer has both.
  if (typeof code === 'string' && isNetworkCode(code)) return { kind: 'network', code };
  if (name === 'TimeoutError') return { kind: 'timeout' };
  const status = $response?.statusCode ?? $metadata?.httpStatusCode;
  if (status === undefined) return { kind: 'bug' };
  // Whatever listens there chooses the code, and it ends up in messages: a plain word, or none.
  const s3Code = typeof Code === 'string' && /^[A-Za-z0-9]{1,64}$/.test(Code) ? Code : null;
  return { kind: 'answer', status, code: s3Code, retryAfter: $response?.headers?.['retry-after'] };
}

/** Node's codes of system, TLS and HTTP parser errors, but not those of wrong calls (`ERR_INVALID_…`). */
function isNetworkCode(code: string): boolean {
  return !code.startsWith('ERR_') || /^ERR_(SSL|TLS|STREAM_PREMATURE_CLOSE)/.test(code);
}

/** @param now milliseconds since 1970, UTC */
export function failureOf(error: unknown, now: number): Failure {
  const fault = faultOf(error);
  switch (fault.kind) {
    case 'answer':
      return { kind: 'answer', status: fault.status, retryAfterMilliseconds: parseRetryAfter(fault.retryAfter, now) };
    case 'network':
    case 'damaged':
      return { kind: 'network' };
    case 'timeout':
      return { kind: 'timeout' };
    case 'bug':
      return { kind: 'other' };
  }
}

/** The bytes of an object do not match the digest that was stored with them. */
export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes';
}

/** A success that no S3 store would answer with: whatever listens at the endpoint is something else. */
export function unlikeS3(missing: string): Error {
  return Object.assign(new Error(`the answer has no ${missing}`), { $metadata: { httpStatusCode: 200 } });
}

/**
 * The error that leaves the adapter.
 * @param action what was tried, as in "cannot …"
 * @param attempts how often
 */
export function toStoreError(error: unknown, action: string, attempts: number, config: StoreConfig): PermaframeError {
  const [code, reason] = explain(faultOf(error), config);
  const tries = attempts === 1 ? '' : ` (${attempts} attempts)`;
  const message = `Cannot ${action}: ${reason}${tries}.`;
  return new PermaframeError(code, message, { cause: new StoreRequestError(error, config) });
}

function explain(fault: StoreFault, config: StoreConfig): [ErrorCode, string] {
  switch (fault.kind) {
    case 'network':
      return ['STORE_UNREACHABLE', `${config.endpoint} cannot be reached (${fault.code})`];
    case 'timeout':
      return ['STORE_UNREACHABLE', `${config.endpoint} does not answer in time`];
    case 'damaged':
      return ['STORE_UNAVAILABLE', `${config.endpoint} returns other bytes than were stored`];
    case 'bug':
      return ['INTERNAL', 'the request could not be made'];
    case 'answer':
      return explainAnswer(fault.status, fault.code, config);
  }
}

/** @see https://developers.cloudflare.com/r2/api/error-codes/ */
function explainAnswer(status: number, code: string | null, { endpoint, bucket }: StoreConfig): [ErrorCode, string] {
  switch (code) {
    case 'Unauthorized':
    case 'InvalidAccessKeyId':
      return ['STORE_DENIED', `${endpoint} does not know the accessKeyId`];
    // R2's answer to an access key id of the wrong length. Nothing else that we send could be invalid.
    case 'InvalidArgument':
    case 'AuthorizationHeaderMalformed':
      return ['STORE_DENIED', `${endpoint} finds the accessKeyId malformed (${code})`];
    case 'SignatureDoesNotMatch':
      return ['STORE_DENIED', `the secretAccessKey does not belong to the accessKeyId, says ${endpoint}`];
    case 'RequestTimeTooSkewed':
    case 'ExpiredRequest':
      return ['STORE_DENIED', `the clock of this machine differs too much from that of ${endpoint}`];
    case 'NoSuchBucket':
    case 'InvalidBucketName':
      return ['STORE_BUCKET_MISSING', `there is no bucket "${bucket}" at ${endpoint}`];
    case 'BadDigest':
    case 'InvalidDigest':
    case 'XAmzContentSHA256Mismatch':
      return ['INTERNAL', `the bytes do not match the sha256 that was given with them (${code})`];
  }
  const said = code === null ? String(status) : `${status} ${code}`;
  if (status === 401 || status === 403) {
    return ['STORE_DENIED', `${endpoint} refuses accessKeyId and secretAccessKey for bucket "${bucket}" (${said})`];
  }
  if (isTransientStatus(status)) return ['STORE_UNAVAILABLE', `${endpoint} answers ${said}`];
  if (code === null || status < 400 || status === 404) {
    return ['STORE_UNREACHABLE', `what answers at ${endpoint} is not the store of bucket "${bucket}" (${said})`];
  }
  return ['INTERNAL', `${endpoint} answers ${said}`];
}

/**
 * What is kept of the original error. The original itself must not be printed: it leads to the request with its
 * signature, and S3 repeats parts of the request in its answer.
 */
export class StoreRequestError extends Error {
  override readonly name = 'StoreRequestError';
  readonly fault: StoreFault;

  constructor(original: unknown, config: StoreConfig) {
    const text = original instanceof Error ? `${original.name}: ${original.message}` : typeof original;
    super(withoutSecrets(text, config).slice(0, MAX_MESSAGE_CHARACTERS));
    this.fault = faultOf(original);
    if (this.fault.kind === 'bug' && original instanceof Error && original.stack !== undefined) {
      this.stack = withoutSecrets(original.stack, config);
    }
  }
}

function withoutSecrets(text: string, { accessKeyId, secretAccessKey }: StoreConfig): string {
  return text.replaceAll(secretAccessKey, '***').replaceAll(accessKeyId, '***');
}

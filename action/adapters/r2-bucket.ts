/** A bucket of Cloudflare R2, through its S3 API: the connection, and how its requests are retried. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { failureOf, toStoreError, unlikeS3 } from './r2-errors.ts';
import { type Attempt, type Clock, DEFAULT_RETRY_POLICY, type RetryPolicy, systemClock, withRetries } from './retry.ts';
import type { StoreConfig } from './store-config.ts';

/** Connections kept open to the store. */
const MAX_SOCKETS = 32;
/** How long a connection may take to come up, in milliseconds. */
const CONNECT_MILLISECONDS = 5_000;
/** An upload slower than this counts as hanging, in bytes a second: its attempt gets that much more time. */
const MIN_UPLOAD_BYTES_PER_SECOND = 1_000_000;
/** Keys that S3 lists at a time, at most. */
const MAX_PAGE_KEYS = 1000;

export interface StoreOptions {
  /** Differences from DEFAULT_RETRY_POLICY. */
  retry?: Partial<RetryPolicy>;
  /** Default: the real one. */
  clock?: Clock;
  /** Keys to list at a time, 1 to 1000. Default: 1000. */
  pageKeys?: number;
}

/** One attempt of a request. */
export type Send<T> = (client: S3Client, abortSignal: AbortSignal, attemptNumber: number) => Promise<T>;

interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Size of what is sent; large uploads get more time. */
  bytes?: number;
}

/** Dispose it to close its connections. */
export class Bucket implements Disposable {
  readonly name: string;
  readonly pageKeys: number;
  readonly #config: StoreConfig;
  readonly #client: S3Client;
  readonly #policy: RetryPolicy;
  readonly #clock: Clock;
  #isKnown = false;

  constructor(config: StoreConfig, options: StoreOptions) {
    this.name = config.bucket;
    this.pageKeys = options.pageKeys ?? MAX_PAGE_KEYS;
    this.#config = config;
    this.#client = createClient(config);
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...options.retry };
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Sends a request until it succeeds or its retries are used up.
   * @param action what the request does, for "cannot …"
   */
  async call<T>(action: string, send: Send<T>, { signal, bytes = 0 }: CallOptions = {}): Promise<T> {
    const uploadMilliseconds = (bytes / MIN_UPLOAD_BYTES_PER_SECOND) * 1000;
    const policy: RetryPolicy = {
      ...this.#policy,
      attemptMilliseconds: this.#policy.attemptMilliseconds + uploadMilliseconds,
      totalMilliseconds: this.#policy.totalMilliseconds + uploadMilliseconds,
    };
    const attempt: Attempt<T> = (abortSignal, attemptNumber) => send(this.#client, abortSignal, attemptNumber);
    const result = await withRetries(attempt, { policy, clock: this.#clock, failureOf, signal });
    if (result.kind === 'done') return result.value;
    throw toStoreError(result.error, action, result.attempts, this.#config);
  }

  /** Rejects unless an S3 store answers, knows us, and has the bucket. */
  async check(signal?: AbortSignal): Promise<void> {
    const send: Send<void> = async (client, abortSignal) => {
      const page = await client.send(new ListObjectsV2Command({ Bucket: this.name, MaxKeys: 1 }), { abortSignal });
      if (page.Name !== this.name) throw unlikeS3('name of the bucket');
    };
    await this.call(`use bucket "${this.name}"`, send, { signal });
    this.#isKnown = true;
  }

  /** Like check, but asks only once. */
  async checkOnce(signal?: AbortSignal): Promise<void> {
    if (!this.#isKnown) await this.check(signal);
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

function createClient({ endpoint, region, accessKeyId, secretAccessKey }: StoreConfig): S3Client {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // Retries are ours: see retry.ts.
    maxAttempts: 1,
    // What the SDK adds by default has broken R2 before; our puts carry their SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Everything that the SDK would otherwise look up in AWS_… variables and ~/.aws: only roots read those.
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: [],
    userAgentAppId: 'permaframe',
    requestHandler: { connectionTimeout: CONNECT_MILLISECONDS, httpAgent: agent, httpsAgent: agent },
  });
  // Neither R2 nor workerd answers `Expect: 100-continue`: large bodies would wait for it in vain.
  client.middlewareStack.remove('addExpectContinueMiddleware');
  return client;
}

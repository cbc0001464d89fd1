/** A repository of GitHub, through its REST API: the connection, and how its requests are retried. */
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { failureOf, Redirected, toGitHubError, UnexpectedAnswer } from './github-errors.ts';
import { type Clock, DEFAULT_RETRY_POLICY, type RetryPolicy, systemClock, withRetries } from './retry.ts';

/** An upload slower than this counts as hanging, in bytes a second: its attempt gets that much more time. */
const MIN_UPLOAD_BYTES_PER_SECOND = 1_000_000;
/** https://docs.github.com/rest/about-the-rest-api/api-versions */
const API_VERSION = '2022-11-28';

export type GitHubAuth =
  | { kind: 'token'; token: string }
  | {
      kind: 'app';
      appId: string;
      installationId: number;
      /** PEM. */
      privateKey: string;
    };

export interface GitHubConfig {
  /** Without a slash at the end: `https://api.github.com`. */
  apiUrl: string;
  /** `owner/name`. */
  repository: string;
  auth: GitHubAuth;
}

export interface GitHubOptions {
  /** Differences from DEFAULT_RETRY_POLICY. */
  retry?: Partial<RetryPolicy>;
  /** Default: the real one. */
  clock?: Clock;
  /** Default: the global one. */
  fetch?: typeof fetch;
}

/** What every request takes besides its own parameters. */
export type RequestPlace = {
  owner: string;
  repo: string;
  request: { signal: AbortSignal };
};

/** One attempt of a request. */
export type Send<T> = (api: Octokit['rest'], place: RequestPlace) => Promise<T>;

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Size of what is sent; large uploads get more time. */
  bytes?: number;
}

export class GitHubClient {
  readonly repository: string;
  readonly clock: Clock;
  readonly #octokit: Octokit;
  readonly #policy: RetryPolicy;
  readonly #secrets: readonly string[];
  #isKnown = false;

  constructor(config: GitHubConfig, options: GitHubOptions) {
    this.repository = config.repository;
    this.clock = options.clock ?? systemClock;
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...options.retry };
    this.#secrets = [config.auth.kind === 'token' ? config.auth.token : config.auth.privateKey];
    this.#octokit = createOctokit(config, options.fetch ?? fetch, this.#policy.attemptMilliseconds);
  }

  /**
   * Sends a request until it succeeds or its retries are used up.
   * @param action what the request does, for "cannot …"
   * @throws PermaframeError DISPATCH_DENIED, DISPATCH_MISSING, DISPATCH_UNAVAILABLE or INTERNAL
   */
  async call<T>(action: string, send: Send<T>, { signal, bytes = 0 }: CallOptions = {}): Promise<T> {
    const [owner = '', repo = ''] = this.repository.split('/');
    const uploadMilliseconds = (bytes / MIN_UPLOAD_BYTES_PER_SECOND) * 1000;
    const policy: RetryPolicy = {
      ...this.#policy,
      attemptMilliseconds: this.#policy.attemptMilliseconds + uploadMilliseconds,
      totalMilliseconds: this.#policy.totalMilliseconds + uploadMilliseconds,
    };
    const attempt = (abortSignal: AbortSignal) =>
      send(this.#octokit.rest, { owner, repo, request: { signal: abortSignal } });
    const result = await withRetries(attempt, { policy, clock: this.clock, failureOf, signal });
    if (result.kind === 'done') return result.value;
    const { error, attempts } = result;
    throw toGitHubError(error, { action, repository: this.repository, attempts, now: this.clock.now() }, this.#secrets);
  }

  /** Rejects unless the repository is there. GitHub says 404 to everything in one that it does not show. */
  async checkOnce(signal?: AbortSignal): Promise<void> {
    if (this.#isKnown) return;
    const send: Send<void> = async (api, place) => {
      parseAnswer(z.looseObject({ id: z.int() }), (await api.repos.get(place)).data);
    };
    await this.call('find the repository', send, { signal });
    this.#isKnown = true;
  }
}

/** @throws UnexpectedAnswer, which is retried: half an answer looks like this too */
export function parseAnswer<T extends z.ZodType>(schema: T, data: unknown): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new UnexpectedAnswer(`the answer has no ${parsed.error.issues[0]?.path.join('.') || 'content'}`);
}

function createOctokit({ apiUrl, auth }: GitHubConfig, fetchIt: typeof fetch, attemptMilliseconds: number): Octokit {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  // An app's request for a token carries no signal of ours; it must end all the same.
  const limitedFetch: typeof fetch = (url, init) =>
    fetchIt(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(attemptMilliseconds) });
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'permaframe',
    log: silent,
    request: { fetch: limitedFetch, redirect: 'manual' },
    ...authOptions(auth, silent),
  });
  octokit.hook.before('request', ({ headers }) => {
    headers['x-github-api-version'] = API_VERSION;
  });
  octokit.hook.after('request', ({ status }) => {
    if (status >= 300) throw new Redirected(status);
  });
  return octokit;
}

function authOptions(auth: GitHubAuth, log: { warn: () => void }) {
  if (auth.kind === 'token') return { auth: auth.token };
  const { appId, installationId, privateKey } = auth;
  return { authStrategy: createAppAuth, auth: { appId, installationId, privateKey, log } };
}

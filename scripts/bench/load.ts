/** Puts load on a Worker from a process of its own, so that measuring does not compete with what is measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One request, sent again and again, and what each answer must be. */
export interface LoadJob {
  /** `http://127.0.0.1:8787`, without a slash at the end. */
  origin: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  expected: {
    status: number;
    /** Of the body as it comes over the wire. */
    bytes: number;
    /** Lower-case hex SHA-256 of that body. */
    sha256: string;
    /** Header names in lower case, and their values. */
    headers: Readonly<Record<string, string>>;
  };
  /** Requests at a time. */
  concurrency: number;
  /** The load ends at whichever comes first. */
  maxMilliseconds: number;
  maxRequests: number;
}

export type LoadAnswer = { kind: 'done'; requests: number; milliseconds: number } | { kind: 'wrong'; problem: string };

export interface LoadClient extends AsyncDisposable {
  /**
   * @returns requests a second
   * @throws Error when an answer is not the expected one
   */
  run(job: LoadJob): Promise<number>;
}

/** Connections are kept alive from one job to the next. */
export function startLoadClient(signal: AbortSignal): LoadClient {
  const child = fork(fileURLToPath(new URL('./load-client.ts', import.meta.url)), { env: {}, serialization: 'json' });
  const gone = once(child, 'exit');
  return {
    run: async (job) => {
      signal.throwIfAborted();
      const answer = await ask(child, job, signal);
      if (answer.kind === 'wrong') throw new Error(`${job.origin}${job.path}: ${answer.problem}`);
      return (answer.requests / answer.milliseconds) * 1000;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}

async function ask(child: ChildProcess, job: LoadJob, signal: AbortSignal): Promise<LoadAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadAnswer>();
  const onExit = (): void => reject(new Error('the load client is gone'));
  const onAbort = (): void => reject(signal.reason);
  child.once('message', (answer) => resolve(answer as LoadAnswer)).once('exit', onExit);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    child.send(job);
    return await promise;
  } finally {
    child.removeListener('exit', onExit);
    signal.removeEventListener('abort', onAbort);
  }
}

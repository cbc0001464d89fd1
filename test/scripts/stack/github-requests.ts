/** Requests to the stand-in for GitHub, and runs that end when a test says so. */
import { expect } from 'vitest';
import type { Conclusion, Run } from '../../../scripts/stack/github/run.ts';
import { TEST_REPOSITORY, TEST_TOKEN, type TestGitHub } from '../../support/github.ts';

/** Asks the stand-in as anything but the adapter would. */
export async function request(
  test: TestGitHub,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = TEST_TOKEN,
) {
  const answer = await fetch(`${test.standIn.apiUrl}${path}`, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
  };
}

/** Where the repository's routes begin. */
export const repo = `/repos/${TEST_REPOSITORY}`;
export const payload = { publish: 'p1', thread: 'launch', version: 3 };

/** Starts a run of version 3 of `launch`. */
export function dispatch(test: TestGitHub, publish = 'p1', more: Record<string, unknown> = {}) {
  return request(test, 'POST', `${repo}/dispatches`, {
    event_type: 'permaframe-publish',
    client_payload: { ...payload, publish, ...more },
  });
}

/** An executor whose runs end when the test says so. */
export function executor() {
  const started: { run: Run; signal: AbortSignal; end: (conclusion: Conclusion) => void }[] = [];
  return {
    started,
    execute: (run: Run, signal: AbortSignal) =>
      new Promise<Conclusion>((resolve) => {
        started.push({ run, signal, end: resolve });
        signal.addEventListener('abort', () => resolve('cancelled'));
      }),
  };
}

export async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5 }).toBe(true);
}

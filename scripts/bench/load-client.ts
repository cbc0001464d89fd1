/** The process that sends the requests. It takes one job after the other from load.ts, and ends with its parent. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { LoadAnswer, LoadJob } from './load.ts';

/** Every so many answers the whole body is hashed; all others are counted. Hashing each would slow the client down. */
const HASH_EVERY = 200;

const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

process.on('message', async (job: LoadJob) => {
  process.send?.(await load(job));
});
process.once('disconnect', () => process.exit(0));

async function load(job: LoadJob): Promise<LoadAnswer> {
  const begin = performance.now();
  let sent = 0;
  let answered = 0;
  let problem: string | null = null;
  const worker = async (): Promise<void> => {
    // One wrong answer ends it for all, so that nothing is left to disturb the next job.
    while (problem === null && sent < job.maxRequests && performance.now() - begin < job.maxMilliseconds) {
      try {
        await requestOnce(job, sent++ % HASH_EVERY === 0);
        answered++;
      } catch (error) {
        problem ??= (error as Error).message;
      }
    }
  };
  await Promise.all(Array.from({ length: job.concurrency }, worker));
  if (problem !== null) return { kind: 'wrong', problem };
  return { kind: 'done', requests: answered, milliseconds: performance.now() - begin };
}

/** @throws Error telling what is wrong with the answer */
function requestOnce({ origin, path, headers, expected }: LoadJob, isHashed: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = http.get(`${origin}${path}`, { agent, headers }, (response) => {
    const hash = isHashed ? createHash('sha256') : null;
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      hash?.update(chunk);
    });
    response.on('error', reject);
    response.on('end', () => {
      const problem = problemOf(expected, response, bytes, hash?.digest('hex'));
      if (problem === null) resolve();
      else reject(new Error(problem));
    });
  });
  request.on('error', reject);
  return promise;
}

function problemOf(
  expected: LoadJob['expected'],
  { statusCode, headers }: http.IncomingMessage,
  bytes: number,
  sha256: string | undefined,
): string | null {
  if (statusCode !== expected.status) return `answers ${statusCode}, not ${expected.status}`;
  if (bytes !== expected.bytes) return `has ${bytes} bytes, not ${expected.bytes}`;
  if (sha256 !== undefined && sha256 !== expected.sha256) return 'has other content';
  const wrong = Object.entries(expected.headers).find(([name, value]) => headers[name] !== value);
  return wrong ? `has the header ${wrong[0]}: ${headers[wrong[0]]}, not ${wrong[1]}` : null;
}

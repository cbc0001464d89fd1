/** Starts the control plane of the local stack: Convex functions behind Convex's own addresses, in a process of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConvexError, convexToJson, type JSONValue, jsonToConvex, type Value } from 'convex/values';
import { ROOT_FOLDER } from '../../state.ts';
import { findFreePort, requireFreePort } from '../free-port.ts';
import type { ServerReport, ServerSettings } from './server-process.ts';

const ENTRY = fileURLToPath(new URL('./server-process.ts', import.meta.url));
/** How long a start may take before it counts as failed, in milliseconds. It takes a third of a second. */
const START_MILLISECONDS = 20_000;
/** How long the process may take to end by itself before it is killed, in milliseconds. */
const STOP_MILLISECONDS = 3_000;

export interface ConvexServerOptions {
  /** Database and files are kept below it, over restarts. One server at a time. */
  stateFolder: string;
  /** Port of 127.0.0.1 for clients; any free one by default. */
  port?: number;
  /** Port of 127.0.0.1 for HTTP actions; any free one by default. */
  sitePort?: number;
  /** All that the functions see in `process.env`, besides CONVEX_CLOUD_URL and CONVEX_SITE_URL. */
  env?: Readonly<Record<string, string>>;
  /** The repository's `convex/` by default. */
  functionsFolder?: string;
  /** Takes each line that the functions or the server print. */
  log?: (line: string) => void;
}

export interface ConvexServer extends AsyncDisposable {
  /** For clients: `http://127.0.0.1:3210`, without a slash at the end. */
  url: string;
  /** Of HTTP actions. */
  siteUrl: string;
  /** For ConvexHttpClient's `setAdminAuth`: calls internal functions too. New with every start. */
  adminKey: string;
  pid: number;
  /**
   * Calls any function, internal ones too.
   * @throws ConvexError with its data when the function throws one, else Error with what Convex tells a client
   */
  run<T extends Value>(path: string, args?: Record<string, Value>, identity?: Record<string, Value>): Promise<T>;
}

/** @throws Error when a port is taken, the functions cannot be loaded, or the process ends early; the message says why */
export async function startConvexServer(options: ConvexServerOptions): Promise<ConvexServer> {
  const { stateFolder, env = {}, functionsFolder = join(ROOT_FOLDER, 'convex'), log = () => {} } = options;
  await mkdir(stateFolder, { recursive: true });
  const port = await usablePort(options.port);
  const sitePort = await usablePort(options.sitePort);
  const url = `http://127.0.0.1:${port}`;
  const siteUrl = `http://127.0.0.1:${sitePort}`;
  const adminKey = randomBytes(24).toString('hex');
  const child = spawn(process.execPath, ['--no-warnings', ENTRY], {
    cwd: stateFolder,
    env: { ...env, CONVEX_CLOUD_URL: url, CONVEX_SITE_URL: siteUrl },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stop = stopperOf(child);
  passOn(child, log);
  const settings: ServerSettings = { functionsFolder, stateFolder, port, sitePort, url, siteUrl, adminKey };
  try {
    await untilReady(child, settings);
  } catch (cause) {
    await stop();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the Convex functions did not start: ${reason}`, { cause });
  }
  return {
    url,
    siteUrl,
    adminKey,
    pid: child.pid ?? 0,
    run: (path, args = {}, identity) => runFunction(url, adminKey, path, args, identity),
    [Symbol.asyncDispose]: stop,
  };
}

async function usablePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return await findFreePort();
  await requireFreePort(wanted);
  return wanted;
}

async function untilReady(child: ChildProcess, settings: ServerSettings): Promise<void> {
  const late = new AbortController();
  const { signal } = late;
  const reported = once(child, 'message', { signal }).then(([report]: ServerReport[]) => {
    if (report?.kind === 'failed') throw new Error(report.message);
  });
  const ended = once(child, 'exit', { signal }).then(([code, killedBy]) => {
    throw new Error(`it ended with ${killedBy ?? `exit code ${code}`}`);
  });
  const timeUp = sleep(START_MILLISECONDS, undefined, { signal }).then(() => {
    throw new Error(`no answer within ${START_MILLISECONDS / 1000} s`);
  });
  child.send(settings);
  try {
    await Promise.race([reported, ended, timeUp]);
  } finally {
    late.abort();
    await Promise.allSettled([reported, ended, timeUp]);
  }
}

function passOn(child: ChildProcess, log: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', log);
  }
}

/** A function that ends the process and waits for it; also tied to the end of this process, whose channel it watches. */
function stopperOf(child: ChildProcess): () => Promise<void> {
  const closed = once(child, 'close').catch(() => undefined);
  return async () => {
    child.kill('SIGTERM');
    await Promise.race([closed, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await closed;
  };
}

interface Answer {
  status: 'success' | 'error';
  value?: JSONValue;
  errorMessage?: string;
  errorData?: JSONValue;
  message?: string;
}

async function runFunction<T extends Value>(
  url: string,
  adminKey: string,
  path: string,
  args: Record<string, Value>,
  identity: Record<string, Value> | undefined,
): Promise<T> {
  const actingAs = identity === undefined ? '' : `:${Buffer.from(JSON.stringify(identity)).toString('base64')}`;
  const response = await fetch(`${url}/api/function`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Convex ${adminKey}${actingAs}` },
    body: JSON.stringify({ path, format: 'convex_encoded_json', args: convexToJson(args) }),
  });
  const answer = (await response.json()) as Answer;
  if (answer.status === 'success') return jsonToConvex(answer.value ?? null) as T;
  const message = answer.errorMessage ?? answer.message ?? `status ${response.status}`;
  if (answer.errorData === undefined) throw new Error(message);
  const error = new ConvexError<Value>(message);
  error.data = jsonToConvex(answer.errorData);
  throw error;
}

/** Runs `wrangler dev`: Cloudflare's own runtime with a local R2, on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { requireFreePort } from './free-port.ts';

/** How long a start may take before it counts as failed, in milliseconds. A cold start on two cores takes 3 s. */
const START_MILLISECONDS = 40_000;
/** How long one question for its health may take, in milliseconds. */
const HEALTH_MILLISECONDS = 5_000;
/** Pause between two such questions, in milliseconds. */
const POLL_MILLISECONDS = 50;
/** How long wrangler may take to end by itself before it is killed, in milliseconds. */
const STOP_MILLISECONDS = 5_000;
/** Lines of output that an error message quotes. */
const QUOTED_LINES = 15;
/** Where wrangler serves the buckets that have `local_dev.experimental_s3_credentials`. */
const S3_PATH = '/cdn-cgi/local/r2/s3';

export interface WranglerDevOptions {
  /** The wrangler configuration, an absolute path. Relative paths in it count from its folder. */
  configPath: string;
  /** Port on 127.0.0.1. Must be free: see findFreePort. */
  port: number;
  /** Folder for buckets, logs and caches; made if missing, never removed. */
  persistTo: string;
  /** Path of the Worker that answers 2xx once it is up. */
  healthPath?: string;
  /** Takes each line that wrangler prints. */
  log?: (line: string) => void;
}

export interface WranglerDev extends AsyncDisposable {
  /** `http://127.0.0.1:8787`, without a slash at the end. */
  url: string;
  /** Endpoint of the S3 API: path style, region `auto`. */
  s3Endpoint: string;
}

/**
 * Starts wrangler and resolves once the Worker answers. Disposing ends wrangler and everything it started.
 * @throws Error when the port is taken, wrangler ends early, or the Worker does not answer in time; the message
 *   quotes what wrangler printed last
 */
export async function startWranglerDev(options: WranglerDevOptions): Promise<WranglerDev> {
  const { configPath, port, persistTo, healthPath = '/health', log } = options;
  await requireFreePort(port);
  await mkdir(persistTo, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const child = spawnWrangler(configPath, port, persistTo);
  const tail = collectOutput(child, log);
  const stop = stopperOf(child);
  const started = new AbortController();
  try {
    await Promise.race([untilHealthy(`${url}${healthPath}`, started.signal), earlyExit(child)]);
  } catch (cause) {
    await stop();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`wrangler dev did not start: ${reason}. It printed last:\n${tail.join('\n')}`, { cause });
  } finally {
    started.abort();
  }
  return { url, s3Endpoint: `${url}${S3_PATH}`, [Symbol.asyncDispose]: stop };
}

/** In a process group of its own, so that workerd ends with it; with an environment that holds nothing of ours. */
function spawnWrangler(configPath: string, port: number, persistTo: string): ChildProcess {
  const cli = fileURLToPath(import.meta.resolve('wrangler'));
  const flags = [
    `--config=${configPath}`,
    '--ip=127.0.0.1',
    `--port=${port}`,
    // 0: any free port, so that two can run side by side.
    '--inspector-port=0',
    `--persist-to=${join(persistTo, 'state')}`,
    '--show-interactive-dev-session=false',
  ];
  return spawn(process.execPath, ['--no-warnings', cli, 'dev', ...flags], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOME: join(persistTo, 'home'),
      CI: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_LOG_PATH: join(persistTo, 'logs'),
      WRANGLER_CACHE_DIR: join(persistTo, 'cache'),
      WRANGLER_REGISTRY_PATH: join(persistTo, 'registry'),
    },
  });
}

/** Passes each line on and keeps the last ones. */
function collectOutput(child: ChildProcess, log: WranglerDevOptions['log']): string[] {
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (colored) => {
      const line = stripVTControlCharacters(colored).trimEnd();
      if (line === '') return;
      if (tail.push(line) > QUOTED_LINES) tail.shift();
      log?.(line);
    });
  }
  return tail;
}

async function untilHealthy(address: string, ended: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  while (Date.now() < deadline && !ended.aborted) {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(HEALTH_MILLISECONDS)]);
    const answer = await fetch(address, { signal }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(POLL_MILLISECONDS);
  }
  throw new Error(`${address} did not answer within ${START_MILLISECONDS / 1000} s`);
}

async function earlyExit(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`it ended with ${signal === null ? `exit code ${code}` : signal}`);
}

/** A function that ends the process group and waits for it; also tied to the end of this process. */
function stopperOf(child: ChildProcess): () => Promise<void> {
  const closed = once(child, 'close').catch(() => undefined);
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  };
  const killNow = () => kill('SIGKILL');
  process.once('exit', killNow);
  return async () => {
    kill('SIGTERM');
    await Promise.race([closed, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    killNow(); // also a workerd that outlived wrangler
    await closed;
    process.removeListener('exit', killNow);
  };
}

/** The test app, in this process or behind its server, in folders that are gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConvexClient, ConvexHttpClient } from 'convex/browser';
import { anyApi, type FunctionReference } from 'convex/server';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import {
  ADMIN,
  type Arguments,
  type ConvexBackend,
  createConvexBackend,
} from '../../../../scripts/stack/convex/backend.ts';
import { loadFunctions } from '../../../../scripts/stack/convex/functions.ts';
import {
  type ConvexServer,
  type ConvexServerOptions,
  startConvexServer,
} from '../../../../scripts/stack/convex/server.ts';
import { findFreePort } from '../../../../scripts/stack/free-port.ts';
import { type Lifetime, type OidcIssuer, startOidcIssuer } from '../../../../scripts/stack/oidc.ts';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';

export const APP = join(ROOT_FOLDER, 'test', 'fixtures', 'convex-app');

/** References to the functions of the test app. */
// biome-ignore lint/suspicious/noExplicitAny: without generated code nobody knows their types
export const api: any = anyApi;

export interface TemporaryFolder extends AsyncDisposable {
  path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'permaframe-convex-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

const loaded = loadFunctions(APP);

export interface TestBackend extends AsyncDisposable {
  backend: ConvexBackend;
  logged: string[];
  /** Calls any function. */
  run(path: string, args?: Arguments): Promise<unknown>;
}

/** @param stateFolder null: nothing is kept */
export async function openBackend(stateFolder: string | null): Promise<TestBackend> {
  const logged: string[] = [];
  const backend = await createConvexBackend({ functions: await loaded, stateFolder, log: (line) => logged.push(line) });
  return {
    backend,
    logged,
    run: (path, args = {}) => backend.run(path, args, ADMIN),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

export interface Suite {
  server: ConvexServer;
  http: ConvexHttpClient;
  /** Signs for the people of the test app. */
  issuer: OidcIssuer;
  logged: string[];
  liveClient(): ConvexClient;
  sign(subject: string, lifetime?: Lifetime): Promise<string>;
}

/** One server for the tests of a file. */
export function setUpServer(): Suite {
  const suite = {
    logged: [] as string[],
    liveClient: () => {
      const client = new ConvexClient(suite.server.url, { logger: false });
      onTestFinished(() => client.close());
      return client;
    },
    sign: (subject: string, lifetime?: Lifetime) => {
      const person = { subject, name: `Name of ${subject}`, email: `${subject}@example.org`, audience: 'test-app' };
      return suite.issuer.signForPerson(person, lifetime);
    },
  } as Suite;
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    const { path } = stack.use(await temporaryFolder());
    suite.issuer = stack.use(await startOidcIssuer({ stateFolder: path, port: await findFreePort() }));
    const env = { TEST_ISSUER: suite.issuer.peopleIssuer, ONLY: 'this' };
    const log = (line: string) => suite.logged.push(line);
    suite.server = stack.use(await startTestServer({ stateFolder: join(path, 'convex'), env, log }));
    suite.http = new ConvexHttpClient(suite.server.url);
  });
  afterAll(() => stack.disposeAsync());
  return suite;
}

let names = 0;
/** A channel or counter that no other test uses. */
export function newName(): string {
  names += 1;
  return `name-${names}`;
}

/** What a subscription has shown so far. */
export function watch<T>(client: ConvexClient, query: FunctionReference<'query'>, args: Record<string, unknown>) {
  const seen: T[] = [];
  const errors: unknown[] = [];
  const stop = client.onUpdate(
    query,
    args,
    (value) => seen.push(value as T),
    (error) => errors.push(error),
  );
  return { seen, errors, stop };
}

export function startTestServer(options: ConvexServerOptions): Promise<ConvexServer> {
  return startConvexServer({ functionsFolder: APP, ...options });
}

/** Waits until `probe` answers what `isRight` accepts. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  isRight: (value: T) => boolean,
  limit = 15_000,
): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await probe();
    if (isRight(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)} after ${limit} ms`);
    await sleep(10);
  }
}

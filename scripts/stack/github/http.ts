/** How the stand-in is spoken to: routes, who may use them, refusals in GitHub's words, and faults on request. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenPermissions } from './run.ts';

/** Largest request body, in bytes: GitHub takes blobs of up to 100 MB. */
const MAX_BODY_BYTES = 150_000_000;

/** Who asks: whoever holds the stack's token, or a run with its own. */
export type Identity = { kind: 'owner' } | { kind: 'run'; run: number; permissions: TokenPermissions };

export interface Call {
  /** What the route's pattern captured, decoded. */
  params: string[];
  query: URLSearchParams;
  body: unknown;
}

export interface Answer {
  status: number;
  body?: unknown;
  /** For a person: sent as text instead of JSON. */
  text?: string;
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH';
  /** Of the path below the repository: `git/blobs/{sha}`; `{ref…}` takes slashes too. `/` first: from the root. */
  path: string;
  /** What a run's token must be granted; null: anybody, even without a token. */
  needs: readonly [keyof TokenPermissions, 'read' | 'write'] | null;
  handle(call: Call): Promise<Answer>;
}

/** An answer that says no. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type FaultKind =
  /** Answers so, without doing anything. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: unknown }
  /** Does what was asked, then answers so. */
  | { kind: 'doThenAnswer'; status: number; headers?: Record<string, string>; body?: unknown }
  /** Closes the connection without doing anything. */
  | { kind: 'reset' }
  /** Does what was asked, then closes the connection. */
  | { kind: 'doThenReset' }
  /** Does what was asked, then answers with half of the bytes. */
  | { kind: 'doThenTruncate' }
  /** Never answers. */
  | { kind: 'hang' }
  | { kind: 'slow'; milliseconds: number }
  /** Runs this before doing what was asked: to be somebody else who is faster. */
  | { kind: 'before'; run: () => Promise<void> };

export interface Fault {
  method?: string;
  /** Matched against the path with its query. */
  path?: RegExp;
  /** How many requests it befalls. Default: 1. */
  times?: number;
  fault: FaultKind;
}

export interface SeenRequest {
  method: string;
  path: string;
  status: number | null;
}

export interface HttpServer extends AsyncDisposable {
  port: number;
  /** Faults to come: the first that fits a request is used, and used up. */
  faults: Fault[];
  /** The newest requests, oldest first. */
  seen: SeenRequest[];
}

interface HttpOptions {
  port: number;
  /** `owner/name`. */
  repository: string;
  routes: readonly Route[];
  identify(token: string): Identity | null;
}

const KEPT_REQUESTS = 1000;

export async function serve(options: HttpOptions): Promise<HttpServer> {
  const faults: Fault[] = [];
  const seen: SeenRequest[] = [];
  const routes = options.routes.map((route) => ({ ...route, pattern: toPattern(route.path, options.repository) }));
  const server = createServer(async (incoming, outgoing) => {
    const request: SeenRequest = { method: incoming.method ?? '', path: incoming.url ?? '', status: null };
    if (seen.push(request) > KEPT_REQUESTS) seen.shift();
    try {
      const fault = takeFault(faults, request);
      await respond(fault, outgoing, () => answer(incoming, routes, options));
    } catch (error) {
      send(outgoing, 500, { message: `the stand-in failed: ${error instanceof Error ? error.message : error}` });
    }
    request.status = outgoing.headersSent ? outgoing.statusCode : null;
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function toPattern(path: string, repository: string): RegExp {
  const absolute = path.startsWith('/') ? path : `/repos/${repository}${path === '' ? '' : `/${path}`}`;
  const source = absolute
    .replace(/[.]/g, '\\.')
    .replace(/\{\w+…\}/g, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  // GitHub's names of owners and repositories are the same in any case.
  return new RegExp(`^${source}$`, 'i');
}

function takeFault(faults: Fault[], { method, path }: SeenRequest): FaultKind | null {
  const index = faults.findIndex((fault) => (fault.method ?? method) === method && (fault.path?.test(path) ?? true));
  const found = faults[index];
  if (!found) return null;
  const left = (found.times ?? 1) - 1;
  if (left <= 0) faults.splice(index, 1);
  else faults[index] = { ...found, times: left };
  return found.fault;
}

async function respond(fault: FaultKind | null, outgoing: ServerResponse, act: () => Promise<Answer>): Promise<void> {
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'reset':
      return void outgoing.socket?.resetAndDestroy();
    case 'answer':
      return send(outgoing, fault.status, fault.body ?? { message: 'fault' }, fault.headers);
    case 'slow':
      await sleep(fault.milliseconds);
      break;
    case 'before':
      await fault.run();
      break;
  }
  const { status, body, text } = await act();
  if (fault?.kind === 'doThenReset') return void outgoing.socket?.resetAndDestroy();
  if (fault?.kind === 'doThenAnswer')
    return send(outgoing, fault.status, fault.body ?? { message: 'fault' }, fault.headers);
  if (text !== undefined)
    return void outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  if (fault?.kind === 'doThenTruncate') return truncate(outgoing, status, body);
  send(outgoing, status, body);
}

function send(outgoing: ServerResponse, status: number, body?: unknown, headers: Record<string, string> = {}): void {
  if (outgoing.headersSent) return;
  if (body === undefined) return void outgoing.writeHead(status, headers).end();
  outgoing
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}

function truncate(outgoing: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body ?? null));
  outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.socket?.destroy());
}

async function answer(
  incoming: IncomingMessage,
  routes: readonly (Route & { pattern: RegExp })[],
  { identify }: HttpOptions,
): Promise<Answer> {
  const { method = '', url = '/' } = incoming;
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  try {
    const body = await readBody(incoming);
    const found = routes.find((route) => route.method === method && route.pattern.test(pathname));
    if (found?.needs !== null) authorize(incoming, found, identify);
    if (!found) throw new Refusal(404, `Not Found: the stand-in does not support ${method} ${pathname}`);
    const params = (found.pattern.exec(pathname) ?? []).slice(1).map(decodeURIComponent);
    return await found.handle({ params, query: searchParams, body });
  } catch (error) {
    if (error instanceof Refusal)
      return { status: error.status, body: { message: error.message, status: String(error.status) } };
    throw error;
  }
}

/** A stranger is told nothing, not even whether there is such a route. */
function authorize(incoming: IncomingMessage, route: Route | undefined, identify: HttpOptions['identify']): void {
  const token = /^(?:bearer|token) (\S+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  const identity = token === undefined ? null : identify(token);
  if (!identity) throw new Refusal(401, token === undefined ? 'Requires authentication' : 'Bad credentials');
  if (!route?.needs || identity.kind === 'owner') return;
  const [name, level] = route.needs;
  const granted = identity.permissions[name];
  if (granted === 'write' || granted === level) return;
  throw new Refusal(403, `Resource not accessible by integration: the run's token has no ${name}: ${level}`);
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, 'the body is too large');
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

/** Convex's HTTP API: what ConvexHttpClient calls, and file storage. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { convexToJson, type JSONValue, jsonToConvex } from 'convex/values';
import { z } from 'zod';
import type { Arguments, ConvexBackend } from './backend.ts';
import { authenticateHeader, type CallerTools } from './callers.ts';
import { describeFailure, logText, RequestError } from './errors.ts';
import { canonicalPath } from './functions.ts';
import { ANY_ORIGIN, readBody, sendJson } from './http-server.ts';
import { decodeTimestamp, encodeTimestamp } from './timestamps.ts';

/** Convex's limit for arguments, in bytes. */
const MAX_ARGUMENTS_BYTES = 16 * 1024 * 1024;
/** Node holds it in memory. */
const MAX_UPLOAD_BYTES = 512 * 1024 * 1024;
/** Status that tells the client: the function ran, and failed. */
const FUNCTION_FAILED = 560;

export interface ApiTools extends CallerTools {
  backend: ConvexBackend;
  log(line: string): void;
}

const callSchema = z.looseObject({
  path: z.string(),
  format: z.enum(['convex_encoded_json', 'json']).optional(),
  args: z.union([z.tuple([z.record(z.string(), z.json())]), z.record(z.string(), z.json())]),
  ts: z.string().optional(),
});

type Kind = 'query' | 'mutation' | 'action' | 'run';
const KINDS: Readonly<Record<string, Kind>> = {
  '/api/query': 'query',
  '/api/query_at_ts': 'query',
  '/api/mutation': 'mutation',
  '/api/action': 'action',
  '/api/function': 'run',
};

export function apiListener(tools: ApiTools): RequestListener {
  return (request, response) => {
    answer(request, response, tools).catch((error) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof RequestError) {
        return sendJson(response, error.status, { code: error.code, message: error.message });
      }
      tools.log(logText(error));
      sendJson(response, 500, { code: 'InternalServerError', message: "Your request couldn't be completed." });
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, tools: ApiTools): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const kind = KINDS[pathname];
  if (request.method === 'OPTIONS') return void response.writeHead(204, ANY_ORIGIN).end();
  if (request.method === 'POST') {
    if (kind !== undefined) return await call(kind, request, response, tools);
    if (pathname === '/api/query_ts')
      return sendJson(response, 200, { ts: encodeTimestamp(tools.backend.timestamp()) });
    if (pathname === '/api/storage/upload')
      return await upload(searchParams.get('token') ?? '', request, response, tools);
  }
  if (request.method === 'GET' || request.method === 'HEAD') {
    const text = { '/version': 'local', '/instance_name': 'local' }[pathname];
    if (text !== undefined) return void response.writeHead(200, ANY_ORIGIN).end(text);
    const file = /^\/api\/storage\/([^/]+)$/.exec(pathname)?.[1];
    if (file !== undefined) return await download(file, request, response, tools);
  }
  const message = `The local stack does not serve ${request.method} ${pathname}`;
  throw new RequestError(404, 'NotFound', message);
}

async function call(kind: Kind, request: IncomingMessage, response: ServerResponse, tools: ApiTools): Promise<void> {
  const { backend } = tools;
  const caller = await authenticateHeader(request.headers.authorization, tools);
  const body = await readBody(request, MAX_ARGUMENTS_BYTES);
  if (body === null) throw new RequestError(413, 'ArgsTooLarge', `Arguments are over ${MAX_ARGUMENTS_BYTES} bytes`);
  const { path: given, args: wrapped, ts } = parseCall(body.toString());
  if (ts !== undefined && decodeTimestamp(ts) < backend.timestamp()) {
    throw new RequestError(
      400,
      'TimestampTooOld',
      'The local stack does not read the past: something was committed since',
    );
  }
  const path = canonicalPath(given);
  try {
    const args = decodeArguments(wrapped);
    const value =
      kind === 'mutation'
        ? (await backend.mutation(path, args, caller)).value
        : await backend[kind](path, args, caller);
    sendJson(response, 200, { status: 'success', value: convexToJson(value ?? null), logLines: [] });
  } catch (error) {
    tools.log(`${path}: ${logText(error)}`);
    sendJson(response, FUNCTION_FAILED, { status: 'error', ...describeFailure(error), logLines: [] });
  }
}

function parseCall(text: string): z.infer<typeof callSchema> {
  try {
    return callSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RequestError(400, 'BadJsonBody', 'The body is no call of a function', { cause });
  }
}

/** @param args one object, alone or as the only one of a list */
export function decodeArguments(args: JSONValue | JSONValue[]): Arguments {
  return jsonToConvex(Array.isArray(args) ? (args[0] ?? {}) : args) as Arguments;
}

async function upload(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  { backend }: ApiTools,
): Promise<void> {
  if (!backend.files.mayUpload(token, Date.now())) {
    throw new RequestError(401, 'StorageTokenInvalid', 'The upload URL is not valid, or no longer');
  }
  const bytes = await readBody(request, MAX_UPLOAD_BYTES);
  if (bytes === null) throw new RequestError(413, 'FileTooLarge', `The file is over ${MAX_UPLOAD_BYTES} bytes`);
  const type = request.headers['content-type'] ?? '';
  const storageId = await backend.storeFile(new Blob([new Uint8Array(bytes)], { type }));
  sendJson(response, 200, { storageId });
}

async function download(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { backend }: ApiTools,
): Promise<void> {
  const id = backend.files.idOf(name);
  const blob = id === null ? null : backend.readFile(id);
  if (blob === null) throw new RequestError(404, 'FileNotFound', 'File not found');
  response.writeHead(200, {
    ...ANY_ORIGIN,
    'Content-Type': blob.type || 'application/octet-stream',
    'Content-Length': blob.size,
    'Cache-Control': 'private, max-age=2592000',
  });
  response.end(request.method === 'HEAD' ? undefined : Buffer.from(await blob.arrayBuffer()));
}

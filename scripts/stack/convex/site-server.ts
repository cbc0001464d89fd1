/** Convex's second address: HTTP actions, with the method, headers and body that they were called with. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConvexBackend, Identity } from './backend.ts';
import { authenticateHeader, type CallerTools } from './callers.ts';
import { describeFailure, logText } from './errors.ts';
import { headersOf, readBody, sendJson } from './http-server.ts';

/** Convex's limit for the body of a request to an HTTP action, in bytes. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

export interface SiteTools extends CallerTools {
  backend: ConvexBackend;
  hasHttp: boolean;
  log(line: string): void;
}

export function siteListener(tools: SiteTools): RequestListener {
  return (request, response) => {
    answer(request, response, tools).catch((error) => {
      tools.log(`${request.method} ${request.url}: ${logText(error)}`);
      if (response.headersSent) return response.destroy();
      const { errorMessage } = describeFailure(error);
      const [code, trace] = errorMessage.split('\n', 2);
      sendJson(response, 500, { code, trace });
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, tools: SiteTools): Promise<void> {
  if (!tools.hasHttp) {
    return void response.writeHead(404).end('This Convex deployment does not have HTTP actions enabled.');
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return void response.writeHead(413).end(`The body is over ${MAX_BODY_BYTES} bytes`);
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  const init = { method, headers: headersOf(request), ...(hasBody ? { body: new Uint8Array(body) } : {}) };
  const answered = await tools.backend.fetch(request.url ?? '/', init, await identityOf(request, tools));
  response.statusCode = answered.status;
  for (const [name, value] of answered.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answered.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('Set-Cookie', cookies);
  if (answered.body === null || method === 'HEAD') return void response.end();
  await pipeline(Readable.fromWeb(answered.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

/** A header that is not for Convex's own authentication is the HTTP action's affair. */
async function identityOf(request: IncomingMessage, tools: SiteTools): Promise<Identity> {
  return await authenticateHeader(request.headers.authorization, tools).then(
    ({ identity }) => identity,
    () => null,
  );
}

/** A proxy that does to requests what networks and stores do: one fault a request, in order, then none. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Fault =
  | 'pass'
  /** Takes the request and never answers. */
  | 'hang'
  /** Closes the connection without a word. */
  | 'reset'
  /** Lets the request through, then closes the connection instead of answering. */
  | 'loseAnswer'
  /** Answers with half of the bytes, then closes the connection. */
  | 'truncate'
  /** Answers with half of the bytes, and nothing more. */
  | 'stall'
  /** Answers with one bit turned. */
  | 'damage'
  | { status: number; headers?: Record<string, string>; body?: string };

interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:{port}`, to be put in place of the target's origin. */
  origin: string;
  /** All requests so far. */
  seen: SeenRequest[];
  /** Connections that clients have opened so far. */
  connections: { opened: number; open: number; mostOpen: number };
}

/**
 * @param target origin of the real server
 * @param faults what happens to the first requests; the last entry is repeated when `forever` is set
 */
export async function startFaultProxy(target: string, faults: Fault[], forever = false): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const connections = { opened: 0, open: 0, mostOpen: 0 };
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    seen.push({ method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers });
    const fault = faults[forever ? Math.min(seen.length, faults.length) - 1 : seen.length - 1] ?? 'pass';
    await commit(fault, target, incoming, body, outgoing);
  });
  server.on('connection', (socket) => {
    connections.opened++;
    connections.mostOpen = Math.max(connections.mostOpen, ++connections.open);
    socket.on('close', () => connections.open--);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function commit(
  fault: Fault,
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<void> {
  if (fault === 'hang') return;
  if (fault === 'reset') return void outgoing.socket?.resetAndDestroy();
  if (typeof fault === 'object') return void outgoing.writeHead(fault.status, fault.headers).end(fault.body);
  const answer = await forward(target, incoming, body);
  if (fault === 'loseAnswer') return void outgoing.socket?.resetAndDestroy();
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.byteLength });
  if (fault === 'pass') return void outgoing.end(answer.body);
  if (fault === 'damage') return void outgoing.end(answer.body.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
  const half = answer.body.subarray(0, Math.floor(answer.body.byteLength / 2));
  outgoing.write(half, () => fault === 'truncate' && outgoing.socket?.destroy());
}

/** Keeps the Host header: it is part of the signature. */
async function forward(target: string, incoming: IncomingMessage, body: Buffer) {
  const { method, url = '/', headers } = incoming;
  const forwarded = request(new URL(url, target), { method: method ?? 'GET', headers, agent: false });
  forwarded.end(body);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers;
  return { status: answer.statusCode ?? 0, headers: kept, body: await buffer(answer) };
}

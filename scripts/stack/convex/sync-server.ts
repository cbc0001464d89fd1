/** Convex's WebSocket endpoint: one sync session a connection. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { clientMessageSchema } from './sync-messages.ts';
import { createSyncSession, type SyncTools } from './sync-session.ts';

/** The client gives a silent server up after a minute; Convex pings as often as this, in milliseconds. */
const PING_MILLISECONDS = 15_000;
/** As Convex: the largest arguments, in bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export function serveSync(server: Server, tools: Omit<SyncTools, 'send' | 'close' | 'inOrder'>): Disposable {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const inOrder = orderKeeper();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!/^\/api\/[^/?]+\/sync(\?|$)/.test(request.url ?? '')) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, { ...tools, inOrder }));
  };
  server.on('upgrade', upgrade);
  return {
    [Symbol.dispose]: () => {
      server.off('upgrade', upgrade);
      for (const client of sockets.clients) client.terminate();
    },
  };
}

function serve(socket: WebSocket, tools: Omit<SyncTools, 'send' | 'close'>): void {
  const session = createSyncSession({
    ...tools,
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
  });
  const ping = setInterval(() => socket.send(JSON.stringify({ type: 'Ping' })), PING_MILLISECONDS);
  socket.on('message', (data) => {
    const message = clientMessageSchema.safeParse(parseJson(String(data)));
    if (message.success) return session.receive(message.data);
    tools.log(`sync: a message that the local stack does not know: ${message.error.message}`);
    socket.send(JSON.stringify({ type: 'FatalError', error: 'The local stack does not know this message' }));
    socket.close();
  });
  socket.on('error', (error) => tools.log(`sync: ${error.message}`));
  socket.on('close', () => {
    clearInterval(ping);
    session[Symbol.dispose]();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One queue a client, over its reconnects. */
function orderKeeper(): SyncTools['inOrder'] {
  const last = new Map<string, Promise<void>>();
  return (sessionId, run) => {
    const next = (last.get(sessionId) ?? Promise.resolve()).then(run);
    last.set(sessionId, next);
    void next.finally(() => last.get(sessionId) === next && last.delete(sessionId));
  };
}

/** Ports of 127.0.0.1. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return listenBriefly(0);
}

/** @throws Error naming the port when something listens on it */
export async function requireFreePort(port: number): Promise<void> {
  await listenBriefly(port).catch((cause) => {
    throw new Error(`port ${port} of 127.0.0.1 is taken`, { cause });
  });
}

async function listenBriefly(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

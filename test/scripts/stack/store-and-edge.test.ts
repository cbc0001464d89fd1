import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startStoreAndEdge } from '../../../scripts/stack/store-and-edge.ts';

it('moves for one time while its port is taken: links carry the port of the first start', {
  timeout: 60_000,
}, async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  try {
    const start = async () => {
      await using edge = await startStoreAndEdge({ stateFolder, port: 0 });
      return { port: Number(new URL(edge.publicUrl).port), movedFrom: edge.movedFrom };
    };
    const first = await start();
    const blocker = createServer().listen(first.port, '127.0.0.1');
    await once(blocker, 'listening');
    const moved = await start();
    blocker.close();
    await once(blocker, 'close');
    expect(moved.port).not.toBe(first.port);
    expect(moved.movedFrom).toBe(first.port);
    expect(await start()).toEqual({ port: first.port, movedFrom: null });
  } finally {
    await rm(stateFolder, { recursive: true, force: true });
  }
});

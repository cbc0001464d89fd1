import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startStack } from '../../../scripts/stack/stack.ts';

it('never moves the address that people are known by: a port that stays taken is an error, and nothing is changed', async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const others = { githubPort: port, convexPort: port, sitePort: port, editorPort: port };
  const kept = `${JSON.stringify({ githubToken: 'token', webhookSecret: 'secret', oidcPort: port, ...others })}\n`;
  await writeFile(join(stateFolder, 'stack.json'), kept);
  try {
    await expect(startStack({ stateFolder })).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
    expect(await readFile(join(stateFolder, 'stack.json'), 'utf8')).toBe(kept);
  } finally {
    blocker.close();
    await rm(stateFolder, { recursive: true });
  }
});

/** Starts real `wrangler dev` processes: about five seconds in all. */
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findFreePort, requireFreePort } from '../../../scripts/stack/free-port.ts';
import { startWranglerDev } from '../../../scripts/stack/wrangler-dev.ts';

const OPTIONS = { timeout: 60_000 };

it('starts two Workers side by side, and frees their ports when disposed', OPTIONS, async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-wrangler-'));
  const ports: number[] = [];
  const lines: string[] = [];
  {
    await using first = await start(folder.path, 'first', { log: (line) => lines.push(line) });
    await using second = await start(folder.path, 'second');
    expect(await (await fetch(`${first.url}/name`)).text()).toBe('first');
    expect(await (await fetch(`${second.url}/name`)).text()).toBe('second');
    ports.push(...[first, second].map(({ url }) => Number(new URL(url).port)));
  }
  for (const port of ports) await requireFreePort(port);
  expect(lines.join('\n')).toContain(`Ready on http://127.0.0.1:${ports[0]}`);
});

it('says why when wrangler ends early, with its last lines', OPTIONS, async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'permaframe-wrangler-'));
  const started = start(folder.path, 'broken', { script: 'export default {{{' });
  await expect(started).rejects.toThrow(/it ended with exit code 1.*printed last:.*broken\.mjs/s);
});

it('says so when the port is taken, without starting anything', async () => {
  const port = await findFreePort();
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  try {
    const options = { configPath: '/nowhere/wrangler.json', port, persistTo: '/nowhere/data' };
    await expect(startWranglerDev(options)).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  } finally {
    squatter.close();
  }
});

interface StartOptions {
  script?: string;
  log?: (line: string) => void;
}

async function start(folder: string, name: string, { script, log }: StartOptions = {}) {
  const configPath = join(folder, `${name}.json`);
  const main = `${name}.mjs`;
  await writeFile(configPath, JSON.stringify({ name, main, compatibility_date: '2026-10-20' }));
  await writeFile(join(folder, main), script ?? `export default { fetch: () => new Response('${name}') };`);
  const options = { configPath, port: await findFreePort(), persistTo: join(folder, name) };
  return startWranglerDev({ ...options, ...(log && { log }) });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConvexClient, ConvexHttpClient } from 'convex/browser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../../../../scripts/stack/free-port.ts';
import { APP, api, eventually, startTestServer, temporaryFolder } from './fixture.ts';

describe('the server', () => {
  it('comes back with its state, and clients that stayed go on where they were', async () => {
    await using folder = await temporaryFolder();
    const options = { stateFolder: folder.path, port: await findFreePort(), sitePort: await findFreePort() };
    const first = await startTestServer(options);
    const client = new ConvexClient(first.url, { logger: false });
    onTestFinished(() => client.close());
    const seen: unknown[] = [];
    client.onUpdate(api.messages.count, { name: 'n' }, (count) => seen.push(count));
    await eventually(
      () => seen.length,
      (length) => length === 1,
    );
    await client.mutation(api.messages.add, { name: 'n' });
    const before = await client.query(api.messages.jobs, {});
    await first[Symbol.asyncDispose]();
    const meanwhile = client.mutation(api.messages.add, { name: 'n' });
    await using second = await startTestServer(options);
    expect(await meanwhile).toBe(2);
    expect(await client.query(api.messages.jobs, {})).toEqual(before);
    await new ConvexHttpClient(second.url).mutation(api.messages.add, { name: 'n' });
    await eventually(
      () => seen.at(-1),
      (count) => count === 3,
    );
    // On a new connection the client hears again what it knew.
    expect(seen.filter((count, index) => count !== seen[index - 1])).toEqual([0, 1, 2, 3]);
  });

  it('runs each mutation of a live client once, killed and started again in the middle', async () => {
    await using folder = await temporaryFolder();
    const options = { stateFolder: folder.path, port: await findFreePort(), sitePort: await findFreePort() };
    let server = await startTestServer(options);
    const client = new ConvexClient(server.url, { logger: false });
    onTestFinished(() => client.close());
    const answers: number[] = [];
    const sent = Array.from({ length: 300 }, () =>
      client.mutation(api.messages.add, { name: 'n' }).then((count) => answers.push(count as number)),
    );
    for (const kill of [5, 100]) {
      await eventually(
        () => answers.length,
        (length) => length >= kill,
      );
      process.kill(server.pid, 'SIGKILL');
      await server[Symbol.asyncDispose]();
      server = await startTestServer(options);
    }
    await Promise.all(sent);
    expect(answers).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await client.query(api.messages.count, { name: 'n' })).toBe(300);
    await server[Symbol.asyncDispose]();
  });

  it('loses nothing that it answered, killed in the middle of many mutations', async () => {
    await using folder = await temporaryFolder();
    const acknowledged: unknown[] = [];
    let started = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      const server = await startTestServer({ stateFolder: folder.path });
      const client = new ConvexHttpClient(server.url);
      const send = async () => {
        for (;;) {
          started += 1;
          const args = { channel: 'c', text: 'x'.repeat(started) };
          acknowledged.push(await client.mutation(api.messages.send, args, { skipQueue: true }));
        }
      };
      const senders = Array.from({ length: 8 }, () => send().catch(() => undefined));
      await eventually(
        () => acknowledged.length,
        (length) => length > 30 * (kill + 1),
      );
      await sleep(7 * kill);
      process.kill(server.pid, 'SIGKILL');
      await Promise.all(senders);
      await server[Symbol.asyncDispose]();
    }
    await using server = await startTestServer({ stateFolder: folder.path });
    const all = (await server.run('messages:documents')) as unknown as { _id: string }[];
    const ids = new Set(all.map(({ _id }) => _id));
    expect(acknowledged.filter((id) => !ids.has(String(id)))).toEqual([]);
    expect(ids.size).toBe(all.length);
    expect(all.length).toBeLessThanOrEqual(started);
  });

  it('runs scheduled mutations over a kill exactly once; an action that was cut off has failed', async () => {
    await using folder = await temporaryFolder();
    const first = await startTestServer({ stateFolder: folder.path });
    for (let job = 0; job < 20; job += 1) await first.run('messages:addLater', { name: 'n', delay: 30 * job });
    await first.run('nested/actions:scheduleSlow', { name: 'slow', milliseconds: 60_000 });
    await eventually(
      () => first.run('messages:count', { name: 'slow begun' }),
      (count) => count === 1,
    );
    process.kill(first.pid, 'SIGKILL');
    await first[Symbol.asyncDispose]();
    await using second = await startTestServer({ stateFolder: folder.path });
    await eventually(
      () => second.run('messages:count', { name: 'n' }),
      (count) => count === 20,
    );
    const jobs = (await second.run('messages:jobs')) as unknown as { name: string; state: { kind: string } }[];
    const kinds = (name: string) => jobs.filter((job) => job.name === name).map(({ state }) => state.kind);
    expect(kinds('messages:addInternally')).toEqual(Array(20).fill('success'));
    expect(kinds('nested/actions:slow')).toEqual(['failed']);
  });

  it('ends with the process that started it, even killed', async () => {
    await using folder = await temporaryFolder();
    const settings = JSON.stringify({ stateFolder: folder.path, functionsFolder: APP });
    const module = new URL('../../../../scripts/stack/convex/server.ts', import.meta.url).href;
    const code = `const { startConvexServer } = await import('${module}');
      console.log((await startConvexServer(${settings})).pid);`;
    const starter = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', code]);
    onTestFinished(() => void starter.kill('SIGKILL'));
    const [line] = await once(starter.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    starter.kill('SIGKILL');
    await eventually(
      () => isAlive(pid),
      (alive) => !alive,
    );
  });

  it('has its state for itself: a second server with the same folder does not start', async () => {
    await using folder = await temporaryFolder();
    await using server = await startTestServer({ stateFolder: folder.path });
    await expect(startTestServer({ stateFolder: folder.path })).rejects.toThrow(
      `process ${server.pid} uses this state`,
    );
  });

  it('says why it does not start: a taken port, functions that cannot be loaded', async () => {
    await using folder = await temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expect(startTestServer({ stateFolder: folder.path, port })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken`,
    );
    taken.close();
    const functionsFolder = `${folder.path}/missing`;
    await expect(startTestServer({ stateFolder: folder.path, functionsFolder })).rejects.toThrow('ENOENT');
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

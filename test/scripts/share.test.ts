import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { metaKey } from '../../action/contract/keys.ts';
import { metaSchema } from '../../action/contract/meta.ts';
import { findIncomplete } from '../../action/core/upload.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { threeScenes } from '../support/tree.ts';

let stack: TestStack;
let project: ProjectFolder;

beforeAll(async () => {
  stack = await startTestStack();
  project = await makeProjectFolder(threeScenes(), 'launch');
}, 60_000);
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

async function share(...args: string[]) {
  const { code, stdout, stderr } = await stack.permaframe('share', ...args, '--json');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('permaframe share', () => {
  it('prints a link that opens, and the same one while nothing changes', async () => {
    const first = await share(project.path);
    expect(Object.keys(first)).toEqual([
      ...['url', 'latestUrl', 'thread', 'version', 'artifactHash', 'uploaded', 'skipped', 'timings'],
    ]);
    expect(first).toMatchObject({ url: `${stack.publicUrl}/p/launch/1`, thread: 'launch', version: 1 });
    expect(first.uploaded).toBeGreaterThanOrEqual(10);
    const page = await fetch(first.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Three scenes');

    const again = await share(project.path);
    expect(again).toMatchObject({ url: first.url, artifactHash: first.artifactHash, uploaded: 0 });
  });

  it('gives a change the next version; latest leads there, the first link stays', async () => {
    await project.write({ 'scenes/two.tsx': 'export default () => <b>new</b>;' });
    const second = await share(project.path);
    expect(second).toMatchObject({ version: 2, url: `${stack.publicUrl}/p/launch/2` });
    // The shared chunk, scenes one and three, the picture's twin: what did not change is not sent again.
    expect(second.skipped).toBeGreaterThan(2);
    const latest = await fetch(second.latestUrl, { redirect: 'manual' });
    expect(latest.headers.get('location')).toMatch(/\/p\/launch\/2$/);
    expect((await fetch(`${stack.publicUrl}/p/launch/1`)).status).toBe(200);
  });

  it('publishes into the thread, project and version that are asked for', async () => {
    const shared = await share(project.path, '--thread', 'other', '--project', 'launch', '--version', '5');
    expect(shared).toMatchObject({ thread: 'other', version: 5, url: `${stack.publicUrl}/p/other/5` });
  });

  it('refuses other content for a version that exists, with exit code 1', async () => {
    const { code, stdout } = await stack.permaframe('share', project.path, '--version', '1', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'ARTIFACT_CONFLICT' });
  });

  it.each([
    ['PERMAFRAME_S3_ACCESS_KEY_ID', 'wrong', 'STORE_DENIED', 'accessKeyId'],
    ['PERMAFRAME_S3_SECRET_ACCESS_KEY', 'wrong-secret', 'STORE_DENIED', 'secretAccessKey'],
    ['PERMAFRAME_S3_BUCKET', 'no-such-bucket', 'STORE_BUCKET_MISSING', 'no-such-bucket'],
    ['PERMAFRAME_S3_ENDPOINT', 'http://127.0.0.1:9', 'STORE_UNREACHABLE', '127.0.0.1:9'],
    ['PERMAFRAME_S3_ENDPOINT', 'not an address', 'CONFIG_INVALID', 'endpoint'],
    ['PERMAFRAME_PUBLIC_URL', 'https://share.example.com/path', 'CONFIG_INVALID', 'PERMAFRAME_PUBLIC_URL'],
  ])('says that %s is wrong when it is %s, with exit code 2 and no secret', async (name, value, code, named) => {
    const env = { ...stack.env, [name]: value };
    const { code: exitCode, stdout, stderr } = await runCommand(['share', project.path, '--json'], env);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
    expect(exitCode).toBe(2);
    expect(`${stdout}${stderr}`).not.toContain(stack.config.secretAccessKey);
    expect(`${stdout}${stderr}`).not.toContain('wrong-secret');
  });
});

describe('permaframe share, killed', () => {
  it('with SIGKILL at any stored object, and run again, ends with the same complete artifact', async () => {
    await using victim = await makeProjectFolder(threeScenes(), 'victim');
    const whole = await share(victim.path, '--thread', 'whole', '--project', 'whole');
    using store = createObjectStore(stack.config);
    let kills = 0;
    for (let n = 1; n <= 60; n++) {
      const name = `victim-${n}`;
      const place = ['--thread', name, '--project', name];
      // Before the object reaches the store, or after it did but before the answer came.
      await using proxy = await startKillingProxy(stack.config.endpoint, n, n % 2 === 0);
      const env = { ...stack.env, PERMAFRAME_S3_ENDPOINT: proxy.endpoint };
      const child = startCommand(['share', victim.path, ...place], env);
      proxy.aimAt(() => child.kill('SIGKILL'));
      await once(child, 'close');
      if (child.signalCode !== 'SIGKILL') break;
      kills++;
      // What the proxy had taken may reach the store after the kill: looked at until both say the same.
      await expect
        .poll(async () => {
          const isCommitted = (await store.head(metaKey(name, 1))) !== null;
          const { status } = await fetch(`${stack.publicUrl}/p/${name}/1`);
          return status === (isCommitted ? 200 : 404);
        })
        .toBe(true);
      const shared = await share(victim.path, ...place);
      const out = join(victim.path, '..', `tree-${n}`);
      const build = ['build', victim.path, ...place, '--public-url', stack.publicUrl, '--out', out, '--json'];
      const { artifactHash } = JSON.parse((await stack.permaframe(...build)).stdout);
      expect(shared).toMatchObject({ version: 1, artifactHash });
      const meta = metaSchema.parse(
        JSON.parse(new TextDecoder().decode((await store.get(metaKey(name, 1))) ?? undefined)),
      );
      expect(await findIncomplete(meta, store)).toEqual([]);
    }
    expect(kills).toBeGreaterThan(whole.uploaded);
  }, 180_000);

  it('ends with 1 on Ctrl-C', async () => {
    await using proxy = await startKillingProxy(stack.config.endpoint, 3, false);
    await using other = await makeProjectFolder(threeScenes(), 'interrupted');
    const child = startCommand(['share', other.path], { ...stack.env, PERMAFRAME_S3_ENDPOINT: proxy.endpoint });
    proxy.aimAt(() => child.kill('SIGINT'));
    await once(child, 'close');
    expect(child.exitCode).toBe(1);
  });
});

describe('permaframe verify', () => {
  it('accepts what was published, by the pinned and by the latest link', async () => {
    const { url, latestUrl, artifactHash } = await share(project.path);
    for (const link of [url, latestUrl]) {
      const { code, stdout } = await stack.permaframe('verify', link, '--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ url, artifactHash, thread: 'launch' });
    }
  });

  it('names the file that is served with other bytes', async () => {
    const { url } = await share(project.path);
    await using proxy = await startDamagingProxy(stack.publicUrl, /style\.css$/);
    const { code, stdout } = await stack.permaframe('verify', url.replace(stack.publicUrl, proxy.endpoint), '--json');
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('VERIFY_FAILED');
    expect(error.message).toMatch(/style\.css has other content/);
  });

  it.each([
    ['/p/nothing/1', 1, 'ARTIFACT_MISSING'],
    ['/', 1, 'ARTIFACT_MISSING'],
  ])('answers %s with exit code %i', async (path, exit, name) => {
    const { code, stdout } = await stack.permaframe('verify', `${stack.publicUrl}${path}`, '--json');
    expect(code).toBe(exit);
    expect(JSON.parse(stdout).error.code).toBe(name);
  });

  it('says so when nobody answers', async () => {
    const { code, stdout } = await stack.permaframe('verify', 'http://127.0.0.1:9/p/a/1', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe('PAGE_UNREACHABLE');
  });
});

describe('the store afterwards', () => {
  it('holds no object that the product does not know', async () => {
    using store = createObjectStore(stack.config);
    const keys = await store.list('');
    const areas = new Set(keys.map((key) => key.split('/')[0]));
    expect([...areas].sort()).toEqual(['artifacts', 'projects', 'runtime', 'threads']);
  });
});

interface Proxy extends AsyncDisposable {
  endpoint: string;
}

/** Passes requests on, and at the n-th PUT calls what it is aimed with: before or after the store has seen it. */
async function startKillingProxy(target: string, n: number, after: boolean) {
  let puts = 0;
  let hit = (): void => {};
  const proxy = await startProxy(target, async (method, forward) => {
    const isTarget = method === 'PUT' && ++puts === n;
    if (isTarget && !after) hit();
    const answer = await forward();
    if (isTarget && after) hit();
    return answer;
  });
  return {
    ...proxy,
    aimAt(action: () => void) {
      hit = action;
    },
  };
}

async function startDamagingProxy(target: string, path: RegExp): Promise<Proxy> {
  return startProxy(target, async (_method, forward, url) => {
    const answer = await forward();
    if (path.test(url) && answer.body.length > 0) answer.body[0] = (answer.body[0] ?? 0) ^ 1;
    return answer;
  });
}

interface ProxyAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

type Handle = (method: string, forward: () => Promise<ProxyAnswer>, url: string) => Promise<ProxyAnswer>;

async function startProxy(target: string, handle: Handle): Promise<Proxy> {
  const { origin, pathname } = new URL(target);
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const forward = async (): Promise<ProxyAnswer> => {
      const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
      const onward = request(`${origin}${incoming.url}`, { method: incoming.method, headers });
      onward.end(body);
      const [answer] = await once(onward, 'response');
      return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
    };
    try {
      const answer = await handle(incoming.method ?? '', forward, incoming.url ?? '');
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      outgoing.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}${pathname === '/' ? '' : pathname}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

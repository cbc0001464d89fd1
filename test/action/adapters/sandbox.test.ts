import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findIsolation, runInSandbox, SANDBOX_HOME } from '../../../action/adapters/sandbox.ts';
import { openProduced, readProduced } from '../../../action/adapters/sandbox-output.ts';
import { ROOT_FOLDER } from '../../../scripts/state.ts';
import { DRIVER, HOSTILE, NODE_FOLDER, sandboxed, script, temporaryFolder } from './sandboxes.ts';

const marker = `canary-${randomUUID()}`;
const abstract = `permaframe-${randomUUID()}`;
const REFUSED = /^refused: /;

const server = net.createServer((socket) => socket.end());
const abstractServer = net.createServer((socket) => socket.end());
const bystander = spawn('sleep', ['1000'], { env: { ...process.env, SECRET: marker }, stdio: 'ignore' });
let port = 0;

beforeAll(async () => {
  server.listen(0, '::');
  abstractServer.listen({ path: `\0${abstract}` });
  await Promise.all([once(server, 'listening'), once(abstractServer, 'listening')]);
  port = (server.address() as net.AddressInfo).port;
});

afterAll(() => {
  server.close();
  abstractServer.close();
  bystander.kill('SIGKILL');
});

/** What the hostile program is told to try. */
function targets(writable: string, secret: string): string {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const hosts = [
    '127.0.0.1',
    '::1',
    ...own
      .filter(({ internal }) => !internal)
      .map(({ address, scopeid }) => `${address}${scopeid ? `%${scopeid}` : ''}`),
  ];
  return JSON.stringify({
    files: [
      ...[
        secret,
        join(ROOT_FOLDER, 'package.json'),
        '/etc/shadow',
        '/etc/hostname',
        '/etc/machine-id',
        '/etc/resolv.conf',
      ],
      ...[
        '/proc/1/environ',
        '/proc/1/mem',
        '/proc/kcore',
        '/sys/kernel/notes',
        '/run/docker.sock',
        '/var/run/docker.sock',
      ],
      ...['/root/.bashrc', '/var/log/dpkg.log', '/dev/kmsg', '/dev/mem'],
    ],
    folders: [
      '/',
      '/etc',
      '/usr',
      '/usr/bin',
      '/home',
      '/dev',
      '/var',
      '/proc/sys/kernel',
      NODE_FOLDER,
      join(writable, '..', '..'),
    ],
    connections: [
      ...hosts.map((host) => ({ host, port })),
      { host: '169.254.169.254', port: 80 },
      { host: '192.0.2.1', port: 443 },
    ],
    pids: { 'the supervisor': process.pid, 'a bystander': bystander.pid },
    abstract,
    marker,
    writable,
    isSandboxed: true,
  });
}

type Attempts = Record<string, unknown>;

function expectNothing(attempts: Attempts): void {
  const mayHave =
    /^(environment|user|root folder|homes|etc|passwd|devices|capabilities|descriptors|other environments|leave .*|write where it may|signal everybody|end|outcome|user by set-id|user namespace)$/;
  const got = Object.entries(attempts).filter(([what, value]) => !mayHave.test(what) && !REFUSED.test(String(value)));
  expect(got).toEqual([]);
  expect(attempts).toMatchObject({
    capabilities: '0000000000000000',
    'other environments': 0,
    devices: ['fd', 'full', 'null', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'urandom', 'zero'],
    'user namespace': expect.stringMatching(REFUSED),
    end: 'reached',
  });
  const [uid, gid, others] = attempts.user as [number, number, number[]];
  expect(uid).toBeGreaterThan(1_000_000_000);
  expect(gid).toBe(uid);
  expect(others.filter((group) => group !== 65534)).toEqual([]);
  expect(attempts['user by set-id']).toBe(String(uid));
  expect(String(attempts.passwd).split('\n').filter(Boolean)).toHaveLength(2);
  // What is given read-only may lie in somebody's home: of that home, nothing else is there.
  const given = NODE_FOLDER.startsWith('/home/') ? [NODE_FOLDER.split('/')[2] as string] : [];
  expect([...(attempts.homes as string[])].sort()).toEqual([...given, 'sandbox'].sort());
  const known = ['bin', 'dev', 'etc', 'home', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'sbin', 'tmp', 'usr', 'var'];
  const top = NODE_FOLDER.split('/')[1] as string;
  expect((attempts['root folder'] as string[]).filter((name) => !known.includes(name) && name !== top)).toEqual([]);
}

describe('a hostile program', () => {
  it('gets nothing of the machine', async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    const secret = join(elsewhere.path, 'secret.txt');
    await writeFile(secret, marker);
    const attempts: Attempts = {};
    const command = sandboxed(folder.path, [process.execPath, HOSTILE], {
      readable: [NODE_FOLDER, HOSTILE],
      env: { GIVEN: 'this only' },
      stdin: targets(folder.path, secret),
      onStdoutLine: (line) => Object.assign(attempts, Object.fromEntries([JSON.parse(line)])),
    });
    const outcome = await runInSandbox(command);
    expect(outcome).toEqual({ kind: 'exited', code: 0, stderr: '' });
    expectNothing(attempts);
    expect(attempts.environment).toEqual({ GIVEN: 'this only' });
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    await expectHarmless(folder.path);
  });

  it('gets all of that outside of the sandbox: the attempts are real ones', async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    const secret = join(elsewhere.path, 'secret.txt');
    await writeFile(secret, marker);
    const given = JSON.parse(targets(folder.path, secret));
    const child = spawn(process.execPath, [HOSTILE], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(
      JSON.stringify({
        ...given,
        isSandboxed: false,
        files: [secret],
        folders: [elsewhere.path],
        connections: given.connections.slice(0, 2),
      }),
    );
    const attempts = Object.fromEntries(
      (await child.stdout.setEncoding('utf8').toArray())
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(attempts).toMatchObject({
      [`read ${secret}`]: marker.length,
      [`write ${elsewhere.path}`]: 'written',
      'signal a bystander': true,
      'other environments': expect.any(Number),
      'connect 127.0.0.1': 'connected',
      'connect abstract': 'connected',
    });
    expect(attempts['other environments']).toBeGreaterThan(0);
  });

  it('gets nothing either where a user without rights isolates it, or is not run', async () => {
    await using folder = await temporaryFolder();
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(folder.path, 12_345, 12_345);
    const user = isRoot ? ['--reuid=12345', '--regid=12345', '--clear-groups'] : [];
    // Without new privileges there is no sudo.
    const child = spawn('setpriv', ['--no-new-privs', ...user, process.execPath, DRIVER], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const command = sandboxed(folder.path, [process.execPath, HOSTILE], {
      readable: [NODE_FOLDER, HOSTILE],
      stdin: targets(folder.path, '/etc/shadow'),
    });
    child.stdin.end(JSON.stringify(command));
    const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n');
    const attempts = Object.fromEntries(lines.map((line) => JSON.parse(line)));
    if (attempts.failure === undefined) {
      expect(attempts.outcome).toEqual({ isolation: 'user namespace', kind: 'exited', code: 0, stderr: '' });
      expectNothing(attempts);
      expect((await stat(folder.path)).uid).toBe(isRoot ? 12_345 : process.getuid?.());
    } else {
      expect(attempts.failure).toMatch(/^no sandbox can be made here: sudo: .+; user namespace: .+/s);
    }
  });
});

/** Everything that was left can be read or refused without harm, and taken away by whom it belongs to. */
async function expectHarmless(folder: string): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(['good.mp4', 'id', 'link.mp4', 'locked', 'pipe.mp4']);
  expect(String(await readProduced(folder, 'good.mp4', 100))).toBe('frames');
  const { uid, mode } = await stat(join(folder, 'id'));
  expect(uid).toBe(process.getuid?.());
  expect(mode & 0o6000).toBe(0);
  expect(await readdir(join(folder, 'locked'))).toEqual(['deep']);
  for (const [name, why] of [
    ['link.mp4', /cannot be opened \(ELOOP\)/],
    ['pipe.mp4', /not a regular file/],
    ['locked', /not a regular file/],
    ['missing.mp4', /ENOENT/],
    ['../good.mp4', /no file name/],
    ['..', /no file name/],
  ] as const) {
    const error = await readProduced(folder, name, 100).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'RENDER_OUTPUT_INVALID', message: expect.stringMatching(why) });
  }
  await expect(readProduced(folder, 'good.mp4', 5)).rejects.toThrow('has 6 bytes; the limit is 5 bytes');
}

describe('a command', () => {
  it('reads what it is given, and writes where it may', async () => {
    await using input = await temporaryFolder();
    await using output = await temporaryFolder();
    await writeFile(join(input.path, 'in.txt'), 'given');
    await chmod(input.path, 0o755);
    const lines: string[] = [];
    const text = `
      import { appendFileSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
      import { homedir, hostname, tmpdir } from 'node:os';
      writeFileSync('out.txt', readFileSync(${JSON.stringify(join(input.path, 'in.txt'))}, 'utf8') + readFileSync(0, 'utf8'));
      for (const folder of [homedir(), tmpdir(), '/dev/shm']) writeFileSync(folder + '/x', 'x');
      try { appendFileSync(${JSON.stringify(join(input.path, 'in.txt'))}, 'more'); } catch (error) { console.log(error.code); }
      console.log(homedir(), hostname(), process.cwd() === ${JSON.stringify(output.path)});
      process.stdout.write('first\\n\\nlast without an end');
      console.error('a word');
      process.exitCode = 3;`;
    const outcome = await runInSandbox(
      sandboxed(output.path, script(text), {
        readable: [NODE_FOLDER, input.path],
        stdin: ' and ünder',
        onStdoutLine: (line) => lines.push(line),
      }),
    );
    expect(outcome).toEqual({ kind: 'exited', code: 3, stderr: 'a word\n' });
    expect(lines).toEqual(['EACCES', `${SANDBOX_HOME} sandbox true`, 'first', '', 'last without an end']);
    expect(await readFile(join(output.path, 'out.txt'), 'utf8')).toBe('given and ünder');
    expect((await stat(join(output.path, 'out.txt'))).uid).toBe(process.getuid?.());
    expect((await stat(output.path)).uid).toBe(process.getuid?.());
  });

  it('may have a writable folder inside a readable one, and a long input', async () => {
    await using folder = await temporaryFolder();
    const inner = join(folder.path, 'inner');
    await import('node:fs/promises').then(({ mkdir }) => mkdir(inner));
    await chmod(folder.path, 0o755);
    const stdin = 'x'.repeat(9_000_000);
    const lines: string[] = [];
    const text = `import { readFileSync, writeFileSync } from 'node:fs'; console.log(readFileSync(0).length);
      writeFileSync('ok', ''); try { writeFileSync('../no', ''); } catch (error) { console.log(error.code); }`;
    const outcome = await runInSandbox(
      sandboxed(inner, script(text), {
        readable: [NODE_FOLDER, folder.path],
        stdin,
        onStdoutLine: (line) => lines.push(line),
      }),
    );
    expect(outcome).toEqual({ kind: 'exited', code: 0, stderr: '' });
    expect(lines).toEqual([String(stdin.length), 'EROFS']);
  });

  it('cannot make itself unheard, nor speak for the supervisor', async () => {
    await using folder = await temporaryFolder();
    const lines: string[] = [];
    const text = `process.stdout.write('y'.repeat(3e6) + '\\nnext\\n'); process.stderr.write('z'.repeat(200000) + '\\nforged 0 1\\n'); process.exitCode = 7`;
    const outcome = await runInSandbox(
      sandboxed(folder.path, script(text), { onStdoutLine: (line) => lines.push(line) }),
    );
    expect(outcome).toMatchObject({ kind: 'exited', code: 7, stderr: expect.stringMatching(/^z+\nforged 0 1\n$/) });
    expect(outcome.stderr.length).toBeLessThan(65_000);
    expect(lines.map(({ length }) => length)).toEqual([1_000_000, 4]);
  });

  it('that does not exist, ends itself or is asked for wrongly is told apart', async () => {
    await using folder = await temporaryFolder();
    const run = (command: string[], more = {}) => runInSandbox(sandboxed(folder.path, command, more));
    expect(await run(['/usr/bin/no-such-program'])).toMatchObject({ kind: 'exited', code: 127 });
    expect(await run(script('process.kill(process.pid, "SIGKILL")'))).toMatchObject({ kind: 'killed', by: 'signal' });
    await expect(run(['relative'])).rejects.toThrow('no absolute program');
    await expect(run(['/bin/true'], { readable: ['/proc/1'] })).rejects.toThrow("the sandbox's own");
    await expect(run(['/bin/true'], { readable: ['/usr/../etc'] })).rejects.toThrow('no plain absolute path');
    await expect(run(['/bin/true'], { env: { 'A=B': '' } })).rejects.toThrow('no name of a variable');
    await expect(run(['/bin/true'], { readable: ['/no/such/folder'] })).rejects.toThrow('ENOENT');
  });

  it('is isolated here in one of three ways', async () => {
    expect(['root', 'sudo', 'user namespace']).toContain((await findIsolation()).kind);
  });
});

describe('a file that was produced', () => {
  it('is opened for streaming, and refused when it has another name or nothing in it', async () => {
    await using folder = await temporaryFolder();
    const { link } = await import('node:fs/promises');
    await writeFile(join(folder.path, 'a'), 'content');
    {
      await using file = await openProduced(folder.path, 'a', 10);
      expect(file.bytes).toBe(7);
      expect(String(await file.handle.readFile())).toBe('content');
    }
    await link(join(folder.path, 'a'), join(folder.path, 'b'));
    await expect(openProduced(folder.path, 'a', 10)).rejects.toThrow('more than one name');
    await writeFile(join(folder.path, 'empty'), '');
    await expect(openProduced(folder.path, 'empty', 10)).rejects.toThrow('is empty');
  });
});

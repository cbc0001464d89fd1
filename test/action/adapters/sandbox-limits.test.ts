import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runInSandbox } from '../../../action/adapters/sandbox.ts';
import { DRIVER, groupsLeft, mountsBelow, processesWith, sandboxed, script, temporaryFolder } from './sandboxes.ts';

const LIMITS = { milliseconds: 30_000, memoryBytes: 400_000_000, processes: 60 };

/** Nothing of a sandbox is there any more: its folder's name is in the command line of all that supervises one. */
async function expectNothingLeft(folder: string): Promise<void> {
  expect(await processesWith(folder)).toEqual([]);
  expect(await mountsBelow(folder)).toEqual([]);
  expect(await groupsLeft()).toEqual([]);
}

/** A program that starts another one, which does not end with it, hides its name and writes down that it lives. */
const STUBBORN = `
  import { spawn } from 'node:child_process';
  import { appendFileSync } from 'node:fs';
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE']) process.on(name, () => {});
  if (process.env.AGAIN !== 'no') {
    spawn(process.execPath, process.execArgv, { env: { AGAIN: 'no' }, detached: true, stdio: 'ignore' }).unref();
  }
  process.title = 'innocent';
  const beat = () => appendFileSync('beats', '.');
  beat();
  setInterval(beat, 20);
  console.log('up');`;

async function beats(folder: string): Promise<number> {
  return await stat(join(folder, 'beats')).then(
    ({ size }) => size,
    () => 0,
  );
}

async function expectSilence(folder: string): Promise<void> {
  const before = await beats(folder);
  expect(before).toBeGreaterThan(0);
  await delay(300);
  expect(await beats(folder)).toBe(before);
}

describe('limits', () => {
  it('an endless loop ends when its time is up, and so does what it started', async () => {
    await using folder = await temporaryFolder();
    const started = performance.now();
    const command = sandboxed(folder.path, script(`${STUBBORN}; setTimeout(() => { for (;;); }, 300)`), {
      limits: { ...LIMITS, milliseconds: 1500 },
    });
    expect(await runInSandbox(command)).toMatchObject({ kind: 'killed', by: 'time' });
    expect(performance.now() - started).toBeLessThan(6000);
    await expectNothingLeft(folder.path);
    await expectSilence(folder.path);
  });

  it('a fork bomb does not get more processes than the limit, and ends with its time', async () => {
    await using folder = await temporaryFolder();
    const bomb = ['/bin/bash', '-c', 'bomb() { bomb | bomb & sleep 0.01; }; while :; do bomb; done', folder.path];
    const running = runInSandbox(sandboxed(folder.path, bomb, { limits: { ...LIMITS, milliseconds: 3000 } }));
    let most = 0;
    const counting = setInterval(async () => {
      const bombs = await processesWith(`sleep 0.01; }; while :; do bomb; done\0${folder.path}`);
      most = Math.max(most, bombs.length);
    }, 50);
    const outcome = await running.finally(() => clearInterval(counting));
    expect(outcome).toMatchObject({ kind: 'killed', by: 'time' });
    expect(outcome.stderr).toMatch(/Resource temporarily unavailable/);
    expect(most).toBeGreaterThan(LIMITS.processes / 3);
    // The supervisor's processes have the bomb in their command lines as well.
    expect(most).toBeLessThanOrEqual(LIMITS.processes + 8);
    await expectNothingLeft(folder.path);
  });

  it('counts threads as processes, and those of one sandbox only', async () => {
    await using one = await temporaryFolder();
    await using other = await temporaryFolder();
    const count = `
      import { readdirSync } from 'node:fs';
      import { spawn } from 'node:child_process';
      let started = 0;
      const more = () => {
        const child = spawn('/bin/sleep', ['3'], { stdio: 'ignore' });
        child.once('error', () => {});
        if (child.pid === undefined || started > 200) { console.log(started); process.exit(0); }
        started++;
        setImmediate(more);
      };
      more();`;
    const run = async (folder: string) => {
      const lines: string[] = [];
      await runInSandbox(
        sandboxed(folder, script(count), { limits: LIMITS, onStdoutLine: (line) => lines.push(line) }),
      );
      return Number(lines[0]);
    };
    const started = await Promise.all([run(one.path), run(other.path)]);
    for (const number of started) {
      expect(number).toBeGreaterThan(LIMITS.processes / 2);
      expect(number).toBeLessThan(LIMITS.processes);
    }
  });

  it.each([
    ['held by itself', `const held = []; setInterval(() => held.push(Buffer.alloc(20e6, 1)), 10);`],
    [
      'spread over children',
      `import { spawn } from 'node:child_process'; import { execArgv } from 'node:process';
      setInterval(() => spawn(process.execPath, ['-e', 'globalThis.held = Buffer.alloc(60e6, 1); setInterval(() => {}, 1e6)'], { detached: true, stdio: 'ignore' }), 100);`,
    ],
    [
      'in shared memory',
      `import { writeFileSync } from 'node:fs'; const held = [];
      let n = 0; const put = (path) => { try { writeFileSync(path + n, Buffer.alloc(10e6, 1)); } catch (error) { if (error.code !== 'ENOSPC') throw error; } };
      setInterval(() => { n++; put('/dev/shm/'); put('/tmp/'); if (n > 20) held.push(Buffer.alloc(10e6, 1)); }, 20);`,
    ],
    [
      'in files of memory that nobody maps',
      `import { spawnSync } from 'node:child_process';
      const call = { x64: 319, arm64: 279 }[process.arch];
      spawnSync('/usr/bin/perl', ['-e', 'my @held; for my $n (1 .. 100) { my $name = "held"; my $fd = syscall($ARGV[0], $name, 0); die $! if $fd < 0; open(my $file, ">&=", $fd) or die; binmode $file; syswrite($file, "x" x 10_000_000); push @held, $file; select(undef, undef, undef, 0.02) } sleep 100', String(call)], { stdio: 'inherit' });`,
    ],
  ])('memory beyond the limit, %s, ends all', async (_, text) => {
    await using folder = await temporaryFolder();
    const outcome = await runInSandbox(sandboxed(folder.path, script(text), { limits: { ...LIMITS, processes: 500 } }));
    expect(outcome).toMatchObject({ kind: 'killed', by: 'memory' });
    await expectNothingLeft(folder.path);
  });

  it('a file beyond the limit is not written, and what is in memory has a limit', async () => {
    await using folder = await temporaryFolder();
    const text = `
      import { writeFileSync } from 'node:fs';
      process.on('SIGXFSZ', () => {});
      const attempt = (path, bytes) => { try { writeFileSync(path, Buffer.alloc(bytes)); console.log('written'); } catch (error) { console.log(error.code); } };
      attempt('big', 2_000_001); attempt('small', 1_000_000); attempt('/etc/x', 1);`;
    const lines: string[] = [];
    await runInSandbox(
      sandboxed(folder.path, script(text), {
        limits: { ...LIMITS, fileBytes: 2_000_000 },
        onStdoutLine: (line) => lines.push(line),
      }),
    );
    expect(lines).toEqual(['EFBIG', 'written', 'EROFS']);
    expect((await stat(join(folder.path, 'big'))).size).toBeLessThanOrEqual(2_000_000);
  });
});

describe('the end', () => {
  it('comes with an abort, which is what is thrown', async () => {
    await using folder = await temporaryFolder();
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const running = runInSandbox(
      sandboxed(folder.path, script(STUBBORN), { signal: abort.signal, onStdoutLine: () => abort.abort(reason) }),
    );
    await expect(running).rejects.toBe(reason);
    await expectNothingLeft(folder.path);
    await expect(runInSandbox(sandboxed(folder.path, ['/bin/true'], { signal: abort.signal }))).rejects.toBe(reason);
  });

  it('comes with an abort at any moment of the beginning', async () => {
    await using folder = await temporaryFolder();
    for (let milliseconds = 0; milliseconds < 60; milliseconds += 3) {
      const signal = AbortSignal.timeout(milliseconds);
      const outcome = runInSandbox(
        sandboxed(folder.path, ['/bin/sleep', '100'], { signal, stdin: 'x'.repeat(100_000) }),
      );
      await expect(outcome).rejects.toMatchObject({ name: 'TimeoutError' });
      await expectNothingLeft(folder.path);
    }
  });

  it('comes when a line of its output is more than its reader bears', async () => {
    await using folder = await temporaryFolder();
    const onStdoutLine = () => {
      throw new Error('unbearable');
    };
    await expect(runInSandbox(sandboxed(folder.path, script(STUBBORN), { onStdoutLine }))).rejects.toThrow(
      'unbearable',
    );
    await expectNothingLeft(folder.path);
  });

  it.each([0, 20, 40, 60, 'when it is up'] as const)(
    'comes when the one who began it is killed (%s ms)',
    async (moment) => {
      await using folder = await temporaryFolder();
      const supervisor = spawn(process.execPath, [DRIVER], { stdio: ['pipe', 'pipe', 'inherit'] });
      supervisor.stdin.end(JSON.stringify(sandboxed(folder.path, script(STUBBORN))));
      if (moment === 'when it is up') await once(supervisor.stdout, 'data');
      else {
        await expect.poll(() => processesWith(folder.path), { interval: 1 }).not.toEqual([]);
        await delay(moment);
      }
      expect(await processesWith(folder.path)).not.toEqual([]);
      supervisor.kill('SIGKILL');
      await once(supervisor, 'exit');
      await expect.poll(() => processesWith(folder.path), { interval: 5, timeout: 3000 }).toEqual([]);
      await expectNothingLeft(folder.path);
      if (moment === 'when it is up') await expectSilence(folder.path);
      expect((await stat(folder.path)).uid).toBe(process.getuid?.());
    },
  );

  it('of the command is the end of all that it left running', async () => {
    await using folder = await temporaryFolder();
    const text = `${STUBBORN}; setTimeout(() => process.exit(0), 400)`;
    expect(await runInSandbox(sandboxed(folder.path, script(text)))).toMatchObject({ kind: 'exited', code: 0 });
    await expectNothingLeft(folder.path);
    await expectSilence(folder.path);
  });
});

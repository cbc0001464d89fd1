/** Runs a command as a process of its own and takes its time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BenchContext } from './context.ts';

/** Characters of a failed command's output that its error quotes. */
const QUOTED_CHARACTERS = 2000;

export interface Command {
  file: string;
  args: readonly string[];
  cwd: string;
  /** Beside the few variables that every command gets. */
  env?: Readonly<Record<string, string>>;
}

export interface Run {
  /** From the start of the process to its end, in milliseconds. */
  milliseconds: number;
  stdout: string;
}

/** @throws Error quoting the last output when the command fails */
export async function runCold(command: Command, context: BenchContext): Promise<Run> {
  const env = { ...(await coldEnvironment(context)), ...command.env };
  const begin = performance.now();
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: context.signal,
  });
  const ended = once(child, 'exit').then(() => performance.now());
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (child.exitCode !== 0) {
    const last = `${stdout}\n${stderr}`.trim().slice(-QUOTED_CHARACTERS);
    throw new Error(
      `${command.file} ${command.args.join(' ')} ended with ${child.exitCode ?? child.signalCode}:\n${last}`,
    );
  }
  return { milliseconds: end - begin, stdout };
}

/** Caches of compiled JavaScript, which both Vite and permaframe keep, lie in the bench's own folder. */
async function coldEnvironment({ folder, path }: BenchContext): Promise<Record<string, string>> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  return { PATH: path, HOME: home, TMPDIR: home, NO_COLOR: '1' };
}

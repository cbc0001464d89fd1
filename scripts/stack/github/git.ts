/** Runs git on the stand-in's own repository. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

export interface GitOptions {
  input?: string | Uint8Array;
  /** Added to the environment, which holds nothing else of this process but PATH. */
  env?: Record<string, string>;
}

/** git ended with something else than 0. The message quotes what it said. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

export type Git = (args: readonly string[], options?: GitOptions) => Promise<Buffer>;

/** @throws GitFailed */
export function gitIn(folder: string): Git {
  return async (args, { input = '', env = {} } = {}) => {
    const child = spawn('git', ['--no-replace-objects', ...args], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        LC_ALL: 'C',
        ...env,
      },
    });
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    // git may end before it has read everything; its exit code says why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const done = Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
    const [output, errors, [code]] = await Promise.race([done, failed]);
    if (code !== 0) throw new GitFailed(`git ${args[0]} ended with ${code}: ${errors.toString().trim()}`);
    return output;
  };
}

/** Runs the `permaframe` command as a person does: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { StoreConfig } from '../../action/adapters/store-config.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

const COMMAND = join(ROOT_FOLDER, 'scripts', 'permaframe.mjs');

/** Settings for a store, as the command reads them. */
export function storeEnvironment(config: StoreConfig, publicUrl: string): Record<string, string> {
  return {
    PERMAFRAME_PUBLIC_URL: publicUrl,
    PERMAFRAME_S3_ENDPOINT: config.endpoint,
    PERMAFRAME_S3_BUCKET: config.bucket,
    PERMAFRAME_S3_ACCESS_KEY_ID: config.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: config.secretAccessKey,
  };
}

export function startCommand(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const own = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  return spawn(process.execPath, [COMMAND, ...args], { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function runCommand(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const child = startCommand(args, env);
  if (!child.stdout || !child.stderr) throw new Error('the command has no output');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

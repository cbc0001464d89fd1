/** The machine and the tools of a run, without anything that tells whose machine it is. */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, loadavg, platform, totalmem } from 'node:os';
import { packageFile } from './peer-project.ts';

export interface Machine {
  platform: string;
  cores: number;
  memoryBytes: number;
  /** Processes that wanted to run in the minute before. Above `cores`, figures are of a busy machine. */
  load: number;
  node: string;
  /** Versions of the peers. */
  tools: Record<string, string>;
}

const TOOLS = ['vite', 'esbuild', 'wrangler', 'playwright-core', '@remotion/cli'];

export function describeMachine(): Machine {
  return {
    platform: `${platform()} ${arch()}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.versions.node,
    tools: Object.fromEntries(TOOLS.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(packageFile(name, 'package.json'), 'utf8')) as { version: string };
  return version;
}

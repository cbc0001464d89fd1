/**
 * Takes from esbuild's process what it would need to open a file. An `import()` of a template or a sum makes esbuild
 * search the disk by itself, past every plugin. Its Go runtime holds the descriptors 0 to 4; when 4 is the last that
 * a process may have, whatever esbuild is talked into ends with "too many open files".
 * Only on Linux, where runners are: other systems' runtimes hold other numbers.
 */
import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';

const DESCRIPTORS = 5;
const LAUNCH = `ulimit -n ${DESCRIPTORS} && exec "$0" "$@"`;

/** From now on, what this process starts is confined. esbuild has no option for how its process is started. */
export function confineChildren(): void {
  if (process.platform !== 'linux') return;
  const { spawn } = childProcess;
  const confined = (command: string, args: readonly string[], options: SpawnOptions): ChildProcess =>
    spawn('/bin/sh', ['-c', LAUNCH, command, ...args], options);
  Object.assign(childProcess, { spawn: confined });
}

/** What a sandbox is asked for, and the command line that builds it. */
import { access, stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import { MAX_VIDEO_BYTES } from '../contract/limits.ts';
import { BUILD, CLOSE, SUPERVISE } from './sandbox-scripts.ts';

export interface SandboxedCommand {
  /** An absolute program and its arguments. */
  command: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  /** Absolute folders and files that are there read-only, at the same paths. /usr and the fonts' settings always are. */
  readable: readonly string[];
  /**
   * The one absolute folder to write into, at the same path. It belongs to the user inside while the command runs, and
   * to whom it belonged before when it has ended. How much is put there in all is not limited, only each file.
   */
  writable: string;
  /** Absolute. */
  workingFolder: string;
  /** What the command reads on standard input. Default: nothing. */
  stdin?: string;
  limits: {
    /** Wall clock, from the call. */
    milliseconds: number;
    /** All processes together, with what they keep in /tmp and in shared memory. */
    memoryBytes: number;
    /** Processes and threads. */
    processes: number;
    /** Largest file that may be written. Default: twice the largest video. */
    fileBytes?: number;
  };
  /** Each line of standard output, without its end; what a line has beyond a million characters is left out. */
  onStdoutLine?(line: string): void;
  signal?: AbortSignal;
}

/** `signal`: the command ended itself by a signal, or with a code above 128, which is how shells say so. */
export type SandboxOutcome =
  | { kind: 'exited'; code: number; stderr: string }
  | { kind: 'killed'; by: 'time' | 'memory' | 'signal'; stderr: string };

/** A way of entering namespaces: what runs the supervisor, and what makes the namespaces. */
export interface Isolation {
  kind: 'root' | 'sudo' | 'user namespace';
  /** What the supervisor's command line begins with. */
  prefix: readonly string[];
  /** The program that makes namespaces, and how it is started. */
  unshare: readonly string[];
}

const MB = 1_000_000;
/** Mounting there would take from the command, or give to it, what the sandbox is about. */
const RESERVED = /^\/(?:(?:proc|dev|sys)(?:\/.*)?|usr|etc|tmp|home|run|var|root)?$/;

/**
 * @param user uid and gid inside
 * @param nonce what the supervisor signs its last line with
 */
export async function commandLine(
  isolation: Isolation,
  command: SandboxedCommand,
  user: number,
  nonce: string,
): Promise<string[]> {
  const mounts = await mountsOf(command);
  const { uid, gid } = await stat(command.writable);
  return [
    ...isolation.prefix,
    ...['/bin/bash', '--norc', '-c', CLOSE, 'close'],
    ...['/bin/sh', '-c', SUPERVISE, 'supervise'],
    ...supervision(isolation, command, { user, nonce, owner: `${uid}:${gid}` }),
    ...entrance(isolation, command, user, mounts),
  ];
}

function supervision(
  { kind }: Isolation,
  command: SandboxedCommand,
  { user, nonce, owner }: { user: number; nonce: string; owner: string },
): string[] {
  const { memoryBytes, processes } = command.limits;
  const isRoot = kind !== 'user namespace';
  return [
    nonce,
    String(Buffer.byteLength(command.stdin ?? '')),
    isRoot ? String(user) : '',
    owner,
    command.writable,
    isRoot ? `permaframe-${nonce}` : '',
    String(memoryBytes),
    // The supervisor's share of the group: what enters the namespaces, and the first process inside.
    String(processes + 8),
  ];
}

function entrance(
  isolation: Isolation,
  { limits, ...command }: SandboxedCommand,
  user: number,
  mounts: readonly string[],
): string[] {
  const isNested = isolation.kind === 'user namespace';
  const input = Buffer.byteLength(command.stdin ?? '');
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child'];
  return [
    ...isolation.unshare,
    ...(isNested ? ['--user', '--map-root-user'] : []),
    ...[...namespaces, '--', '/bin/sh', '-c', BUILD, 'build'],
    String(user),
    isNested ? 'nested' : '',
    String(input + 8 * MB),
    String(Math.min(Math.ceil(limits.memoryBytes / 4), 2000 * MB)),
    String(Math.ceil(limits.memoryBytes / 2)),
    String(limits.processes),
    String(limits.fileBytes ?? 2 * MAX_VIDEO_BYTES),
    String(mounts.length),
    ...mounts,
    `--chdir=${command.workingFolder}`,
    ...Object.entries(command.env).map(([name, value]) => `${name}=${value}`),
    ...command.command,
  ];
}

/** Parents first. */
async function mountsOf(command: SandboxedCommand): Promise<string[]> {
  const [program = ''] = command.command;
  // Anything with `=` would be a variable to `env`.
  if (!isAbsolute(program) || program.includes('=')) throw misuse(`no absolute program: ${program}`);
  const names = Object.keys(command.env).filter((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (names.length > 0) throw misuse(`no name of a variable: ${names[0]}`);
  const readable = new Set(command.readable);
  readable.delete(command.writable);
  const paths = [...readable, command.writable, command.workingFolder];
  const odd = paths.find((path) => !isAbsolute(path) || normalize(`${path}/`) !== `${path}/` || path.includes('\n'));
  if (odd !== undefined) throw misuse(`no plain absolute path: ${odd}`);
  for (const path of [...readable, command.writable]) {
    if (RESERVED.test(path)) throw misuse(`${path} is the sandbox's own`);
    await access(path);
  }
  return [...readable, command.writable].sort().map((path) => `${path === command.writable ? 'rw' : 'ro'}:${path}`);
}

function misuse(message: string): PermaframeError {
  return new PermaframeError('INTERNAL', `sandbox: ${message}`);
}

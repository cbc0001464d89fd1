/** Runs jobs of `@remotion/renderer` in the sandbox: the outside of what remotion-child.ts does inside. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PermaframeError } from '../contract/errors.ts';
import {
  formatBytes,
  MAX_FRAME_MILLISECONDS,
  MAX_RENDER_MEMORY_BYTES,
  MAX_RENDER_MILLISECONDS,
  MAX_RENDER_PROCESSES,
} from '../contract/limits.ts';
import { type JobMessage, jobMessageSchema, type RemotionJob, TEMPORARY_LINK } from './remotion-job.ts';
import { resolveRenderer } from './remotion-renderer.ts';
import { runInSandbox, SANDBOX_HOME, type SandboxOutcome } from './sandbox.ts';

/** What there is to render with. */
export interface RenderMachine {
  /** remotion-child, bundled or as it is. */
  childPath: string;
  /** Folders that the child's own code lies in. */
  codeFolders: readonly string[];
  /** Has `@remotion/renderer` in its `node_modules`, or in those of a folder above. */
  rendererFolder: string;
  browserExecutable: string;
  /** Browsers that draw at the same time. Each keeps one core busy, and takes about 300 MB, more for large pictures. */
  browsers: number;
  /** Where they are not those of {@link RENDER_LIMITS}. */
  limits?: Partial<RenderLimits>;
}

/** What one job may take. */
export interface RenderLimits {
  /** Wall clock. */
  milliseconds: number;
  /** All processes together. */
  memoryBytes: number;
  /** Processes and threads. */
  processes: number;
  /** Wall clock that a scene may wait for its own data, for one frame. */
  frameMilliseconds: number;
}

const RENDER_LIMITS: RenderLimits = {
  milliseconds: MAX_RENDER_MILLISECONDS,
  memoryBytes: MAX_RENDER_MEMORY_BYTES,
  processes: MAX_RENDER_PROCESSES,
  frameMilliseconds: MAX_FRAME_MILLISECONDS,
};

/** Where a scene threw, besides what the error says. */
export class RenderError extends PermaframeError {
  /** Of the browser; null where no code of the film is to blame. */
  readonly browserStack: string | null;

  constructor(failure: Extract<JobMessage, { kind: 'failed' }>) {
    super(failure.code as PermaframeError['code'], failure.message);
    this.browserStack = failure.stack;
  }
}

/** A job, but for what the machine adds to it. */
type WithoutMachine<Job extends RemotionJob> = Job extends RemotionJob
  ? Omit<Job, 'rendererFolder' | 'browserExecutable' | 'frameMilliseconds'>
  : never;

interface JobRun {
  /** An empty folder; what is in it afterwards is hostile. */
  folder: string;
  /** Read-only inside. */
  readable?: readonly string[];
  onMessage(message: JobMessage): void;
  signal?: AbortSignal;
}

/**
 * Does a job. Whatever ends it, nothing of it runs on.
 * @throws RenderError as the job failed; PermaframeError RENDER_…; the signal's reason
 */
export async function runJob(
  job: WithoutMachine<RemotionJob>,
  machine: RenderMachine,
  { folder, readable = [], onMessage, signal }: JobRun,
): Promise<void> {
  const { rendererFolder, browserExecutable } = machine;
  const { frameMilliseconds, ...limits } = { ...RENDER_LIMITS, ...machine.limits };
  const modules = modulesFolder(resolveRenderer(rendererFolder));
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const path = join(folder, 'job.json');
  // Only what draws is given a browser.
  const draws = job.kind === 'render';
  const own = { rendererFolder: dirname(modules), ...(draws ? { browserExecutable, frameMilliseconds } : {}) };
  const programs = [process.execPath, ...(draws ? [browserExecutable] : [])].map((program) => dirname(program));
  await writeFile(path, JSON.stringify({ ...job, ...own }));
  let failure: Extract<JobMessage, { kind: 'failed' }> | null = null;
  const outcome = await runInSandbox({
    command: [process.execPath, machine.childPath, path],
    env: { HOME: SANDBOX_HOME, TMPDIR: TEMPORARY_LINK, PATH: '/usr/bin:/bin', NODE_ENV: 'production', LANG: 'C.UTF-8' },
    readable: [...new Set([...programs, modules, ...machine.codeFolders, ...readable])].filter(
      (needed) => !needed.startsWith('/usr/'),
    ),
    writable: folder,
    workingFolder: folder,
    limits,
    onStdoutLine(line) {
      const message = parseMessage(line);
      if (message?.kind === 'failed') failure ??= message;
      else if (message) onMessage(message);
    },
    ...(signal ? { signal } : {}),
  });
  if (failure) throw new RenderError(failure);
  refuseUnlessDone(outcome, limits);
}

/** A film may write what it likes to the log of the process that shows it. */
function parseMessage(line: string): JobMessage | null {
  if (!line.startsWith('{')) return null;
  try {
    return jobMessageSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function refuseUnlessDone(outcome: SandboxOutcome, limits: Pick<RenderLimits, 'milliseconds' | 'memoryBytes'>): void {
  if (outcome.kind === 'exited') {
    if (outcome.code === 0) return;
    throw new PermaframeError(
      'RENDER_FAILED',
      `the renderer ended with code ${outcome.code}: ${lastLine(outcome.stderr)}`,
    );
  }
  switch (outcome.by) {
    case 'time':
      throw new PermaframeError('RENDER_TIMEOUT', `it took longer than ${limits.milliseconds / 60_000} minutes`);
    case 'memory':
      throw new PermaframeError('RENDER_OUT_OF_MEMORY', `it took more than ${formatBytes(limits.memoryBytes)}`);
    case 'signal':
      throw new PermaframeError('RENDER_FAILED', 'the renderer was killed');
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

/** The outermost `node_modules` of a path. */
function modulesFolder(path: string): string {
  return path.slice(0, path.indexOf('/node_modules/') + '/node_modules'.length);
}

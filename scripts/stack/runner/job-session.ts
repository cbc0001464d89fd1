/** What the steps of one job share: folders, contexts, variables that they set, masks, logs, and how the job stands. */
import { join } from 'node:path';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { Run } from '../github/run.ts';
import type { JobFolders } from './contexts.ts';
import type { Scope } from './expressions.ts';
import type { Masks } from './masks.ts';
import type { Processes } from './processes.ts';
import type { Progress, StepReport } from './progress.ts';
import { type Annotation, openStepLog, type StepLog } from './step-log.ts';

export interface JobSession {
  run: Run;
  /** As people see it. */
  name: string;
  folders: JobFolders;
  /** `github`, `needs`, `inputs`, … — all but `env` and `steps`; `job` without its status. */
  contexts: Scope['contexts'];
  /** `env:` of workflow and job. */
  env: Record<string, string>;
  /** Set by steps for later ones. */
  added: { variables: Record<string, string>; paths: string[] };
  /** What every process has. */
  variables: { base: Record<string, string>; fixed: Record<string, string> };
  defaults: { shell: TemplateToken | undefined; workingDirectory: TemplateToken | undefined };
  /** Whether the token may read the repository: checkout needs it. */
  mayReadContents: boolean;
  artifactsFolder: string;
  nodePath: string;
  masks: Masks;
  processes: Processes;
  annotations: Annotation[];
  summary: string[];
  reports: StepReport[];
  posts: PostStep[];
  logs: { folder: string; relative: string };
  /** Aborted when the job is to end; steps with `always()` still run. */
  cancel: AbortSignal;
  /** Aborted when nothing more runs at all. */
  dead: AbortSignal;
  emit(progress: DistributiveOmit<Progress, 'run' | 'attempt'>): void;
  now(): Date;
}

export type DistributiveOmit<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never;

/** What an action wants to do when the job's steps are through. */
export interface PostStep {
  name: string;
  /** An expression. */
  condition: string;
  frame: Frame;
  execute(execution: Execution): Promise<void>;
}

/** The steps of a job, or of a composite action: what they see of each other. */
export interface Frame {
  session: JobSession;
  steps: Record<string, { outputs: Record<string, string>; outcome: string; conclusion: string }>;
  /** Of a composite action; else the session's. */
  inputs: unknown;
  /** `env:` of the step that calls a composite action. */
  env: Record<string, string>;
  failed: boolean;
  /** Folder of a composite action. */
  actionPath: string | null;
  /** Log of the step that calls a composite action: its steps write to it. */
  log: StepLog | null;
  /** Aborted when the calling step has run out of time. */
  signal: AbortSignal;
  /** 0 for a job's own steps, one more for each composite action around. */
  depth: number;
}

/** One step while it runs. */
export interface Execution {
  frame: Frame;
  /** GITHUB_ACTION. */
  action: string;
  /** `env:` of the step. */
  env: Record<string, string>;
  log: StepLog;
  /** Aborted when it is to end. */
  signal: AbortSignal;
  /** Aborted when it is to end for having run out of time, not for the job's being cancelled. */
  limit: AbortSignal;
  /** Outputs that it has set so far. */
  outputs: Record<string, string>;
  /** Saved for the post step of the same action. */
  state: Record<string, string>;
}

/** Fails a step, with a sentence for its log. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}

export function statusOf({ failed, session }: Frame): NonNullable<Scope['status']> {
  const cancelled = session.cancel.aborted;
  return { success: !failed && !cancelled, failure: failed && !cancelled, cancelled };
}

export function scopeOf(frame: Frame, env: Record<string, string> = {}): Scope {
  const { session } = frame;
  const { success, cancelled } = statusOf(frame);
  const github = session.contexts.github as Record<string, unknown>;
  return {
    contexts: {
      ...session.contexts,
      ...(frame.actionPath !== null && { github: { ...github, action_path: frame.actionPath }, secrets: {} }),
      inputs: frame.inputs,
      env: { ...session.env, ...session.added.variables, ...frame.env, ...env },
      steps: frame.steps,
      job: { ...(session.contexts.job as object), status: cancelled ? 'cancelled' : success ? 'success' : 'failure' },
    },
  };
}

/** Environment of a process. @param extra what only this one has: INPUT_…, command files */
export function environmentOf(
  { frame, action, env }: Execution,
  extra: Record<string, string>,
): Record<string, string> {
  const { session } = frame;
  const { base, fixed } = session.variables;
  const named = { ...base, ...session.env, ...session.added.variables, ...frame.env, ...env };
  const PATH = [...session.added.paths]
    .reverse()
    .concat(named.PATH ?? '')
    .join(':');
  const actionPath = frame.actionPath === null ? {} : { GITHUB_ACTION_PATH: frame.actionPath };
  return { ...named, PATH, ...fixed, GITHUB_ACTION: action, ...actionPath, ...extra };
}

export function openLog(session: JobSession, step: string): { log: StepLog; relative: string } {
  const number = String(session.reports.length + 1).padStart(2, '0');
  const name = `${number}-${slug(step)}.log`;
  const log = openStepLog({
    file: join(session.logs.folder, name),
    job: session.name,
    step,
    masks: session.masks,
    annotations: session.annotations,
    onLine: (line) => session.emit({ kind: 'line', job: session.name, step, line }),
    now: session.now,
  });
  return { log, relative: join(session.logs.relative, name) };
}

/** A name of a file: names of jobs and steps may hold what a payload says. */
export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'unnamed'
  );
}

/** What a runner tells about a run while it goes on, and what is known of it in the end. */
import type { Conclusion } from '../github/run.ts';
import type { Annotation } from './step-log.ts';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

export type Progress = { run: number; attempt: number } & (
  | { kind: 'run'; state: 'waiting' | 'running' | Conclusion; seconds: number }
  /** `job` is the name that people see, with the matrix's values. */
  | { kind: 'job'; job: string; state: 'queued' | 'running' | Result; seconds: number }
  | { kind: 'step'; job: string; step: string; state: 'running' | Result; seconds: number }
  /** A line of a step's log, secrets replaced. */
  | { kind: 'line'; job: string; step: string; line: string }
);

export interface StepReport {
  name: string;
  outcome: Result;
  /** Differs from the outcome by `continue-on-error`. */
  conclusion: Result;
  seconds: number;
  /** Relative to the run's log folder; null for a step that was skipped. */
  log: string | null;
}

export interface JobReport {
  name: string;
  result: Result;
  startedAt: string;
  completedAt: string;
  steps: StepReport[];
  /** Markdown, as the steps wrote it. */
  summary: string;
}

/** Kept as `result.json` in the run's log folder. */
export interface RunReport {
  conclusion: Conclusion;
  /** Whether the runner died: GitHub only notices after a while. */
  died: boolean;
  jobs: JobReport[];
  annotations: Annotation[];
}

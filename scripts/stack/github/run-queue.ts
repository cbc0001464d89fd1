/** The queue of runs: which waits, which is executed, which is cancelled, and what is remembered of each. */
import { randomBytes } from 'node:crypto';
import type { Identity } from './http.ts';
import type { Conclusion, Execute, Run, RunRepository, TokenPermissions } from './run.ts';
import type { RunRecord, StateFile } from './state.ts';
import type { Webhook } from './webhook.ts';

export interface RunQueueOptions {
  file: StateFile;
  execute: Execute;
  /** Runs that are executed at a time. */
  maxRunning: number;
  webhook: Webhook;
  repository: RunRepository;
  /** Of the API, and of the pages for people; without slashes at the end. */
  address: () => { apiUrl: string; serverUrl: string };
  now: () => number;
  /** The `workflow_run` event of a run, as the webhook carries it. */
  describe: (run: RunRecord) => Record<string, unknown>;
}

export type NewRun = Pick<
  RunRecord,
  'title' | 'workflowName' | 'workflowPath' | 'eventName' | 'event' | 'sha' | 'actor'
> & {
  concurrency: RunRecord['concurrency'];
};

interface Execution {
  controller: AbortController;
  done: Promise<void>;
}

export class RunQueue implements AsyncDisposable {
  readonly #options: RunQueueOptions;
  readonly #executions = new Map<number, Execution>();
  readonly #tokens = new Map<string, Identity>();
  #isClosed = false;

  constructor(options: RunQueueOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get runs(): readonly RunRecord[] {
    return this.#options.file.state.runs;
  }

  find(id: number): RunRecord | undefined {
    return this.runs.find((run) => run.id === id);
  }

  /** Goes on after a restart: what was waiting begins, what was being executed lost its runner. */
  async resume(): Promise<void> {
    for (const run of this.runs) if (run.status === 'in_progress') this.#conclude(run, 'cancelled');
    await this.#options.file.save();
    this.#pump();
  }

  /** Resolves once the run is remembered. */
  async add(run: NewRun): Promise<RunRecord> {
    const { state, save } = this.#options.file;
    const now = this.#options.now();
    const number =
      1 + Math.max(0, ...state.runs.filter((r) => r.workflowPath === run.workflowPath).map((r) => r.number));
    const record: RunRecord = {
      ...run,
      id: state.nextId++,
      number,
      attempt: 1,
      status: 'queued',
      conclusion: null,
      createdAt: now,
      startedAt: null,
      updatedAt: now,
    };
    this.#makeRoom(record);
    state.runs.push(record);
    await save();
    this.#announce('requested', record);
    this.#pump();
    return record;
  }

  /** Runs it again from the beginning, under the same id. False: it has not ended yet. */
  async rerun(run: RunRecord): Promise<boolean> {
    if (run.status !== 'completed') return false;
    this.#makeRoom(run);
    Object.assign(run, { attempt: run.attempt + 1, status: 'queued', conclusion: null, startedAt: null });
    await this.#touch(run);
    this.#announce('requested', run);
    this.#pump();
    return true;
  }

  /** False: it has ended already. */
  async cancel(run: RunRecord): Promise<boolean> {
    if (run.status === 'completed') return false;
    const execution = this.#executions.get(run.id);
    if (execution) execution.controller.abort(new Error('the run was cancelled'));
    else this.#conclude(run, 'cancelled');
    await this.#touch(run);
    this.#pump();
    return true;
  }

  identify(token: string): Identity | null {
    return this.#tokens.get(token) ?? null;
  }

  /** Resolves when nothing waits and nothing is executed. */
  async idle(): Promise<void> {
    while (this.#executions.size > 0) await Promise.all([...this.#executions.values()].map(({ done }) => done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { controller } of this.#executions.values()) controller.abort(new Error('the stack stops'));
    await this.idle();
    await this.#options.file.save();
  }

  /** In one concurrency group one run is executed and one waits; a newer one takes the place of that which waits. */
  #makeRoom({ concurrency }: RunRecord): void {
    if (!concurrency) return;
    for (const other of this.runs) {
      if (other.concurrency?.group !== concurrency.group || other.status === 'completed') continue;
      if (other.status === 'queued' && !concurrency.keepsAll) this.#conclude(other, 'cancelled');
      if (other.status === 'in_progress' && concurrency.cancelInProgress) {
        this.#executions.get(other.id)?.controller.abort(new Error('a newer run took its place'));
      }
    }
  }

  /** Begins whatever may begin now. */
  #pump(): void {
    if (this.#isClosed) return;
    for (const run of this.runs) {
      if (this.#executions.size >= this.#options.maxRunning) return;
      if (run.status === 'queued' && !this.#executions.has(run.id) && this.#isGroupFree(run)) this.#begin(run);
    }
  }

  #isGroupFree({ concurrency }: RunRecord): boolean {
    if (!concurrency) return true;
    return !this.runs.some((other) => other.status === 'in_progress' && other.concurrency?.group === concurrency.group);
  }

  #begin(record: RunRecord): void {
    const controller = new AbortController();
    Object.assign(record, { status: 'in_progress', startedAt: this.#options.now() });
    this.#announce('in_progress', record);
    const done = this.#execute(record, controller.signal).finally(() => this.#pump());
    this.#executions.set(record.id, { controller, done });
  }

  async #execute(record: RunRecord, signal: AbortSignal): Promise<void> {
    await this.#touch(record);
    const tokens: string[] = [];
    const issueToken = (permissions: TokenPermissions) => {
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      this.#tokens.set(token, { kind: 'run', run: record.id, permissions });
      tokens.push(token);
      return token;
    };
    let conclusion: Conclusion;
    try {
      const isCancelled = signal.aborted;
      conclusion = isCancelled ? 'cancelled' : await this.#options.execute(this.#toRun(record, issueToken), signal);
    } catch {
      conclusion = 'startup_failure';
    }
    for (const token of tokens) this.#tokens.delete(token);
    this.#executions.delete(record.id);
    this.#conclude(record, conclusion);
    await this.#touch(record);
  }

  #toRun(record: RunRecord, issueToken: Run['issueToken']): Run {
    const { repository, address } = this.#options;
    const { apiUrl, serverUrl } = address();
    const { id, number, attempt, title, workflowPath, eventName, event, sha, actor } = record;
    const url = `${serverUrl}/${repository.fullName}/actions/runs/${id}`;
    const ref = `refs/heads/${repository.defaultBranch}`;
    const identity = { id, number, attempt, name: title, workflowPath };
    return { ...identity, eventName, event, sha, ref, actor, repository, apiUrl, url, issueToken };
  }

  #conclude(run: RunRecord, conclusion: Conclusion): void {
    Object.assign(run, { status: 'completed', conclusion, updatedAt: this.#options.now() });
    this.#announce('completed', run);
  }

  #touch(run: RunRecord): Promise<void> {
    run.updatedAt = this.#options.now();
    return this.#options.file.save();
  }

  #announce(action: 'requested' | 'in_progress' | 'completed', run: RunRecord): void {
    this.#options.webhook.deliver(action, run.id, this.#options.describe(run));
  }
}

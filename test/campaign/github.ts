/** GitHub in a history: its REST API over a repository in memory, and runs that begin, die, are cancelled, run again. */
import type { GitHubOptions } from '../../action/adapters/github.ts';
import type { DispatchPayload } from '../../action/contract/dispatch.ts';
import { runName } from '../../action/contract/reports.ts';
import { currentProcess, type Process } from './processes.ts';
import { type Answer, Repository } from './repository.ts';
import type { World } from './world.ts';

const SECOND = 1000;
/** Milliseconds. */
const LATENCY = 250;
const FAULTS = { refused: 12, taken: 12, slow: 6, hanging: 3, denied: 1 };
/** A job is ended by GitHub after its `timeout-minutes`. */
const JOB_MILLISECONDS = 5 * 60 * SECOND;
/** A cancelled process has this long to go by itself. */
const GRACE_MILLISECONDS = 7 * SECOND;

export interface Run {
  id: number;
  attempt: number;
  name: string;
  /** `publish` is missing where a person started it. */
  payload: Omit<DispatchPayload, 'publish' | 'callback'> & Partial<DispatchPayload>;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  /** Whether it waits for other runs of its thread, as its workflow says. */
  isInGroup: boolean;
  isReady: boolean;
  /** GitHub lists it from then on. */
  visibleAt: number;
  process: Process | undefined;
  /** Of this attempt, in milliseconds since 1970. */
  begunAt: number;
  interrupt: AbortController;
}

/** Runs the action; resolves with its exit code. */
export type Execute = (run: Run) => Promise<0 | 1>;
/** Hears of each end of a run. */
export type OnEnd = (run: { id: number; attempt: number; name: string }) => void;

export class GitHub {
  readonly repository = new Repository();
  readonly runs: Run[] = [];
  /** Commit → state that was set last. */
  readonly statuses = new Map<string, string>();
  readonly #world: World;
  readonly #execute: Execute;
  readonly #onEnd: OnEnd;

  constructor(world: World, execute: Execute, onEnd: OnEnd) {
    this.#world = world;
    this.#execute = execute;
    this.#onEnd = onEnd;
  }

  /** For the adapter: the network between it and GitHub. */
  options(): GitHubOptions {
    const clock = this.#world.clock.forAdapters();
    return { clock, fetch: ((url: string, init: RequestInit) => this.#request(String(url), init)) as typeof fetch };
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    const { clock, faults, note } = withNote(this.#world);
    const process = currentProcess();
    const { pathname, searchParams } = new URL(url);
    const path = decodeURIComponent(pathname).replace(/^\/repos\/acme\/films/, '');
    const method = init.method ?? 'GET';
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    const answer = () => this.#route(method, path, searchParams, body);
    return process.call(`${method} ${path}`, async () => {
      await clock.sleep(LATENCY);
      if (this.#world.isOut('github')) return response({ status: 503, body: { message: 'down' } });
      const fault = process.isCalm ? null : faults.choose('github', FAULTS);
      if (fault !== null) note(`GitHub ${fault}: ${method} ${path} of ${process.name}`);
      switch (fault) {
        case 'refused':
          return response({ status: 502, body: { message: 'bad gateway' } });
        case 'taken':
          answer();
          return response({ status: 502, body: { message: 'bad gateway' } });
        case 'denied':
          return response({ status: 401, body: { message: 'bad credentials' } });
        case 'hanging':
          answer();
          return await untilAborted(init.signal);
        case 'slow':
          await clock.sleep(faults.amount('github', 1, 14) * SECOND);
      }
      init.signal?.throwIfAborted();
      return response(answer());
    });
  }

  #route(method: string, path: string, query: URLSearchParams, body: unknown): Answer {
    const { repository } = this;
    const [, id] = /^\/(?:actions\/runs|statuses|git\/trees)\/([0-9a-f]+)/.exec(path) ?? [];
    switch (`${method} ${path.replace(id ?? '-', ':id').replace(/(refs\/heads\/).*/, '$1')}`) {
      case 'GET ':
        return { status: 200, body: { id: 4711 } };
      case 'GET /commits':
        return repository.listCommits(query.get('sha') ?? '', Number(query.get('per_page')));
      case 'GET /git/trees/:id':
        return repository.getTree(id ?? '');
      case 'POST /git/blobs':
        return repository.createBlob(body as never);
      case 'POST /git/trees':
        return repository.createTree(body as never);
      case 'POST /git/commits':
        return repository.createCommit(body as never);
      case 'POST /git/refs':
        return repository.createBranch(body as never);
      case 'PATCH /git/refs/heads/':
        return repository.moveBranch(path.replace('/git/refs/heads/', ''), (body as { sha: string }).sha);
      case 'POST /dispatches':
        this.start((body as { client_payload: Run['payload'] }).client_payload);
        return { status: 204 };
      case 'GET /actions/runs':
        return { status: 200, body: { workflow_runs: this.#visible().map(asJson) } };
      case 'GET /actions/runs/:id':
        return answerWith(this.runs.find((run) => String(run.id) === id));
      case 'POST /actions/runs/:id/cancel':
        return this.#cancelById(Number(id));
      case 'POST /statuses/:id':
        if (!repository.commits.has(id ?? '')) return { status: 422, body: { message: 'no commit' } };
        this.statuses.set(id ?? '', (body as { state: string }).state);
        return { status: 201, body: {} };
    }
    throw new Error(`GitHub has no ${method} ${path} here`);
  }

  #visible(): Run[] {
    return this.runs.filter(({ visibleAt }) => visibleAt <= this.#world.clock.now).toReversed();
  }

  #cancelById(id: number): Answer {
    const run = this.runs.find((each) => each.id === id);
    if (!run) return { status: 404, body: { message: 'Not Found' } };
    return this.cancel(run) ? { status: 202, body: {} } : { status: 409, body: { message: 'over' } };
  }

  /** A dispatch was taken, or a person started the workflow. */
  start(payload: Run['payload']): Run {
    const { clock, faults } = this.#world;
    const isCalm = payload.thread === 'calm';
    const run: Run = {
      id: 1001 + this.runs.length,
      attempt: 0,
      name: runName(payload.thread, payload.version, payload.publish ?? 'republish'),
      payload,
      status: 'queued',
      conclusion: null,
      isInGroup: true,
      isReady: false,
      visibleAt: clock.now + (isCalm ? 0 : faults.amount('run', 0, 20) * SECOND),
      process: undefined,
      begunAt: 0,
      interrupt: new AbortController(),
    };
    this.runs.push(run);
    this.#enqueue(run, isCalm);
    return run;
  }

  /** A person lets a completed run run again. */
  runAgain(run: Run): void {
    if (run.status === 'completed') this.#enqueue(run, run.payload.thread === 'calm');
  }

  #enqueue(run: Run, isCalm: boolean): void {
    const { clock, faults, note } = withNote(this.#world);
    Object.assign(run, { attempt: run.attempt + 1, status: 'queued', conclusion: null, isReady: false });
    const fault = isCalm ? null : faults.choose('run', { neverStarts: 1, late: 2, outsideOfGroup: 4 });
    note(`${labelOf(run)} is queued${fault ? ` (${fault})` : ''}`);
    run.isInGroup = fault !== 'outsideOfGroup';
    if (fault === 'neverStarts') return;
    const wait = fault === 'late' ? faults.amount('run', 10, 400) : 2;
    const { attempt } = run;
    clock.at(wait * SECOND, () => {
      if (run.attempt !== attempt) return;
      run.isReady = true;
      this.#begin();
    });
  }

  /** Begins what may begin: of a thread's runs one at a time, in their order. */
  #begin(): void {
    for (const run of this.runs) {
      if (run.status !== 'queued' || !run.isReady) continue;
      const isTaken = this.runs.some(
        (other) => other.isInGroup && other.payload.thread === run.payload.thread && other.status === 'in_progress',
      );
      if (!run.isInGroup || !isTaken) this.#take(run);
    }
  }

  #take(run: Run): void {
    const { attempt } = run;
    const { clock } = this.#world;
    run.status = 'in_progress';
    run.begunAt = clock.now;
    run.interrupt = new AbortController();
    this.#world.note(`${labelOf(run)} begins`);
    clock.at(JOB_MILLISECONDS, () => this.end(run, attempt, 'timed_out'));
    clock.at(0, async () => {
      try {
        const code = await this.#execute(run);
        this.end(run, attempt, code === 0 ? 'success' : 'failure');
      } catch (error) {
        this.#world.violate(`${labelOf({ ...run, attempt })} threw ${(error as Error).stack}`);
      }
    });
  }

  /** GitHub sees that an attempt has ended, or gives it up. Its process may know nothing of that. */
  end(run: Run, attempt: number, conclusion: string): void {
    if (run.attempt !== attempt || run.status === 'completed') return;
    Object.assign(run, { status: 'completed', conclusion });
    this.#world.note(`${labelOf(run)} is over: ${conclusion}`);
    this.#onEnd({ id: run.id, attempt, name: run.name });
    this.#begin();
  }

  cancel(run: Run): boolean {
    if (run.status === 'completed') return false;
    const { attempt, process } = run;
    this.#world.note(`${labelOf(run)} is cancelled at GitHub`);
    if (run.status === 'queued') {
      this.end(run, attempt, 'cancelled');
      return true;
    }
    run.interrupt.abort();
    this.#world.clock.at(GRACE_MILLISECONDS, () => {
      if (process) process.isDead = true;
      this.end(run, attempt, 'cancelled');
    });
    return true;
  }
}

export function labelOf({ id, attempt, name }: Pick<Run, 'id' | 'attempt' | 'name'>): string {
  return `run ${id}.${attempt} "${name}"`;
}

function withNote(world: World) {
  return { clock: world.clock, faults: world.faults, note: (line: string) => world.note(line) };
}

function asJson({ id, attempt, name, status, conclusion }: Run) {
  const html_url = `https://github.com/acme/films/actions/runs/${id}`;
  return { id, run_attempt: attempt, display_title: name, status, conclusion, html_url };
}

function answerWith(run: Run | undefined): Answer {
  return run ? { status: 200, body: asJson(run) } : { status: 404, body: { message: 'Not Found' } };
}

function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What of a Response the clients look at; a real one would answer through streams, in its own time. */
export function response({ status, body }: Answer): Response {
  const headers = new Map([['content-type', 'application/json; charset=utf-8']]);
  const text = async () => (body === undefined ? '' : JSON.stringify(body));
  return { status, url: '', headers, text, ok: status < 300 } as unknown as Response;
}

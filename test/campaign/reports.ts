/** The way of reports to the control plane: lost, answered into the void, late, repeated; and forged ones. */
import { type Report, reportSchema } from '../../action/contract/reports.ts';
import { internal } from '../../convex/_generated/api.js';
import type { Run as RunOfToken } from '../../convex/model/validators.ts';
import { describe, shortOf } from './actions.ts';
import type { Deployment } from './deployment.ts';
import { labelOf, type Run, response } from './github.ts';
import { currentProcess, Process } from './processes.ts';
import type { World } from './world.ts';

const SECOND = 1000;

/** Milliseconds. */
const LATENCY = 150;

interface Sender {
  run: Run;
  attempt: number;
  /** Whether it reaches nobody any more. */
  isCutOff(): boolean;
}

export class ReportService {
  readonly #world: World;
  readonly #deployment: Deployment;

  /** Waits for a publish to be claimed by its run. */
  onClaim: ((publish: string) => void) | undefined;

  constructor(world: World, deployment: Deployment) {
    this.#world = world;
    this.#deployment = deployment;
  }

  /** Which attempt of which run a process is. Its tokens would say so; they are verified elsewhere. */
  readonly senders = new WeakMap<Process, Sender>();

  /** `fetch` of runs. */
  async post(init: RequestInit): Promise<Response> {
    const { clock, faults } = this.#world;
    const process = currentProcess();
    const sender = this.senders.get(process);
    if (!sender) throw new Error(`${process.name} fetches`);
    const { run, attempt } = sender;
    const report = reportSchema.parse(JSON.parse(String(init.body)));
    const of = tokenOf(run.id, attempt);
    const apply = () => this.receive(report, of, false);
    return process.call(`report ${nameOf(report)}`, async () => {
      await clock.sleep(LATENCY);
      if (this.#world.isOut('reports') || sender.isCutOff()) throw new TypeError('fetch failed');
      const fault = process.isCalm ? null : faults.choose('report', FAULTS);
      if (fault !== null) this.#world.note(`report "${nameOf(report)}" of ${labelOf({ ...run, attempt })}: ${fault}`);
      switch (fault) {
        case 'lost':
          throw new TypeError('fetch failed');
        case 'refused':
          return response({ status: 503 });
        case 'unanswered':
          await apply();
          throw new TypeError('fetch failed');
        case 'repeated':
          clock.at(faults.amount('report', 1, 200) * SECOND, () => void apply());
          break;
        case 'late':
          // The sender gives up after some seconds, and sends it again; this one arrives all the same.
          return await this.#late(apply, faults.amount('report', 1, 90) * SECOND, init.signal);
      }
      const answer = await apply();
      init.signal?.throwIfAborted();
      return response({ status: 200, body: answer });
    });
  }

  #late(apply: () => Promise<unknown>, milliseconds: number, signal?: AbortSignal | null): Promise<Response> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#world.clock.at(milliseconds, async () => resolve(response({ status: 200, body: await apply() })));
    });
  }

  /** A report that the run has no right to. It must change nothing. */
  forge(report: Report, run: RunOfToken): Promise<unknown> {
    return this.receive(report, run, true);
  }

  async receive(report: Report, run: RunOfToken, forged: boolean): Promise<unknown> {
    const process = new Process('report', { kind: 'report', run: run.id, attempt: run.attempt, forged });
    const { t } = this.#deployment;
    const answer = await process.run(() => t.mutation(internal.reports.receive, { report, run }));
    const what = `${forged ? 'forged ' : ''}report "${nameOf(report)}" of run ${run.id}.${run.attempt}`;
    const outcome = answer.kind === 'accepted' ? 'accepted' : `refused (${answer.reason})`;
    const id = this.#deployment.db._documents[report.publish]
      ? describe(this.#deployment, report.publish)
      : shortOf(report.publish);
    this.#world.note(`${what} for ${id}: ${outcome}`);
    if (report.kind === 'claim' && answer.kind === 'accepted') this.onClaim?.(report.publish);
    if (forged && answer.kind === 'accepted') this.#world.violate(`a ${what} was accepted`);
    return answer;
  }

  /** GitHub's webhook says that a run has ended. */
  tellEnd({ id, attempt, name }: { id: number; attempt: number; name: string }): void {
    const { clock, faults } = this.#world;
    const isCalm = name.startsWith('Publish calm ');
    const fault = isCalm ? null : faults.choose('webhook', { lost: 3, twice: 2, late: 3 });
    if (fault !== null) this.#world.note(`webhook about run ${id}.${attempt}: ${fault}`);
    if (fault === 'lost') return;
    const process = new Process('webhook', { kind: 'webhook' });
    const tell = () =>
      void process.run(() =>
        this.#deployment.t.mutation(internal.reports.runEnded, { id: String(id), attempt, title: name }),
      );
    clock.at(fault === 'late' ? faults.amount('webhook', 5, 600) * SECOND : SECOND, tell);
    if (fault === 'twice') clock.at(faults.amount('webhook', 2, 300) * SECOND, tell);
  }
}

const FAULTS = { lost: 3, refused: 1, unanswered: 3, repeated: 3, late: 3 };

export function tokenOf(id: number, attempt: number): RunOfToken {
  return { id: String(id), attempt, url: `https://github.com/acme/films/actions/runs/${id}/attempts/${attempt}` };
}

function nameOf(report: Report): string {
  return report.kind === 'progress' ? report.state : report.kind === 'failed' ? `failed ${report.code}` : report.kind;
}

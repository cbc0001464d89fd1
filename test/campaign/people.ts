/** What people do in a history, at any moment: share, cancel, retry, save on, take down; and what else they can break. */
import { ConvexError } from 'convex/values';
import fc from 'fast-check';
import type { Report } from '../../action/contract/reports.ts';
import { isPublishOver } from '../../action/contract/states.ts';
import { api } from '../../convex/_generated/api.js';
import { describe } from './actions.ts';
import { type Convex, type Deployment, type FilesOf, type Row, rowsOf, THREADS } from './deployment.ts';
import type { GitHub, Run } from './github.ts';
import { Process } from './processes.ts';
import { type ReportService, tokenOf } from './reports.ts';
import type { World } from './world.ts';

/** The first is what a step becomes when a history is simplified. */
const KINDS = [
  ...Array<'share'>(8).fill('share'),
  ...Array<'saveAndShare'>(3).fill('saveAndShare'),
  ...Array<'cancel'>(3).fill('cancel'),
  ...Array<'retry'>(3).fill('retry'),
  ...Array<'forge'>(3).fill('forge'),
  'shareTwice',
  'takeDown',
  'restore',
  'setLatest',
  'setVisibility',
  'cancelRun',
  'runAgain',
  'runAgain',
  'republish',
  'gitHubOut',
  'storeOut',
  'reportsOut',
  'actionsOut',
] as const;

/** After these, a publish may end otherwise than published. */
const HARSH: readonly string[] = ['cancel', 'cancelRun', 'gitHubOut', 'storeOut', 'reportsOut', 'actionsOut'];

export interface Step {
  /** Seconds since the step before. */
  wait: number;
  kind: (typeof KINDS)[number];
  /** Which thread, publish or run: of those that there are. */
  which: number;
  /** Which version, or how long. */
  detail: number;
}

/** Seconds between two steps: together, during a publish, after it, after a sweep. */
const WAITS = [0, 0.3, 1, 2, 3, 4, 5, 6, 8, 15, 40, 90, 200];

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    wait: fc.constantFrom(...WAITS),
    kind: fc.constantFrom(...KINDS),
    which: fc.nat(11),
    detail: fc.nat(11),
  }),
  { minLength: 1, maxLength: 10, size: 'max' },
);

export interface PeopleParts {
  world: World;
  deployment: Deployment;
  github: GitHub;
  reports: ReportService;
  filesOf: FilesOf;
}

type PublishRow = Row<'publishes'>;

export class People {
  readonly #parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  async take(step: Step): Promise<void> {
    const { world } = this.#parts;
    if (world.faults.isMild && HARSH.includes(step.kind)) return;
    const threads = THREADS.slice(0, -1);
    const { thread, owner } = threads[step.which % threads.length] as (typeof THREADS)[number];
    const version = 1 + (step.detail % this.#newest(thread));
    const publishes = this.#publishes();
    const publish = publishes[step.which % Math.max(1, publishes.length)];
    const run = this.#runs()[step.which % Math.max(1, this.#runs().length)];
    switch (step.kind) {
      case 'share':
        return this.share(owner, thread, version);
      case 'shareTwice':
        await Promise.all([this.share(owner, thread, version), this.share(owner, thread, version)]);
        return;
      case 'saveAndShare':
        return this.#saveAndShare(owner, thread);
      case 'cancel':
        return (
          publish &&
          this.#as(publish, `cancels ${this.#name(publish)}`, (t) =>
            t.mutation(api.publishes.cancel, { publish: publish._id }),
          )
        );
      case 'retry':
        return publish && this.retry(publish);
      case 'forge':
        // Some wait for the moment in which another run owns the publish.
        this.#parts.reports.onClaim = (claimed) => this.#forgeSoon(claimed, step);
        return publish && this.#forge(publish, step.detail);
      case 'takeDown':
      case 'restore':
      case 'setLatest':
        return this.#call(owner, `${step.kind} ${thread} v${version}`, (t) =>
          t.mutation(api.threads[step.kind as 'restore'], { thread, version }),
        );
      case 'setVisibility': {
        const visibility = step.detail % 2 === 0 ? 'unlisted' : 'public';
        return this.#call(owner, `makes ${thread} ${visibility}`, (t) =>
          t.mutation(api.threads.setVisibility, { thread, visibility }),
        );
      }
      case 'cancelRun':
        if (run) this.#parts.github.cancel(run);
        return;
      case 'runAgain':
        for (const each of this.#runs().slice(-1 - (step.detail % 3))) this.#parts.github.runAgain(each);
        return;
      case 'republish':
        return this.#republish(thread, version);
      case 'gitHubOut':
      case 'storeOut':
      case 'reportsOut':
      case 'actionsOut': {
        const place = step.kind.slice(0, -3).toLowerCase() as keyof World['outages'];
        const seconds = 5 * 3 ** (step.detail % 8);
        world.note(`${place} is out for ${seconds} s`);
        world.outages[place] = world.clock.now + seconds * 1000;
        return;
      }
    }
  }

  /** Everything that anybody may be cancelled, retried or forged: not what happens in the calm thread. */
  #publishes(): PublishRow[] {
    const { deployment } = this.#parts;
    return rowsOf(deployment, 'publishes').filter((row) => !this.#name(row).startsWith('calm'));
  }

  #runs(): Run[] {
    return this.#parts.github.runs.filter(({ payload }) => payload.thread !== 'calm');
  }

  #name({ _id }: PublishRow): string {
    return describe(this.#parts.deployment, _id);
  }

  #newest(thread: string): number {
    return rowsOf(this.#parts.deployment, 'threads').find(({ name }) => name === thread)?.newest ?? 1;
  }

  async share(owner: string, thread: string, version: number): Promise<void> {
    await this.#call(owner, `shares ${thread} v${version}`, (t) =>
      t.mutation(api.publishes.request, { thread, version }),
    );
  }

  retry(publish: PublishRow): Promise<void> {
    return this.#as(publish, `retries ${this.#name(publish)}`, (t) =>
      t.mutation(api.publishes.retry, { publish: publish._id }),
    );
  }

  async #saveAndShare(owner: string, thread: string): Promise<void> {
    const base = this.#newest(thread);
    const files = this.#parts.filesOf(base + 1);
    await this.#call(owner, `saves ${thread} v${base + 1}`, (t) =>
      t.mutation(api.versions.save, { thread, base, files }),
    );
    await this.share(owner, thread, base + 1);
  }

  /** A report of somebody who has no right to it. A claim only where there is an owner: the first run is trusted. */
  async #forge(publish: PublishRow, detail: number): Promise<void> {
    const { reports } = this.#parts;
    const ended: Report = {
      ...{ kind: 'published', publish: publish._id, artifactHash: 'ab'.repeat(32), deduplicated: false, files: 1 },
      ...{
        bytes: 1,
        javascriptBytes: 1,
        uploaded: 1,
        skipped: 0,
        uploadedBytes: 1,
        timings: { total: 1 },
        warnings: [],
      },
    } as Report;
    const { _id } = publish;
    const failed: Report = { kind: 'failed', publish: _id, code: 'INTERNAL', message: 'forged', diagnostics: [] };
    const claim: Report = { kind: 'claim', publish: _id };
    const kinds = [ended, failed, { kind: 'progress', publish: _id, state: 'uploading' } as Report, claim];
    const report = kinds[detail % kinds.length] as Report;
    const other = this.#runs().find(({ payload }) => payload.publish !== _id);
    if (report.kind === 'claim' && (publish.run === undefined || isPublishOver(publish.state))) return;
    const older = publish.run && publish.run.attempt > 1 && tokenOf(Number(publish.run.id), publish.run.attempt - 1);
    await reports.forge(report, older || tokenOf(detail % 2 === 0 ? 7 : (other?.id ?? 8), 1));
    if (detail % 3 === 0) await reports.forge({ ...report, publish: 'k57nosuchpublish' } as Report, tokenOf(7, 1));
  }

  #forgeSoon(publish: string, { which, detail }: Step): void {
    const { reports, world } = this.#parts;
    reports.onClaim = undefined;
    world.clock.at(which * 100, () => {
      const row = this.#publishes().find(({ _id }) => _id === publish);
      if (row) void this.#forge(row, detail);
    });
  }

  /** A person starts the workflow for a version that has a commit; nobody is told. */
  #republish(thread: string, version: number): void {
    const { github, world } = this.#parts;
    const earlier = github.runs.find(({ payload }) => payload.thread === thread && payload.version === version);
    if (!earlier) return;
    const { publish: _, callback: __, ...payload } = earlier.payload;
    world.note(`somebody starts the workflow for ${thread} v${version}`);
    github.start(payload);
  }

  #as(publish: PublishRow, what: string, call: (t: Convex) => Promise<unknown>): Promise<void> {
    const thread = this.#name(publish).split(' ')[0];
    return this.#call(THREADS.find((each) => each.thread === thread)?.owner ?? 'ada', what, call);
  }

  async #call(name: string, what: string, call: (t: Convex) => Promise<unknown>): Promise<void> {
    const { world, deployment } = this.#parts;
    try {
      await new Process(name, { kind: 'person', name }).run(() => call(deployment.person(name)));
      world.note(`${name} ${what}`);
    } catch (error) {
      // What a person is refused is an answer. Anything else is a bug.
      if (!(error instanceof ConvexError)) throw error;
      world.note(`${name} ${what}: refused (${(error.data as { code?: string }).code})`);
    }
  }
}

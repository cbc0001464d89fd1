/** One history from its beginning to its end: what people did, what went wrong, and what must be true all the same. */
import fc from 'fast-check';
import { parseKey } from '../../action/contract/keys.ts';
import { internal } from '../../convex/_generated/api.js';
import { MAX_LIFE_MILLISECONDS } from '../../convex/model/publishMachine.ts';
import { haveActionsFail } from './actions.ts';
import { type Deployment, type FilesOf, forgetJobs, type Row, rowsOf } from './deployment.ts';
import { checkEnd, isQuiet } from './ends.ts';
import { type Tapes, tapes } from './faults.ts';
import { GitHub } from './github.ts';
import { People, type Step, steps } from './people.ts';
import { currentProcess, Process } from './processes.ts';
import { ReportService } from './reports.ts';
import { executeRun, type Materials } from './runner.ts';
import { type StoreFault, storeFor, WatchedBucket } from './store.ts';
import { watchControlObject, watchRows } from './watch.ts';
import { enterWorld, Violation, World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Minutes that things go on going wrong after the last thing that a person did; at times longer than a publish lives. */
const AFTERMATHS = [1, 4, 4, 4, 4, 8, 8, 20, 100];
/** By then everything has ended that nobody disturbs any more. */
const REST_MILLISECONDS = MAX_LIFE_MILLISECONDS + 20 * MINUTE;
/** By then a Retry is published that nothing disturbs; a run that never began may have to be called off first. */
const RETRY_MILLISECONDS = 10 * MINUTE;

export interface History {
  steps: Step[];
  /** When the bystander shares: after so many steps. */
  calmAt: number;
  /** Minutes. */
  aftermath: number;
  /** Nothing happens but what a publish gets over by itself. */
  isMild: boolean;
  tapes: Tapes;
}

export const histories: fc.Arbitrary<History> = fc.record({
  isMild: fc.constantFrom(false, false, true),
  steps,
  calmAt: fc.nat(9),
  aftermath: fc.constantFrom(...AFTERMATHS),
  tapes,
});

export interface Stage {
  deployment: Deployment;
  materials: Materials;
  filesOf: FilesOf;
  /** What every bucket holds before anything is published. */
  runtime: WatchedBucket;
}

/**
 * Lives a history through.
 * @throws Violation with everything that happened, when something was not as it must be
 */
export async function live(stage: Stage, history: History): Promise<World> {
  const world = new World(history.tapes, history.isMild);
  using _ = world.clock;
  const itsFetch = globalThis.fetch;
  enterWorld(world);
  world.clock.install();
  try {
    await liveIn(world, stage, history);
  } catch (error) {
    world.violate(`an unexpected error: ${(error as Error).stack}`);
  } finally {
    globalThis.fetch = itsFetch;
    enterWorld(undefined);
  }
  if (world.violations.length > 0) throw new Violation(tell(world));
  return world;
}

function tell({ violations, steps: lines }: World): string {
  return `${[...new Set(violations)].join('\n')}\n\nWhat happened:\n${lines.join('\n')}\n`;
}

async function liveIn(world: World, stage: Stage, history: History): Promise<void> {
  const { deployment, materials, filesOf, runtime } = stage;
  deployment.reset();
  const bucket = new WatchedBucket(runtime);
  const reports = new ReportService(world, deployment);
  const github: GitHub = new GitHub(
    world,
    (run) => executeRun({ world, bucket, materials, github, reports }, run),
    (run) => reports.tellEnd(run),
  );
  const parts = { world, deployment, github, reports, bucket, filesOf };
  bucket.onViolation = (what) => world.violate(what);
  bucket.onChange = (key) => noteCommit(parts, key);
  globalThis.fetch = (async (_url: unknown, init: RequestInit) => reports.post(init)) as typeof fetch;
  world.services = { github: github.options(), store: () => storeFor(world, bucket, () => storeFault(world)) };
  haveActionsFail(deployment, world);
  watchRows(parts);
  startCron(world, deployment);
  const people = new People(parts);
  await disturb(world, people, history);
  await rest(parts, REST_MILLISECONDS);
  checkEnd(parts);
  if (world.violations.length === 0) await retryAll(parts, people);
}

type Parts = Parameters<typeof checkEnd>[0];

async function disturb(world: World, people: People, { steps: all, calmAt, aftermath }: History): Promise<void> {
  for (const [index, step] of all.entries()) {
    if (index === Math.min(calmAt, all.length - 1)) await people.share('eve', 'calm', 1);
    await world.clock.advanceTo(world.clock.now + step.wait * SECOND);
    await people.take(step);
  }
  await world.clock.advanceTo(world.clock.now + aftermath * MINUTE);
}

/** Nothing goes wrong any more; time passes until nothing is left to be done. */
async function rest(parts: Parts, milliseconds: number): Promise<void> {
  const { world } = parts;
  if (!world.faults.isOver) world.note('from here on nothing goes wrong');
  world.faults.end();
  Object.assign(world.outages, { github: 0, store: 0, reports: 0, actions: 0 });
  const until = world.clock.now + milliseconds;
  while (world.clock.now < until && !isQuiet(parts)) await world.clock.advanceTo(world.clock.now + 30 * SECOND);
}

/** Everything that failed or was cancelled can be retried, and is published then. */
async function retryAll(parts: Parts, people: People): Promise<void> {
  const { world, deployment } = parts;
  const all = rowsOf(deployment, 'publishes');
  const newest = new Map(all.map((row) => [row.version, row]));
  const standing = new Set(all.filter(({ state }) => state === 'published').map(({ version }) => version));
  for (const row of newest.values()) {
    if (standing.has(row.version)) continue;
    await people.retry(row);
    await rest(parts, RETRY_MILLISECONDS);
    const again = rowsOf(deployment, 'publishes').findLast(({ version }) => version === row.version);
    if (again?.state === 'published') continue;
    world.violate(`Retry of v${row.number} ended ${again?.state} (${again?.error?.code}: ${again?.error?.message})`);
  }
  checkEnd(parts);
}

/** The commit mark of an artifact appears. */
function noteCommit(parts: Parts, key: string): void {
  const { world, deployment, github, bucket } = parts;
  const parsed = parseKey(key);
  if (parsed?.kind === 'threadControl') {
    const content = new TextDecoder().decode(bucket.get(key)?.body);
    world.note(`${key} says ${content.replace(/\s+/g, ' ')}`);
    watchControlObject(world, parsed.thread, content);
  }
  if (parsed?.kind !== 'artifact' || parsed.file !== 'meta.json') return;
  const { thread, version } = parsed;
  world.note(`${key} is stored`);
  checkWanted(parts, key);
  const run = github.runs.find(({ process }) => process === currentProcess());
  const row = deployment.db._documents[run?.payload.publish ?? ''] as unknown as Row<'publishes'> | undefined;
  // A run that GitHub has given up may commit after everybody looked.
  if (run?.status === 'in_progress' && row?.deadline !== undefined)
    world.committed.push({ thread, version, publish: row._id });
}

/** Nobody commits for a publish that was over before the run began: its claim is refused. */
function checkWanted({ world, deployment, github }: Parts, key: string): void {
  const run = github.runs.find(({ process }) => process === currentProcess());
  const publish = deployment.db._documents[run?.payload.publish ?? ''] as unknown as Row<'publishes'> | undefined;
  if (!run || publish?.times.ended === undefined || publish.times.ended >= run.begunAt) return;
  world.violate(`${key} was committed for a publish that was ${publish.state} before its run began`);
}

function storeFault({ faults }: World): StoreFault {
  return faults.choose('store', { refused: 3, taken: 2, slow: 1 });
}

/** The minute's sweep. Where it would find nothing, it is left out. */
function startCron(world: World, deployment: Deployment): void {
  const { clock, faults } = world;
  const tick = () => {
    clock.at(MINUTE, tick);
    forgetJobs(deployment);
    const isDue =
      rowsOf(deployment, 'outbox').some(({ dueAt }) => dueAt <= clock.now) ||
      rowsOf(deployment, 'publishes').some(({ deadline }) => deadline !== undefined && deadline <= clock.now);
    if (!isDue) return;
    const fault = faults.choose('cron', { skipped: 1 });
    world.note(fault === null ? 'sweep' : 'sweep: skipped');
    if (fault !== null) return;
    const process = new Process('sweep', { kind: 'sweep' });
    void process.run(() => deployment.t.mutation(internal.sweep.run, {}));
  };
  clock.at(MINUTE, tick);
}

/** A run's side of a history: the real action over a store in memory, dying at any of its calls. */
import { createControlPlane } from '../../action/adapters/control-plane.ts';
import { createGitHub } from '../../action/adapters/github.ts';
import type { Log } from '../../action/adapters/log.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import type { Compiler, Encode, Runtime } from '../../action/core/ports.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import type { Inputs } from '../../action/inputs.ts';
import { presentEnd } from '../../action/present.ts';
import { publishPage } from '../../action/publish-page.ts';
import { renderPage } from '../../site-template/page/render-page.ts';
import { PUBLIC_URL } from '../convex/deployment.ts';
import { type GitHub, labelOf, type Run } from './github.ts';
import { type Moment, Process } from './processes.ts';
import type { ReportService } from './reports.ts';
import { type StoreFault, storeFor, type WatchedBucket } from './store.ts';
import type { World } from './world.ts';

const SECOND = 1000;
/** Calls to the outside that a run makes at most. */
const MOST_CALLS = 60;
const FIRST_CALLS = 10;

export interface Materials {
  compiler: Compiler;
  encode: Encode;
  runtime: Runtime;
  /** Of a tree, by path. */
  snapshotOf(files: ReadonlyMap<string, Uint8Array>): Promise<Snapshot>;
}

export interface RunnerParts {
  world: World;
  bucket: WatchedBucket;
  materials: Materials;
  github: GitHub;
  reports: ReportService;
}

const silent: Log = {
  mask() {},
  line() {},
  group() {},
  annotate() {},
  output() {},
  summarize: async () => {},
};

/** @returns the exit code; never resolves when the process dies */
export async function executeRun(parts: RunnerParts, run: Run): Promise<0 | 1> {
  const { attempt, payload } = run;
  const process = new Process(labelOf(run), { kind: 'action', name: 'run' }, payload.thread === 'calm');
  run.process = process;
  const { storeFault, isCutOff } = drawFate(parts, run, process);
  parts.reports.senders.set(process, { run, attempt, isCutOff });
  return process.run(async () => {
    const inputs = inputsOf(run, parts.materials.runtime.manifestKey);
    const tools = toolsOf(parts, run, storeFault);
    const { ending, correspondence } = await publishPage(inputs, tools, run.interrupt.signal);
    if (ending.kind === 'failed' && ending.error.code === 'INTERNAL') {
      parts.world.violate(
        `${labelOf(run)} ran into a bug: ${(ending.error.cause as Error)?.stack ?? ending.error.message}`,
      );
    }
    parts.world.note(`${process.name} ends as ${ending.kind}`);
    return presentEnd({ ending, inputs, runUrl: '', correspondence, log: silent, interrupt: run.interrupt.signal });
  });
}

interface Fate {
  storeFault(): StoreFault;
  /** Whether its reports reach nobody. */
  isCutOff(): boolean;
}

/** How the run goes wrong. One way is enough for one run. */
function drawFate({ world, github }: RunnerParts, run: Run, process: Process): Fate {
  const { faults } = world;
  const kind = process.isCalm ? null : faults.choose('run', FATES);
  if (kind === null) return { storeFault: () => null, isCutOff: () => false };
  // The first calls are the claim and what goes with it: as likely as all that are about objects.
  const at = faults.amount('run', 1, faults.amount('run', 0, 1) === 0 ? FIRST_CALLS : MOST_CALLS);
  const moment: Moment = faults.amount('run', 0, 1) === 0 ? 'after' : 'before';
  const isAtMark = kind === 'diesAtMark' || kind === 'cutOffAtMark';
  world.note(`${process.name}: ${kind} ${moment} ${isAtMark ? 'its commit mark' : `its call ${at}`}`);
  let hasCome = false;
  process.onCall = (call, itsMoment, what) => {
    if (hasCome || moment !== itsMoment) return;
    hasCome = isAtMark ? /^create .*meta\.json$/.test(what) : call >= at;
    if (hasCome) strike(world, github, run, process, kind);
  };
  const calls = faults.amount('run', 1, 20);
  const storeFault = STORE_FAULTS[kind] ?? null;
  return {
    storeFault: () => (hasCome && process.calls < at + calls ? storeFault : null),
    isCutOff: () => hasCome && kind.startsWith('cutOff'),
  };
}

const FATES = {
  ...{ dies: 6, diesAtMark: 5, lostContact: 4, cancelled: 3, cutOff: 2, cutOffAtMark: 3 },
  ...{ storeRefuses: 2, storeUnanswered: 2, slowStore: 1 },
};

const STORE_FAULTS: Readonly<Record<string, StoreFault>> = {
  storeRefuses: 'refused',
  storeUnanswered: 'taken',
  slowStore: 'slow',
};

function strike({ faults, clock }: World, github: GitHub, run: Run, process: Process, kind: keyof typeof FATES): void {
  const { attempt } = run;
  const wait = faults.amount('run', 1, 290) * SECOND;
  if (kind === 'dies' || kind === 'diesAtMark') {
    process.isDead = true;
    clock.at(wait, () => github.end(run, attempt, 'failure'));
  }
  if (kind === 'cancelled') github.cancel(run);
  if (kind !== 'lostContact') return;
  // GitHub hears nothing of the runner any more, but after a while it goes on; and somebody lets the run run again.
  process.pausedUntil = clock.now + wait / 5;
  github.end(run, attempt, 'failure');
  if (faults.amount('run', 0, 3) > 0) clock.at(wait / 10, () => github.runAgain(run));
}

function inputsOf({ payload }: Run, runtime: string): Inputs {
  const { thread, project, version, sha, publish, callback } = payload;
  return {
    thread,
    project,
    version,
    commit: sha,
    repositoryFolder: '.',
    publish: publish === undefined || callback === undefined ? null : { id: publish, callback },
    publicUrl: PUBLIC_URL,
    runtime,
    store: {
      endpoint: new URL('https://store.example.com'),
      bucket: 'pages',
      accessKeyId: 'key',
      secretAccessKey: 'x',
    },
    githubToken: 'token',
  } as unknown as Inputs;
}

function toolsOf(
  { world, bucket, materials, github }: RunnerParts,
  run: Run,
  storeFault: () => StoreFault,
): Parameters<typeof publishPage>[1] {
  const { publish, callback, sha, version } = run.payload;
  const api = createGitHub({
    apiUrl: 'https://api.github.com',
    repository: 'acme/films',
    auth: { kind: 'token', token: 'x' },
  });
  const store = storeFor(world, bucket, storeFault);
  const clock = world.clock.forAdapters();
  const controlPlane =
    publish === undefined || callback === undefined
      ? null
      : createControlPlane(callback, { clock, mintToken: async () => 'token' });
  return {
    log: silent,
    controlPlane,
    setStatus: (status, signal) => api.setStatus(status, signal),
    store,
    encode: materials.encode,
    renderPage,
    resolveVersion: async () => ({ commit: sha, version }),
    async readSnapshot(commit) {
      const files = github.repository.trees.get(github.repository.commits.get(commit)?.tree ?? '');
      if (!files) throw new PermaframeError('COMMIT_UNREADABLE', `there is no commit ${commit}`);
      return materials.snapshotOf(files);
    },
    // Read from the store, as it is; parsed once for all.
    async openRuntime(key, signal) {
      if (!(await store.head(key, signal))) throw new PermaframeError('RUNTIME_INVALID', `the store has no ${key}`);
      return materials.runtime;
    },
    createCompiler: () => ({ ...materials.compiler, async [Symbol.asyncDispose]() {} }),
    now: () => world.clock.now,
  };
}

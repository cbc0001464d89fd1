/** One publish of a page, from claim to end. Decides; everything outside is a tool that it is given. */
import type { ControlPlane } from './adapters/control-plane.ts';
import type { VersionCommit } from './adapters/git-history.ts';
import type { StatusToSet } from './adapters/github.ts';
import type { Log } from './adapters/log.ts';
import { isPermaframeError, PermaframeError } from './contract/errors.ts';
import { metaKey } from './contract/keys.ts';
import { MAX_PUBLISH_MILLISECONDS } from './contract/limits.ts';
import type { RenderPage } from './contract/page.ts';
import type { ReportRefusal } from './contract/reports.ts';
import type { ArtifactPlace } from './core/compose.ts';
import type { Compiler, Encode, ObjectStore, Runtime, Stage } from './core/ports.ts';
import { publish } from './core/publish.ts';
import type { Snapshot } from './core/snapshot.ts';
import { findIncomplete } from './core/upload.ts';
import { readMeta, type StoredMeta } from './core/versions.ts';
import { type Correspondence, createCorrespondence } from './correspondence.ts';
import type { Inputs } from './inputs.ts';
import { presentSnapshot } from './present.ts';
import type { PublishedVersion, Timings } from './report.ts';
import { Refused } from './teller.ts';

/** How long a look into the store may take after a failed upload, in milliseconds. */
const ADOPT_MILLISECONDS = 8_000;

export interface Tools {
  log: Log;
  /** Null: nobody is told. */
  controlPlane: ControlPlane | null;
  /** Null: commits get no status. */
  setStatus: ((status: StatusToSet, signal: AbortSignal) => Promise<void>) | null;
  store: ObjectStore;
  encode: Encode;
  renderPage: RenderPage;
  /** The commit of a version, or the version of a commit. */
  resolveVersion(inputs: Inputs): Promise<VersionCommit>;
  readSnapshot(commit: string): Promise<Snapshot>;
  openRuntime(manifestKey: string, signal: AbortSignal): Promise<Runtime>;
  createCompiler(runtime: Runtime): Compiler & AsyncDisposable;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

export type Ending =
  | { kind: 'published'; commit: string; version: PublishedVersion }
  | { kind: 'failed'; found: VersionCommit | null; error: PermaframeError; timings: Timings }
  /** Nobody waits for this run. */
  | { kind: 'refused'; reason: ReportRefusal }
  /** GitHub cancelled the run. */
  | { kind: 'stopped'; found: VersionCommit | null };

export interface Published {
  ending: Ending;
  correspondence: Correspondence;
}

/** What is known so far; filled while it goes on, so that an end at any moment can say what it was about. */
interface Progress {
  found: VersionCommit | null;
  snapshot: Snapshot | null;
  isUploading: boolean;
}

/**
 * Never rejects but for bugs: how it ended is the answer. The end is not reported yet.
 * @param interrupt GitHub's cancel. Objects are stored whole or not at all, so it may come at any moment.
 */
export async function publishPage(inputs: Inputs, tools: Tools, interrupt: AbortSignal): Promise<Published> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(timeout()), MAX_PUBLISH_MILLISECONDS);
  const signal = AbortSignal.any([interrupt, stop.signal]);
  const id = inputs.publish?.id;
  const { controlPlane } = tools;
  const correspondence = createCorrespondence({
    publish: id === undefined || controlPlane === null ? null : { id, controlPlane },
    setStatus: tools.setStatus,
    log: tools.log,
    onRefusal: (refusal) => stop.abort(refusal),
    signal,
  });
  const clock = createStageClock(tools);
  const progress: Progress = { found: null, snapshot: null, isUploading: false };
  const run = { inputs, tools, correspondence, clock, progress, signal };
  try {
    // Whatever does not listen to the signal is left behind: the process ends soon.
    return { correspondence, ending: await Promise.race([workThrough(run), rejectOnAbort(signal)]) };
  } catch (thrown) {
    if (interrupt.aborted) return { correspondence, ending: { kind: 'stopped', found: progress.found } };
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    if (error instanceof Refused) return { correspondence, ending: { kind: 'refused', reason: error.reason } };
    return { correspondence, ending: await adoptOrFail(run, error, interrupt) };
  } finally {
    clearTimeout(timer);
  }
}

interface Run {
  inputs: Inputs;
  tools: Tools;
  correspondence: Correspondence;
  clock: StageClock;
  progress: Progress;
  signal: AbortSignal;
}

async function workThrough(run: Run): Promise<Ending> {
  const { inputs, tools, correspondence, signal } = run;
  // Reading needs nobody's leave, and so it does not wait for any; publishing does.
  const opening = openCompiler(run, inputs.runtime);
  await using _ = disposable(opening);
  const preparing = prepare(run);
  preparing.catch(() => {});
  await correspondence.claim();
  if (inputs.publish !== null) tools.log.line('This run owns the publish.');
  correspondence.progress('bundling').catch(() => {});
  const { found, snapshot, existing, place } = await preparing;
  presentSnapshot(snapshot, found.commit, tools.log);
  const pending = { state: 'pending' as const, description: `Version ${found.version} is being published` };
  correspondence.mark(found.commit, pending, signal).catch(() => {});
  if (existing === null) {
    const version = await publishNow(run, { snapshot, place, ...(await opening) });
    return { kind: 'published', commit: found.commit, version };
  }
  const complete = await verifyExisting(run, existing, snapshot, place);
  if (complete) return { kind: 'published', commit: found.commit, version: complete };
  // What was begun with one runtime is completed with the same.
  const { runtime } = existing.meta;
  const reopening = runtime === inputs.runtime ? opening : openCompiler(run, runtime);
  await using __ = disposable(reopening);
  const version = await publishNow(run, { snapshot, place, ...(await reopening) });
  await checkRepair(run, version);
  return { kind: 'published', commit: found.commit, version };
}

interface OpenCompiler {
  runtime: Runtime;
  compiler: Compiler & AsyncDisposable;
}

function openCompiler({ tools, signal }: Run, manifestKey: string): Promise<OpenCompiler> {
  const opening = tools
    .openRuntime(manifestKey, signal)
    .then((runtime) => ({ runtime, compiler: tools.createCompiler(runtime) }));
  opening.catch(() => {});
  return opening;
}

function disposable(opening: Promise<OpenCompiler>): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await (await opening.catch(() => null))?.compiler[Symbol.asyncDispose]();
    },
  };
}

interface Prepared {
  found: VersionCommit;
  snapshot: Snapshot;
  existing: StoredMeta | null;
  place: ArtifactPlace;
}

async function prepare({ inputs, tools, clock, progress, signal }: Run): Promise<Prepared> {
  const { thread, publicUrl } = inputs;
  const found = await clock.stage('read', () => tools.resolveVersion(inputs));
  progress.found = found;
  const reading = readMeta(tools.store, thread, found.version, signal);
  reading.catch(() => {});
  const snapshot = await clock.stage('read', () => tools.readSnapshot(found.commit));
  progress.snapshot = snapshot;
  const existing = await reading;
  const project = inputs.project ?? existing?.meta.project;
  if (project === undefined) {
    throw new PermaframeError('INPUT_INVALID', 'project is missing, and this version was never published');
  }
  return { found, snapshot, existing, place: { thread, project, version: found.version, publicUrl } };
}

/** @returns null when objects are missing that its commit mark promises */
async function verifyExisting(run: Run, existing: StoredMeta, snapshot: Snapshot, place: ArtifactPlace) {
  const { tools, clock, signal } = run;
  const { meta, hash } = existing;
  if (meta.snapshot !== snapshot.hash || meta.project !== place.project) {
    const message = `version ${place.version} of ${place.thread} is published with other content`;
    throw new PermaframeError('ARTIFACT_CONFLICT', message);
  }
  const missing = await findIncomplete(meta, tools.store, signal);
  if (missing.length > 0) {
    tools.log.group(`${missing.length} objects of the published version are missing or damaged`, missing);
    return null;
  }
  const { warnings } = snapshot;
  return { meta, artifactHash: hash, deduplicated: true, ...NOTHING_UPLOADED, warnings, timings: clock.timings() };
}

interface Work {
  snapshot: Snapshot;
  place: ArtifactPlace;
  runtime: Runtime;
  compiler: Compiler;
}

async function publishNow(run: Run, { snapshot, place, runtime, compiler }: Work): Promise<PublishedVersion> {
  const { tools, correspondence, clock, progress, signal } = run;
  let admitted = Promise.resolve();
  const stage = <T>(name: Stage, work: () => Promise<T>): Promise<T> => {
    if (name === 'upload') {
      progress.isUploading = true;
      admitted = correspondence.progress('uploading');
      admitted.catch(() => {});
    }
    return clock.stage(name, work);
  };
  const mark = metaKey(place.thread, place.version);
  const store: ObjectStore = {
    create: async (object, itsSignal) => {
      // The report travels while the blobs do. Nothing is committed before somebody still wants it.
      if (object.key === mark) await admitted;
      return tools.store.create(object, itsSignal);
    },
    head: (key, itsSignal) => tools.store.head(key, itsSignal),
    get: (key, itsSignal) => tools.store.get(key, itsSignal),
    list: (prefix, options, itsSignal) => tools.store.list(prefix, options, itsSignal),
  };
  const { encode, renderPage } = tools;
  const published = await publish(snapshot, place, { compiler, runtime, renderPage, encode, store, stage, signal });
  const { artifact, outcome } = published;
  return {
    meta: artifact.meta,
    artifactHash: artifact.hash,
    deduplicated: outcome.kind === 'alreadyThere',
    ...(outcome.kind === 'created' ? uploadedOf(outcome) : NOTHING_UPLOADED),
    warnings: artifact.warnings,
    timings: clock.timings(),
  };
}

/** Shared libraries are not this publish's to put back. */
async function checkRepair({ tools, signal }: Run, { meta }: PublishedVersion): Promise<void> {
  const missing = await findIncomplete(meta, tools.store, signal);
  if (missing.length === 0) return;
  const message = `${missing.length} objects are missing or damaged, such as ${missing[0]}: push the runtime again`;
  throw new PermaframeError('VERIFY_FAILED', message);
}

/** A commit mark that was stored while its answer got lost, or while time ran out, is a published version. */
async function adoptOrFail(run: Run, thrown: unknown, interrupt: AbortSignal): Promise<Ending> {
  const { inputs, tools, clock, progress } = run;
  const error = isPermaframeError(thrown)
    ? thrown
    : new PermaframeError('INTERNAL', 'an unexpected error; the log of the run has it', { cause: thrown });
  const { found, snapshot, isUploading } = progress;
  const failed: Ending = { kind: 'failed', found, error, timings: clock.timings() };
  if (!isUploading || found === null || snapshot === null || error.kind.fault === 'user') return failed;
  const signal = AbortSignal.any([interrupt, AbortSignal.timeout(ADOPT_MILLISECONDS)]);
  const existing = await readMeta(tools.store, inputs.thread, found.version, signal).catch(() => null);
  if (existing?.meta.snapshot !== snapshot.hash) return failed;
  const missing = await findIncomplete(existing.meta, tools.store, signal).catch(() => null);
  if (missing?.length !== 0) return failed;
  tools.log.line(`${error.message} But the version had been stored completely by then.`);
  const { meta, hash } = existing;
  const { warnings } = snapshot;
  const counts = { deduplicated: false, ...NOTHING_UPLOADED, warnings, timings: clock.timings() };
  return { kind: 'published', commit: found.commit, version: { meta, artifactHash: hash, ...counts } };
}

const NOTHING_UPLOADED = { uploaded: 0, skipped: 0, uploadedBytes: 0 };

function uploadedOf({ uploaded, skipped, uploadedBytes }: typeof NOTHING_UPLOADED): typeof NOTHING_UPLOADED {
  return { uploaded, skipped, uploadedBytes };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

interface StageClock {
  stage<T>(name: Stage, work: () => Promise<T>): Promise<T>;
  timings(): Timings;
}

function createStageClock({ now }: Tools): StageClock {
  const begin = now();
  const spent: Partial<Record<Stage, number>> = {};
  return {
    async stage(name, work) {
      const start = now();
      try {
        return await work();
      } finally {
        spent[name] = Math.round((spent[name] ?? 0) + now() - start);
      }
    },
    timings: () => ({ ...spent, total: Math.round(now() - begin) }),
  };
}

function timeout(): PermaframeError {
  const seconds = MAX_PUBLISH_MILLISECONDS / 1000;
  return new PermaframeError('RUN_TIMEOUT', `publishing took more than ${seconds} seconds, which is the limit`);
}

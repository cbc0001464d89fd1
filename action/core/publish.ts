/** The pipeline, in reading order: snapshot → compile → compose → upload. */

import { PermaframeError } from '../contract/errors.ts';
import type { Meta } from '../contract/meta.ts';
import type { RenderPage } from '../contract/page.ts';
import { standingOf } from '../contract/thread-control.ts';
import type { Compiled } from './compile/compile.ts';
import { type Artifact, type ArtifactPlace, compose } from './compose.ts';
import type { Compiler, Encode, ObjectStore, Runtime, Stage, ThreadControlStore } from './ports.ts';
import type { Snapshot } from './snapshot.ts';
import { advanceLatest, readThreadControl } from './thread-control.ts';
import { type Uploaded, uploadArtifact, uploadRuntime } from './upload.ts';
import { findVersions, readMeta, type StoredMeta } from './versions.ts';

export interface BuildTools {
  compiler: Compiler;
  runtime: Runtime;
  renderPage: RenderPage;
  /** Runs a stage, so that the root can time it and say that it runs. */
  stage<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  signal?: AbortSignal;
}

export interface PublishTools extends BuildTools {
  store: ObjectStore;
  encode: Encode;
}

export interface Published {
  artifact: Artifact;
  outcome: Uploaded;
}

/** Compiles a snapshot and puts its artifact together, in memory. */
export async function buildArtifact(snapshot: Snapshot, place: ArtifactPlace, tools: BuildTools): Promise<Artifact> {
  const compiled = await tools.stage('compile', () => tools.compiler.compile(snapshot, tools.signal));
  return composeStage(snapshot, compiled, place, tools);
}

/**
 * Publishes a snapshot as one given version.
 * @throws PermaframeError ARTIFACT_CONFLICT when the version exists with other content
 */
export async function publish(snapshot: Snapshot, place: ArtifactPlace, tools: PublishTools): Promise<Published> {
  const artifact = await buildArtifact(snapshot, place, tools);
  return { artifact, outcome: await uploadStage(artifact, tools) };
}

export type Shared =
  | { kind: 'published'; version: number; artifact: Artifact; outcome: Uploaded }
  /** The newest version is this very snapshot. */
  | { kind: 'unchanged'; version: number; meta: Meta; artifactHash: string };

/**
 * Publishes a snapshot as the thread's next version, unless its newest version is the same snapshot. A version that
 * an interrupted share of the same snapshot began is completed; one that began with other content is passed over.
 */
export async function share(
  snapshot: Snapshot,
  place: Omit<ArtifactPlace, 'version'>,
  tools: PublishTools & { controls: ThreadControlStore },
): Promise<Shared> {
  const { store, controls, signal } = tools;
  const { thread } = place;
  // Compiling does not depend on what the store says; both take their time side by side.
  const needless = new AbortController();
  const compileSignal = AbortSignal.any([needless.signal, ...(signal ? [signal] : [])]);
  const compiling = tools.stage('compile', () => tools.compiler.compile(snapshot, compileSignal));
  compiling.catch(() => {});
  const [{ newest, highest }, { control }] = await Promise.all([
    findVersions(store, thread, signal),
    readThreadControl(controls, thread),
  ]);
  if (newest && isSame(newest.meta, snapshot, place) && standingOf(control, newest.meta.version) !== 'gone') {
    needless.abort();
    return unchanged(newest, controls);
  }
  const compiled = await compiling;
  for (let version = (newest?.meta.version ?? 0) + 1; ; version++) {
    const artifact = await composeStage(snapshot, compiled, { ...place, version }, tools);
    const outcome = await uploadStage(artifact, tools).catch((error: unknown) => {
      // Somebody else's version, or the remains of one: the next number is free. An object shared by versions is not.
      const isTaken = error instanceof PermaframeError && error.code === 'ARTIFACT_CONFLICT' && version <= highest + 3;
      if (!isTaken) throw error;
      return null;
    });
    if (!outcome) continue;
    await advanceLatest(controls, thread, version);
    return { kind: 'published', version, artifact, outcome };
  }
}

/** Publishes as the version that is asked for, and moves `latest` to it when it is the newest. */
export async function shareAs(
  snapshot: Snapshot,
  place: ArtifactPlace,
  tools: PublishTools & { controls: ThreadControlStore },
): Promise<Shared> {
  const existing = await readMeta(tools.store, place.thread, place.version, tools.signal);
  if (existing && isSame(existing.meta, snapshot, place)) return unchanged(existing, tools.controls);
  const { artifact, outcome } = await publish(snapshot, place, tools);
  await advanceLatest(tools.controls, place.thread, place.version);
  return { kind: 'published', version: place.version, artifact, outcome };
}

/** Also for a version whose share was killed between its mark and this: `latest` is where it belongs afterwards. */
async function unchanged({ meta, hash }: StoredMeta, controls: ThreadControlStore): Promise<Shared> {
  await advanceLatest(controls, meta.thread, meta.version);
  return { kind: 'unchanged', version: meta.version, meta, artifactHash: hash };
}

/** Whether a published version came from this snapshot, into the same project. */
function isSame(meta: Meta, snapshot: Snapshot, place: { project: string }): boolean {
  return meta.snapshot === snapshot.hash && meta.project === place.project;
}

function composeStage(snapshot: Snapshot, compiled: Compiled, place: ArtifactPlace, tools: BuildTools) {
  return tools.stage('compose', () => compose(snapshot, compiled, tools.runtime, place, tools.renderPage));
}

function uploadStage(artifact: Artifact, tools: PublishTools): Promise<Uploaded> {
  return tools.stage('upload', async () => {
    await uploadRuntime(tools.runtime, tools);
    return uploadArtifact(artifact, tools);
  });
}

/** What must hold at every change of a row, whatever went wrong before. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isErrorCode } from '../../action/contract/errors.ts';
import { metaKey } from '../../action/contract/keys.ts';
import { metaSchema } from '../../action/contract/meta.ts';
import { canPublishMove, isPublishOver } from '../../action/contract/states.ts';
import { serializeThreadControl } from '../../action/contract/thread-control.ts';
import { MAX_LIFE_MILLISECONDS } from '../../convex/model/publishMachine.ts';
import type { Document } from '../../scripts/stack/convex/internals.ts';
import { describe } from './actions.ts';
import { type Deployment, type Row, rowsOf, tableOf } from './deployment.ts';
import type { GitHub } from './github.ts';
import { currentProcess } from './processes.ts';
import type { WatchedBucket } from './store.ts';
import type { World } from './world.ts';

/** After its life, a publish waits for the sweep, and for facts that get lost on the way. */
const PATIENCE_MILLISECONDS = 15 * 60_000;

interface Watched {
  world: World;
  deployment: Deployment;
  github: GitHub;
  bucket: WatchedBucket;
}

export function watchRows(watched: Watched): void {
  watched.deployment.onChange = (before, after) => {
    const row = after ?? before;
    if (!row) return;
    switch (tableOf(row)) {
      case 'publishes':
        return watchPublish(watched, before as PublishRow | null, after as PublishRow | null);
      case 'threadControls':
        return watchControl(watched, before as ControlRow | null, after as ControlRow | null);
      case 'versions':
        return watchVersion(watched, before as VersionRow | null, after as VersionRow | null);
      case 'files':
      case 'versionFiles':
        if (before) watched.world.violate(`a row of ${tableOf(row)} changed`);
    }
  };
}

type PublishRow = Row<'publishes'> & Document;
export type ControlRow = Row<'threadControls'> & Document;
type VersionRow = Row<'versions'> & Document;

function watchPublish(watched: Watched, before: PublishRow | null, after: PublishRow | null): void {
  const { world, deployment } = watched;
  if (!after) {
    world.violate('a publish was deleted');
    return;
  }
  if (!before) {
    watchBegin(watched, after);
    return;
  }
  const name = describe(deployment, before._id);
  if (isPublishOver(before.state)) {
    world.violate(`${name} changed after it was ${before.state}`);
    return;
  }
  if (before.state !== after.state) {
    world.note(`${name}: ${before.state} → ${after.state}${after.error ? ` (${after.error.code})` : ''}`);
    if (!canPublishMove(before.state, after.state))
      world.violate(`${name} moved from ${before.state} to ${after.state}`);
  }
  if (before.run && before.run.id !== after.run?.id) world.violate(`${name} went to another run`);
  if (before.run && before.run.attempt > (after.run?.attempt ?? 0))
    world.violate(`${name} went back to an older attempt`);
  watchMover(watched, name, before, after);
  if (isPublishOver(after.state)) watchEnd(watched, name, after);
}

function watchBegin({ world, deployment }: Watched, after: PublishRow): void {
  world.note(`${describe(deployment, after._id)} ${shortName(after)} is asked for`);
  if (after.state !== 'queued') world.violate(`a publish began as ${after.state}`);
  const standing = rowsOf(deployment, 'publishes').filter(
    ({ version, state }) => version === after.version && state !== 'failed' && state !== 'cancelled',
  );
  if (standing.length > 0) world.violate(`a second publish of v${after.number} began beside one that stands`);
}

function shortName({ number, retryOf }: PublishRow): string {
  return `v${number}${retryOf ? ' again' : ''}`;
}

/** Nobody moves a publish but its requester's people, its own run, and the control plane itself. */
function watchMover({ world, github }: Watched, name: string, before: PublishRow, after: PublishRow): void {
  const { actor } = currentProcess();
  if (actor.kind === 'report') {
    const run = github.runs.find(({ id }) => String(id) === actor.run);
    if (actor.forged) world.violate(`${name} was moved by a forged report`);
    if (run?.payload.publish !== before._id)
      world.violate(`${name} was moved by run ${actor.run}, which is not its own`);
    if (before.run && before.run.attempt > actor.attempt) world.violate(`${name} was moved by an older attempt`);
    if (after.state === 'cancelled') world.violate(`${name} was cancelled by a run`);
    return;
  }
  if (actor.kind === 'person' && after.state !== 'cancelled') world.violate(`${name} was moved by a person`);
  if (actor.kind !== 'person' && after.state === 'cancelled') world.violate(`${name} was cancelled by nobody`);
  if (after.state === 'bundling' && before.state !== 'bundling') world.violate(`${name} bundles without a run`);
}

function watchEnd(watched: Watched, name: string, after: PublishRow): void {
  const { world } = watched;
  if (after.deadline !== undefined) world.violate(`${name} is over and has a deadline`);
  const life = world.clock.now - after.times.queued;
  if (life > MAX_LIFE_MILLISECONDS + PATIENCE_MILLISECONDS) world.violate(`${name} lived for ${life / 60_000} minutes`);
  if (after.state === 'failed' && !(isErrorCode(after.error?.code ?? '') && after.error?.message)) {
    world.violate(`${name} failed without a reason`);
  }
  if (after.state === 'failed') {
    const isByRun = currentProcess().actor.kind === 'report';
    world.failures.set(after._id, isByRun ? 'its run' : life >= MAX_LIFE_MILLISECONDS ? 'patience' : 'others');
  }
  if (after.state === 'published') watchPublished(watched, name, after);
}

/** Whoever is told "published" can open the page: everything is there, and it is this version's. */
function watchPublished({ world, deployment, bucket }: Watched, name: string, after: PublishRow): void {
  const thread = deployment.db._documents[after.thread] as unknown as Row<'threads'>;
  const version = deployment.db._documents[after.version] as unknown as VersionRow;
  const mark = bucket.get(metaKey(thread.name, after.number));
  if (!mark) {
    world.violate(`${name} is published and has no artifact`);
    return;
  }
  if (digest(mark.body) !== after.result?.artifactHash) world.violate(`${name} names another artifact than its own`);
  const meta = metaSchema.parse(JSON.parse(new TextDecoder().decode(mark.body)));
  if (meta.snapshot !== version.snapshotHash) world.violate(`${name} is published with another snapshot`);
  const missing = meta.files.filter(({ key, sha256 }) => bucket.get(key)?.sha256 !== sha256);
  if (missing.length > 0) world.violate(`${name} is published and ${missing.length} of its objects are missing`);
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function watchControl({ world, deployment }: Watched, before: ControlRow | null, after: ControlRow | null): void {
  if (!after) {
    world.violate('a control was deleted');
    return;
  }
  const { latest, tombstones } = after;
  world.controls.push({
    thread: describe(deployment, after.thread),
    revision: after.revision,
    content: contentOf(deployment, after),
  });
  const isByPerson = currentProcess().actor.kind === 'person';
  if (latest !== null && tombstones.includes(latest)) world.violate(`latest leads to v${latest}, which was taken down`);
  if (!before || latest === before.latest) return;
  world.note(`latest of ${describe(deployment, after.thread)}: ${before.latest} → ${latest}`);
  if (!isByPerson && (latest ?? 0) <= (before.latest ?? 0)) world.violate(`latest went back to ${latest} by itself`);
  const staged = deployment.db._writes[0] ?? {};
  const isPublished = rowsOf(deployment, 'publishes').some((committed) => {
    const { thread, number, state } = (staged[committed._id] as PublishRow | undefined) ?? committed;
    return thread === after.thread && number === latest && state === 'published';
  });
  if (latest !== null && !isPublished) world.violate(`latest leads to v${latest}, which is not published`);
}

/** What threads/{thread}.json is to say. */
export function contentOf(deployment: Deployment, { thread, latest, visibility, tombstones }: ControlRow): string {
  return serializeThreadControl({
    schema: 1,
    thread: describe(deployment, thread),
    latest,
    visibility,
    tombstones,
    videos: {},
  });
}

/** The one object that changes never says something older again. */
export function watchControlObject(world: World, thread: string, content: string): void {
  const revisions = world.controls.filter((known) => known.thread === thread && known.content === content);
  const least = world.written.get(thread) ?? 0;
  const next = revisions.find(({ revision }) => revision >= least);
  if (next) world.written.set(thread, next.revision);
  else world.violate(`threads/${thread}.json went back to what it said before revision ${least}: ${content}`);
}

function watchVersion({ world, github }: Watched, before: VersionRow | null, after: VersionRow | null): void {
  if (!before) return;
  const { commit, ...rest } = before;
  const { commit: itsCommit, ...itsRest } = after ?? ({} as VersionRow);
  if (!isDeepStrictEqual(rest, itsRest)) world.violate(`v${before.number} changed`);
  if (commit !== undefined && commit !== itsCommit) world.violate(`v${before.number} got another commit`);
  if (itsCommit !== undefined && !github.repository.commits.has(itsCommit)) {
    world.violate(`v${before.number} has a commit that GitHub has not`);
  }
}

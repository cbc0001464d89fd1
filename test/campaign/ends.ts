/** What must hold once faults have stopped and time has passed. */

import { readTrailers } from '../../action/adapters/commit-message.ts';
import { pageKey, threadControlKey } from '../../action/contract/keys.ts';
import { threadBranch } from '../../action/contract/reports.ts';
import { isPublishOver } from '../../action/contract/states.ts';
import { serializeThreadControl } from '../../action/contract/thread-control.ts';
import { describe } from './actions.ts';
import { type Deployment, type Row, rowsOf, THREADS } from './deployment.ts';
import type { GitHub } from './github.ts';
import type { WatchedBucket } from './store.ts';
import { digest } from './watch.ts';
import type { World } from './world.ts';

export interface EndParts {
  world: World;
  deployment: Deployment;
  github: GitHub;
  bucket: WatchedBucket;
}

/** Whether anything is still to be done or waited for. */
export function isQuiet({ deployment, github }: Pick<EndParts, 'deployment' | 'github'>): boolean {
  return (
    rowsOf(deployment, 'outbox').length === 0 &&
    rowsOf(deployment, 'publishes').every(({ state }) => isPublishOver(state)) &&
    github.runs.every(({ status, isReady }) => status === 'completed' || (status === 'queued' && !isReady))
  );
}

export function checkEnd(parts: EndParts): void {
  const { world, deployment } = parts;
  for (const { _id, state } of rowsOf(deployment, 'publishes')) {
    if (!isPublishOver(state)) world.violate(`${describe(deployment, _id)} is ${state} for ever`);
  }
  for (const { kind, publish, thread } of rowsOf(deployment, 'outbox')) {
    world.violate(`the outbox still holds ${kind} of ${describe(deployment, publish ?? thread ?? '')}`);
  }
  checkControls(parts);
  checkBranches(parts);
  checkBytes(parts);
  checkCommitted(parts);
  checkCalm(parts);
  if (world.faults.isMild) checkMild(parts);
}

function checkControls({ world, deployment, bucket }: EndParts): void {
  for (const row of rowsOf(deployment, 'threadControls')) {
    const { latest, visibility, tombstones, revision } = row;
    const thread = describe(deployment, row.thread);
    const stored = bucket.get(threadControlKey(thread));
    // Of a thread of which nothing was ever said, nothing is stored.
    if (!stored && revision === 1) continue;
    const wanted = serializeThreadControl({ schema: 1, thread, latest, visibility, tombstones, videos: {} });
    if (stored && new TextDecoder().decode(stored.body) === wanted) continue;
    world.violate(`threads/${thread}.json is not what the row says: ${JSON.stringify(row)}`);
  }
}

/** One line of commits, at most one for a version, and each version knows its own. */
function checkBranches({ world, deployment, github }: EndParts): void {
  for (const { thread } of THREADS) {
    const history = github.repository.history(threadBranch(thread));
    const versions = history.map(({ message }) => readTrailers(message)?.version);
    if (new Set(versions).size !== versions.length)
      world.violate(`the branch of ${thread} has versions twice: ${versions}`);
    if (history.some(({ parents }) => parents.length > 1)) world.violate(`the branch of ${thread} has merges`);
    const threadId = rowsOf(deployment, 'threads').find(({ name }) => name === thread)?._id;
    for (const { thread: of, number, commit } of rowsOf(deployment, 'versions')) {
      if (of !== threadId || commit === undefined) continue;
      const own = history[versions.indexOf(number)]?.sha;
      if (own !== commit) world.violate(`${thread} v${number} names ${commit}; its branch has ${own}`);
    }
  }
}

function checkBytes({ world, bucket }: EndParts): void {
  for (const [key, { body, sha256 }] of bucket) {
    if (!key.startsWith('runtime/') && sha256 !== null && digest(body) !== sha256) world.violate(`${key} is damaged`);
  }
}

/**
 * What was committed while its publish was under way is published, unless somebody called it off, its own run could not
 * reach the store any more and said that it failed, or nobody could be asked in a whole life. Then Retry finds it.
 */
function checkCommitted({ world, deployment }: EndParts): void {
  for (const { publish, thread, version } of world.committed) {
    const row = deployment.db._documents[publish] as unknown as Row<'publishes'>;
    if (row.state !== 'failed' || world.failures.get(publish) !== 'others') continue;
    world.violate(`${thread} v${version} was committed, and its publish failed (${row.error?.code})`);
  }
}

/** What goes wrong once or twice is nobody's trouble. */
function checkMild({ world, deployment }: EndParts): void {
  for (const { _id, state, error } of rowsOf(deployment, 'publishes')) {
    if (state === 'published') continue;
    world.violate(`${describe(deployment, _id)} is ${state} (${error?.code}) although it could have been published`);
  }
}

/** Whoever has nothing to do with what goes wrong is not touched by it. */
function checkCalm({ world, deployment, bucket }: EndParts): void {
  const thread = rowsOf(deployment, 'threads').find(({ name }) => name === 'calm');
  const [publish, ...more] = rowsOf(deployment, 'publishes').filter((row) => row.thread === thread?._id);
  if (publish?.state !== 'published' || more.length > 0 || !bucket.has(pageKey('calm', 1))) {
    world.violate(`the bystander’s publish is ${publish?.state} (${publish?.error?.message})`);
    return;
  }
  const { times, dispatches } = publish;
  if (dispatches !== 1) world.violate(`the bystander’s publish was dispatched ${dispatches} times`);
  const seconds = ((times.ended ?? 0) - times.queued) / 1000;
  if (seconds > 30) world.violate(`the bystander’s publish took ${seconds} s`);
}

/** Actions of Convex in a history: begun late, lost, begun twice, dead at one of their calls. */

import type { Document } from '../../scripts/stack/convex/internals.ts';
import { contextOf, type Deployment, type Row } from './deployment.ts';
import { type Moment, Process } from './processes.ts';
import type { World } from './world.ts';

const LATE = { least: 1_000, most: 240_000 };
/** Most actions make no more calls to the outside. */
const MOST_CALLS = 8;

export function haveActionsFail(deployment: Deployment, world: World): void {
  const { faults } = world;
  let count = 0;
  deployment.onAction = async (name, id, run, ctx) => {
    const label = `${name} ${++count}`;
    const isCalm = isOfCalmThread(deployment, id);
    const isOut = !isCalm && world.clock.now < world.outages.actions;
    const fault = isOut
      ? 'lost'
      : isCalm
        ? null
        : faults.choose('action', { lost: 3, dies: 4, pauses: 4, twice: 2, late: 2 });
    world.note(`action ${label} of ${describe(deployment, id)}${fault ? `: ${fault}` : ''}`);
    const begin = (suffix = '', strikeAt?: { call: number; moment: Moment; pause: number | null }) => {
      const process = new Process(`action ${label}${suffix}`, { kind: 'action', name }, isCalm);
      process.onCall = (call, moment) => {
        if (call !== strikeAt?.call || moment !== strikeAt.moment) return;
        const { pause } = strikeAt;
        if (pause === null) process.isDead = true;
        else process.pausedUntil = world.clock.now + pause;
        world.note(
          `${process.name} ${pause === null ? 'dies' : `pauses for ${pause / 1000} s`} ${moment} its call ${call}`,
        );
      };
      return process.run(() => run(contextOf(ctx, process, (milliseconds) => world.clock.sleep(milliseconds))));
    };
    switch (fault) {
      case null:
        return begin();
      case 'lost':
        return null;
      case 'late':
        await world.clock.sleep(faults.amount('action', LATE.least, LATE.most));
        return begin();
      case 'twice':
        world.clock.at(faults.amount('action', 0, LATE.most), () => void begin(' again').catch(() => {}));
        return begin();
      case 'dies':
      case 'pauses': {
        const call = faults.amount('action', 1, MOST_CALLS);
        const moment = faults.amount('action', 0, 1) === 0 ? 'after' : 'before';
        const pause = fault === 'dies' ? null : faults.amount('action', LATE.least, LATE.most);
        return begin('', { call, moment, pause });
      }
    }
  };
}

function isOfCalmThread(deployment: Deployment, id: string): boolean {
  return threadOf(deployment, id)?.name === 'calm';
}

function threadOf({ db }: Deployment, id: string): Row<'threads'> | undefined {
  const row = rowOf(db, id);
  const thread = id.endsWith('publishes') ? db._documents[String(row?.thread)] : row;
  return thread as unknown as Row<'threads'> | undefined;
}

/** Also one that is about to be committed. */
function rowOf(db: Deployment['db'], id: string): Document | null | undefined {
  return db._writes[0]?.[id] ?? db._documents[id];
}

/** A publish, or a thread, as a person would call it. */
export function describe(deployment: Deployment, id: string): string {
  const row = rowOf(deployment.db, id);
  const thread = threadOf(deployment, id)?.name ?? '?';
  return id.endsWith('publishes') ? `${thread} v${row?.number} (${shortOf(id)})` : thread;
}

/** Ids are long. */
export function shortOf(id: string): string {
  return `p${id.replace(/^0+/, '').replace(/\D.*$/, '')}`;
}

/**
 * Histories of faults over the whole path: takes about a minute and a half. `npm run campaign -- --histories 20000`
 * lives through more of them, and `--seed … --path …`, as a failure prints them, through one of them again.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { histories, live, type Stage } from './history.ts';
import { setStage } from './stage.ts';
import { currentWorld } from './world.ts';

vi.mock('../../action/adapters/github.ts', async (original) => {
  const actual = await original<typeof import('../../action/adapters/github.ts')>();
  return {
    ...actual,
    createGitHub: (config: Parameters<typeof actual.createGitHub>[0]) =>
      actual.createGitHub(config, currentWorld().services?.github),
  };
});
vi.mock('../../action/adapters/r2.ts', () => ({
  createObjectStore: () => currentWorld().services?.store(),
  createThreadControlStore: () => currentWorld().services?.store(),
}));

const { PERMAFRAME_CAMPAIGN_HISTORIES, PERMAFRAME_CAMPAIGN_SEED, PERMAFRAME_CAMPAIGN_PATH } = process.env;
const COUNT = Number(PERMAFRAME_CAMPAIGN_HISTORIES ?? 2000);
/** Always the same in `npm test`: it fails because of a change, not because of its luck. */
const SEED = Number(PERMAFRAME_CAMPAIGN_SEED ?? 2026);
const REPLAY = PERMAFRAME_CAMPAIGN_PATH === undefined ? {} : { path: PERMAFRAME_CAMPAIGN_PATH };
/** From so many histories on, each kind of fault has happened. */
const MANY = 1000;

let stage: Stage;
const error = console.error;
beforeAll(async () => {
  // Functions of convex/ say there what went wrong, which is the point here.
  console.error = () => {};
  stage = await setStage();
}, 60_000);
afterAll(() => {
  console.error = error;
});

describe('whatever goes wrong on the way of a publish', () => {
  it(
    'ends, loses nothing that was committed, changes no byte and nobody else’s publish',
    async () => {
      const began = performance.now();
      const happened = new Map<string, number>();
      let lived = 0;
      const property = fc.asyncProperty(histories, async (history) => {
        const { faults } = await live(stage, history);
        for (const [kind, count] of faults.counts) happened.set(kind, (happened.get(kind) ?? 0) + count);
        if (++lived % MANY === 0) say(`${lived} histories in ${seconds(began)}`);
      });
      await fc.assert(property, { numRuns: COUNT, seed: SEED, ...REPLAY });
      say(
        `${lived} histories of seed ${SEED} in ${seconds(began)}; faults: ${JSON.stringify(Object.fromEntries(happened))}`,
      );
      if (lived >= MANY) expect([...happened.keys()].sort()).toEqual(EVERY_FAULT);
    },
    6 * 3_600_000,
  );

  it('happens again in the same way from the same numbers', async () => {
    for (const history of fc.sample(histories, { numRuns: 5, seed: SEED })) {
      const { steps } = await live(stage, history);
      expect((await live(stage, history)).steps).toEqual(steps);
    }
  });
});

const EVERY_FAULT = Object.entries({
  action: ['dies', 'late', 'lost', 'pauses', 'twice'],
  cron: ['skipped'],
  github: ['denied', 'hanging', 'refused', 'slow', 'taken'],
  report: ['late', 'lost', 'refused', 'repeated', 'unanswered'],
  run: [
    ...['cancelled', 'cutOff', 'cutOffAtMark', 'dies', 'diesAtMark', 'late', 'lostContact', 'neverStarts'],
    ...['outsideOfGroup', 'slowStore', 'storeRefuses', 'storeUnanswered'],
  ],
  store: ['refused', 'slow', 'taken'],
  webhook: ['late', 'lost', 'twice'],
}).flatMap(([boundary, kinds]) => kinds.map((kind) => `${boundary} ${kind}`));

function seconds(began: number): string {
  return `${Math.round((performance.now() - began) / 1000)} s`;
}

function say(line: string): void {
  process.stderr.write(`campaign: ${line}\n`);
}

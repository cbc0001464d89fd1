/** Share pressed → link live, on the whole local stack, and where the time goes. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFolder } from '../../action/adapters/folder.ts';
import { type SharedVersion, shareByControlPlane } from '../share-by-control-plane.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import type { BenchContext, BenchPart } from './context.ts';
import { listExamples } from './examples.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 10;
const THREAD = 'launch-film';
/** Share pressed → link live: median, in milliseconds. */
const BUDGET_MILLISECONDS = 3000;

interface Round {
  total: number;
  spans: Record<string, number>;
}

export const benchShare: BenchPart = async (context) => {
  const example = listExamples().find(({ name }) => name === THREAD);
  if (!example) throw new Error(`there is no example ${THREAD}`);
  const folder = join(context.folder, THREAD);
  await cp(example.folder, folder, { recursive: true });
  context.progress('share: starting the whole stack …');
  await using stack = await startStack({ stateFolder: join(context.folder, 'stack'), port: 0 });
  // The first one makes project and thread, and uploads what never changes.
  await shareOnce(stack, folder, context);
  const rounds: Round[] = [];
  for (let round = 1; round <= (context.rounds ?? ROUNDS); round++) {
    context.progress(`share: round ${round}`);
    await writeFile(join(folder, 'round.ts'), `export const round = ${round};\n`);
    rounds.push(await shareOnce(stack, folder, context));
  }
  const budget = { of: 'value', bound: 'atMost', limit: BUDGET_MILLISECONDS } as const;
  const what = 'share → live, five scenes';
  const total: Figure = { part: 'share', what, unit: 'ms', samples: rounds.map((round) => round.total), budget };
  const names = Object.keys(rounds[0]?.spans ?? {});
  return [
    total,
    ...names.map((name): Figure => {
      const samples = rounds.map(({ spans }) => spans[name] ?? 0);
      return { part: 'share', what: `${what}: ${name}`, unit: 'ms', samples };
    }),
  ];
};

async function shareOnce(stack: Stack, folder: string, { signal }: BenchContext): Promise<Round> {
  const token = await stack.tokenOf('ada');
  const begin = performance.now();
  const shared = await shareByControlPlane(await readFolder(folder), {
    convexUrl: stack.convex.url,
    token,
    thread: THREAD,
    project: 'bench',
    onState: () => {},
    signal,
  });
  const total = performance.now() - begin;
  const answer = await fetch(shared.publish.url ?? '', { signal });
  if (answer.status !== 200) throw new Error(`the link answers ${answer.status}`);
  await stack.github.idle();
  return { total, spans: spansOf(shared) };
}

function spansOf({ publish: { times }, saveMilliseconds }: SharedVersion): Record<string, number> {
  const span = (from: number | undefined, to: number | undefined): number => (to ?? 0) - (from ?? to ?? 0);
  return {
    save: saveMilliseconds,
    'commit and dispatch': span(times.queued, times.dispatched),
    'run starts and claims': span(times.dispatched, times.claimed),
    'compile and upload': span(times.claimed, times.ended),
  };
}

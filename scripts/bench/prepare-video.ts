/** What comes before the first frame of a video, beside `bundle()` of `@remotion/bundler` on the same film. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '@remotion/bundler';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { parseStoreConfig } from '../../action/adapters/store-config.ts';
import { openStoreRuntime } from '../../action/adapters/store-runtime.ts';
import { videoRequestSchema } from '../../action/contract/video.ts';
import type { ObjectStore } from '../../action/core/ports.ts';
import { planRender, type RenderPlan } from '../../action/core/render/plan.ts';
import { composeSite } from '../../action/core/render/site.ts';
import { writeSite } from '../../action/render/prepare.ts';
import type { BenchContext } from './context.ts';
import type { Budget, Figure } from './figure.ts';
import type { BenchFilm, FilmStack } from './films.ts';
import { PEER_ENTRY } from './peer-film.ts';
import { measureInTurn } from './rounds.ts';

/** Milliseconds, for the host page, which webpack would have to build. */
const BUDGET: Budget = { of: 'value', bound: 'atMost', limit: 10 };

type Reading = Pick<ObjectStore, 'get' | 'head'>;

/** What one preparation took, in milliseconds. */
interface Spent {
  page: number;
  computing: number;
  plan: number;
  files: number;
  all: number;
}

export async function benchPreparation(
  film: BenchFilm,
  { what, rounds }: { what: string; rounds: number },
  { stack }: FilmStack,
  context: BenchContext,
): Promise<Figure[]> {
  using store = createObjectStore(parseStoreConfig(stack.store));
  const spent: Spent[] = [];
  const ours = async (): Promise<number> => {
    spent.push(await prepare(film.name, store, join(context.folder, 'site')));
    return spent.at(-1)?.all ?? 0;
  };
  const peer = (): Promise<number> => bundleOnce(film, join(context.folder, 'bundle'));
  const measure = (contestant: () => Promise<number>): Promise<number> => {
    context.progress(`video: preparing ${what}, ${contestant.name}`);
    return contestant();
  };
  const [, bundled = []] = await measureInTurn([ours, peer], rounds, measure, context.signal);
  const figure = (part: keyof Spent, name: string, budget?: Budget): Figure => ({
    part: 'video',
    what: `${what}, prepared: ${name}`,
    unit: 'ms',
    samples: spent.slice(1).map((each) => each[part]),
    peer: { name: 'bundle()', samples: bundled },
    ...(budget ? { budget } : {}),
  });
  return [
    figure('page', 'the host page', BUDGET),
    figure('computing', 'all that is computed'),
    figure('plan', 'the same, from the store (I/O)'),
    figure('files', 'files fetched and written (I/O)'),
    figure('all', 'plan and files'),
  ];
}

async function prepare(thread: string, store: Reading, folder: string): Promise<Spent> {
  await rm(folder, { recursive: true, force: true });
  const order = { thread, version: 1, artifactHash: null, request: videoRequestSchema.parse({ format: 'mp4' }) };
  const planFrom = async (from: Reading): Promise<RenderPlan> => {
    const planned = await planRender(order, { store: from, openRuntime: (key) => openStoreRuntime(from, key) });
    if (planned.kind === 'ready') throw new Error(`${thread} has this video already: there is nothing to prepare`);
    return planned.plan;
  };
  const { store: memory, remember } = remembering(store);
  const [plan, planMilliseconds] = await timed(() => planFrom(remember));
  const [, files] = await timed(() => writeSite(plan.site, folder, store));
  const [, computing] = await timed(() => planFrom(memory));
  const { manifest } = await openStoreRuntime(memory, plan.meta.runtime);
  const [, page] = await timed(async () => composeSite(plan.meta, manifest));
  return { page, computing, plan: planMilliseconds, files, all: planMilliseconds + files };
}

/** A store that keeps what it reads, and one in memory that answers with that. */
function remembering(store: Reading): { remember: Reading; store: Reading } {
  const bodies = new Map<string, Uint8Array | null>();
  const heads = new Map<string, Awaited<ReturnType<Reading['head']>>>();
  const keep = async <T>(known: Map<string, T>, key: string, read: Promise<T>): Promise<T> => {
    const answer = await read;
    known.set(key, answer);
    return answer;
  };
  return {
    remember: {
      get: (key, signal) => keep(bodies, key, store.get(key, signal)),
      head: (key, signal) => keep(heads, key, store.head(key, signal)),
    },
    store: { get: async (key) => bodies.get(key) ?? null, head: async (key) => heads.get(key) ?? null },
  };
}

/** A machine of a job begins without webpack's cache. */
async function bundleOnce({ peer }: BenchFilm, outDir: string): Promise<number> {
  await rm(outDir, { recursive: true, force: true });
  const [, milliseconds] = await timed(() =>
    bundle({ entryPoint: join(peer.folder, PEER_ENTRY), rootDir: peer.folder, outDir, enableCaching: false }),
  );
  return milliseconds;
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, milliseconds: number]> {
  const begin = performance.now();
  const result = await work();
  return [result, performance.now() - begin];
}

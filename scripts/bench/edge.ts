/** Requests a second of the edge, beside the smallest Worker that reads R2. Both run in `wrangler dev`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { parseStoreConfig } from '../../action/adapters/store-config.ts';
import type { FilmMeta } from '../../action/contract/meta.ts';
import type { BenchPart } from './context.ts';
import { listRequests, readSamples, toObject } from './edge-requests.ts';
import type { Budget, Figure } from './figure.ts';
import { type LoadJob, startLoadClient } from './load.ts';
import { measureInTurn } from './rounds.ts';
import { type SharedExample, startExampleStack } from './shared-examples.ts';
import { startSmallestWorker } from './smallest-worker.ts';

const DEFAULT_ROUNDS = 15;
const BUDGET: Budget = { of: 'ratio', bound: 'atLeast', limit: 0.8 };

export const benchEdge: BenchPart = async (context) => {
  await using shared = await startExampleStack(context);
  const meta = filmWithSound(shared.examples);
  using store = createObjectStore(parseStoreConfig(shared.stack.store));
  const samples = await readSamples(meta, store);
  const folder = join(context.folder, 'smallest-worker');
  await mkdir(folder);
  await using peer = await startSmallestWorker(folder, Object.values(samples).map(toObject));
  const requests = await listRequests(meta, samples, { edge: shared.stack.publicUrl, peer: peer.url });
  await using client = startLoadClient(context.signal);
  const figures: Figure[] = [];
  for (const { what, edge, peer: small } of requests) {
    context.progress(`edge: ${what}`);
    const [ours = [], theirs = []] = await measureInTurn<LoadJob>(
      [edge, small],
      context.rounds ?? DEFAULT_ROUNDS,
      (job) => client.run(job),
    );
    const beside = { name: 'smallest Worker', samples: theirs };
    figures.push({ part: 'edge', what, unit: 'requests/s', samples: ours, peer: beside, budget: BUDGET });
  }
  return figures;
};

function filmWithSound(examples: readonly SharedExample[]): FilmMeta {
  for (const { meta } of examples) {
    const hasSound = meta.files.some(({ contentType }) => contentType.startsWith('audio/'));
    if (meta.kind === 'storyboard' && hasSound) return meta;
  }
  throw new Error('no example is a film with sound');
}

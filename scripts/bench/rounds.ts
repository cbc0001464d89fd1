/** Takes turns: each round measures every contestant once, so that a slow moment of the machine meets them all. */

/** The items, beginning with another one each round: nobody always runs right after the same neighbour. */
export function inTurn<Item>(items: readonly Item[], round: number): Item[] {
  const start = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/**
 * Measures contestants in turn. A first round warms caches of files and code, and does not count.
 * @param rounds how many count
 * @param measure one sample of one contestant
 * @param signal ends it before the next sample
 * @param isWarm whether something has warmed the machine already: then the first round counts
 * @returns samples by contestant, in the order of `contestants`
 */
export async function measureInTurn<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  measure: (contestant: Contestant) => Promise<number>,
  signal?: AbortSignal,
  isWarm = false,
): Promise<number[][]> {
  const samples: number[][] = contestants.map(() => []);
  for (let round = isWarm ? 1 : 0; round <= rounds; round++) {
    for (const index of inTurn([...contestants.keys()], round)) {
      signal?.throwIfAborted();
      const sample = await measure(contestants[index] as Contestant);
      if (round > 0) samples[index]?.push(sample);
    }
  }
  return samples;
}

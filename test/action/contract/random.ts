/** Random input for tests that can be repeated: a failure names the seed it happened with. */

export interface Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** A linear congruential generator (the constants of Numerical Recipes). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return { int, pick: <T>(choices: readonly T[]) => choices[int(0, choices.length - 1)] as T };
}

/** Runs a check with seeds 1 to `runs`. */
export function forSeeds(runs: number, check: (random: Random) => void): void {
  for (let seed = 1; seed <= runs; seed++) {
    try {
      check(seeded(seed));
    } catch (error) {
      throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

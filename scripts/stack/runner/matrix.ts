/** `strategy.matrix`: from its value to the combinations that become jobs. */
import { isDeepStrictEqual } from 'node:util';

/** GitHub's bound on one matrix. */
const MAX_JOBS = 256;

export type Combination = Readonly<Record<string, unknown>>;

/**
 * By GitHub's rules: the product of all lists, without what `exclude` fits, then each of `include` is added to the
 * combinations whose original values it does not change, or stands alone.
 * @param matrix the evaluated value of `strategy.matrix`
 * @throws Error when it is no matrix, empty, or too large
 */
export function expandMatrix(matrix: unknown): Combination[] {
  if (typeof matrix !== 'object' || matrix === null || Array.isArray(matrix))
    throw new Error('the matrix is no mapping');
  const { include = [], exclude = [], ...dimensions } = matrix as Record<string, unknown>;
  const excluded = listOf(exclude, 'exclude');
  const product = productOf(dimensions).filter((one) => !excluded.some((other) => fits(other, one)));
  const combinations = product.map((original) => ({ original, all: { ...original } }));
  const alone: Combination[] = [];
  for (const extra of listOf(include, 'include')) {
    const hosts = combinations.filter(({ original }) => changesNothing(extra, original));
    for (const host of hosts) Object.assign(host.all, extra);
    if (hosts.length === 0) alone.push(extra);
  }
  const expanded = [...combinations.map(({ all }) => all), ...alone];
  if (expanded.length === 0) throw new Error('the matrix has no combination');
  if (expanded.length > MAX_JOBS) throw new Error(`the matrix has ${expanded.length} jobs, ${MAX_JOBS} may be`);
  return expanded;
}

/** What stands behind a job's name: `(1, ubuntu)`. */
export function describeCombination(combination: Combination): string {
  const values = Object.values(combination).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  );
  return values.length === 0 ? '' : ` (${values.join(', ')})`;
}

function productOf(dimensions: Record<string, unknown>): Combination[] {
  const entries = Object.entries(dimensions);
  if (entries.length === 0) return [];
  return entries.reduce<Combination[]>(
    (sofar, [key, values]) => {
      if (!Array.isArray(values)) throw new Error(`\`matrix.${key}\` is no list`);
      if (values.length === 0) throw new Error(`\`matrix.${key}\` is empty`);
      return sofar.flatMap((one) => values.map((value) => ({ ...one, [key]: value })));
    },
    [{}],
  );
}

function listOf(value: unknown, name: string): Combination[] {
  if (!Array.isArray(value)) throw new Error(`\`matrix.${name}\` is no list`);
  return value as Combination[];
}

function fits(partial: Combination, whole: Combination): boolean {
  return Object.entries(partial).every(([key, value]) => isDeepStrictEqual(whole[key], value));
}

function changesNothing(extra: Combination, original: Combination): boolean {
  const shared = Object.keys(extra).filter((key) => key in original);
  return shared.every((key) => isDeepStrictEqual(original[key], extra[key]));
}

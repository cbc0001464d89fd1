/** What goes wrong in a history, and when: read from tapes of small numbers, where 0 and the end of a tape mean nothing. */
import fc from 'fast-check';

/** Where something can go wrong. Each has a tape of its own, so that taking a fault away leaves the others in place. */
export const BOUNDARIES = [
  /** An action of Convex: lost, twice, late, dead at one of its calls. */
  'action',
  /** A request to GitHub. */
  'github',
  /** A run at GitHub: when it begins, how it dies. */
  'run',
  /** A report on its way. */
  'report',
  /** GitHub's webhook on its way. */
  'webhook',
  /** A call of the control plane to the store. */
  'store',
  /** The minute's sweep. */
  'cron',
] as const;
export type Boundary = (typeof BOUNDARIES)[number];

export interface Tape {
  /** 0: nothing goes wrong here. 3: much. */
  intensity: number;
  numbers: number[];
}

export type Tapes = Record<Boundary, Tape>;

/** Numbers of a tape are below this. */
const RANGE = 1000;
/** Share of the decisions at which something goes wrong, of 1000, by intensity: a run decides once, GitHub is asked often. */
const RATES: Readonly<Record<Boundary, readonly number[]>> = {
  action: [0, 100, 250, 500],
  github: [0, 40, 120, 350],
  run: [0, 300, 600, 900],
  report: [0, 100, 250, 500],
  webhook: [0, 300, 600, 900],
  store: [0, 100, 300, 600],
  cron: [0, 100, 300, 600],
};
const TAPE_LENGTH = 60;

const tape: fc.Arbitrary<Tape> = fc.record({
  intensity: fc.nat(3),
  numbers: fc.array(fc.nat(RANGE - 1), { maxLength: TAPE_LENGTH, size: 'max' }),
});

export const tapes = fc.record(
  Object.fromEntries(BOUNDARIES.map((boundary) => [boundary, tape])),
) as fc.Arbitrary<Tapes>;

/** What a publish gets over by itself, if it does not happen all the time. */
const MILD: Readonly<Record<Boundary, readonly string[]>> = {
  action: ['lost', 'dies', 'pauses', 'twice', 'late'],
  github: ['refused', 'taken', 'slow', 'hanging'],
  run: ['late', 'outsideOfGroup', 'cutOffAtMark'],
  report: ['lost', 'refused', 'unanswered', 'repeated', 'late'],
  webhook: ['lost', 'twice', 'late'],
  store: ['refused', 'taken', 'slow'],
  cron: ['skipped'],
};
/** Faults at one boundary, in a history in which only mild ones happen. */
const MOST_MILD = 3;

export class Faults {
  /** How many of each kind there were. */
  readonly counts = new Map<string, number>();
  readonly isMild: boolean;
  #tapes: Tapes;
  #places = new Map<Boundary, number>();
  #isOver = false;

  constructor(itsTapes: Tapes, isMild: boolean) {
    this.#tapes = itsTapes;
    this.isMild = isMild;
  }

  /** From now on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** One of the faults, by their weights; null when nothing goes wrong. */
  choose<Kind extends string>(boundary: Boundary, weights: Readonly<Record<Kind, number>>): Kind | null {
    const { intensity } = this.#tapes[boundary];
    const drawn = this.#next(boundary);
    const rate = RATES[boundary][intensity] ?? 0;
    if (drawn < RANGE - rate) return null;
    const kinds = Object.entries<number>(weights).flatMap(([kind, weight]) => Array<string>(weight).fill(kind));
    const kind = kinds[Math.floor(((drawn - (RANGE - rate)) / rate) * kinds.length)] as Kind;
    if (this.isMild && !this.#isMildEnough(boundary, kind)) return null;
    this.counts.set(`${boundary} ${kind}`, (this.counts.get(`${boundary} ${kind}`) ?? 0) + 1);
    return kind;
  }

  #isMildEnough(boundary: Boundary, kind: string): boolean {
    const before = [...this.counts].filter(([name]) => name.startsWith(`${boundary} `));
    return MILD[boundary].includes(kind) && before.reduce((sum, [, count]) => sum + count, 0) < MOST_MILD;
  }

  /** A whole number from `least` to `most`; small ones when a history is simple. */
  amount(boundary: Boundary, least: number, most: number): number {
    return least + Math.floor((this.#next(boundary) / RANGE) * (most - least + 1));
  }

  #next(boundary: Boundary): number {
    if (this.#isOver) return 0;
    const place = this.#places.get(boundary) ?? 0;
    this.#places.set(boundary, place + 1);
    return this.#tapes[boundary].numbers[place] ?? 0;
  }
}

/** States that follow one another, as a line of steps: which are done, and how long each took. */
export type StepMark = 'done' | 'current' | 'ahead' | 'failed' | 'cancelled';

export interface Step<State extends string = string> {
  state: State;
  label: string;
  mark: StepMark;
  /** How long it took, or takes so far. Null when it has no length or was skipped. */
  milliseconds: number | null;
}

/** Where it is on the line. Times are in milliseconds since 1970. */
export interface Way<State extends string> {
  /** The states that it passes, in their order. The last one has no length. */
  states: readonly State[];
  labels: Readonly<Record<State, string>>;
  startOf(state: State): number | undefined;
  /** Index of the step that it has got to. */
  at: number;
  /** `done`: it came through. */
  phase: 'active' | 'done' | 'failed' | 'cancelled';
  /** Now, or when it was over. */
  end: number;
}

export function stepsOf<State extends string>(way: Way<State>): Step<State>[] {
  return way.states.map((state, index) => ({
    state,
    label: way.labels[state],
    mark: markOf(index, way),
    milliseconds: index > way.at ? null : lengthOf(index, way),
  }));
}

function markOf<State extends string>(index: number, { at, phase }: Way<State>): StepMark {
  if (index > at) return 'ahead';
  if (index < at || phase === 'done') return 'done';
  return phase === 'active' ? 'current' : phase;
}

function lengthOf<State extends string>(index: number, { states, startOf, end }: Way<State>): number | null {
  const [state, ...later] = states.slice(index);
  const start = state === undefined || later.length === 0 ? undefined : startOf(state);
  if (start === undefined) return null;
  const next = later.map(startOf).find((time) => time !== undefined);
  return Math.max(0, (next ?? end) - start);
}

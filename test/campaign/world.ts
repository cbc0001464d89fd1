/** What all parts of a history share: time, faults, what happened, and what must not have happened. */
import type { GitHubOptions } from '../../action/adapters/github.ts';
import type { ObjectStore, ThreadControlStore } from '../../action/core/ports.ts';
import { VirtualClock } from './clock.ts';
import { Faults, type Tapes } from './faults.ts';
import { currentProcess } from './processes.ts';

/** Something that must never happen has happened. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Ids of publishes are long. */
const LONG_ID = /\b0+([1-9]\d*)publishes\b/g;

interface Services {
  github: GitHubOptions;
  store(): ObjectStore & ThreadControlStore & Disposable;
}

export class World {
  readonly clock = new VirtualClock();
  readonly faults: Faults;
  /** Readable lines. */
  readonly steps: string[] = [];
  readonly violations: string[] = [];
  /** Nobody is reached there before this time, in milliseconds since 1970. */
  readonly outages = { github: 0, store: 0, reports: 0, actions: 0 };
  /** Artifacts whose commit mark was stored, and the publish that was under way then. */
  readonly committed: { thread: string; version: number; publish: string }[] = [];
  /** Publishes that failed, and who said so. */
  readonly failures = new Map<string, 'its run' | 'patience' | 'others'>();
  /** What each revision of a thread's control says, in their order. */
  readonly controls: { thread: string; revision: number; content: string }[] = [];
  /** Thread → the revision, at least, that the store has. */
  readonly written = new Map<string, number>();
  /** What the adapters of convex/node find; set before anything happens. */
  services: Services | undefined;
  readonly #begin = this.clock.now;

  constructor(tapes: Tapes, isMild: boolean) {
    this.faults = new Faults(tapes, isMild);
  }

  note(line: string): void {
    const seconds = (this.clock.now - this.#begin) / 1000;
    const minutes = String(Math.floor(seconds / 60)).padStart(2, '0');
    this.steps.push(`${minutes}:${(seconds % 60).toFixed(3).padStart(6, '0')}  ${line.replace(LONG_ID, 'p$1')}`);
  }

  violate(what: string): void {
    this.note(`VIOLATED: ${what}`);
    this.violations.push(what);
  }

  /** Whether any call to the store went wrong. */
  get hasStoreFailed(): boolean {
    return this.steps.some((line) => / {2}store |store is out/.test(line));
  }

  /** Whether the process that calls now reaches nobody there. */
  isOut(place: keyof World['outages']): boolean {
    return !currentProcess().isCalm && this.clock.now < this.outages[place];
  }
}

let current: World | undefined;

/** The world that adapters find themselves in. One at a time. */
export function currentWorld(): World {
  if (!current) throw new Error('nothing is happening');
  return current;
}

export function enterWorld(world: World | undefined): void {
  current = world;
}

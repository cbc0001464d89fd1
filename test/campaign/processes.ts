/** Whoever acts in a history: people, actions of Convex, runs. A process may die at any call that it makes outside. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Who changed something, as the control plane's rows are judged by it. */
export type Actor =
  | { kind: 'setup' }
  | { kind: 'person'; name: string }
  | { kind: 'report'; run: string; attempt: number; forged: boolean }
  | { kind: 'webhook' }
  | { kind: 'sweep' }
  | { kind: 'action'; name: string };

export type Moment = 'before' | 'after';

export class Process {
  readonly name: string;
  readonly actor: Actor;
  /** Nothing goes wrong for it but what goes wrong for everybody. */
  readonly isCalm: boolean;
  isDead = false;
  /** It stands still until then, at its next call; in milliseconds since 1970. */
  pausedUntil = 0;
  calls = 0;
  /** Looks at each call before it is made and after; may end the process there. */
  onCall: ((call: number, moment: Moment, what: string) => void) | undefined;

  constructor(name: string, actor: Actor, isCalm = false) {
    this.name = name;
    this.actor = actor;
    this.isCalm = isCalm;
  }

  run<T>(work: () => T): T {
    return storage.run(this, work);
  }

  /** A call to the outside: what a dead process began is never heard of again. */
  async call<T>(what: string, effect: () => Promise<T>): Promise<T> {
    const call = ++this.calls;
    await this.#check(call, 'before', what);
    try {
      return await effect();
    } finally {
      await this.#check(call, 'after', what);
    }
  }

  async #check(call: number, moment: Moment, what: string): Promise<void> {
    if (!this.isDead) this.onCall?.(call, moment, what);
    if (this.isDead) await new Promise<never>(() => {});
    const pause = this.pausedUntil - Date.now();
    if (pause > 0) await new Promise<void>((resolve) => void setTimeout(resolve, pause));
  }
}

const storage = new AsyncLocalStorage<Process>();
const setup = new Process('setup', { kind: 'setup' }, true);

export function currentProcess(): Process {
  return storage.getStore() ?? setup;
}

/** Time that passes only when a history says so. Nothing in it waits for a thread or a network: equal runs are equal. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { Clock } from '../../action/adapters/retry.ts';
import { currentProcess } from './processes.ts';

interface Timer {
  id: number;
  at: number;
  ring: () => void;
}

const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, now: Date.now };
const realTimeout = AbortSignal.timeout;
const BEGIN = Date.UTC(2026, 10, 21, 12);

export class VirtualClock implements Disposable {
  now = BEGIN;
  #ids = 0;
  readonly #outside = AsyncLocalStorage.snapshot();
  /** By time, then in the order in which they were set. */
  #timers: Timer[] = [];

  /** Puts this clock in the place of the machine's, for everybody. */
  install(): void {
    const set = (work: () => void, milliseconds = 0) => this.#set(unlessDead(work), milliseconds);
    const clear = (id: number) => this.#clear(id);
    const repeat = (work: () => void, milliseconds: number) => this.#repeat(work, milliseconds);
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear, setInterval: repeat, clearInterval: clear });
    Date.now = () => this.now;
    AbortSignal.timeout = (milliseconds) => {
      const controller = new AbortController();
      this.#set(() => controller.abort(new DOMException('time is up', 'TimeoutError')), milliseconds);
      return controller.signal;
    };
    // In threads of its own it would answer in any order.
    Object.defineProperty(crypto.subtle, 'digest', { configurable: true, value: digest });
  }

  [Symbol.dispose](): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval, now } = real;
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Date.now = now;
    AbortSignal.timeout = realTimeout;
    Reflect.deleteProperty(crypto.subtle, 'digest');
    this.#timers = [];
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#set(resolve, milliseconds));
  }

  /** Happens by itself: whoever is at work now has no part in it. */
  at(milliseconds: number, work: () => void): void {
    this.#outside(() => this.#set(work, milliseconds));
  }

  /** For adapters that are given a clock. */
  forAdapters(): Clock {
    return {
      now: () => this.now,
      random: () => 0.5,
      sleep: (milliseconds, signal) =>
        new Promise((resolve, reject) => {
          const id = this.#set(resolve, milliseconds);
          const abort = () => {
            this.#clear(id);
            reject(signal?.reason);
          };
          if (signal?.aborted) abort();
          else signal?.addEventListener('abort', abort, { once: true });
        }),
    };
  }

  /** Lets everything happen that is due until then, in its order. */
  async advanceTo(time: number): Promise<void> {
    await settle();
    for (let next = this.#timers[0]; next !== undefined && next.at <= time; next = this.#timers[0]) {
      this.now = Math.max(this.now, next.at);
      while (this.#timers[0] !== undefined && this.#timers[0].at <= this.now) this.#timers.shift()?.ring();
      await settle();
    }
    this.now = Math.max(this.now, time);
  }

  #set(work: () => void, milliseconds: number): number {
    const id = ++this.#ids;
    const at = this.now + Math.max(0, Math.floor(milliseconds));
    // What a timer does belongs to whoever set it, as with Node's own.
    const run = AsyncLocalStorage.snapshot();
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1] as Timer).at > at) place--;
    this.#timers.splice(place, 0, { id, at, ring: () => run(work) });
    return id;
  }

  #repeat(work: () => void, milliseconds: number): number {
    const first = this.#set(again, milliseconds);
    const timers = this;
    return first;

    function again(): void {
      if (currentProcess().isDead) return;
      work();
      timers.#set(again, milliseconds);
      // The id stays the one that was handed out.
      const timer = timers.#timers.find(({ id }) => id === timers.#ids);
      if (timer) timer.id = first;
    }
  }

  #clear(id: number): void {
    const place = this.#timers.findIndex((timer) => timer.id === id);
    if (place >= 0) this.#timers.splice(place, 1);
  }
}

/** The timers of a process die with it. */
function unlessDead(work: () => void): () => void {
  return () => {
    if (!currentProcess().isDead) work();
  };
}

/** Resolves when nobody can go on without time passing. */
function settle(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

async function digest(_algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(bytes).digest()).buffer;
}

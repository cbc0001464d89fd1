/** The store in a history: one bucket, in which nothing that is there may change, behind calls that may fail. */
import { PermaframeError } from '../../action/contract/errors.ts';
import { parseKey } from '../../action/contract/keys.ts';
import type { ObjectStore, ThreadControlStore } from '../../action/core/ports.ts';
import { createMemoryStore, type MemoryObject } from '../support/memory-store.ts';
import { currentProcess } from './processes.ts';
import type { World } from './world.ts';

/** Milliseconds. */
const LATENCY = 60;

/** A bucket that cries out when an object changes or goes. */
export class WatchedBucket extends Map<string, MemoryObject> {
  onChange: ((key: string, object: MemoryObject) => void) | undefined;
  onViolation: ((what: string) => void) | undefined;

  override set(key: string, object: MemoryObject): this {
    if (this.has(key) && !key.startsWith('threads/')) this.onViolation?.(`the bytes of ${key} changed`);
    super.set(key, object);
    this.onChange?.(key, object);
    return this;
  }

  override delete(key: string): boolean {
    this.onViolation?.(`${key} was deleted`);
    return super.delete(key);
  }
}

/** How the calls of one process to the store go wrong. Decided before each call. */
export type StoreFault = 'refused' | 'taken' | 'slow' | null;

/** A store as one process sees it. */
export function storeFor(
  world: World,
  bucket: WatchedBucket,
  faultOf: () => StoreFault,
): ObjectStore & ThreadControlStore & Disposable {
  const memory = createMemoryStore({ bucket });
  const pass = <T>(what: string, effect: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const process = currentProcess();
    return process.call(what, async () => {
      const fault = process.isCalm ? null : faultOf();
      if (fault !== null) world.note(`store ${fault}: ${what} of ${process.name}`);
      await sleep(world, fault === 'slow' ? 20_000 : LATENCY, signal);
      if (world.isOut('store')) throw new PermaframeError('STORE_UNAVAILABLE', 'The store is down.');
      if (fault === 'refused') throw new PermaframeError('STORE_UNAVAILABLE', 'The store answers 503.');
      const answer = await effect();
      if (fault === 'taken') throw new PermaframeError('STORE_UNREACHABLE', 'The store’s answer was lost.');
      return answer;
    });
  };
  return {
    create: (object, signal) => pass(`create ${nameOf(object.key)}`, () => memory.create(object), signal),
    head: (key, signal) => pass(`head ${nameOf(key)}`, () => memory.head(key), signal),
    get: (key, signal) => pass(`get ${nameOf(key)}`, () => memory.get(key), signal),
    list: (prefix, options, signal) => pass(`list ${prefix}`, () => memory.list(prefix, options), signal),
    read: (thread) => pass(`read threads/${thread}.json`, () => memory.read(thread)),
    replace: (thread, content, revision) =>
      pass(`replace threads/${thread}.json`, () => memory.replace(thread, content, revision)),
    [Symbol.dispose]() {},
  };
}

async function sleep(world: World, milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await world.clock.sleep(milliseconds);
  signal?.throwIfAborted();
}

/** Keys are long. */
function nameOf(key: string): string {
  const parsed = parseKey(key);
  return parsed === null || /page\.html|meta\.json/.test(key) ? key : key.replace(/[0-9a-f]{58}(?=\.)/, '…');
}

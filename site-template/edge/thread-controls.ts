/** Reads what may change about a thread: its visibility, its latest version, and what was taken down. */
import { threadControlKey } from '../../action/contract/keys.ts';
import { type ThreadControl, threadControlSchema } from '../../action/contract/thread-control.ts';
import { Lru } from './lru.ts';
import type { Bucket } from './objects.ts';

/** For so long after a takedown an isolate may still show the version, in milliseconds. */
export const CONTROL_MEMORY_MILLISECONDS = 10_000;
const MAX_REMEMBERED_THREADS = 2000;

interface Remembered {
  /** Null: the thread has no control object. */
  control: ThreadControl | null;
  /** Milliseconds since 1970. */
  readAt: number;
}

/** Lives as long as the isolate. Values only, never promises: work of one request must not be awaited by another. */
export type ControlMemory = Lru<Remembered>;

export function newControlMemory(): ControlMemory {
  return new Lru(MAX_REMEMBERED_THREADS);
}

/**
 * The control of a thread, null when there is none.
 * @param freshness `recent` may be {@link CONTROL_MEMORY_MILLISECONDS} old; `now` asks the store
 * @throws when the store fails or the object cannot be understood: doors stay shut when nobody knows
 */
export async function readThreadControl(
  source: { bucket: Bucket; controls: ControlMemory; now: () => number },
  thread: string,
  freshness: 'recent' | 'now',
): Promise<ThreadControl | null> {
  const readAt = source.now();
  const remembered = freshness === 'recent' ? source.controls.get(thread) : undefined;
  if (remembered && readAt - remembered.readAt < CONTROL_MEMORY_MILLISECONDS) return remembered.control;
  const object = await source.bucket.get(threadControlKey(thread));
  const control = object === null ? null : parseControl(thread, await object.text());
  source.controls.set(thread, { control, readAt });
  return control;
}

function parseControl(thread: string, text: string): ThreadControl {
  const control = threadControlSchema.parse(JSON.parse(text));
  if (control.thread !== thread) throw new Error(`${threadControlKey(thread)} is about another thread`);
  return control;
}

/** Whether a version may be shown; whether it exists is another question. */
export type Admission = 'open' | 'gone' | 'hidden';

/** @param signed whether a valid signed link leads there */
export function admit(control: ThreadControl | null, version: number, signed: boolean): Admission {
  // Before the tombstones: without a signed link nobody learns that an unlisted version ever existed.
  if (control?.visibility === 'unlisted' && !signed) return 'hidden';
  return control?.tombstones.includes(version) ? 'gone' : 'open';
}

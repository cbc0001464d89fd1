/** Moves `latest`. This is the control plane's part: a runner is never given a ThreadControlStore. */
import { PermaframeError } from '../contract/errors.ts';
import { threadControlKey } from '../contract/keys.ts';
import {
  newThreadControl,
  serializeThreadControl,
  type ThreadControl,
  threadControlSchema,
  withPublished,
} from '../contract/thread-control.ts';
import type { ThreadControlStore } from './ports.ts';

/** Writers that collide try again; more than this many collisions in a row mean that something else is wrong. */
const MAX_ATTEMPTS = 10;

export async function readThreadControl(
  store: ThreadControlStore,
  thread: string,
): Promise<{ control: ThreadControl; revision: string | null }> {
  const stored = await store.read(thread);
  if (!stored) return { control: newThreadControl(thread), revision: null };
  try {
    return { control: threadControlSchema.parse(JSON.parse(stored.content)), revision: stored.revision };
  } catch (cause) {
    throw new PermaframeError('VERIFY_FAILED', `${threadControlKey(thread)} cannot be read`, { cause });
  }
}

/**
 * Applies a change until it is written, or found to change nothing. What `change` looks up, it looks up after the
 * object was read: whoever writes something newer meanwhile makes the write fail, and the change is applied anew.
 */
export async function changeThreadControl(
  store: ThreadControlStore,
  thread: string,
  change: (control: ThreadControl) => ThreadControl | Promise<ThreadControl>,
): Promise<ThreadControl> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { control, revision } = await readThreadControl(store, thread);
    const changed = await change(control);
    if (revision !== null && serializeThreadControl(changed) === serializeThreadControl(control)) return control;
    if (await store.replace(thread, serializeThreadControl(changed), revision)) return changed;
  }
  throw new PermaframeError('STORE_UNAVAILABLE', `${threadControlKey(thread)} changes too often to be written`);
}

/** `latest` follows a published version: forward only. */
export function advanceLatest(store: ThreadControlStore, thread: string, version: number): Promise<ThreadControl> {
  return changeThreadControl(store, thread, (control) => withPublished(control, version));
}

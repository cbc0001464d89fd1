/** `concurrency:` — of each group one runs and one waits; a newer one takes the place of the one that waits. */
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { resolve, type Scope } from './expressions.ts';

/** Why somebody has to give up: the abort reason. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

export interface Entry {
  group: string;
  /** Whether this one ends the one that runs. */
  cancelInProgress: boolean;
  /** `max`: nobody who waits is thrown out. */
  queue: 'single' | 'max';
  /** Tells the holder to give up. */
  cancel(reason: Superseded): void;
  /** Aborted when the holder gives up while it waits. */
  signal: AbortSignal;
}

interface Waiting {
  entry: Entry;
  start: () => void;
}

interface Group {
  running: Entry | null;
  waiting: Waiting[];
}

export interface ConcurrencyGroups {
  /**
   * Resolves when it is this one's turn; dispose what it resolves to when done.
   * @throws the signal's reason when it was cancelled while it waited
   */
  enter(entry: Entry): Promise<Disposable>;
}

export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>();
  return {
    async enter(entry) {
      entry.signal.throwIfAborted();
      // GitHub does not tell upper from lower case here.
      const key = entry.group.toLowerCase();
      const group = groups.get(key) ?? { running: null, waiting: [] };
      groups.set(key, group);
      if (group.running !== null) await waitForTurn(group, entry);
      group.running = entry;
      return {
        [Symbol.dispose]: () => {
          if (group.running !== entry) return;
          group.running = null;
          const next = group.waiting.shift();
          // Taken at once, so that nobody gets in between.
          if (next !== undefined) group.running = next.entry;
          else groups.delete(key);
          next?.start();
        },
      };
    },
  };
}

function waitForTurn(group: Group, entry: Entry): Promise<void> {
  const superseded = new Superseded(`a newer one waits for "${entry.group}"`);
  if (entry.queue === 'single') for (const waiting of group.waiting.splice(0)) waiting.entry.cancel(superseded);
  if (entry.cancelInProgress) group.running?.cancel(new Superseded(`a newer one takes over "${entry.group}"`));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const waiting: Waiting = { entry, start: resolve };
  group.waiting.push(waiting);
  const leave = () => {
    group.waiting = group.waiting.filter((other) => other !== waiting);
    reject(entry.signal.reason);
  };
  if (entry.signal.aborted) leave();
  entry.signal.addEventListener('abort', leave, { once: true });
  return promise.finally(() => entry.signal.removeEventListener('abort', leave));
}

/** @param token `concurrency:` of a workflow or a job; nothing is waited for without one */
export async function enterConcurrency(
  token: TemplateToken | undefined,
  scope: Scope,
  groups: ConcurrencyGroups,
  cancel: AbortController,
): Promise<Disposable> {
  const value = token === undefined ? '' : resolve(token, scope);
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { group: value };
  const group = String(fields.group ?? '');
  if (group === '') return { [Symbol.dispose]: () => undefined };
  return groups.enter({
    group,
    cancelInProgress: fields['cancel-in-progress'] === true,
    queue: fields.queue === 'max' ? 'max' : 'single',
    cancel: (reason) => cancel.abort(reason),
    signal: cancel.signal,
  });
}

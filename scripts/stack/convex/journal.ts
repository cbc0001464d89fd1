/** What was committed, one line a commit: read at the start, appended to before anybody hears of the commit. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { convexToJson, type JSONValue, jsonToConvex } from 'convex/values';
import type { Document } from './internals.ts';

/** A mutation that a client may send again: after a lost answer it gets this one. */
export interface Answered {
  /** Session and request id of the client. */
  key: string;
  value: JSONValue;
}

export interface Commit {
  /** Nanoseconds since 1970, rising. */
  ts: bigint;
  nextDocId: number;
  lastCreationTime: number;
  writes: Record<string, Document | null>;
  answered?: Answered;
}

export interface Journal {
  append(commit: Commit): void;
  [Symbol.dispose](): void;
}

export interface Restored {
  documents: Record<string, Document>;
  answered: Map<string, { value: JSONValue; ts: bigint }>;
  ts: bigint;
  nextDocId: number;
  lastCreationTime: number;
}

interface Line {
  ts: string;
  next: number;
  time: number;
  writes: Record<string, JSONValue>;
  answered?: Answered;
}

/** Answers that are kept for clients that lost them. */
const KEPT_ANSWERS = 1000;
/** Lines beyond the documents that live before a start writes the journal anew. */
const SPARE_LINES = 1000;
const EMPTY: Restored = { documents: {}, answered: new Map(), ts: 0n, nextDocId: 10_000, lastCreationTime: 0 };

/**
 * Opens the journal, or begins one. A last line that a crash cut off is dropped.
 * @throws Error when an earlier line cannot be read
 */
export function openJournal(file: string): { journal: Journal; restored: Restored } {
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const size = text.lastIndexOf(10) + 1;
  const lines = text.toString('utf8', 0, size).split('\n').slice(0, -1);
  const restored = replay(lines, file);
  const isLong = lines.length > SPARE_LINES + Object.keys(restored.documents).length;
  if (isLong) writeAnew(file, restored);
  const descriptor = openSync(file, 'a');
  if (!isLong) ftruncateSync(descriptor, size);
  return { restored, journal: journalOn(descriptor) };
}

function journalOn(descriptor: number): Journal {
  return {
    // The kernel has it when this returns: it outlives a SIGKILL, though not a power cut.
    append: (commit) => appendFileSync(descriptor, `${JSON.stringify(encode(commit))}\n`),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function replay(lines: readonly string[], file: string): Restored {
  const state: Restored = { ...EMPTY, documents: {}, answered: new Map() };
  for (const [index, text] of lines.entries()) {
    let line: Line;
    try {
      line = JSON.parse(text);
    } catch (cause) {
      throw new Error(`${file}: line ${index + 1} cannot be read. Remove the file to begin anew.`, { cause });
    }
    state.ts = BigInt(line.ts);
    state.nextDocId = line.next;
    state.lastCreationTime = line.time;
    for (const [id, document] of Object.entries(line.writes)) {
      if (document === null) delete state.documents[id];
      else state.documents[id] = jsonToConvex(document) as unknown as Document;
    }
    if (line.answered) keepAnswer(state.answered, line.answered, state.ts);
  }
  return state;
}

/** The newest answers; a Map keeps its order. */
export function keepAnswer(all: Restored['answered'], { key, value }: Answered, ts: bigint): void {
  all.set(key, { value, ts });
  for (const oldest of all.keys()) {
    if (all.size <= KEPT_ANSWERS) return;
    all.delete(oldest);
  }
}

/** The same state in fewer lines, put in place in one step. */
function writeAnew(file: string, state: Restored): void {
  const counters = { nextDocId: state.nextDocId, lastCreationTime: state.lastCreationTime };
  const commits: Commit[] = [...state.answered].map(([key, { value, ts }]) => ({
    ...counters,
    ts,
    writes: {},
    answered: { key, value },
  }));
  commits.push({ ...counters, ts: state.ts, writes: state.documents });
  const next = `${file}.next`;
  writeFileSync(next, commits.map((commit) => `${JSON.stringify(encode(commit))}\n`).join(''));
  const descriptor = openSync(next, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(next, file);
}

function encode({ ts, nextDocId, lastCreationTime, writes, answered }: Commit): Line {
  const documents = Object.entries(writes).map(([id, document]) => [
    id,
    document === null ? null : convexToJson(document as never),
  ]);
  return {
    ts: String(ts),
    next: nextDocId,
    time: lastCreationTime,
    writes: Object.fromEntries(documents),
    ...(answered ? { answered } : {}),
  };
}

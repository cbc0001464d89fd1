/** The functions of a Convex folder with a database that lasts: convex-test, a journal of its commits, a scheduler. */
import { join } from 'node:path';
import { type GenericDataModel, type GenericQueryCtx, makeFunctionReference, type UserIdentity } from 'convex/server';
import { jsonToConvex, type Value } from 'convex/values';
import type { TestConvexForDataModel } from 'convex-test';
import { type Call, calls } from './call.ts';
import { type CommitListener, restore, updateJob, type Writes, watchCommits } from './commits.ts';
import { describeFailure, logText, RequestError } from './errors.ts';
import { createFileStorage, type FileStorage } from './files.ts';
import type { ConvexFunctions, FunctionKind } from './functions.ts';
import { forgetUsage, type Internals, openConvexTest } from './internals.ts';
import { openJournal, type Restored } from './journal.ts';
import { createScheduler, type JobState } from './scheduler.ts';
import { withSiteUrl } from './site-url.ts';
import { FILES_TABLE, JOBS_TABLE, replaceSystemCalls, storeFile, tableOfId } from './system-calls.ts';

export type Arguments = Record<string, Value>;
export type Identity = Partial<UserIdentity> | null;

export interface Caller {
  identity: Identity;
  /** Whoever holds the admin key may call internal functions. */
  isAdmin: boolean;
}

export const NOBODY: Caller = { identity: null, isAdmin: false };
export const ADMIN: Caller = { identity: null, isAdmin: true };

export interface MutationAnswer {
  value: Value;
  /** When it committed, in nanoseconds since 1970. */
  ts: bigint;
}

export interface ConvexBackend extends AsyncDisposable {
  /** Each throws what the function throws; an Error, as Convex words it, when there is no such function for the caller. */
  query(path: string, args: Arguments, caller: Caller): Promise<Value>;
  /** @param request session and request id: the same one asked twice runs once */
  mutation(path: string, args: Arguments, caller: Caller, request?: string): Promise<MutationAnswer>;
  action(path: string, args: Arguments, caller: Caller): Promise<Value>;
  /** Calls a function of any kind. */
  run(path: string, args: Arguments, caller: Caller): Promise<Value>;
  /** Calls an HTTP action. */
  fetch(pathAndQuery: string, init: RequestInit, identity: Identity): Promise<Response>;
  /** Many queries of one moment: nothing commits before `body` is through. */
  readTogether(caller: Caller, body: (read: Read, ts: bigint) => Promise<void>): Promise<void>;
  /** When the last commit was, in nanoseconds since 1970. */
  timestamp(): bigint;
  /** Hears of each commit, synchronously, with the tables that it wrote to; returns how to stop. */
  onCommit(listener: CommitListener): () => void;
  files: FileStorage;
  storeFile(blob: Blob): Promise<string>;
  readFile(id: string): Blob | null;
  /** Everything that is committed; for tests. */
  documents(): Readonly<Restored['documents']>;
}

/** @throws what the query throws */
export type Read = (path: string, args: Arguments, call: Call) => Promise<Value>;

export interface ConvexBackendOptions {
  functions: ConvexFunctions;
  /** Journal and files are kept below it; null: everything is gone at the end. */
  stateFolder: string | null;
  /** What addresses of files begin with. */
  cloudUrl?: string;
  /** What the addresses of requests to HTTP actions begin with. */
  siteUrl?: string;
  log?: (line: string) => void;
  /** The journal cannot be written: what is in memory is ahead of it. Throws by default, and so does each call after. */
  onFatal?: (error: unknown) => void;
}

type Accessor = TestConvexForDataModel<GenericDataModel>;

interface Parts extends Internals {
  functions: ConvexFunctions;
  files: FileStorage;
  answered: Restored['answered'];
  /** Mutations that a client may ask for again before they are through. */
  pending: Map<string, Promise<MutationAnswer>>;
  listeners: Set<CommitListener>;
}

/** @throws Error when the journal cannot be read or convex-test is another version */
export async function createConvexBackend(options: ConvexBackendOptions): Promise<ConvexBackend> {
  const { functions, stateFolder, cloudUrl = 'http://127.0.0.1', siteUrl = 'http://127.0.0.1' } = options;
  const internals = await openConvexTest(withSiteUrl(functions.modules, siteUrl), functions.schema);
  const files = createFileStorage(stateFolder, cloudUrl);
  const opened = stateFolder === null ? null : openJournal(join(stateFolder, 'journal.jsonl'));
  await restore(internals, files, opened?.restored ?? null);
  const answered = opened?.restored.answered ?? new Map();
  const parts: Parts = { ...internals, functions, files, answered, pending: new Map(), listeners: new Set() };
  replaceSystemCalls(internals, files);
  const scheduler = createScheduler({
    read: (id) => internals.db._documents[id] ?? null,
    update: (id, change) => updateJob(internals, id, change),
    kindOf: (path) => functions.find(path, true),
    runMutation: async (path, args, job) => void (await runMutation(parts, path, args, null, { job })),
    runAction: async (path, args) => void (await runAction(parts, path, args, null)),
    report: (path, error) => {
      options.log?.(`${path}: ${logText(error)}`);
      return describeFailure(error).errorMessage;
    },
  });
  watchCommits(internals, {
    journal: opened?.journal ?? null,
    answered,
    onFatal: options.onFatal ?? rethrow,
    listeners: [scheduler.observe, (writes) => forgetFiles(parts, writes), tellListeners(parts)],
  });
  await scheduler.resume(internals.db._documents);
  return {
    ...callsOf(parts),
    ...stateOf(parts),
    [Symbol.asyncDispose]: async () => {
      await scheduler[Symbol.asyncDispose]();
      opened?.journal[Symbol.dispose]();
    },
  };
}

function callsOf(
  parts: Parts,
): Pick<ConvexBackend, 'query' | 'mutation' | 'action' | 'run' | 'fetch' | 'readTogether'> {
  const { functions, test, transactions } = parts;
  const requireKind = async (path: string, wanted: FunctionKind, { isAdmin }: Caller): Promise<void> => {
    const kind = await functions.find(path, isAdmin);
    const mismatch = `Trying to execute ${path} as ${title(wanted)}, but it is defined as ${title(kind)}.`;
    if (kind !== wanted) throw new RequestError(400, 'WrongFunctionKind', mismatch);
  };
  const query: ConvexBackend['query'] = async (path, args, caller) => {
    await requireKind(path, 'query', caller);
    return await calls.run({}, () => as(test, caller.identity).query(makeFunctionReference<'query'>(path), args));
  };
  const mutation: ConvexBackend['mutation'] = async (path, args, caller, request) => {
    await requireKind(path, 'mutation', caller);
    if (request === undefined) return await runMutation(parts, path, args, caller.identity, {});
    const running = parts.pending.get(request) ?? runMutation(parts, path, args, caller.identity, { request });
    parts.pending.set(request, running);
    return await running.finally(() => parts.pending.delete(request));
  };
  const action: ConvexBackend['action'] = async (path, args, caller) => {
    await requireKind(path, 'action', caller);
    return await runAction(parts, path, args, caller.identity);
  };
  return {
    query,
    mutation,
    action,
    run: async (path, args, caller) => {
      const kind = await functions.find(path, caller.isAdmin);
      if (kind === 'mutation') return (await mutation(path, args, caller)).value;
      return await (kind === 'query' ? query : action)(path, args, caller);
    },
    fetch: (pathAndQuery, init, identity) => calls.run({}, () => as(test, identity).fetch(pathAndQuery, init)),
    readTogether: async (caller, body) => {
      const batch = async (ctx: GenericQueryCtx<GenericDataModel>): Promise<null> => {
        const read: Read = async (path, args, call) => {
          await requireKind(path, 'query', caller);
          forgetUsage(parts);
          const run = (): Promise<Value> => ctx.runQuery(makeFunctionReference<'query'>(path), args);
          return await calls.run(call, () => keepingError(call, run));
        };
        await body(read, transactions._lastCommitTs);
        return null;
      };
      await as(test, caller.identity).query(batch);
    },
  };
}

function stateOf(parts: Parts): Omit<ConvexBackend, keyof ReturnType<typeof callsOf> | typeof Symbol.asyncDispose> {
  const { db, transactions, files, listeners } = parts;
  return {
    timestamp: () => transactions._lastCommitTs,
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    files,
    storeFile: (blob) => calls.run({}, () => storeFile(parts, files, blob)),
    readFile: (id) => (db._documents[id] === undefined ? null : (db._storage[id] ?? null)),
    documents: () => db._documents,
  };
}

/**
 * Runs the function inside a transaction of ours, so that a return value that its validator refuses rolls it back, and
 * the answer is known before the commit.
 */
async function runMutation(
  { test, db, answered, transactions }: Parts,
  path: string,
  args: Arguments,
  identity: Identity,
  call: Call,
): Promise<MutationAnswer> {
  const before = call.request === undefined ? undefined : answered.get(call.request);
  if (before) return { value: jsonToConvex(before.value), ts: before.ts };
  const reference = makeFunctionReference<'mutation', Arguments, Value>(path);
  const run = (): Promise<Value> =>
    as(test, identity).mutation(async (ctx) => {
      if (call.job !== undefined && (db.get(JOBS_TABLE, call.job)?.state as JobState | undefined)?.kind !== 'pending') {
        delete call.job;
        return null;
      }
      call.value = await ctx.runMutation(reference, args);
      return call.value;
    });
  const value = await calls.run(call, () => keepingError(call, run));
  return { value, ts: call.ts ?? transactions._lastCommitTs };
}

async function runAction({ test }: Parts, path: string, args: Arguments, identity: Identity): Promise<Value> {
  const reference = makeFunctionReference<'action', Arguments, Value>(path);
  return await calls.run({}, () => as(test, identity).action(reference, args));
}

/** The error that the function threw: on its way out it loses its stack. */
async function keepingError<T>(call: Call, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw call.error ?? error;
  }
}

function as(test: Internals['test'], identity: Identity): Accessor {
  return (identity === null ? test : test.withIdentity(identity)) as unknown as Accessor;
}

function forgetFiles({ db, files }: Parts, writes: Writes): void {
  for (const [id, document] of Object.entries(writes)) {
    if (document !== null || tableOfId(id) !== FILES_TABLE) continue;
    delete db._storage[id];
    files.remove(id);
  }
}

function tellListeners({ listeners }: Parts): CommitListener {
  return (writes, tables) => {
    for (const listener of listeners) listener(writes, tables);
  };
}

function title(kind: FunctionKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function rethrow(error: unknown): never {
  throw error;
}

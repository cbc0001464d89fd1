/** The insides of convex-test that persistence needs: its tables, its commits, its system calls. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { GenericSchema, SchemaDefinition } from 'convex/server';
import { type GenericId, getDocumentSize, type Value } from 'convex/values';
import { convexTest, type TestConvex } from 'convex-test';

/** convex-test exports none of this, so it is taken from the contexts that it runs functions in. */
const TESTED_VERSION = '0.0.60';
/** Convex's limit for a document. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;

export type Schema = SchemaDefinition<GenericSchema, boolean>;
/** Path without extension → a function that loads the module. One path holds `_generated`: it marks the root. */
export type ModuleMap = Record<string, () => Promise<Record<string, unknown>>>;

export interface Document {
  _id: string;
  _creationTime: number;
  [field: string]: Value | undefined;
}

export interface Database {
  _documents: Record<string, Document>;
  _storage: Record<string, Blob>;
  _nextDocId: number;
  _lastCreationTime: number;
  /** One entry a transaction that is open, innermost last; null: deleted. */
  _writes: Record<string, Document | null>[];
  get(table: string | undefined, id: string): Document | null;
  insert(table: string, value: Record<string, Value>): GenericId<string>;
  patch(table: string, id: string, value: Record<string, Value>): void;
  storeFile(id: string, blob: Blob): void;
  _addWrite(id: string, value: Document | null): void;
}

/** Counts what a transaction reads and writes against Convex's limits. */
interface Usage {
  _layers: { metrics: Record<string, number> }[];
  trackScheduledFunction(bytes: number): void;
}

interface Transactions {
  _lastCommitTs: bigint;
  commit(isNested: boolean): bigint | null;
  isInTransaction(): boolean;
  getMetricsTracker(): Usage | null;
}

interface ConvexGlobal {
  components: { '': { db: Database } };
  transactionManager: Transactions;
  syscall: (op: string, args: string) => string;
  asyncSyscall: (op: string, args: string) => Promise<string>;
  jsSyscall: (op: string, args: Record<string, unknown>) => Promise<unknown>;
}

export interface Internals {
  test: TestConvex<Schema>;
  db: Database;
  transactions: Transactions;
  /** Its system calls may be replaced. */
  syscalls: Pick<ConvexGlobal, 'syscall' | 'asyncSyscall' | 'jsSyscall'>;
}

interface Contexts {
  globals: AsyncLocalStorage<ConvexGlobal>;
  execution: AsyncLocalStorage<{ udfType: string }>;
}

let contexts: Promise<Contexts> | undefined;

/** Starts convex-test with the limits that Convex has for transactions and documents, and hands out its insides. */
export async function openConvexTest(modules: ModuleMap, schema: Schema | undefined): Promise<Internals> {
  contexts ??= findContexts();
  const { globals, execution } = await contexts;
  const test = convexTest({ modules, transactionLimits: true, ...(schema ? { schema } : {}) }) as TestConvex<Schema>;
  let found: ConvexGlobal | undefined;
  await test.query(async () => {
    found = globals.getStore();
    return null;
  });
  if (found === undefined) throw changedInsides('the context of a query');
  const { db } = found.components[''];
  const transactions = found.transactionManager;
  const used = [db._documents, db._storage, db._writes, db.insert, db.patch, transactions.commit, db._addWrite];
  if (used.includes(undefined as never)) throw changedInsides('DatabaseFake and TransactionManager');
  // convex-test asks whether anybody is in a transaction; an action that runs beside a mutation must not write into it.
  transactions.isInTransaction = () => /^(query|mutation)$/.test(execution.getStore()?.udfType ?? '');
  limitDocuments(db);
  return { test, db, transactions, syscalls: found };
}

function limitDocuments(db: Database): void {
  const addWrite = db._addWrite.bind(db);
  db._addWrite = (id, value) => {
    const bytes = value === null ? 0 : getDocumentSize(value as Record<string, Value>);
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`Value is too large (${bytes} > maximum size 1 MiB)`);
    addWrite(id, value);
  };
}

/** Lets the next query of a transaction that holds many begin as if it were alone. */
export function forgetUsage({ transactions }: Pick<Internals, 'transactions'>): void {
  for (const { metrics } of transactions.getMetricsTracker()?._layers ?? []) {
    for (const name of Object.keys(metrics)) metrics[name] = 0;
  }
}

/** Runs a query on a throwaway instance and notes which contexts it opens. */
async function findContexts(): Promise<Contexts> {
  const seen: { storage: unknown; store: object }[] = [];
  const { run } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, store: unknown, ...rest: never[]) {
    if (typeof store === 'object' && store !== null) seen.push({ storage: this, store });
    return run.call(this, store, ...(rest as unknown as [() => unknown]));
  } as typeof run;
  try {
    await convexTest({ modules: { './_generated/api.js': async () => ({}) } }).query(async () => null);
  } finally {
    AsyncLocalStorage.prototype.run = run;
  }
  const globals = seen.find(({ store }) => 'components' in store && 'transactionManager' in store)?.storage;
  const execution = seen.find(({ store }) => 'udfType' in store && 'componentPath' in store)?.storage;
  if (globals === undefined || execution === undefined) throw changedInsides('its contexts');
  return { globals, execution } as Contexts;
}

function changedInsides(what: string): Error {
  return new Error(`convex-test is not the ${TESTED_VERSION} that this was written for: ${what} cannot be found`);
}

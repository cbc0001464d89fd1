/** Replaces the system calls of convex-test that are only good for a test: schedules, files, pages; and notes reads. */
import { getConvexSize, jsonToConvex, type Value } from 'convex/values';
import { ANY_TABLE, type Call, calls } from './call.ts';
import { digestOf, type FileStorage } from './files.ts';
import type { Internals } from './internals.ts';

export const JOBS_TABLE = '_scheduled_functions';
export const FILES_TABLE = '_storage';

/** Calls that read no table themselves. */
const READ_NOTHING = new Set([
  '1.0/queryStreamNext',
  '1.0/queryCleanup',
  '1.0/db/normalizeId',
  '1.0/runUdf',
  '1.0/getFunctionMetadata',
  '1.0/getDeploymentMetadata',
  '1.0/getTransactionMetrics',
]);

interface Arguments {
  query?: { source: { tableName?: string; indexName?: string } };
  table?: string;
  id?: string;
  endCursor?: string | null;
  [name: string]: unknown;
}

export function replaceSystemCalls(internals: Internals, files: FileStorage): void {
  const { syscalls, db } = internals;
  const { syscall, asyncSyscall, jsSyscall } = syscalls;
  syscalls.syscall = (op, json) => {
    noteRead(op, JSON.parse(json));
    return syscall(op, json);
  };
  syscalls.asyncSyscall = async (op, json) => {
    const args: Arguments = JSON.parse(json);
    noteRead(op, args);
    switch (op) {
      case '1.0/schedule':
        return JSON.stringify(schedule(internals, args));
      case '1.0/queryPage':
        return await readPage(args, (paged) => asyncSyscall(op, JSON.stringify(paged)));
      case '1.0/storageGenerateUploadUrl':
        return JSON.stringify(files.uploadUrl(Date.now()));
      case '1.0/storageGetUrl': {
        const id = String(args.storageId);
        return JSON.stringify(db.get(FILES_TABLE, id) === null ? null : files.downloadUrl(id));
      }
      case '1.0/runUdf':
        return await keepingError(() => asyncSyscall(op, json));
      default:
        return await asyncSyscall(op, json);
    }
  };
  syscalls.jsSyscall = async (op, args) =>
    op === 'storage/storeBlob' ? await storeFile(internals, files, args.blob as Blob) : await jsSyscall(op, args);
}

/** Keeps the bytes, then commits the row: a crash between the two leaves a file that nobody knows. */
export async function storeFile({ test, db }: Internals, files: FileStorage, blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const contentType: Record<string, Value> = blob.type === '' ? {} : { contentType: blob.type };
  return await test.run(async () => {
    const id = db.insert(FILES_TABLE, { size: bytes.length, sha256: digestOf(bytes), ...contentType });
    await files.put(id, bytes);
    db.storeFile(id, new Blob([bytes], { type: blob.type }));
    return id;
  });
}

/** Only the row: the scheduler hears of it when it is committed. */
function schedule({ db, transactions }: Internals, { name, reference, functionHandle, args, ts }: Arguments): string {
  if (reference !== undefined) throw new Error('the local stack does not schedule functions of components');
  const handle = functionHandle === undefined ? undefined : String(functionHandle).split(';')[1];
  const path = handle ?? String(name);
  const scheduledTime = Number(ts) * 1000;
  const argument = jsonToConvex(args as Parameters<typeof jsonToConvex>[0]);
  transactions.getMetricsTracker()?.trackScheduledFunction(getConvexSize(argument));
  return db.insert(JOBS_TABLE, { args: [argument], name: path, scheduledTime, state: { kind: 'pending' } });
}

/** A page that is read again ends where it first ended, so that the pages after it stay gapless. */
async function readPage(args: Arguments, read: (args: Arguments) => Promise<string>): Promise<string> {
  const call = calls.getStore();
  const isPinned = call?.pageEnd != null && !args.endCursor;
  const answer = await read(isPinned ? { ...args, endCursor: call.pageEnd ?? null } : args);
  if (call !== undefined) call.pageEnd = JSON.parse(answer).continueCursor;
  return answer;
}

/** Of an error that passes many system calls, the first one: each makes a new one without the stack. */
async function keepingError(run: () => Promise<string>): Promise<string> {
  const call = calls.getStore();
  try {
    const answer = await run();
    delete call?.error;
    return answer;
  } catch (error) {
    if (call !== undefined && messageOf(call.error) !== messageOf(error)) call.error = error;
    throw error;
  }
}

function messageOf(error: unknown): unknown {
  return error instanceof Error ? error.message : error;
}

function noteRead(op: string, args: Arguments): void {
  const tables = calls.getStore()?.tables;
  if (tables !== undefined && !READ_NOTHING.has(op)) tables.add(tableOf(op, args));
}

function tableOf(op: string, { query, table, id }: Arguments): string {
  if (op === '1.0/storageGetUrl') return FILES_TABLE;
  const { tableName, indexName } = query?.source ?? {};
  return tableName ?? indexName?.split('.')[0] ?? table ?? (id && tableOfId(id)) ?? ANY_TABLE;
}

/** convex-test ends an id with its table's name. */
export function tableOfId(id: string): string {
  return id.replace(/^[0-9]+/, '');
}

/** Whether a commit that wrote `written` may have changed what `call` read. */
export function mayHaveChanged({ tables }: Pick<Call, 'tables'>, written: ReadonlySet<string>): boolean {
  return tables === undefined || tables.has(ANY_TABLE) || [...tables].some((table) => written.has(table));
}

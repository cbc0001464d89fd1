/** The real functions of convex/, once for all histories: each begins with the same rows. */
import { internalActionGeneric } from 'convex/server';
import { v } from 'convex/values';
import type { TestConvexForDataModel } from 'convex-test';
import { api } from '../../convex/_generated/api.js';
import type { DataModel, Doc, TableNames } from '../../convex/_generated/dataModel.js';
import schema from '../../convex/schema.ts';
import { type Document, type Internals, openConvexTest } from '../../scripts/stack/convex/internals.ts';
import { ENVIRONMENT, modules } from '../convex/deployment.ts';
import type { Process } from './processes.ts';

export type Database = Internals['db'];
export type Row<Table extends TableNames> = Doc<Table>;
export type Convex = TestConvexForDataModel<DataModel>;

export interface Deployment {
  /** Without an identity: for internal functions. */
  t: Convex;
  db: Database;
  person(name: string): Convex;
  /** Puts the rows back that every history begins with. */
  reset(): void;
  /** Hears of each change of a row, before it is committed. */
  onChange: ((before: Document | null, after: Document | null) => void) | undefined;
  /** Runs in place of an action of convex/node; `run` is the action itself. */
  onAction: (name: string, id: string, run: (ctx: object) => Promise<null>, ctx: ActionCtx) => Promise<null>;
}

export interface ActionCtx {
  runQuery: Call;
  runMutation: Call;
}

type Call = (reference: unknown, args: unknown) => Promise<unknown>;

/** The threads of all histories, with their saved versions; `calm` is where nothing goes wrong. */
export const THREADS = [
  { thread: 'film', owner: 'ada', versions: 3 },
  { thread: 'reel', owner: 'ada', versions: 1 },
  { thread: 'clip', owner: 'bob', versions: 2 },
  { thread: 'calm', owner: 'eve', versions: 1 },
];

const OWN_ENVIRONMENT = {
  PERMAFRAME_AUTH_ISSUER: 'https://people',
  PERMAFRAME_AUTH_AUDIENCE: 'permaframe',
  PERMAFRAME_GITHUB_TOKEN: 'ghp_testtokentesttokentesttoken',
  PERMAFRAME_S3_ENDPOINT: 'https://store.example.com',
  PERMAFRAME_S3_BUCKET: 'pages',
  PERMAFRAME_S3_ACCESS_KEY_ID: 'key',
  PERMAFRAME_S3_SECRET_ACCESS_KEY: 'secret',
};

export type FilesOf = (version: number) => { path: string; text: string }[];

/** @param filesOf the files of a version, in any thread */
export async function deployForCampaign(filesOf: FilesOf): Promise<Deployment> {
  // A plain object: functions of convex/ read it whole, time and again.
  process.env = { ...process.env, ...ENVIRONMENT, ...OWN_ENVIRONMENT };
  const loaded = await loadModules();
  const internals = await openConvexTest({ ...loaded, ...wrapActions(loaded) }, schema);
  const { db, transactions } = internals;
  const t = internals.test as unknown as Convex;
  const person = (name: string) => t.withIdentity({ subject: name, issuer: 'https://people', name });
  const deployment: Deployment = {
    t,
    db,
    person,
    reset() {
      throw new Error('nothing is there yet');
    },
    onChange: undefined,
    onAction: async (_name, _id, run, ctx) => run(ctx),
  };
  open = deployment;
  await setUp(deployment, filesOf);
  const documents = { ...db._documents };
  const { _nextDocId, _lastCreationTime } = db;
  const { _lastCommitTs } = transactions;
  deployment.reset = () => {
    Object.assign(db, { _documents: { ...documents }, _writes: [], _queryResults: {}, _nextDocId, _lastCreationTime });
    transactions._lastCommitTs = _lastCommitTs;
  };
  watch(internals, deployment);
  return deployment;
}

let open: Deployment | undefined;

type Modules = Record<string, () => Promise<Record<string, unknown>>>;

/** All at once: a history does not wait for a disk. */
async function loadModules(): Promise<Modules> {
  const entries = Object.entries(modules).map(async ([path, load]) => {
    const module = (await load()) as Record<string, unknown>;
    return [path, async () => module] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function wrapActions(loaded: Modules): Modules {
  const names = { dispatch: 'run', inspect: 'run', cancel: 'run', status: 'run', control: 'write' };
  return Object.fromEntries(
    Object.entries(names).map(([file, name]) => {
      const path = `../../convex/node/${file}.ts`;
      const wrapped = internalActionGeneric({
        args: { publish: v.optional(v.string()), thread: v.optional(v.string()) },
        handler: async (ctx, args) => {
          const { [name]: action } = (await loaded[path]?.()) ?? {};
          const { _handler } = action as { _handler: (ctx: object, args: object) => Promise<null> };
          const run = (itsCtx: object) => _handler(itsCtx, args);
          return open?.onAction(file, args.publish ?? args.thread ?? '', run, ctx as unknown as ActionCtx) ?? null;
        },
      });
      return [path, async () => ({ [name]: wrapped })];
    }),
  );
}

async function setUp({ person }: Deployment, filesOf: FilesOf): Promise<void> {
  const owners = [...new Set(THREADS.map(({ owner }) => owner))];
  for (const owner of owners) {
    await person(owner).mutation(api.projects.create, { project: `${owner}-project`, title: 'A project' });
  }
  for (const { thread, owner, versions } of THREADS) {
    await person(owner).mutation(api.threads.create, { project: `${owner}-project`, thread, title: 'A thread' });
    for (let base = 0; base < versions; base++) {
      await person(owner).mutation(api.versions.save, { thread, base, files: filesOf(base + 1) });
    }
  }
}

function watch({ db, transactions }: Internals, deployment: Deployment): void {
  const commit = transactions.commit.bind(transactions);
  transactions.commit = (isNested) => {
    if (!isNested) {
      for (const [id, after] of Object.entries(db._writes[0] ?? {})) {
        deployment.onChange?.(db._documents[id] ?? null, after);
      }
    }
    return commit(isNested);
  };
}

/** The table of a row. */
export function tableOf({ _id }: Document): string {
  return _id.replace(/^\d+/, '');
}

/** The rows of a table, as they are committed. */
export function rowsOf<Table extends TableNames>({ db }: Deployment, table: Table): Row<Table>[] {
  return Object.values(db._documents).filter((row) => tableOf(row) === table) as unknown as Row<Table>[];
}

/** Jobs that are through only slow everything down. */
export function forgetJobs({ db }: Deployment): void {
  for (const [id, row] of Object.entries(db._documents)) {
    if (id.endsWith('_scheduled_functions') && (row.state as { kind?: string }).kind === 'success') {
      delete db._documents[id];
    }
  }
}

/** Milliseconds. */
const LATENCY = 20;

/** A context whose calls are those of the process: they take time, and nobody hears of them once it is dead. */
export function contextOf(ctx: ActionCtx, process: Process, sleep: (milliseconds: number) => Promise<void>): object {
  const through =
    (what: string, call: Call): Call =>
    (reference, args) =>
      process.call(what, async () => {
        await sleep(LATENCY);
        const answer = await call(reference, args);
        await sleep(LATENCY);
        return answer;
      });
  return { ...ctx, runQuery: through('query', ctx.runQuery), runMutation: through('mutation', ctx.runMutation) };
}

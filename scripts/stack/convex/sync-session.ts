/** One sync client: its queries, kept up to date; its identity; its mutations in order, its actions beside them. */
import { convexToJson, type JSONValue } from 'convex/values';
import { decodeArguments } from './api-server.ts';
import type { ConvexBackend, Read } from './backend.ts';
import type { Call } from './call.ts';
import { ANONYMOUS, type Authenticated, authenticateAdmin, authenticateToken, type CallerTools } from './callers.ts';
import { describeFailure, logText } from './errors.ts';
import { canonicalPath } from './functions.ts';
import type { ClientMessage, MessageOf, ServerMessage, StateModification, StateVersion } from './sync-messages.ts';
import { mayHaveChanged } from './system-calls.ts';
import { encodeTimestamp } from './timestamps.ts';

export interface SyncTools extends CallerTools {
  backend: ConvexBackend;
  log(line: string): void;
  send(message: ServerMessage): void;
  /** Ends the connection, after what was sent. */
  close(): void;
  /** Runs after all before it that this client asked for, on earlier connections too. */
  inOrder(sessionId: string, run: () => Promise<void>): void;
}

export interface SyncSession extends Disposable {
  /** Messages are handled in the order of these calls. */
  receive(message: ClientMessage): void;
}

interface LiveQuery {
  path: string;
  args: JSONValue[];
  call: Call;
  isStale: boolean;
  /** What the client was told last, to tell it only what is new. */
  told: string | null;
}

interface State {
  sessionId: string;
  clockSkew: number | null;
  caller: Authenticated;
  queries: Map<number, LiveQuery>;
  /** What the client knows. */
  version: StateVersion;
  /** What it asked for since. */
  wanted: { querySet: number; identity: number };
  removed: number[];
  /** A transition must be sent, although no query may have changed. */
  isTransitionDue: boolean;
  isClosed: boolean;
}

export function createSyncSession(tools: SyncTools): SyncSession {
  const state: State = {
    sessionId: '',
    clockSkew: null,
    caller: ANONYMOUS,
    queries: new Map(),
    version: { querySet: 0, identity: 0, ts: encodeTimestamp(0n) },
    wanted: { querySet: 0, identity: 0 },
    removed: [],
    isTransitionDue: false,
    isClosed: false,
  };
  const update = coalesced(async () => {
    try {
      await transition(state, tools);
    } catch (error) {
      // The client connects again and asks for everything anew.
      tools.log(`sync: ${logText(error)}`);
      state.isClosed = true;
      tools.close();
    }
  });
  const stop = tools.backend.onCommit((_writes, tables) => {
    for (const query of state.queries.values()) query.isStale ||= mayHaveChanged(query.call, tables);
    if ([...state.queries.values()].some(({ isStale }) => isStale)) update();
  });
  let inbox = Promise.resolve();
  return {
    receive: (message) => {
      inbox = inbox.then(async () => {
        if (state.isClosed) return;
        try {
          await handle(message, state, tools, update);
        } catch (error) {
          tools.log(`sync: ${logText(error)}`);
          fail(state, tools, { type: 'FatalError', error: error instanceof Error ? error.message : String(error) });
        }
      });
    },
    [Symbol.dispose]: () => {
      state.isClosed = true;
      stop();
    },
  };
}

async function handle(message: ClientMessage, state: State, tools: SyncTools, update: () => void): Promise<void> {
  switch (message.type) {
    case 'Connect':
      state.sessionId = message.sessionId;
      state.clockSkew = message.clientTs === undefined ? null : message.clientTs - Date.now();
      return;
    case 'Authenticate':
      return await authenticate(message, state, tools, update);
    case 'ModifyQuerySet':
      modifyQuerySet(message, state);
      return update();
    case 'Mutation':
      return mutate(message, state, tools, update);
    case 'Action':
      return void act(message, state, tools);
    case 'Event':
      return;
  }
}

async function authenticate(
  { tokenType, value = '', impersonating, baseVersion }: MessageOf<'Authenticate'>,
  state: State,
  tools: SyncTools,
  update: () => void,
): Promise<void> {
  requireVersion('identity', baseVersion, state.wanted.identity);
  try {
    if (tokenType === 'None') state.caller = ANONYMOUS;
    else if (tokenType === 'Admin') state.caller = authenticateAdmin(value, impersonating ?? null, tools);
    else state.caller = await authenticateToken(value, tools);
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    return fail(state, tools, { type: 'AuthError', error, baseVersion, authUpdateAttempted: true });
  }
  state.wanted.identity = baseVersion + 1;
  for (const query of state.queries.values()) query.isStale = true;
  state.isTransitionDue = true;
  update();
}

function modifyQuerySet({ baseVersion, newVersion, modifications }: MessageOf<'ModifyQuerySet'>, state: State): void {
  requireVersion('query set', baseVersion, state.wanted.querySet);
  for (const modification of modifications) {
    const { queryId } = modification;
    if (modification.type === 'Remove') {
      state.queries.delete(queryId);
      state.removed.push(queryId);
      continue;
    }
    const { udfPath, args, journal } = modification;
    const call: Call = { pageEnd: journal ?? null };
    state.queries.set(queryId, { path: canonicalPath(udfPath), args, call, isStale: true, told: null });
  }
  state.wanted.querySet = newVersion;
  state.isTransitionDue = true;
}

function requireVersion(what: string, given: number, known: number): void {
  if (given !== known)
    throw new Error(`Base version ${given} passed up doesn't match the current ${what} version ${known}`);
}

function mutate(message: MessageOf<'Mutation'>, state: State, tools: SyncTools, update: () => void): void {
  const { requestId, udfPath, args } = message;
  const { caller, sessionId } = state;
  const type = 'MutationResponse';
  tools.inOrder(sessionId, async () => {
    if (state.isClosed || !hasValidIdentity(caller, state, tools)) return;
    const path = canonicalPath(udfPath);
    try {
      const request = sessionId === '' ? undefined : `${sessionId} ${requestId}`;
      const { value, ts } = await tools.backend.mutation(path, decodeArguments(args), caller, request);
      const result = convexToJson(value ?? null);
      tools.send({ type, requestId, success: true, result, ts: encodeTimestamp(ts), logLines: [] });
    } catch (error) {
      tools.send({ type, requestId, ...failure(path, error, tools) });
    }
    state.isTransitionDue = true;
    update();
  });
}

async function act({ requestId, udfPath, args }: MessageOf<'Action'>, state: State, tools: SyncTools): Promise<void> {
  if (!hasValidIdentity(state.caller, state, tools)) return;
  const type = 'ActionResponse';
  const path = canonicalPath(udfPath);
  try {
    const result = convexToJson((await tools.backend.action(path, decodeArguments(args), state.caller)) ?? null);
    tools.send({ type, requestId, success: true, result, logLines: [] });
  } catch (error) {
    tools.send({ type, requestId, ...failure(path, error, tools) });
  }
}

function failure(path: string, error: unknown, { log }: SyncTools) {
  log(`${path}: ${logText(error)}`);
  const { errorMessage, ...data } = describeFailure(error);
  return { success: false as const, result: errorMessage, logLines: [], ...data };
}

/** Runs again what a commit, a new identity or a new query made stale, at one moment, and tells the client. */
async function transition(state: State, tools: SyncTools): Promise<void> {
  if (state.isClosed || !hasValidIdentity(state.caller, state, tools)) return;
  const { caller } = state;
  let modifications: StateModification[] = [];
  await tools.backend.readTogether(caller, async (read, ts) => {
    const stale = [...state.queries].filter(([, { isStale }]) => isStale);
    const { wanted, isTransitionDue } = state;
    const goal = { ...wanted, ts: encodeTimestamp(ts) };
    modifications = state.removed.splice(0).map((queryId) => ({ type: 'QueryRemoved', queryId }));
    state.isTransitionDue = false;
    for (const [queryId, query] of stale) {
      const told = await refresh(queryId, query, read, tools);
      if (told !== null) modifications.push(told);
    }
    if (state.isClosed || (modifications.length === 0 && !isTransitionDue)) return;
    const skew = state.clockSkew === null ? {} : { clientClockSkew: state.clockSkew };
    tools.send({ type: 'Transition', startVersion: state.version, endVersion: goal, modifications, ...skew });
    state.version = goal;
  });
}

/** Null when the client knows it already. */
async function refresh(
  queryId: number,
  query: LiveQuery,
  read: Read,
  tools: SyncTools,
): Promise<StateModification | null> {
  query.isStale = false;
  query.call.tables = new Set();
  let modification: StateModification;
  try {
    const value = convexToJson((await read(query.path, decodeArguments(query.args), query.call)) ?? null);
    const journal = query.call.pageEnd ?? null;
    modification = { type: 'QueryUpdated', queryId, value, logLines: [], journal };
  } catch (error) {
    tools.log(`${query.path}: ${logText(error)}`);
    modification = { type: 'QueryFailed', queryId, logLines: [], journal: null, ...describeFailure(error) };
  }
  // Each description of an error has a request id of its own.
  const told = JSON.stringify(modification).replace(/\[Request ID: [0-9a-f]+\]/, '');
  if (told === query.told) return null;
  query.told = told;
  return modification;
}

function hasValidIdentity({ expiresAt }: Authenticated, state: State, tools: SyncTools): boolean {
  if (expiresAt > Date.now()) return true;
  const { identity: baseVersion } = state.version;
  const error = 'Convex token identity expired';
  fail(state, tools, { type: 'AuthError', error, baseVersion, authUpdateAttempted: false });
  return false;
}

function fail(state: State, tools: SyncTools, message: ServerMessage): void {
  state.isClosed = true;
  tools.send(message);
  tools.close();
}

/** A function that has `run` run soon, never twice at a time, and once for all calls that came meanwhile. */
function coalesced(run: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const loop = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      await run();
    }
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    // After the answer to the mutation whose commit asked for this.
    setImmediate(() => void loop());
  };
}

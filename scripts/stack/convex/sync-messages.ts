/** Messages of Convex's sync protocol, version 1, as they travel: node_modules/convex/src/browser/sync/protocol.ts. */
import type { JSONValue } from 'convex/values';
import { z } from 'zod';

const version = z.int().min(0);
const call = { requestId: z.int().min(0), udfPath: z.string(), args: z.array(z.json()) };
const component = { componentPath: z.undefined().optional() };

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('Connect'), sessionId: z.string(), clientTs: z.number().optional() }),
  z.looseObject({
    type: z.literal('Authenticate'),
    tokenType: z.enum(['User', 'Admin', 'None']),
    value: z.string().optional(),
    baseVersion: version,
    impersonating: z.record(z.string(), z.json()).optional(),
  }),
  z.looseObject({
    type: z.literal('ModifyQuerySet'),
    baseVersion: version,
    newVersion: version,
    modifications: z.array(
      z.discriminatedUnion('type', [
        z.looseObject({
          type: z.literal('Add'),
          queryId: version,
          udfPath: z.string(),
          args: z.array(z.json()),
          journal: z.string().nullish(),
          ...component,
        }),
        z.looseObject({ type: z.literal('Remove'), queryId: version }),
      ]),
    ),
  }),
  z.looseObject({ type: z.literal('Mutation'), ...call, ...component }),
  z.looseObject({ type: z.literal('Action'), ...call, ...component }),
  z.looseObject({ type: z.literal('Event') }),
]);

export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type MessageOf<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

export interface StateVersion {
  querySet: number;
  identity: number;
  /** Encoded. */
  ts: string;
}

interface Failure {
  errorMessage: string;
  errorData?: JSONValue;
}

export type StateModification =
  | { type: 'QueryUpdated'; queryId: number; value: JSONValue; logLines: string[]; journal: string | null }
  | ({ type: 'QueryFailed'; queryId: number; logLines: string[]; journal: string | null } & Failure)
  | { type: 'QueryRemoved'; queryId: number };

type Response<Type extends string, More = object> = { type: Type; requestId: number; logLines: string[] } & (
  | ({ success: true; result: JSONValue } & More)
  | { success: false; result: string; errorData?: JSONValue }
);

export type ServerMessage =
  | {
      type: 'Transition';
      startVersion: StateVersion;
      endVersion: StateVersion;
      modifications: StateModification[];
      clientClockSkew?: number;
    }
  | Response<'MutationResponse', { ts: string }>
  | Response<'ActionResponse'>
  | { type: 'AuthError'; error: string; baseVersion: number; authUpdateAttempted: boolean }
  | { type: 'FatalError'; error: string }
  | { type: 'Ping' };

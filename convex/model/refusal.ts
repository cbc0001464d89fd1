/** How a function says no: a ConvexError with a code of the contract, so that it reaches the client as data. */
import { ConvexError } from 'convex/values';
import type { ErrorCode } from '../../action/contract/errors.ts';

/** A type, not an interface: Convex's values want an index signature. */
export type Refusal = {
  code: ErrorCode;
  message: string;
  /** The argument that is meant. */
  field?: string;
};

/** For people who are not meant to know that something exists: always the same. */
export const NOT_FOUND_MESSAGE = 'There is no such thing, or you may not see it.';

export function refusal(code: ErrorCode, message: string, field?: string): ConvexError<Refusal> {
  return new ConvexError({ code, message, ...(field !== undefined && { field }) });
}

export function notFound(): ConvexError<Refusal> {
  return refusal('NOT_FOUND', NOT_FOUND_MESSAGE);
}

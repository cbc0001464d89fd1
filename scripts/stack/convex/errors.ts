/** Errors of functions, as a development deployment of Convex tells them to clients; nothing of this machine is in them. */
import { randomBytes } from 'node:crypto';
import { ConvexError, convexToJson, type JSONValue, type Value } from 'convex/values';

export interface FunctionFailure {
  errorMessage: string;
  /** What a ConvexError carries. */
  errorData?: JSONValue;
}

/** A request that is refused before a function runs: answered with this HTTP status. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
  }
}

export function describeFailure(error: unknown): FunctionFailure {
  const name = isConvexError(error) ? 'ConvexError' : error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const what = error instanceof RequestError ? message : `Uncaught ${name}: ${message}`;
  const errorMessage = `[Request ID: ${newRequestId()}] Server Error\n${what}\n\n  Called by client\n`;
  return isConvexError(error) ? { errorMessage, errorData: convexToJson(error.data) } : { errorMessage };
}

/** For the log: an error that a function means needs no stack. */
export function logText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isConvexError(error) || error instanceof RequestError ? error.message : (error.stack ?? error.message);
}

function newRequestId(): string {
  return randomBytes(8).toString('hex');
}

/** convex-test and the functions may have loaded the package twice: a symbol tells, not the class. */
export function isConvexError(error: unknown): error is ConvexError<Value> {
  return error instanceof ConvexError || (error instanceof Error && Symbol.for('ConvexError') in error);
}

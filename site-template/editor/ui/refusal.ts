/** What the control plane said, in words for a person, and its code for decisions. */
import { ConvexError } from 'convex/values';
import { ERRORS, isErrorCode, isPermaframeError } from '../../../action/contract/errors.ts';

export interface Said {
  code: string;
  message: string;
  advice: string | null;
}

export function readRefusal(error: unknown): Said {
  if (isPermaframeError(error)) return { code: error.code, message: error.message, advice: error.kind.advice };
  if (error instanceof ConvexError) {
    const { code = '', message = '' } = error.data as { code?: string; message?: string };
    return { code, message: message || String(error), advice: isErrorCode(code) ? ERRORS[code].advice : null };
  }
  const message = error instanceof TypeError ? 'The connection failed.' : 'Something went wrong.';
  return { code: 'INTERNAL', message, advice: 'Try again in a moment.' };
}

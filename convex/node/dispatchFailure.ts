/** What is told of a dispatch, or of the commit before it, that did not go through. */
'use node';
import { retryAtOf } from '../../action/adapters/github.ts';
import { isPermaframeError } from '../../action/contract/errors.ts';

export function describeDispatchFailure(error: unknown) {
  const isKnown = isPermaframeError(error);
  const retryAt = retryAtOf(error);
  return {
    code: isKnown ? error.code : 'INTERNAL',
    message: isKnown ? error.message : 'The dispatch failed for a reason that nobody thought of.',
    // What nobody thought of (Convex's storage does not answer, say) may pass.
    retryable: isKnown ? error.kind.retryable : true,
    ...(retryAt === null ? {} : { retryAfter: Math.max(0, retryAt - Date.now()) }),
  };
}

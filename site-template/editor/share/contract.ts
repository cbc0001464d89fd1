/** What the share parts take from the contract: the only imports that leave this folder. Pure, and without packages. */
export { ERRORS, type ErrorCode, isErrorCode } from '../../../action/contract/errors.ts';
export { formatBytes } from '../../../action/contract/limits.ts';
export { isPublishOver, type PublishState } from '../../../action/contract/states.ts';

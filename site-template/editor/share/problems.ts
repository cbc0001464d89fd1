/** What went wrong, in plain words: for each code of the contract what happened, whose turn it is, and what to do. */
import { ERRORS, type ErrorCode, isErrorCode } from './contract.ts';
import type { Place, ReportedProblem } from './control-plane.ts';

/**
 * What helps: `retry` the same again, `change` the project and share a new version, or `report` it to whoever runs the
 * system (trying again is possible, but nothing will be different until they have acted).
 */
export type Remedy = 'retry' | 'change' | 'report';

export interface Problem {
  code: ErrorCode;
  /** What happened, in a few words. */
  headline: string;
  /** What the run or the control plane said of this case. */
  detail: string;
  /** What to do. */
  advice: string;
  fault: 'user' | 'system';
  remedy: Remedy;
  places: readonly ProblemPlace[];
}

export interface ProblemPlace extends Place {
  message: string;
  field?: string;
}

const HEADLINES: Readonly<Record<ErrorCode, string>> = {
  USAGE: 'The command was not understood',
  MANIFEST_MISSING: 'permaframe.json is missing',
  MANIFEST_INVALID: 'permaframe.json has a mistake',
  FOLDER_UNREADABLE: 'The folder cannot be read',
  COMMIT_UNREADABLE: 'The commit cannot be read',
  PATH_INVALID: 'A file has a name that cannot be published',
  TOO_MANY_FILES: 'The project has too many files',
  SOURCE_FILE_TOO_LARGE: 'A source file is too large',
  SNAPSHOT_TOO_LARGE: 'The sources are too large',
  ASSET_TOO_LARGE: 'A file in the project is too large',
  ARTIFACT_TOO_LARGE: 'The page would be too large',
  FILE_TYPE_NOT_SUPPORTED: 'A file has a type that cannot be published',
  POSTER_INVALID: 'The poster cannot be used',
  ENTRY_MISSING: 'The entry file is missing',
  ENTRY_WITHOUT_DEFAULT_EXPORT: 'The entry exports no component',
  SYNTAX_ERROR: 'The code does not compile',
  IMPORT_NOT_ALLOWED: 'A library is imported that pages do not have',
  IMPORT_NOT_FOUND: 'An imported file was not found',
  IMPORT_OUTSIDE_PROJECT: 'An import leads out of the project',
  IMPORT_UNSUPPORTED: 'An import cannot be followed',
  EXPORT_NOT_FOUND: 'An imported name does not exist',
  REMOTE_NOT_ALLOWED: 'The project loads something from another host',
  BUNDLE_TOO_DEEP: 'The code is nested too deeply',
  BUNDLE_TIMEOUT: 'Compiling took too long',
  BUNDLE_TOO_LARGE: 'The compiled code is too large',
  BUNDLE_FAILED: 'The compiler stopped',
  ARTIFACT_CONFLICT: 'This version exists with other content',
  ARTIFACT_MISSING: 'The page was not found',
  ARTIFACT_GONE: 'This version was taken down',
  VERIFY_FAILED: 'The stored page is not what was sent',
  PAGE_UNREACHABLE: 'The page cannot be reached',
  CONFIG_INVALID: 'A setting of the system is wrong',
  STORE_UNREACHABLE: 'The store cannot be reached',
  STORE_DENIED: 'The store refuses the system’s credentials',
  STORE_BUCKET_MISSING: 'The store is not set up',
  STORE_UNAVAILABLE: 'The store does not answer properly',
  RUNTIME_INVALID: 'The shared libraries are damaged',
  LINK_INVALID: 'The link is damaged',
  LINK_EXPIRED: 'The link has expired',
  NOT_ALLOWED: 'You may not do this',
  NOT_FOUND: 'Nothing is here that you may see',
  NAME_TAKEN: 'The name is in use',
  INPUT_INVALID: 'Something was entered wrongly',
  TOO_MANY_REQUESTS: 'That was too often',
  TOO_MANY_RENDERS: 'Enough videos are being made already',
  TOO_MANY_PUBLISHES: 'Enough is under way already',
  SAVE_CONFLICT: 'There is a newer version',
  STATE_CONFLICT: 'That is no longer possible',
  VIDEO_NOT_A_FILM: 'Only a film can be made into a video',
  VIDEO_TOO_LARGE: 'The video would be too large',
  VIDEO_TOO_LONG: 'The video would be too long',
  RENDER_SCENE_FAILED: 'A scene fails while it is rendered',
  RENDER_ASSET_MISSING: 'A file of the film cannot be loaded',
  RENDER_TIMEOUT: 'Rendering took too long',
  RENDER_OUT_OF_MEMORY: 'Rendering needed too much memory',
  RENDER_BROWSER_MISSING: 'There is no browser to render with',
  RENDER_ENGINE_MISSING: 'There is nothing to render with',
  RENDER_SANDBOX_UNAVAILABLE: 'The film cannot be rendered safely here',
  RENDER_FAILED: 'The rendering broke off',
  RENDER_OUTPUT_INVALID: 'The rendered video is not as it should be',
  DISPATCH_DENIED: 'GitHub refuses the system’s credentials',
  DISPATCH_MISSING: 'GitHub does not know the repository or workflow',
  DISPATCH_UNAVAILABLE: 'GitHub did not take the work',
  RUN_NOT_STARTED: 'The run never began',
  RUN_LOST: 'The run ended without a word',
  RUN_TIMEOUT: 'The run took too long',
  CONTROL_PLANE_UNAVAILABLE: 'The run could not report back',
  INTERNAL: 'Something broke that should not',
};

/** @param error as the control plane has it; a code that this build does not know is shown with its own words */
export function problemOf(error: { code: string; message: string; diagnostics?: readonly ReportedProblem[] }): Problem {
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL';
  const { fault, retryable, advice } = ERRORS[code];
  return {
    code,
    headline: HEADLINES[code],
    detail: error.message,
    advice,
    fault,
    remedy: fault === 'user' ? 'change' : retryable ? 'retry' : 'report',
    places: (error.diagnostics ?? []).map(({ code: _, ...place }) => place),
  };
}

/** What a call that was refused, or that failed on its way, means. ConvexError is told by its data. */
export function problemOfCall(error: unknown): Problem {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : null;
  if (isRefusal(data)) return problemOf(data);
  return problemOf({ code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) });
}

/** Why what had to be saved first was not. The host may throw what it likes. */
export function problemOfSave(error: unknown): Problem {
  const problem = problemOfCall(error);
  if (problem.code !== 'INTERNAL') return problem;
  return {
    ...problem,
    headline: 'The version could not be saved',
    advice: 'Nothing was shared. Save again, then share.',
  };
}

function isRefusal(data: unknown): data is { code: string; message: string } {
  if (typeof data !== 'object' || data === null) return false;
  return 'code' in data && typeof data.code === 'string' && 'message' in data && typeof data.message === 'string';
}

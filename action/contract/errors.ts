/** The closed table of what can go wrong. Code decides on codes, never on message text. */
import type { Diagnostic } from './diagnostics.ts';

interface ErrorKind {
  /** Who can mend it: the author of the project, or whoever runs the system. */
  fault: 'user' | 'system';
  /** Whether the same call may go through later without anybody changing anything. */
  retryable: boolean;
  /** What to do about it, to the person who reads it. */
  advice: string;
}

const kinds = {
  USAGE: user('Run the command with --help to see what it takes.'),
  MANIFEST_MISSING: user('Add a permaframe.json with title, kind and entry (or scenes) at the top of the project.'),
  MANIFEST_INVALID: user('Correct the field of permaframe.json that is named.'),
  FOLDER_UNREADABLE: user('Check the path: it must be a folder that can be read.'),
  COMMIT_UNREADABLE: user('Check that the folder is inside a git repository and that the commit exists in it.'),
  PATH_INVALID: user('Rename the file: plain relative paths with "/" only.'),
  TOO_MANY_FILES: user('Remove files that the project does not use.'),
  SOURCE_FILE_TOO_LARGE: user('Split the file, or move its data to public/.'),
  SNAPSHOT_TOO_LARGE: user('Remove sources that the project does not use, or move data to public/.'),
  ASSET_TOO_LARGE: user('Compress the file.'),
  ARTIFACT_TOO_LARGE: user('Remove or compress assets.'),
  FILE_TYPE_NOT_SUPPORTED: user('Convert the file to a type that is supported.'),
  POSTER_INVALID: user('Point "poster" at a JPEG, PNG or WebP file of the project.'),
  ENTRY_MISSING: user('Point the entry of permaframe.json at a file of the project.'),
  ENTRY_WITHOUT_DEFAULT_EXPORT: user('Export the component as default: export default function Scene() {…}.'),
  SYNTAX_ERROR: user('Correct the source at the place that is shown.'),
  IMPORT_NOT_ALLOWED: user('Use one of the libraries of the runtime, or copy the code into the project.'),
  IMPORT_NOT_FOUND: user('Check the path: it is relative to the importing file, and upper and lower case count.'),
  IMPORT_OUTSIDE_PROJECT: user('Move the file into the project and import it by a relative path.'),
  IMPORT_UNSUPPORTED: user('Import files of the project by plain relative paths, known when the project is built.'),
  EXPORT_NOT_FOUND: user('Check the spelling of the imported name.'),
  REMOTE_NOT_ALLOWED: user('Download the file into the project: a permanent page does not depend on other hosts.'),
  BUNDLE_TOO_DEEP: user('Simplify the source: it is nested too deeply to be compiled.'),
  BUNDLE_TIMEOUT: user('Simplify the source: it takes too long to compile.'),
  BUNDLE_TOO_LARGE: user('Simplify the source: what it compiles to is too large.'),
  BUNDLE_FAILED: system(true, 'Try again; if it happens again, report it with the log.'),
  ARTIFACT_CONFLICT: user(
    'This version exists with other content; published versions never change. Share a new version.',
  ),
  ARTIFACT_MISSING: user('Check the link: there is no complete artifact behind it.'),
  ARTIFACT_GONE: user('This version was taken down by its owner.'),
  VERIFY_FAILED: system(false, 'The served bytes differ from what was published. Look at the files that are named.'),
  PAGE_UNREACHABLE: system(true, 'Check that the address is right and that the edge is up.'),
  CONFIG_INVALID: system(false, 'Set the setting that is named.'),
  STORE_UNREACHABLE: system(true, 'Check the endpoint of the store and the network.'),
  STORE_DENIED: system(false, 'Check the credentials that are named, and that they may read and write the bucket.'),
  STORE_BUCKET_MISSING: system(false, 'Create the bucket, or correct its name.'),
  STORE_UNAVAILABLE: system(true, 'The store answers with errors. Try again in a minute.'),
  RUNTIME_INVALID: system(false, 'Build the runtime again.'),
  LINK_INVALID: user('Ask for a new link: this one is damaged, or not for this page.'),
  LINK_EXPIRED: user('Ask for a new link: this one has expired.'),
  NOT_ALLOWED: user('Ask the owner of the project to add you, or to give you a role that may do this.'),
  NOT_FOUND: user('Check the name: there is no such thing, or you may not see it.'),
  NAME_TAKEN: user('Choose another name: this one is in use.'),
  INPUT_INVALID: user('Correct the field that is named.'),
  TOO_MANY_REQUESTS: user('Wait a moment, then try again.'),
  TOO_MANY_RENDERS: user('Wait until one of your videos is ready, or cancel one.'),
  TOO_MANY_PUBLISHES: user('Wait until one of your publishes has ended, or cancel one.'),
  SAVE_CONFLICT: user('Somebody saved a newer version. Look at it, then save again.'),
  STATE_CONFLICT: user('It is too late for that: look at the present state.'),
  VIDEO_NOT_A_FILM: user('Ask for a video of a storyboard: an app has no length that could be rendered.'),
  VIDEO_TOO_LARGE: user('Choose a lower resolution or frame rate.'),
  VIDEO_TOO_LONG: user('Shorten the film, or choose another format.'),
  RENDER_SCENE_FAILED: user('Correct the scene at the place that is shown, and share a new version.'),
  RENDER_ASSET_MISSING: user('Check the file that is named: it must be in the project and be what its name says.'),
  RENDER_TIMEOUT: user('Choose a lower resolution or frame rate, or simplify the scene that is named.'),
  RENDER_OUT_OF_MEMORY: user('Choose a lower resolution, or simplify the scenes: they need too much memory.'),
  RENDER_BROWSER_MISSING: system(false, 'Install Chromium or Google Chrome where videos are rendered.'),
  RENDER_ENGINE_MISSING: system(false, 'Install @remotion/renderer where videos are rendered: see docs/deploy.md.'),
  RENDER_SANDBOX_UNAVAILABLE: system(
    false,
    'Render on Linux, as root, with sudo, or where users may create namespaces: see docs/deploy.md.',
  ),
  RENDER_FAILED: system(true, 'Press Retry: what was rendered already is kept. The log may tell more.'),
  RENDER_OUTPUT_INVALID: system(true, 'The rendered file is not what was asked for. Press Retry.'),
  DISPATCH_DENIED: system(false, 'GitHub refuses the credentials of the control plane. Check its token or app.'),
  DISPATCH_MISSING: system(
    false,
    'GitHub has no such repository or workflow. Check the settings of the control plane.',
  ),
  DISPATCH_UNAVAILABLE: system(true, 'GitHub did not take the work. Press Retry in a few minutes.'),
  RUN_NOT_STARTED: system(true, 'GitHub took the work but never began it. Press Retry.'),
  RUN_LOST: system(true, 'The run ended without saying how. Press Retry; its log may tell more.'),
  RUN_TIMEOUT: system(true, 'The run took too long. Press Retry; if it happens again, look at its log.'),
  CONTROL_PLANE_UNAVAILABLE: system(
    true,
    'The run could not report to the control plane. Press Retry in a few minutes.',
  ),
  INTERNAL: system(false, 'This is a bug. Report it with the log.'),
} satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

/** The table, for whoever shows or decides on a code. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorKind>> = kinds;

function user(advice: string): ErrorKind {
  return { fault: 'user', retryable: false, advice };
}

function system(retryable: boolean, advice: string): ErrorKind {
  return { fault: 'system', retryable, advice };
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(kinds, text);
}

interface ErrorDetails {
  cause?: unknown;
  /** Where in the author's files, when known. */
  diagnostics?: readonly Diagnostic[];
}

/** The one error that crosses module borders. `message` is for people, `code` for code. */
export class PermaframeError extends Error {
  override readonly name = 'PermaframeError';
  readonly code: ErrorCode;
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.diagnostics = details.diagnostics ?? [];
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}

export function isPermaframeError(error: unknown): error is PermaframeError {
  return error instanceof PermaframeError;
}

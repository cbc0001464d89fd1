/** Where this package lies, and where it keeps what it makes on this machine. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Ignored by git: the built runtime, and the local stack's objects and settings. */
export const STATE_FOLDER = join(ROOT_FOLDER, '.permaframe');

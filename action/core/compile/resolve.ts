/** Which file of the snapshot an import means. Only relative paths, only files of the snapshot. */
import type { ErrorCode } from '../../contract/errors.ts';

export type Resolution = { kind: 'found'; path: string } | { kind: 'refused'; code: ErrorCode; message: string };

/** Tried in this order when an import leaves the extension out. */
const CODE_SUFFIXES = ['.tsx', '.ts', '.jsx', '.js', '.mts', '.mjs', '.json'];
/** Characters of a specifier that a message repeats. */
const MAX_QUOTED_CHARACTERS = 200;
/** TypeScript's habit: the import names the output, the source has another extension. */
const OUTPUT_SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
};

/**
 * @param specifier as written: `./title`, `../assets/logo.svg`; in styles also `logo.svg`
 * @param importer path of the importing file
 */
export function resolveInSnapshot(
  specifier: string,
  importer: string,
  files: { has(path: string): boolean },
  isStyle: boolean,
): Resolution {
  if (specifier.startsWith('/')) {
    return refused('IMPORT_OUTSIDE_PROJECT', `${quote(specifier)} is an absolute path; use a relative one`);
  }
  const path = join(importer, specifier);
  if (path === null) return refused('IMPORT_OUTSIDE_PROJECT', `${quote(specifier)} leads out of the project`);
  // "./a/" and ".." can only mean a folder.
  const isFolder = /(^|\/)\.{0,2}$/.test(specifier);
  const candidates = isStyle ? [path] : isFolder ? indexesOf(path) : candidatesInOrder(path);
  for (const candidate of candidates) if (files.has(candidate)) return { kind: 'found', path: candidate };
  if (/[?#]/.test(specifier)) {
    return refused('IMPORT_UNSUPPORTED', `${quote(specifier)} has a query or fragment, which is not supported`);
  }
  return refused('IMPORT_NOT_FOUND', `${quote(specifier)} (from ${importer}) is not a file of the project`);
}

/** A specifier as a message repeats it: in quotes, on one line, not endlessly. */
export function quote(specifier: string): string {
  const isLong = specifier.length > MAX_QUOTED_CHARACTERS;
  return JSON.stringify(isLong ? `${specifier.slice(0, MAX_QUOTED_CHARACTERS)}…` : specifier);
}

function refused(code: ErrorCode, message: string): Resolution {
  return { kind: 'refused', code, message };
}

/** A generator, because most imports are answered by the first. */
function* candidatesInOrder(path: string): Generator<string> {
  yield path;
  for (const suffix of CODE_SUFFIXES) yield path + suffix;
  for (const [output, sources] of Object.entries(OUTPUT_SUFFIXES)) {
    if (path.endsWith(output)) for (const source of sources) yield path.slice(0, -output.length) + source;
  }
  yield* indexesOf(path);
}

function indexesOf(path: string): string[] {
  const folder = path === '' ? '' : `${path}/`;
  return CODE_SUFFIXES.map((suffix) => `${folder}index${suffix}`);
}

/** Null when the path leaves the snapshot. */
function join(importer: string, specifier: string): string | null {
  const segments = importer.split('/').slice(0, -1);
  for (const segment of specifier.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join('/');
}

/** Which file of the snapshot an import means. Only relative paths, only files of the snapshot. */
import type { ErrorCode } from '../../contract/errors.ts';

export type Resolution = { kind: 'found'; path: string } | { kind: 'refused'; code: ErrorCode; message: string };

/** Tried in this order when an import leaves the extension out. */
const CODE_SUFFIXES = ['.tsx', '.ts', '.jsx', '.js', '.mjs', '.json'];
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
    return refused('IMPORT_OUTSIDE_PROJECT', `${JSON.stringify(specifier)} is an absolute path; use a relative one`);
  }
  if (/[?#]/.test(specifier)) {
    return refused(
      'IMPORT_UNSUPPORTED',
      `${JSON.stringify(specifier)} has a query or fragment, which is not supported`,
    );
  }
  const path = join(importer, specifier);
  if (path === null) {
    return refused('IMPORT_OUTSIDE_PROJECT', `${JSON.stringify(specifier)} leads out of the project`);
  }
  const found = candidates(path, isStyle).find((candidate) => files.has(candidate));
  if (found !== undefined) return { kind: 'found', path: found };
  const where = importer === '' ? '' : ` (from ${importer})`;
  return refused('IMPORT_NOT_FOUND', `${JSON.stringify(specifier)}${where} is not a file of the project`);
}

function refused(code: ErrorCode, message: string): Resolution {
  return { kind: 'refused', code, message };
}

function* candidatesInOrder(path: string): Generator<string> {
  yield path;
  for (const suffix of CODE_SUFFIXES) yield path + suffix;
  for (const [output, sources] of Object.entries(OUTPUT_SUFFIXES)) {
    if (path.endsWith(output)) for (const source of sources) yield path.slice(0, -output.length) + source;
  }
  const folder = path === '' ? '' : `${path}/`;
  for (const suffix of CODE_SUFFIXES) yield `${folder}index${suffix}`;
}

function candidates(path: string, isStyle: boolean): string[] {
  return isStyle ? [path] : [...candidatesInOrder(path)];
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

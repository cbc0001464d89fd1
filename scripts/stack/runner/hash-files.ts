/** `hashFiles()`: SHA-256 over the SHA-256 of each file that fits a pattern, in the order of their paths. */
import { createHash } from 'node:crypto';
import { globSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns hexadecimal digits; an empty text when nothing fits */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const lines = patterns.flatMap((pattern) => pattern.split('\n')).map((pattern) => pattern.trim());
  const included = lines.filter((pattern) => pattern !== '' && !pattern.startsWith('!'));
  const excluded = lines.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const paths = globSync(included, { cwd: workspace, exclude: excluded })
    .filter((path) => !path.startsWith('..') && lstatSync(join(workspace, path)).isFile())
    .sort();
  if (paths.length === 0) return '';
  const whole = createHash('sha256');
  for (const path of paths)
    whole.update(
      createHash('sha256')
        .update(readFileSync(join(workspace, path)))
        .digest(),
    );
  return whole.digest('hex');
}

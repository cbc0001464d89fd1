/**
 * Puts the compiling process into a folder of its own, which is empty. esbuild remembers where it was loaded, so this
 * is imported before it. The process makes the folder itself: were it the parent, it could be killed in between.
 */
import { mkdirSync, rmdirSync } from 'node:fs';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('the compiling process is given a folder to work in');
mkdirSync(folder, { mode: 0o700 });
process.chdir(folder);
process.once('exit', removeFolder);

/** The parent may be gone before it can. */
export function removeFolder(): void {
  try {
    rmdirSync(process.cwd());
  } catch {
    // The parent was faster.
  }
}

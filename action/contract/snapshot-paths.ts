/** Which files a snapshot has, and which limits hold for each. One rule for readers, control plane and editor. */
import { fileTypeOf, PUBLIC_FOLDER } from './content-types.ts';

/** Extensions of the files that are compiled, and that can be the entry of a scene or an app. */
export const CODE_EXTENSIONS: readonly string[] = ['ts', 'tsx', 'js', 'jsx', 'mts', 'mjs'];

/** Whether the file can be the entry of a scene or an app. */
export function isCodePath(path: string): boolean {
  return CODE_EXTENSIONS.some((extension) => path.toLowerCase().endsWith(`.${extension}`));
}

/** Files that are never part of a snapshot: hidden ones, and installed packages. So it never carries a workflow. */
export function isIgnoredPath(path: string): boolean {
  return path.split('/').some((segment) => segment.startsWith('.') || segment === 'node_modules');
}

/** Whether the limits of source files hold for it, rather than those of assets. */
export function isSourcePath(path: string): boolean {
  if (path.startsWith(PUBLIC_FOLDER)) return false;
  const use = fileTypeOf(path)?.use;
  return isCodePath(path) || use === 'code' || use === 'text';
}

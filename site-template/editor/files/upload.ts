/** Files from the person's machine, into the working copy. What is not allowed is said, and the rest goes in. */
import { isPermaframeError } from '../../../action/contract/errors.ts';
import { isIgnoredPath } from '../../../action/contract/snapshot-paths.ts';
import { checkListing } from '../../../action/core/snapshot.ts';
import type { Workspace, WorkspaceFile } from '../workspace.ts';
import { pathProblem } from './paths.ts';
import { readFile } from './read-file.ts';

export interface NamedFile {
  /** Below the folder that it is dropped on. */
  path: string;
  blob: Blob;
}

export function pickedFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
}

/** Files and whole folders of a drop. Must be called in the event itself: its data is gone afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const { promise, resolve, reject } = Promise.withResolvers<File>();
    (entry as FileSystemFileEntry).file(resolve, reject);
    return [{ path: entry.fullPath.replace(/^\//, ''), blob: await promise }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: NamedFile[] = [];
  // A reader gives its entries in portions; an empty one is the end.
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<FileSystemEntry[]>();
    reader.readEntries(resolve, reject);
    const portion = await promise;
    if (portion.length === 0) return found;
    found.push(...(await Promise.all(portion.map(filesOf))).flat());
  }
}

/** @param folder where they go, with a slash at its end; empty for the top */
export async function addFiles(
  workspace: Workspace,
  given: readonly NamedFile[],
  folder: string,
): Promise<{ added: string[]; problems: string[] }> {
  const problems: string[] = [];
  const entries = await Promise.all(
    given
      .map(({ path, blob }) => ({ path: `${folder}${path}`.normalize('NFC'), blob }))
      .filter(({ path }) => !isIgnoredPath(path))
      .map(async ({ path, blob }): Promise<[string, WorkspaceFile][]> => {
        const problem = problemOf(workspace, path, blob);
        if (problem !== null) problems.push(problem);
        return problem === null ? [[path, await readFile(path, blob)]] : [];
      }),
  );
  const added = entries.flat();
  if (added.length > 0) workspace.change((files) => new Map([...files, ...added]));
  return { added: added.map(([path]) => path), problems };
}

function problemOf(workspace: Workspace, path: string, blob: Blob): string | null {
  const { files } = workspace.getState();
  // A file of the same name is replaced.
  const problem = files.has(path) ? null : pathProblem(path, files);
  if (problem !== null) return `${path}: ${problem}`;
  try {
    checkListing([{ path, bytes: blob.size }]);
    return null;
  } catch (error) {
    if (isPermaframeError(error)) return `${error.message}. ${error.kind.advice}`;
    throw error;
  }
}

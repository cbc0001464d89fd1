/** Projects on disk, in folders that are gone afterwards. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ProjectFolder extends AsyncDisposable {
  path: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

/** @param name last segment of the folder's path */
export async function makeProjectFolder(
  files: Readonly<Record<string, string>>,
  name = 'project',
): Promise<ProjectFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  const path = join(parent, name);
  const write = async (more: Readonly<Record<string, string | Uint8Array>>): Promise<void> => {
    for (const [file, text] of Object.entries(more)) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text);
    }
  };
  await mkdir(path);
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

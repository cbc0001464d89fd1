/** In the place of actions/upload-artifact: copies files into the run's folder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, glob, lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Equivalent } from '../action-step.ts';
import { type Execution, StepFailure } from '../job-session.ts';
import { artifactFolder } from './artifact-store.ts';

export const uploadArtifact: Equivalent = async (inputs, execution) => {
  const name = inputs.name || 'artifact';
  const folder = artifactFolder(execution, name);
  const { root, files } = await findFiles(inputs.path ?? '', inputs['include-hidden-files'] === 'true', execution);
  if (files.length === 0) {
    const message = `No files were found with the provided path: ${inputs.path}. No artifacts will be uploaded.`;
    if (inputs['if-no-files-found'] === 'error') throw new StepFailure(message);
    if (inputs['if-no-files-found'] !== 'ignore') execution.log.annotate('warning', message);
    return {};
  }
  if (inputs.overwrite === 'true') await rm(folder, { recursive: true, force: true });
  if (existsSync(folder)) throw new StepFailure(`an artifact with the name '${name}' already exists in this run`);
  const digest = createHash('sha256');
  for (const file of files) {
    const target = join(folder, relative(root, file));
    await mkdir(dirname(target), { recursive: true });
    await cp(file, target);
    digest
      .update(relative(root, file))
      .update('\0')
      .update(await readFile(file));
  }
  execution.log.say(`${files.length} files are the artifact ${name}`);
  const id = String(parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16));
  const url = `${execution.frame.session.run.url}/artifacts/${id}`;
  return { 'artifact-id': id, 'artifact-digest': digest.digest('hex'), 'artifact-url': url };
};

/** @returns regular files, and the folder that all searched paths share: paths in the artifact count from there */
async function findFiles(path: string, withHidden: boolean, { frame }: Execution) {
  const { workspace } = frame.session.folders;
  const lines = path
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const searched = lines.filter((line) => !line.startsWith('!')).map((line) => resolve(workspace, line));
  const excluded = lines.filter((line) => line.startsWith('!')).map((line) => resolve(workspace, line.slice(1)));
  if (searched.length === 0) throw new StepFailure('Input required and not supplied: path');
  const found = new Set<string>();
  for await (const match of glob(searched, { exclude: excluded })) {
    for (const file of await filesBelow(match)) found.add(file);
  }
  const roots = await Promise.all(searched.map(literalPart));
  const root = roots.reduce(sharedFolder);
  const isHidden = (file: string) =>
    relative(root, file)
      .split(sep)
      .some((part) => part.startsWith('.'));
  const files = [...found].filter((file) => !excluded.includes(file) && (withHidden || !isHidden(file)));
  return { root: files.length === 1 && files[0] === root ? dirname(root) : root, files: files.sort() };
}

/** Links are left out: where they lead is not for an artifact. */
async function filesBelow(path: string): Promise<string[]> {
  const status = await lstat(path);
  if (status.isFile()) return [path];
  if (!status.isDirectory()) return [];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What stands before the first pattern; of a single file, its folder. */
async function literalPart(pattern: string): Promise<string> {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  if (first >= 0) return parts.slice(0, first).join(sep) || sep;
  const status = await lstat(pattern).catch(() => null);
  return status?.isFile() ? dirname(pattern) : pattern;
}

function sharedFolder(one: string, other: string): string {
  const [parts, others] = [one.split(sep), other.split(sep)];
  const first = parts.findIndex((part, at) => part !== others[at]);
  return (first < 0 ? parts : parts.slice(0, first)).join(sep) || sep;
}

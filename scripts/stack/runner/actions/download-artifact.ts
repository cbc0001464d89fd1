/** In the place of actions/download-artifact: copies files out of the run's folder. */
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join, matchesGlob, resolve } from 'node:path';
import type { Equivalent } from '../action-step.ts';
import { StepFailure } from '../job-session.ts';
import { artifactFolder, listArtifacts } from './artifact-store.ts';

export const downloadArtifact: Equivalent = async (inputs, execution) => {
  const { workspace, home } = execution.frame.session.folders;
  const path = resolve(workspace, (inputs.path ?? '').replace(/^~(?=\/|$)/, home));
  await mkdir(path, { recursive: true });
  const { name = '', pattern = '' } = inputs;
  if (name !== '') {
    const folder = artifactFolder(execution, name);
    if (!existsSync(folder)) throw new StepFailure(`Artifact not found for name: ${name}`);
    await cp(folder, path, { recursive: true });
    return { 'download-path': path };
  }
  const names = (await listArtifacts(execution)).filter((each) => pattern === '' || matchesGlob(each, pattern));
  for (const each of names) {
    const target = inputs['merge-multiple'] === 'true' ? path : join(path, each);
    await cp(artifactFolder(execution, each), target, { recursive: true });
  }
  execution.log.say(`${names.length} artifacts are at ${path}`);
  return { 'download-path': path };
};

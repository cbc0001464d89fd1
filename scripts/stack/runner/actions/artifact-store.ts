/** Where the artifacts of a run's jobs are: a folder each, in the run's folder, with a digest beside them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Execution, StepFailure } from '../job-session.ts';

export function artifactFolder({ frame }: Execution, name: string): string {
  if (name === '' || /["*:<>|?\r\n\\/]/.test(name) || /^\.+$/.test(name)) {
    throw new StepFailure(`The artifact name is not valid: ${JSON.stringify(name)}`);
  }
  return join(frame.session.artifactsFolder, name);
}

export async function listArtifacts({ frame }: Execution): Promise<string[]> {
  const { artifactsFolder } = frame.session;
  return existsSync(artifactsFolder) ? (await readdir(artifactsFolder)).sort() : [];
}

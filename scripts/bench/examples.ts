/** The example projects: what most of the bench is measured on. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_FOLDER } from '../state.ts';

export interface Example {
  name: string;
  folder: string;
}

const EXAMPLES_FOLDER = join(ROOT_FOLDER, 'site-template', 'examples');

export function listExamples(): Example[] {
  const entries = readdirSync(EXAMPLES_FOLDER, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.sort().map((name) => ({ name, folder: join(EXAMPLES_FOLDER, name) }));
}

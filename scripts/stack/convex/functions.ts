/** The functions of a Convex folder: found by reading it, loaded by Node, called by path. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RequestError } from './errors.ts';
import type { ModuleMap, Schema } from './internals.ts';

export type FunctionKind = 'query' | 'mutation' | 'action';

export interface ConvexFunctions {
  modules: ModuleMap;
  schema: Schema | undefined;
  /** What `auth.config.ts` and `crons.ts` export. */
  authConfig: unknown;
  crons: unknown;
  hasHttp: boolean;
  /** @throws Error when there is none, as Convex words it */
  find(path: string, allowInternal: boolean): Promise<FunctionKind>;
}

/** Where convex-test is told that the functions lie. */
const ROOT = '/convex/';

interface Exported {
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  isPublic?: boolean;
}

/** @throws Error naming a file that this stack cannot run */
export async function loadFunctions(folder: string): Promise<ConvexFunctions> {
  const files = listFiles(folder);
  const load = async (name: string): Promise<Record<string, unknown> | undefined> => {
    const file = files.find((path) => path.replace(/\.[^.]+$/, '') === name);
    return file === undefined ? undefined : await import(pathToFileURL(join(folder, file)).href);
  };
  if (files.some((path) => path.startsWith('convex.config.'))) {
    throw new Error('convex.config: the local stack does not run Convex components');
  }
  const modules: ModuleMap = { [`${ROOT}_generated/root.js`]: async () => ({}) };
  for (const path of files.filter(isFunctionFile)) {
    const address = pathToFileURL(join(folder, path)).href;
    modules[ROOT + path] = () => import(address);
  }
  const names = new Set(Object.keys(modules).map((path) => path.slice(ROOT.length).replace(/\.[^.]+$/, '')));
  return {
    modules,
    schema: (await load('schema'))?.default as Schema | undefined,
    authConfig: (await load('auth.config'))?.default,
    crons: (await load('crons'))?.default,
    hasHttp: names.has('http'),
    find: async (path, allowInternal) => {
      const [name = '', exported = 'default'] = path.split(':');
      const found = names.has(name) ? ((await load(name))?.[exported] as Exported | undefined) : undefined;
      const kind = kindOf(found);
      if (kind !== undefined && (allowInternal || found?.isPublic)) return kind;
      const remedy = 'Did you forget to run `npx convex dev` or `npx convex deploy`?';
      throw new RequestError(
        404,
        'FunctionNotFound',
        `Could not find ${allowInternal ? '' : 'public '}function for '${path}'. ${remedy}`,
      );
    },
  };
}

/** `messages.js:list` and `messages:list` are one function, `messages` is its default export. */
export function canonicalPath(path: string): string {
  const [name = '', exported = 'default'] = path.split(':');
  return `${name.replace(/\.js$/, '')}:${exported}`;
}

function kindOf(exported: Exported | undefined): FunctionKind | undefined {
  if (exported?.isQuery) return 'query';
  if (exported?.isMutation) return 'mutation';
  return exported?.isAction ? 'action' : undefined;
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => relative(folder, path).split(sep).join('/')).sort();
}

/** As Convex has it: a file with two dots is none of its modules. */
function isFunctionFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path.startsWith('_generated/') || name.split('.').length !== 2) return false;
  if (/\.(tsx|jsx)$/.test(name)) throw new Error(`${path}: the local stack does not run JSX`);
  return /\.(ts|js|mjs|mts)$/.test(name) && !['schema.ts', 'crons.ts'].includes(path);
}

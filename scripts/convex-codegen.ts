/**
 * Writes convex/_generated in the form of Convex's own templates. The `convex` command does the same, but asks a
 * deployment first; this needs nothing but the list of files. Run: `node scripts/convex-codegen.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { ROOT_FOLDER } from './state.ts';

const FUNCTIONS_FOLDER = join(ROOT_FOLDER, 'convex');

/** https://github.com/get-convex/convex-backend, sync_types: a deployment refuses any other file name. */
const MODULE_NAME = /^[A-Za-z0-9_.]+$/;

interface Templates {
  apiCodegen(modulePaths: string[], options: { useTypeScript: boolean }): { DTS: string; JS: string };
  serverCodegen(options: { useTypeScript: boolean }): { DTS: string; JS: string };
  dynamicDataModelDTS(): string;
  compareModulePaths(a: string, b: string): number;
}

const convexPackage = dirname(createRequire(import.meta.url).resolve('convex/package.json'));

/**
 * The templates are no public part of the package: taken by path, from the version that is pinned. One of them reaches
 * into the rest of the command, which does not load by itself; nothing of that is used here, so it is left out.
 */
async function loadTemplates(): Promise<Templates> {
  const folder = join(convexPackage, 'dist/esm/cli/codegen_templates');
  const names = ['api', 'server', 'dataModel', 'common'];
  const { outputFiles } = await build({
    stdin: { contents: names.map((name) => `export * from './${name}.js';`).join('\n'), resolveDir: folder },
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [
      {
        name: 'without the rest of the command',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\.\/lib\// }, ({ path }) => ({ path, namespace: 'left-out' }));
          onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}' }));
        },
      },
    ],
  });
  const text = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(`data:text/javascript;base64,${text}`)) as Templates;
}

/** Convex formats what it generates with its own prettier. */
async function format(text: string): Promise<string> {
  const prettier = (await import(createRequire(join(convexPackage, 'package.json')).resolve('prettier'))) as {
    default: { format(text: string, options: object): Promise<string> };
  };
  return prettier.default.format(text, { parser: 'typescript', pluginSearchDirs: false });
}

/**
 * The modules of the functions folder, by the rules of Convex's bundler.
 * @throws Error for a file name that a deployment would refuse
 */
export function modulePaths(): string[] {
  const files = readdirSync(FUNCTIONS_FOLDER, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => relative(FUNCTIONS_FOLDER, join(entry.parentPath, entry.name)));
  const modules = paths.filter((path) => isModule(path)).map((path) => path.split(sep).join('/'));
  const refused = modules.filter((path) => !path.split('/').every((part) => MODULE_NAME.test(part)));
  if (refused.length > 0) throw new Error(`Convex takes only letters, digits, "_" and ".": ${refused.join(', ')}`);
  return modules;
}

function isModule(path: string): boolean {
  const name = path.slice(path.lastIndexOf(sep) + 1);
  if (path.startsWith(`_generated${sep}`) || !/\.(ts|tsx|js|jsx|mts|mjs)$/.test(name)) return false;
  if (name === 'schema.ts' || name.startsWith('.') || name.split('.').length > 2) return false;
  return /^\s*(import|export)/m.test(readFileSync(join(FUNCTIONS_FOLDER, path), 'utf8'));
}

/** What belongs into convex/_generated: file name → text. */
export async function generateConvexFiles(): Promise<Record<string, string>> {
  const templates = await loadTemplates();
  const api = templates.apiCodegen(modulePaths().sort(templates.compareModulePaths), { useTypeScript: false });
  const server = templates.serverCodegen({ useTypeScript: false });
  const texts: Record<string, string> = {
    'api.d.ts': api.DTS,
    'api.js': api.JS,
    'dataModel.d.ts': templates.dynamicDataModelDTS(),
    'server.d.ts': server.DTS,
    'server.js': server.JS,
  };
  const formatted = Object.entries(texts).map(async ([name, text]) => [name, await format(text)] as const);
  return Object.fromEntries(await Promise.all(formatted));
}

if (import.meta.main) {
  const folder = join(FUNCTIONS_FOLDER, '_generated');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(await generateConvexFiles())) await writeFile(join(folder, name), text);
}

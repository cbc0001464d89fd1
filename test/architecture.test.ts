/** Holds what docs/architecture.md says: who may import whom, and how large a file or a function may grow. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { ROOT_FOLDER } from '../scripts/state.ts';

const MAX_FILE_LINES = 350;
const MAX_FUNCTION_LINES = 60;

/** Folder → layer. The longest folder that fits counts. */
const LAYERS: Readonly<Record<string, string>> = {
  action: 'root',
  'action/contract': 'contract',
  'action/core': 'core',
  'action/adapters': 'adapters',
  convex: 'convex',
  'convex/_generated': 'convex generated',
  'convex/model': 'convex model',
  'convex/node': 'convex node',
  'site-template/page': 'page',
  'site-template/edge': 'edge',
  'site-template/runtime': 'runtime',
  'site-template/editor': 'editor',
  'site-template/examples': 'example',
  scripts: 'script',
  test: 'test',
};

/** Layer → the layers that it may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  core: ['contract'],
  adapters: ['contract', 'core'],
  root: ['contract', 'core', 'adapters', 'page'],
  'convex generated': ['convex', 'convex node'],
  'convex model': ['contract', 'convex generated'],
  convex: ['contract', 'convex model', 'convex generated'],
  // Composition roots on Convex's Node runtime.
  'convex node': ['contract', 'core', 'adapters', 'convex model', 'convex generated'],
  page: ['contract'],
  edge: ['contract'],
  runtime: ['contract', 'core'],
  editor: ['contract', 'core', 'page', 'runtime', 'convex generated'],
  example: [],
  script: Object.values(LAYERS).filter((layer) => layer !== 'test'),
  test: Object.values(LAYERS),
};

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT_FOLDER,
})
  .toString()
  .split('\0')
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.includes('_generated/') && !path.startsWith('test/fixtures/'))
  .filter((path) => existsSync(join(ROOT_FOLDER, path)));

interface AstNode {
  type: string;
  start: number;
  end: number;
  source?: { value?: unknown } | null;
  [key: string]: unknown;
}

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
  resolved?: string;
}

function read(path: string): string {
  return readFileSync(join(ROOT_FOLDER, path), 'utf8');
}

function* nodesOf(node: unknown): Generator<AstNode> {
  if (Array.isArray(node)) for (const item of node) yield* nodesOf(item);
  else if (typeof node === 'object' && node !== null && 'type' in node) {
    yield node as AstNode;
    for (const value of Object.values(node)) if (typeof value === 'object') yield* nodesOf(value);
  }
}

function layerOf(path: string): string | undefined {
  const folders = Object.keys(LAYERS).filter((folder) => path.startsWith(`${folder}/`));
  const folder = folders.sort((a, b) => b.length - a.length)[0];
  return folder === undefined ? undefined : LAYERS[folder];
}

const parsed = new Map(files.map((path) => [path, [...nodesOf(parseSync(path, read(path)).program)]]));

function importsOf(path: string): string[] {
  const sources = (parsed.get(path) ?? [])
    .filter(({ type }) => /^(Import|Export(Named|All))(Declaration|Expression)$/.test(type))
    .map(({ source }) => source?.value);
  return sources.filter((source) => typeof source === 'string' && source.startsWith('.')) as string[];
}

describe('architecture', () => {
  it('sees the files that it is about', () => {
    expect(files).toContain('action/core/publish.ts');
    expect(importsOf('action/core/publish.ts')).toContain('../contract/errors.ts');
  });

  it('imports run downward only', () => {
    const upward = files.flatMap((path) => {
      const layer = layerOf(path);
      if (layer === undefined) return [];
      return importsOf(path).flatMap((specifier) => {
        const target = layerOf(join(dirname(path), specifier));
        const allowed = target === undefined || target === layer || MAY_IMPORT[layer]?.includes(target);
        return allowed ? [] : [`${path} (${layer}) imports ${specifier} (${target})`];
      });
    });
    expect(upward).toEqual([]);
  });

  it('nothing that ships reads the environment, but composition roots', () => {
    const roots = /^(scripts|test|convex|action\/(render\/)?(main|inputs)\.ts|[^/]+\.config\.ts)/;
    // Passed on, not decided on: where git and esbuild are, for child processes that get nothing else.
    const passedOn = ['action/adapters/esbuild.ts', 'action/adapters/git.ts'];
    const readers = files.filter(
      (path) => !roots.test(path) && !passedOn.includes(path) && /process\.env\b/.test(read(path)),
    );
    expect(readers.filter((path) => !/'process\.env/.test(read(path)))).toEqual([]);
  });

  it(`no file has more than ${MAX_FILE_LINES} lines`, () => {
    const long = files.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_FILE_LINES)).toEqual([]);
  });

  it(`no function has more than ${MAX_FUNCTION_LINES} lines`, () => {
    const long = files
      .filter((path) => !path.startsWith('test/'))
      .flatMap((path) => {
        const text = read(path);
        const functions = (parsed.get(path) ?? []).filter(({ type }) => /Function(Declaration|Expression)$/.test(type));
        return functions.map(({ start, end }) => ({
          place: `${path}:${text.slice(0, start).split('\n').length}`,
          lines: text.slice(start, end).split('\n').length,
        }));
      });
    expect(long.filter(({ lines }) => lines > MAX_FUNCTION_LINES)).toEqual([]);
  });

  it('the lock file names every optional package, and no address: npm ci works on every machine', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const locked = Object.entries(lock.packages);
    const isLocked = (name: string) => locked.some(([path]) => path.endsWith(`node_modules/${name}`));
    const optional = locked.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}));
    expect(optional.length).toBeGreaterThan(10);
    expect(optional.filter((name) => !isLocked(name))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('each file begins by saying its one job', () => {
    const silent = files.filter((path) => {
      const [first = '', second = ''] = read(path).split('\n');
      const line = first.startsWith('#!') ? second : first;
      return (
        !/^(\/\*\*|\/\/|\/\*|import \{ defineConfig)/.test(line) &&
        !path.startsWith('site-template/examples/') &&
        !/^test\/.*\.test\.tsx?$/.test(path)
      );
    });
    expect(silent).toEqual([]);
  });
});

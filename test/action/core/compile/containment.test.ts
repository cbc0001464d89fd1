import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCompiler } from '../../../../action/adapters/esbuild.ts';
import { readFolder } from '../../../../action/adapters/folder.ts';
import { isPermaframeError, type PermaframeError } from '../../../../action/contract/errors.ts';
import type { Compiled } from '../../../../action/core/compile/compile.ts';
import { ROOT_FOLDER } from '../../../../scripts/state.ts';
import { refusalOf } from '../../../support/compiling.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { APP } from '../../../support/snapshots.ts';
import { type Canaries, codeRoads, configurationRoads, type Road, styleRoads } from './roads.ts';

const TOKEN = `canary${randomBytes(12).toString('hex')}`;
const VARIABLE = 'PERMAFRAME_CANARY';
/** Roads taken at once: no more than 20 problems are reported, and some roads have two. */
const BATCH = 14;

const CANARIES: Readonly<Record<string, string>> = {
  'secret.ts': `export default '${TOKEN}';`,
  'secret.css': `.${TOKEN} { top: 0 }`,
  'secret.json': `{ "compilerOptions": { "jsxFactory": "${TOKEN}" }, "key": "${TOKEN}" }`,
  'secret.txt': TOKEN,
  'secret.png': TOKEN,
  'secret.map': JSON.stringify({ version: 3, sources: [TOKEN], sourcesContent: [TOKEN], mappings: 'AAAA' }),
  '.env': `SECRET=${TOKEN}`,
};
/** Broken, so that whoever reads them complains, and quotes them. */
const BROKEN: Readonly<Record<string, string>> = {
  'tsconfig.json': `{ "extends": ${TOKEN}`,
  'package.json': `{ "name": ${TOKEN}`,
};

let outside: string;
let project: string;
let canaries: Canaries;
const before = { HOME: process.env.HOME, cwd: process.cwd() };

async function plant(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'permaframe-canary-'));
  project = join(outside, 'project');
  canaries = { outside, fromTemporaryFolder: `../${basename(outside)}`, variable: VARIABLE };
  const planted = { ...CANARIES, ...BROKEN };
  for (const folder of [outside, join(outside, 'home'), join(project, '.hidden')]) await plant(folder, planted);
  await plant(project, { '.env': TOKEN });
  await plant(join(project, 'node_modules/secret'), { ...planted, 'index.js': CANARIES['secret.ts'] ?? '' });
  await symlink('../secret.ts', join(project, 'link.ts'));
  await symlink('../secret.css', join(project, 'link.css'));
  await symlink('..', join(project, 'linked'));
  process.env.HOME = join(outside, 'home');
  process.env[VARIABLE] = TOKEN;
  process.chdir(outside);
});

afterAll(async () => {
  process.chdir(before.cwd);
  process.env.HOME = before.HOME;
  delete process.env[VARIABLE];
  await rm(outside, { recursive: true, force: true });
});

/** Writes the project to disk, reads it as a snapshot, compiles it as it is done in production. */
async function compileProject(files: Readonly<Record<string, string>>): Promise<Compiled | PermaframeError> {
  const all = { 'permaframe.json': JSON.stringify(APP), ...configurationRoads(canaries), ...files };
  await rm(join(project, 'roads'), { recursive: true, force: true });
  for (const [path, content] of Object.entries(all)) {
    await mkdir(join(project, path, '..'), { recursive: true });
    await writeFile(join(project, path), content);
  }
  const { runtime } = await sharedRuntime();
  await using compiler = createCompiler(runtime);
  const result = await readFolder(project)
    .then((snapshot) => compiler.compile(snapshot))
    .catch((error: unknown) => {
      if (isPermaframeError(error)) return error;
      throw error;
    });
  expectNothingOfOurs(result, JSON.stringify(all));
  return result;
}

/** No token anywhere; no path and no name of this machine, but what the sources themselves say. */
function expectNothingOfOurs(result: Compiled | PermaframeError, sources: string): void {
  const { message, stack, cause, ...rest } = result as Partial<PermaframeError> & Compiled;
  const text = JSON.stringify([message, rest]);
  expect(text.length).toBeGreaterThan(50);
  expect(text).not.toContain(TOKEN);
  expect([stack, String(cause)].join('')).not.toContain(TOKEN);
  const places = [ROOT_FOLDER, outside, project, tmpdir(), 'permaframe-compile-', hostname()];
  for (const place of places.filter((each) => each.length > 3 && !sources.includes(each))) {
    expect(text).not.toContain(place);
  }
}

function* batches(roads: readonly Road[]): Generator<[Road, number][]> {
  const numbered = roads.map((road, index): [Road, number] => [road, index + 1]);
  for (let start = 0; start < numbered.length; start += BATCH) yield numbered.slice(start, start + BATCH);
}

/** A project that takes the roads one after another, and the files that they lie in. */
function takeRoads(roads: readonly [Road, number][], extension: 'tsx' | 'css') {
  const path = (number: number) => `roads/${number}.${extension}`;
  const imports = roads.map(([, number]) => `import './${path(number)}';`);
  return {
    'app.tsx': `${imports.join('\n')}\nexport default () => null;`,
    ...Object.fromEntries(roads.map(([road, number]) => [path(number), road.source])),
  };
}

async function expectRefusals(roads: readonly Road[], extension: 'tsx' | 'css'): Promise<void> {
  for (const batch of batches(roads)) {
    const error = (await compileProject(takeRoads(batch, extension))) as PermaframeError;
    const found = batch.map(([{ source }, number]) => {
      const problem = error.diagnostics.find(({ file }) => file === `roads/${number}.${extension}`);
      return { source, refusedWith: problem?.code };
    });
    expect(found).toEqual(batch.map(([road]) => road));
  }
}

const refused = (roads: readonly Road[]) => roads.filter(({ refusedWith }) => refusedWith !== null);
const harmless = (roads: readonly Road[]) => roads.filter(({ refusedWith }) => refusedWith === null);

describe('a snapshot', () => {
  test('is stopped on every road of its code that leads out, by a named error', async () => {
    await expectRefusals(refused(codeRoads(canaries)), 'tsx');
  });

  test('is stopped on every road of its styles that leads out, by a named error', async () => {
    await expectRefusals(refused(styleRoads(canaries)), 'css');
  });

  test.each(['tsx', 'css'] as const)('takes the other roads of %s without arriving anywhere', async (extension) => {
    const roads = harmless(extension === 'tsx' ? codeRoads(canaries) : styleRoads(canaries));
    for (const batch of batches(roads)) {
      expect(await compileProject(takeRoads(batch, extension))).toHaveProperty('engine', 'react');
    }
  });

  test('is told the same whether or not something lies where a computed path leads', async () => {
    const glob = (path: string) => `declare const a: string; import(\`${path}\${a}\`); export default a;`;
    const near = canaries.fromTemporaryFolder;
    const answers: unknown[] = [];
    for (const path of [`${near}/sec`, `${near}/`, '../nothing-at-all/', '../../../../']) {
      const { code, diagnostics } = (await compileProject({ 'app.tsx': glob(path) })) as PermaframeError;
      answers.push([code, diagnostics.map(({ message, file, line, column }) => [message, file, line, column])]);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject(['IMPORT_UNSUPPORTED', [[expect.any(String), 'app.tsx', 1, 33]]]);
  });
});

test('what a computed path finds is not read, even where esbuild could open it', async () => {
  // In this process: its esbuild works where the suite was started, and may open files.
  const path = `${relative(before.cwd, outside)}/secret.tx`;
  const app = `declare const a: string; import(\`${path}\${a}\`, { with: { type: 'text' } }); export default a;`;
  const error = await refusalOf({ 'app.tsx': app });
  expect(error.diagnostics).toMatchObject([{ code: 'IMPORT_UNSUPPORTED', file: 'app.tsx', line: 1, column: 33 }]);
  expectNothingOfOurs(error, app);
});

describe('without our options, the same roads lead to the token: they prove something', () => {
  let open: string;
  beforeAll(async () => {
    open = await mkdtemp(join(tmpdir(), 'permaframe-canary-'));
    await plant(open, CANARIES);
    await plant(join(open, 'project/node_modules/secret'), { 'index.js': CANARIES['secret.ts'] ?? '' });
    await symlink('../secret.ts', join(open, 'project/link.ts'));
  });
  afterAll(() => rm(open, { recursive: true, force: true }));

  const bundle = async (contents: string): Promise<string | undefined> => {
    const plain = { bundle: true, write: false, logLevel: 'silent', format: 'esm' } as const;
    const stdin = { contents, resolveDir: join(open, 'project'), loader: 'tsx' } as const;
    return (await build({ ...plain, stdin, loader: { '.txt': 'text' } })).outputFiles[0]?.text;
  };

  test.each([
    ['an absolute path', () => `import a from '${open}/secret.ts'; console.log(a)`],
    ['a path upward', () => "import a from '../secret.txt'; console.log(a)"],
    ['a link', () => "import a from './link.ts'; console.log(a)"],
    ['a computed path', () => "console.log(import('../secret.tx' + prompt()))"],
    ['an installed package', () => "import a from 'secret'; console.log(a)"],
    ['a hidden file', () => "import a from '../.env' with { type: 'text' }; console.log(a)"],
  ])('%s', async (_, source) => {
    expect(await bundle(source())).toContain(TOKEN);
  });

  test('an error message', async () => {
    await expect(bundle(`import a from '${outside}/package.json'; console.log(a)`)).rejects.toThrow(TOKEN);
  });
});

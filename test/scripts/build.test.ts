import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';
import { threeScenes } from '../support/tree.ts';

let project: ProjectFolder;
beforeAll(async () => {
  project = await makeProjectFolder(threeScenes(), 'Three Scenes!');
});
afterAll(() => project[Symbol.asyncDispose]());

/** Path → hash of every file of a tree. */
async function hashesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashed = files.map(async (file): Promise<[string, string]> => {
    const hash = createHash('sha256').update(await readFile(file));
    return [file.slice(folder.length + 1), hash.digest('hex')];
  });
  return Object.fromEntries((await Promise.all(hashed)).sort());
}

describe('permaframe build', () => {
  it('writes the tree that its JSON lists, and nothing else but the runtime manifest', async () => {
    const out = join(project.path, '..', 'tree');
    const { code, stdout, stderr } = await runCommand(['build', project.path, '--out', out, '--json']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(['artifactHash', 'files', 'warnings', 'timings']);
    const hashes = await hashesOf(out);
    const listed = result.files.map((file: { key: string; sha256: string }) => [file.key, file.sha256]);
    const others = Object.keys(hashes).filter((key) => !/^runtime\/manifest-/.test(key));
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(others.map((key) => [key, hashes[key]])));
    expect(result.artifactHash).toBe(hashes['artifacts/three-scenes/1/meta.json']);
    expect(result.timings.total).toBeGreaterThan(0);
  });

  it('gives byte-identical trees in two folders, with two clocks and the files made in reverse order', async () => {
    const files = Object.entries(threeScenes());
    await using other = await makeProjectFolder(Object.fromEntries(files.reverse()), 'elsewhere');
    const past = new Date('1999-12-31T23:59:59Z');
    for (const [path] of files) await utimes(join(other.path, path), past, past);
    const build = async (folder: string, out: string, env: Record<string, string>) => {
      const place = ['--thread', 'same', '--project', 'same'];
      expect((await runCommand(['build', folder, '--out', out, ...place], env)).code).toBe(0);
      return hashesOf(out);
    };
    const here = await build(project.path, join(project.path, '..', 'here'), { TZ: 'UTC', LANG: 'C' });
    const env = { TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', NODE_OPTIONS: `--import ${oldClock}` };
    const there = await build(other.path, join(other.path, '..', 'there'), env);
    expect(Object.keys(here).length).toBeGreaterThan(10);
    expect(there).toEqual(here);
  });

  it('replaces an earlier tree as a whole, and refuses a folder with anything else in it', async () => {
    const out = join(project.path, '..', 'again');
    expect((await runCommand(['build', project.path, '--out', out, '--thread', 'first'])).code).toBe(0);
    expect((await runCommand(['build', project.path, '--out', out, '--thread', 'second'])).code).toBe(0);
    expect(await readdir(join(out, 'artifacts'))).toEqual(['second']);

    const precious = join(project.path, '..', 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'thesis.txt'), 'years of work');
    const refused = await runCommand(['build', project.path, '--out', precious, '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'USAGE' });
    expect(await readdir(precious)).toEqual(['thesis.txt']);
  });

  it("says where the author's mistake is, exits with 1 and writes nothing", async () => {
    await using broken = await makeProjectFolder(
      threeScenes({ 'scenes/two.tsx': 'export default () => <b>two</i>;\n' }),
    );
    const out = join(broken.path, '..', 'out');
    const { code, stdout } = await runCommand(['build', broken.path, '--out', out, '--json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'SYNTAX_ERROR' });
    expect(error.diagnostics[0]).toMatchObject({
      file: 'scenes/two.tsx',
      line: 1,
      excerpt: 'export default () => <b>two</i>;',
    });
    expect(existsSync(out)).toBe(false);
    expect(await readdir(join(broken.path, '..'))).toEqual(['project']);
  });

  it('shows the place of a mistake in the terminal, and keeps stdout empty', async () => {
    await using broken = await makeProjectFolder(threeScenes({ 'scenes/two.tsx': "import 'left-pad';\n" }));
    const { code, stdout, stderr } = await runCommand(['build', broken.path, '--out', join(broken.path, '..', 'out')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error IMPORT_NOT_ALLOWED: scenes/two.tsx:1:8: "left-pad" is not in the runtime');
    expect(stderr).toContain("  1 │ import 'left-pad';\n    │        ^");
  });

  it.each([
    [['build'], 'a folder is needed'],
    [['build', '.', '--out', 'x', '--colour', 'red'], "Unknown option '--colour'"],
    [['build', '.', 'other', '--out', 'x'], '"other" is one folder too many'],
    [['build', '.', '--out', 'x', '--thread', 'Not A Name'], '--thread must be 1 to 63 characters'],
    [['build', '.', '--out', 'x', '--version', '01'], '--version must be a whole number from 1'],
    [['build', '.'], '--out is needed'],
    [['publish', '.'], 'there is no command "publish"'],
    [['toString'], 'there is no command "toString"'],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const { code, stdout } = await runCommand([...args, '--json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(sentence);
  });

  it.each([[['--help']], [['build', '--help']], [['share', '--help']], [['verify', '--help']]])(
    'explains itself: %j',
    async (args) => {
      const { code, stdout, stderr } = await runCommand(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Usage: permaframe');
    },
  );
});

/** A module that makes the process believe in another date. */
const oldClock = `data:text/javascript,${encodeURIComponent(`
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...args) { args.length ? super(...args) : super(0); }
    static now() { return 0; }
  };
`)}`;

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFolder } from '../../../action/adapters/folder.ts';
import { MAX_DIAGNOSTICS } from '../../../action/contract/limits.ts';
import type { Snapshot } from '../../../action/core/snapshot.ts';
import { makeProjectFolder } from '../../support/project-folder.ts';
import { APP, snapshotOf } from '../../support/snapshots.ts';
import { withCode } from '../../support/store-contract.ts';

const PROJECT = { 'permaframe.json': JSON.stringify(APP), 'app.tsx': 'export default () => null;' };
const SECRET = 'a secret that lies beside the project';

const pathsOf = ({ files }: Snapshot) => [...files.keys()];

/** A project with a file beside it that is none of its business. */
async function makeProject(files: Readonly<Record<string, string>> = {}) {
  const project = await makeProjectFolder({ ...PROJECT, ...files });
  const secret = join(dirname(project.path), 'secret.ts');
  await writeFile(secret, SECRET);
  return { ...project, secret };
}

describe('a folder', () => {
  test('is read with its folders, empty files and executable files', async () => {
    await using project = await makeProject({ 'a/b/c.ts': '1', 'empty.ts': '', 'run.ts': '2' });
    await chmod(join(project.path, 'run.ts'), 0o755);
    await mkdir(join(project.path, 'empty'));
    const snapshot = await readFolder(project.path);
    expect(pathsOf(snapshot)).toEqual(['a/b/c.ts', 'app.tsx', 'empty.ts', 'permaframe.json', 'run.ts']);
    expect(new TextDecoder().decode(snapshot.files.get('a/b/c.ts')?.content)).toBe('1');
    expect(snapshot.warnings).toEqual([]);
  });

  test('gives the same hash as the same files in memory, wherever it lies', async () => {
    const files = { 'z.ts': '1', 'a/z.ts': '2', 'é "x".ts': '3' };
    await using one = await makeProject(files);
    await using two = await makeProject(Object.fromEntries(Object.entries(files).reverse()));
    const { hash } = await snapshotOf({ ...PROJECT, ...files });
    expect((await readFolder(one.path)).hash).toBe(hash);
    expect((await readFolder(two.path)).hash).toBe(hash);
  });

  test('may be given by a link', async () => {
    await using project = await makeProject();
    const link = join(dirname(project.path), 'link');
    await symlink(project.path, link);
    expect(pathsOf(await readFolder(link))).toEqual(['app.tsx', 'permaframe.json']);
  });

  test('keeps hidden files, installed packages and the .git of repositories inside it out', async () => {
    await using project = await makeProject({
      '.env': SECRET,
      '.git/config': SECRET,
      'node_modules/a/index.ts': SECRET,
      'vendor/.git': 'gitdir: /somewhere',
      'vendor/inner/.git/HEAD': SECRET,
      'vendor/inner/lib.ts': '1',
    });
    execFileSync('mkfifo', [join(project.path, 'node_modules/pipe')]);
    const snapshot = await readFolder(project.path);
    expect(pathsOf(snapshot)).toEqual(['app.tsx', 'permaframe.json', 'vendor/inner/lib.ts']);
    expect(snapshot.warnings).toEqual([]);
  });
});

describe('what is no regular file', () => {
  test('is left out, with a warning that names it, and never followed', async () => {
    await using project = await makeProject({ 'a/real.ts': '1' });
    const at = (path: string) => join(project.path, path);
    await symlink(project.secret, at('absolute.ts'));
    await symlink('../secret.ts', at('relative.ts'));
    await symlink('a/real.ts', at('inside.ts'));
    await symlink('a', at('folder'));
    await symlink('..', at('up'));
    await symlink('.', at('circle'));
    await symlink('nowhere', at('dangling.ts'));
    const snapshot = await readFolder(project.path);
    expect(pathsOf(snapshot)).toEqual(['a/real.ts', 'app.tsx', 'permaframe.json']);
    const names = ['absolute.ts', 'circle', 'dangling.ts', 'folder', 'inside.ts', 'relative.ts', 'up'];
    expect(snapshot.warnings.map(({ code, file }) => [code, file])).toEqual(
      names.map((name) => ['LINK_SKIPPED', name]),
    );
  });

  test('cannot stand in for the manifest or the entry', async () => {
    await using project = await makeProjectFolder({ 'permaframe.json': PROJECT['permaframe.json'] });
    await symlink('/etc/hostname', join(project.path, 'app.tsx'));
    await expect(readFolder(project.path)).rejects.toEqual(withCode('ENTRY_MISSING'));
  });

  test('does not hold up the reading when it is a pipe or a socket', async () => {
    await using project = await makeProject();
    execFileSync('mkfifo', [join(project.path, 'pipe.ts')]);
    await using server = createServer().listen(join(project.path, 'socket.ts'));
    await once(server, 'listening');
    const snapshot = await readFolder(project.path);
    expect(pathsOf(snapshot)).toEqual(['app.tsx', 'permaframe.json']);
    expect(snapshot.warnings.map(({ file }) => file)).toEqual(['pipe.ts', 'socket.ts']);
  });

  test('is named up to a limit, and counted beyond it', async () => {
    await using project = await makeProject();
    for (let i = 0; i < MAX_DIAGNOSTICS + 5; i++) await symlink('app.tsx', join(project.path, `link${i}.ts`));
    const { warnings } = await readFolder(project.path);
    expect(warnings).toHaveLength(MAX_DIAGNOSTICS + 1);
    expect(warnings.at(-1)?.message).toBe('5 more are not regular files and were left out');
  });

  test('has a name that no log or terminal obeys', async () => {
    await using project = await makeProject();
    await symlink('app.tsx', join(project.path, 'a\n::error::b\u001b[2J'));
    const [warning] = (await readFolder(project.path)).warnings;
    expect(warning?.file).toBe('"a\\n::error::b\\u001b[2J"');
  });
});

describe('a folder that cannot be read', () => {
  test('is named when it is missing', async () => {
    await expect(readFolder('/nowhere/at/all')).rejects.toEqual(withCode('FOLDER_UNREADABLE'));
    await expect(readFolder('/nowhere/at/all')).rejects.toThrow('/nowhere/at/all cannot be read');
  });

  test('is named when it is a file', async () => {
    await using project = await makeProject();
    await expect(readFolder(project.secret)).rejects.toEqual(withCode('FOLDER_UNREADABLE'));
  });

  test('is named when it lies inside the project', async () => {
    await using project = await makeProject();
    // Its path is longer than the system takes: root could read it otherwise.
    const name = 'n'.repeat(255);
    const long = join(
      project.path,
      ...Array.from({ length: Math.floor((4095 - project.path.length) / 256) }, () => name),
    );
    await mkdir(long, { recursive: true });
    execFileSync('mkdir', [name], { cwd: long });
    const error = await readFolder(long).catch((reason: unknown) => reason);
    execFileSync('rmdir', [name], { cwd: long });
    expect(error).toEqual(withCode('FOLDER_UNREADABLE'));
    expect((error as Error).message).toBe(`${name} cannot be read`);
  });
});

describe('a limit', () => {
  test('is checked before a file is read', async () => {
    await using project = await makeProject({ 'film.mp4': '' });
    // Nothing could read a terabyte in the time of a test.
    await truncate(join(project.path, 'film.mp4'), 1e12);
    await expect(readFolder(project.path)).rejects.toEqual(withCode('ASSET_TOO_LARGE'));
    await expect(readFolder(project.path)).rejects.toThrow('film.mp4: is 1000000 MB; the limit is 25 MB');
  });

  test('on the number of files says how many there are', async () => {
    await using project = await makeProject();
    const script = 'cd "$0" && seq -f a%g.ts 1999 | xargs touch';
    execFileSync('sh', ['-c', script, project.path]);
    await expect(readFolder(project.path)).rejects.toThrow('the project has 2001 files; the limit is 2000');
  });

  test('ends the listing of endless files and folders', async () => {
    await using project = await makeProject();
    const script = 'cd "$0" && seq -f a%g.ts 19900 | xargs touch && seq -f folder%g 200 | xargs mkdir';
    execFileSync('sh', ['-c', script, project.path]);
    const error = await readFolder(project.path).catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('TOO_MANY_FILES'));
    expect((error as Error).message).toBe('the project has more than 20000 files and folders; the limit is 2000 files');
  });
});

describe('a name', () => {
  test.each(['a\nb.ts', 'a\tb.ts', 'a\\b.ts', 'a\u007fb.ts', 'a\u2028b.ts'])('cannot be %j', async (name) => {
    await using project = await makeProject({ [name]: '1' });
    await expect(readFolder(project.path)).rejects.toEqual(withCode('PATH_INVALID'));
  });

  test.each(['a b.ts', '"quoted".ts', "it's.ts", 'a$b`c`.ts', '-rf.ts', 'a%20b#c?.ts', 'ünï/日本.ts', '🎬.ts'])(
    'can be %j',
    async (name) => {
      await using project = await makeProject({ [name]: '1' });
      expect(pathsOf(await readFolder(project.path))).toContain(name);
    },
  );

  test('must be UTF-8, or hidden', async () => {
    await using project = await makeProject();
    const at = (...name: number[]) => Buffer.concat([Buffer.from(`${project.path}/`), Buffer.from(name)]);
    await writeFile(at(0x2e, 0xff), '1');
    expect(pathsOf(await readFolder(project.path))).toEqual(['app.tsx', 'permaframe.json']);
    await mkdir(at(0x61, 0xff));
    await expect(readFolder(project.path)).rejects.toEqual(withCode('PATH_INVALID'));
    await expect(readFolder(project.path)).rejects.toThrow('"a\ufffd" cannot be a path of a project: it is not UTF-8');
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFolder } from '../../../action/adapters/folder.ts';
import { readCommit } from '../../../action/adapters/git.ts';
import type { Snapshot } from '../../../action/core/snapshot.ts';
import { makeRepository, type Repository } from '../../support/repository.ts';
import { APP } from '../../support/snapshots.ts';
import { withCode } from '../../support/store-contract.ts';

const PROJECT = { 'permaframe.json': JSON.stringify(APP), 'app.tsx': 'export default () => null;' };

let repository: Repository;
beforeEach(async () => {
  repository = await makeRepository();
  await repository.write(PROJECT);
});
afterEach(() => repository[Symbol.asyncDispose]());

const read = (revision = 'HEAD', folder = '') => readCommit({ repository: repository.path, revision, folder });
const pathsOf = ({ files }: Snapshot) => [...files.keys()];
const textOf = ({ files }: Snapshot, path: string) => new TextDecoder().decode(files.get(path)?.content);
const at = (path: string) => join(repository.path, path);

describe('a commit', () => {
  test('gives the same snapshot as the folder that was committed', async () => {
    await repository.write({ 'a/b.ts': '1', 'empty.ts': '', 'run.ts': '2', 'ünï/"q".ts': '3', '.hidden/x.ts': '4' });
    await repository.write({ 'public/bytes.png': Uint8Array.from({ length: 1000 }, (_, i) => i % 256) });
    await chmod(at('run.ts'), 0o755);
    await symlink('/etc/hostname', at('link.ts'));
    repository.commit();
    const fromCommit = await read();
    const fromFolder = await readFolder(repository.path);
    expect(pathsOf(fromCommit)).toEqual(pathsOf(fromFolder));
    expect(fromCommit.hash).toBe(fromFolder.hash);
    expect(fromCommit.warnings).toEqual(fromFolder.warnings);
    expect(fromCommit.files.get('public/bytes.png')?.content.byteLength).toBe(1000);
  });

  test('is read from objects: what the working tree and the index hold does not matter', async () => {
    repository.commit();
    await repository.write({ 'app.tsx': 'changed', 'new.ts': 'staged' });
    repository.git(['add', '-A']);
    await rm(at('permaframe.json'));
    expect(textOf(await read(), 'app.tsx')).toBe(PROJECT['app.tsx']);
    expect(pathsOf(await read())).toEqual(['app.tsx', 'permaframe.json']);
  });

  test('is found by branch, tag, hash, short hash and from a bare repository', async () => {
    const commit = repository.commit();
    repository.git(['branch', 'threads/one']);
    repository.git(['tag', '-a', 'v1', '-m', 'annotated']);
    await repository.write({ 'app.tsx': 'newer' });
    repository.commit();
    for (const revision of [commit, commit.slice(0, 10), 'threads/one', 'v1', 'HEAD~1', 'refs/tags/v1']) {
      expect(textOf(await read(revision), 'app.tsx')).toBe(PROJECT['app.tsx']);
    }
    const bare = `${repository.path}/bare.git`;
    repository.git(['clone', '-q', '--bare', '.', bare]);
    const fromBare = await readCommit({ repository: bare, revision: commit, folder: '' });
    expect(textOf(fromBare, 'app.tsx')).toBe(PROJECT['app.tsx']);
  });

  test('may have hashes of SHA-256', async () => {
    await using modern = await makeRepository('--object-format=sha256');
    await modern.write(PROJECT);
    const commit = modern.commit();
    expect(commit).toHaveLength(64);
    repository.commit();
    const snapshot = await readCommit({ repository: modern.path, revision: commit, folder: '' });
    expect(snapshot.hash).toBe((await read()).hash);
  });

  test('may be read in part: from a folder of it', async () => {
    await repository.write({ 'films/a b/app.tsx': '1', 'films/a b/permaframe.json': PROJECT['permaframe.json'] });
    const commit = repository.commit();
    for (const folder of ['films/a b', 'films/a b/']) {
      expect(pathsOf(await read(commit, folder))).toEqual(['app.tsx', 'permaframe.json']);
      expect(textOf(await read(commit, folder), 'app.tsx')).toBe('1');
    }
    expect(textOf(await read(commit, '.'), 'app.tsx')).toBe(PROJECT['app.tsx']);
  });

  test('is read without looking at variables of git, or at replacements of its objects', async () => {
    repository.commit();
    const other = repository.git(['hash-object', '-w', '--stdin'], 'replaced');
    repository.git(['replace', repository.git(['rev-parse', 'HEAD:app.tsx']), other]);
    process.env.GIT_DIR = '/nowhere';
    try {
      expect(textOf(await read(), 'app.tsx')).toBe(PROJECT['app.tsx']);
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

describe('a commit that cannot be read', () => {
  test.each([
    '',
    'missing',
    '-x',
    '--help',
    '--all',
    '-',
    'HEAD..HEAD',
    '^HEAD',
    'HEAD\n',
    'HEAD\0',
    'HEAD:app.tsx',
    '0'.repeat(40),
    '/etc/hostname',
  ])('is refused when its name is %j', async (revision) => {
    repository.commit();
    const error = await read(revision).catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('COMMIT_UNREADABLE'));
    expect((error as Error).message).not.toMatch(/\p{Cc}/u);
  });

  test.each(['missing', 'app.tsx', '../..', '/etc', 'link', 'a\nb', ':/', '-x'])(
    'is refused when its folder is %j',
    async (folder) => {
      await symlink('/etc', at('link'));
      repository.commit();
      await expect(read('HEAD', folder)).rejects.toEqual(withCode('COMMIT_UNREADABLE'));
    },
  );

  test('is refused when its folder is a submodule, even one whose commit the repository has', async () => {
    const foreign = repository.commit();
    repository.git(['checkout', '-q', '--orphan', 'other']);
    repository.git(['update-index', '--add', '--cacheinfo', `160000,${foreign},inner`]);
    repository.git(['commit', '-q', '-m', 'A submodule']);
    await expect(read('other', 'inner')).rejects.toEqual(withCode('COMMIT_UNREADABLE'));
  });

  test('is refused where there is no repository, without a word of where that is', async () => {
    await using empty = await makeRepository();
    await rm(join(empty.path, '.git'), { recursive: true });
    for (const path of [empty.path, '/nowhere/at/all']) {
      const error = await readCommit({ repository: path, revision: 'HEAD', folder: '' }).catch((reason) => reason);
      expect(error).toEqual(withCode('COMMIT_UNREADABLE'));
      expect(error.message).not.toContain(path);
    }
  });
});

describe('what is no regular file in a commit', () => {
  test('is left out: links, and submodules', async () => {
    await symlink('app.tsx', at('link.ts'));
    const commit = repository.commit();
    repository.git(['update-index', '--add', '--cacheinfo', `160000,${commit},inner`]);
    repository.git(['commit', '-q', '-m', 'A submodule']);
    const snapshot = await read();
    expect(pathsOf(snapshot)).toEqual(['app.tsx', 'permaframe.json']);
    expect(snapshot.warnings.map(({ code, file }) => [code, file])).toEqual([
      ['LINK_SKIPPED', 'inner'],
      ['LINK_SKIPPED', 'link.ts'],
    ]);
  });

  test('cannot stand in for the entry', async () => {
    await rm(at('app.tsx'));
    await symlink('permaframe.json', at('app.tsx'));
    repository.commit();
    await expect(read()).rejects.toEqual(withCode('ENTRY_MISSING'));
  });
});

/** A commit of a tree that git itself would not make. */
function commitByHand(entries: readonly [mode: string, name: string, object: string][]): string {
  const parts = entries.flatMap(([mode, name, object]) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(object, 'hex'),
  ]);
  const tree = repository.git(['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], Buffer.concat(parts));
  return repository.git(['commit-tree', tree, '-m', 'By hand']);
}

describe('a tree made by hand', () => {
  const blob = (path: string) => repository.git(['rev-parse', `HEAD:${path}`]);
  const project = (): [string, string, string][] => [
    ['100644', 'app.tsx', blob('app.tsx')],
    ['100644', 'permaframe.json', blob('permaframe.json')],
  ];

  test('cannot name a file twice', async () => {
    repository.commit();
    const commit = commitByHand([...project(), ['100755', 'app.tsx', blob('permaframe.json')]]);
    await expect(read(commit)).rejects.toEqual(withCode('PATH_INVALID'));
    await expect(read(commit)).rejects.toThrow('the commit has two files "app.tsx"');
  });

  test('cannot lead out of the project by its names', async () => {
    repository.commit();
    const names = ['..', '.git', '../x.ts', 'a/../../x.ts', './x.ts'];
    const entries = names.map((name): [string, string, string] => ['100644', name, blob('app.tsx')]);
    expect(pathsOf(await read(commitByHand([...entries, ...project()])))).toEqual(['app.tsx', 'permaframe.json']);
    for (const name of ['/etc/x.ts', 'a//x.ts', 'a\\x.ts']) {
      const commit = commitByHand([['100644', name, blob('app.tsx')], ...project()]);
      await expect(read(commit)).rejects.toEqual(withCode('PATH_INVALID'));
    }
  });

  test('cannot be endless: a few hundred bytes that list a hundred million files', async () => {
    repository.commit();
    let tree = repository.git(['rev-parse', 'HEAD^{tree}']);
    for (let level = 0; level < 8; level++) {
      const lines = Array.from({ length: 10 }, (_, i) => `040000 tree ${tree}\tf${i}`);
      tree = repository.git(['mktree'], `${lines.join('\n')}\n`);
    }
    await expect(read(tree)).rejects.toEqual(withCode('TOO_MANY_FILES'));
  });
});

describe('names and limits', () => {
  test.each(['a\nb.ts', 'a\tb.ts', 'a\\b.ts', 'a\u007fb.ts'])('%j cannot be a path', async (name) => {
    await repository.write({ [name]: '1' });
    repository.commit();
    await expect(read()).rejects.toEqual(withCode('PATH_INVALID'));
  });

  test.each(['"quoted" file.ts', "it's.ts", 'ünï/日本.ts', '-rf.ts', ':(exclude)a.ts', '*.ts'])(
    '%j can be a path',
    async (name) => {
      await repository.write({ [name]: '1' });
      repository.commit();
      expect(textOf(await read(), name)).toBe('1');
    },
  );

  test('a path that is not UTF-8 is refused, unless it is hidden', async () => {
    const bytes = (...name: number[]) => Buffer.concat([Buffer.from(`${repository.path}/`), Buffer.from(name)]);
    await writeFile(bytes(0x2e, 0xff), '1');
    repository.commit();
    expect(pathsOf(await read())).toEqual(['app.tsx', 'permaframe.json']);
    await writeFile(bytes(0x61, 0xff), '1');
    repository.commit();
    await expect(read()).rejects.toEqual(withCode('PATH_INVALID'));
    await expect(read()).rejects.toThrow('"a\ufffd" cannot be a path of a project: it is not UTF-8');
  });

  test('a file over the limit is refused by its size in the listing', async () => {
    await repository.write({ 'film.mp4': new Uint8Array(25_000_001) });
    repository.commit();
    await expect(read()).rejects.toThrow('film.mp4: is 25000001 bytes; the limit is 25000000 bytes');
  });
});

describe('a hostile repository', () => {
  test('executes nothing, whatever its configuration names', async () => {
    repository.commit();
    const marker = at('executed');
    const command = `touch ${marker}`;
    const hook = at('hooks/post-index-change');
    await repository.write({
      '.gitattributes': '* filter=x diff=x',
      'hooks/post-index-change': `#!/bin/sh\n${command}`,
    });
    await chmod(hook, 0o755);
    repository.commit();
    const settings = {
      'core.fsmonitor': command,
      'core.hooksPath': at('hooks'),
      'core.pager': command,
      'core.sshCommand': command,
      'core.editor': command,
      'core.alternateRefsCommand': command,
      'pager.ls-tree': command,
      'pager.cat-file': command,
      'alias.ls-tree': `!${command}`,
      'alias.cat-file': `!${command}`,
      'filter.x.smudge': command,
      'diff.x.textconv': command,
      'uploadpack.packObjectsHook': command,
      'credential.helper': `!${command}`,
    };
    for (const [key, value] of Object.entries(settings)) repository.git(['config', key, value]);
    expect(pathsOf(await read())).toContain('app.tsx');
    expect(existsSync(marker)).toBe(false);
  });

  test('cannot have what it lacks fetched, by commands of its own', async () => {
    repository.commit();
    const marker = at('executed');
    const blob = repository.git(['rev-parse', 'HEAD:app.tsx']);
    await rm(at(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`));
    const settings = {
      'core.repositoryFormatVersion': '1',
      'extensions.partialClone': 'origin',
      'remote.origin.promisor': 'true',
      'remote.origin.url': `ext::sh -c touch% ${marker}`,
      'protocol.ext.allow': 'always',
    };
    for (const [key, value] of Object.entries(settings)) repository.git(['config', key, value]);
    const error = await read().catch((reason: unknown) => reason);
    expect(error).toEqual(withCode('COMMIT_UNREADABLE'));
    expect(existsSync(marker)).toBe(false);
    // The same settings do execute the command for a git that does not refuse them.
    const plain = { env: { PATH: process.env.PATH }, cwd: repository.path, stdio: 'ignore' } as const;
    expect(() => execFileSync('git', ['cat-file', '-p', blob], plain)).toThrow();
    expect(existsSync(marker)).toBe(true);
  });

  test('cannot hold up a publish with a configuration that never ends', async () => {
    repository.commit();
    execFileSync('mkfifo', [at('pipe')]);
    repository.git(['config', 'include.path', at('pipe')]);
    const place = { repository: repository.path, revision: 'HEAD', folder: '' };
    await expect(readCommit(place, 300)).rejects.toEqual(withCode('COMMIT_UNREADABLE'));
  });
});

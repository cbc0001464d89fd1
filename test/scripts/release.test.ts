import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAction } from '../../scripts/build-action.ts';
import { commitRelease } from '../../scripts/release.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'permaframe-release-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = (repository: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim();

function digests(path: string): Record<string, string> {
  const names = readdirSync(path).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex'),
    ]),
  );
}

describe('the built action', () => {
  it('is the same bytes however often it is built', async () => {
    const { folder: built } = await buildAction();
    const first = digests(built);
    rmSync(built, { recursive: true });
    expect(digests((await buildAction()).folder)).toEqual(first);
    const others = ['compile-child.js', 'esbuild', 'index.js', 'licenses.txt', 'package.json'];
    expect(Object.keys(first)).toEqual([...others, 'remotion-child.js', 'render.js']);
  });

  it('holds nothing that must not be passed on, no path of this machine, and every licence', async () => {
    const { folder: built } = await buildAction();
    const licenses = readFileSync(join(built, 'licenses.txt'), 'utf8');
    for (const name of ['esbuild', 'zod', '@aws-sdk/client-s3', '@actions/core', 'undici']) {
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
    expect(licenses).not.toMatch(/remotion/i);
    for (const name of ['index.js', 'compile-child.js', 'render.js', 'remotion-child.js']) {
      const code = readFileSync(join(built, name), 'utf8');
      // Not matchers on the text: a failure would print megabytes.
      expect(code.includes(ROOT_FOLDER)).toBe(false);
      const imported = [...code.matchAll(/\bfrom ?["']([\w@:./-]+)["']/g)].map(([, name = '']) => name);
      // What a film is rendered in is a page in the text of the program.
      expect(imported.filter((name) => !isBuiltin(name) && name !== 'permaframe/render')).toEqual([]);
      execFileSync(process.execPath, ['--check', join(built, name)]);
    }
  });
});

describe('a release', () => {
  it('is a commit with the actions, what is built, and the workflows; made once for equal files', async () => {
    const repository = join(folder, 'bare.git');
    git(folder, 'init', '--quiet', '--bare', repository);
    const first = await commitRelease(repository);
    expect(first.isNew).toBe(true);
    expect(git(repository, 'rev-parse', 'refs/heads/release')).toBe(first.commit);
    const files = git(repository, 'ls-tree', '-r', '--format=%(objectmode) %(path)', first.commit).split('\n');
    expect(files).toEqual([
      '100644 .github/workflows/publish.yml',
      '100644 .github/workflows/render.yml',
      '100644 LICENSE',
      '100644 action/action.yml',
      '100644 action/dist/compile-child.js',
      '100755 action/dist/esbuild',
      '100644 action/dist/index.js',
      '100644 action/dist/licenses.txt',
      '100644 action/dist/package.json',
      '100644 action/dist/remotion-child.js',
      '100644 action/dist/render.js',
      '100644 action/render/action.yml',
      '100644 action/render/renderer/package-lock.json',
      '100644 action/render/renderer/package.json',
    ]);
    expect(await commitRelease(repository)).toEqual({ commit: first.commit, isNew: false });
  });

  it('touches neither the index nor the branch that is checked out', async () => {
    const repository = join(folder, 'work');
    git(folder, 'init', '--quiet', '--initial-branch=main', repository);
    git(
      repository,
      '-c',
      'user.name=T',
      '-c',
      'user.email=t@example.com',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'x',
    );
    const head = git(repository, 'rev-parse', 'HEAD');
    const { commit } = await commitRelease(repository, 'releases/v1', 'Release v1');
    expect(git(repository, 'rev-parse', 'HEAD')).toBe(head);
    expect(git(repository, 'status', '--porcelain')).toBe('');
    expect(git(repository, 'log', '-1', '--format=%s', commit)).toBe('Release v1');
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { snapshotMessage } from '../../../action/adapters/commit-message.ts';
import { blobId, treeId } from '../../../action/adapters/git-objects.ts';
import { createGitHub, type GitHub, type SnapshotToCommit } from '../../../action/adapters/github.ts';
import { snapshotOf, startTestGitHub, TEST_REPOSITORY, TEST_TOKEN, type TestGitHub } from '../../support/github.ts';

const first = { 'permaframe.json': '{"title":"Launch film"}', 'scenes/intro.tsx': 'export default () => null;\n' };

function posts(test: TestGitHub, path: string): number {
  return test.standIn.seen.filter((request) => request.method === 'POST' && request.path.endsWith(path)).length;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

describe('a snapshot commit', () => {
  it('holds exactly the files, byte for byte, under trailers that git reads', async () => {
    await using test = await startTestGitHub();
    const noise = randomBytes(100_000);
    const files = {
      ...first,
      'public/noise.bin': noise,
      'bom.txt': '\ufeffa\r\nb\n',
      'nul.txt': 'a\0b',
      'ünïcode – 日本.md': '✓',
    };
    const snapshot = await snapshotOf(files);
    const { kind, commit } = await test.github.commitSnapshot(snapshot);
    expect(kind).toBe('created');
    expect(test.git('rev-parse', 'refs/heads/threads/launch')).toBe(commit);
    expect(test.git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', commit).split('\n').sort()).toEqual(
      Object.keys(files).sort(),
    );
    for (const [path, content] of Object.entries(files)) {
      expect(test.git('rev-parse', `${commit}:${path}`)).toBe(blobId(Buffer.from(content)));
    }
    expect(test.git('log', '--format=%an|%ae|%at|%cn|%s|%P|%(trailers:only)', commit)).toBe(
      [
        'Ada Lovelace|ada@example.com|1795176000|Ada Lovelace|Version 1: Launch film||Permaframe-Thread: launch',
        'Permaframe-Version: 1',
        'Permaframe-Publish: publish1',
        `Permaframe-Snapshot: ${snapshot.snapshotHash}`,
      ].join('\n'),
    );
    expect(test.git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('shows as its diff what changed since the version before', async () => {
    await using test = await startTestGitHub();
    const one = await test.github.commitSnapshot(
      await snapshotOf({ ...first, 'old.md': 'old', 'same.bin': randomBytes(9) }),
    );
    const same = test.git('cat-file', 'blob', `${one.commit}:permaframe.json`);
    const changed = { 'permaframe.json': same, 'scenes/intro.tsx': 'export default () => 1;\n', 'new.md': 'new' };
    const two = await test.github.commitSnapshot(await snapshotOf(changed, { version: 2, publish: 'publish2' }));
    expect(test.git('rev-parse', `${two.commit}^`)).toBe(one.commit);
    expect(test.git('diff', '--no-renames', '--name-status', one.commit, two.commit)).toBe(
      'A\tnew.md\nD\told.md\nD\tsame.bin\nM\tscenes/intro.tsx',
    );
  });

  it('sends no content that GitHub has, and each new one once', async () => {
    await using test = await startTestGitHub();
    const [a, b] = [randomBytes(2_000_000), randomBytes(2_000_000)];
    await test.github.commitSnapshot(await snapshotOf({ ...first, 'a.png': a, 'copy.png': a }));
    expect(posts(test, '/git/blobs')).toBe(1);
    const second = await snapshotOf({ ...first, 'a.png': a, 'moved/b.png': b }, { version: 2 });
    await test.github.commitSnapshot(second);
    expect(posts(test, '/git/blobs')).toBe(2);
  });

  it('sends new text with the tree, and too much of it by itself', async () => {
    await using test = await startTestGitHub();
    const texts = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.md`, `${i}`.repeat(200_000)]));
    await test.github.commitSnapshot(await snapshotOf(texts));
    expect(posts(test, '/git/blobs')).toBe(3);
    expect(test.git('ls-tree', '--name-only', 'threads/launch').split('\n')).toHaveLength(8);
  });

  it('is made again from bytes when text did not arrive as it was sent', async () => {
    const damaging: typeof fetch = (url, init) => {
      const body = typeof init?.body === 'string' ? init.body.replaceAll('Launch film', 'Lunch film') : init?.body;
      return fetch(url, { ...init, ...(body === undefined ? {} : { body }) });
    };
    await using test = await startTestGitHub({ adapter: { fetch: damaging } });
    const { commit } = await test.github.commitSnapshot(await snapshotOf(first, { title: 'x' }));
    expect(test.git('cat-file', 'blob', `${commit}:permaframe.json`)).toBe(first['permaframe.json']);
  });

  it('is refused when a file is not what was saved, or the files are not the snapshot', async () => {
    await using test = await startTestGitHub();
    const snapshot = await snapshotOf(first);
    const damaged = snapshot.files.map((file) => ({ ...file, read: async () => new Uint8Array(3) }));
    expect(await failureOf(test.github.commitSnapshot({ ...snapshot, files: damaged }))).toMatchObject({
      code: 'INTERNAL',
    });
    expect(await failureOf(test.github.commitSnapshot({ ...snapshot, files: [] }))).toMatchObject({ code: 'INTERNAL' });
    expect(test.git('branch', '--list', 'threads/*')).toBe('');
  });

  it.each(['../x.md', '/etc/x', 'a//b', '.git/config', 'a/.git/hooks/x', 'GIT~1/config', 'a\nb', 'a\0b', 'a\\b'])(
    'is refused with the path %j',
    async (path) => {
      await using test = await startTestGitHub();
      const hostile = await snapshotOf({ ...first, [path]: 'x' });
      expect(await failureOf(test.github.commitSnapshot(hostile))).toMatchObject({ code: 'PATH_INVALID' });
      expect(test.standIn.seen).toEqual([]);
    },
  );

  it('is refused when a path is both a file and a folder', async () => {
    await using test = await startTestGitHub();
    const hostile = await snapshotOf({ a: 'x', 'a/b': 'y' });
    expect(await failureOf(test.github.commitSnapshot(hostile))).toMatchObject({ code: 'PATH_INVALID' });
  });
});

describe('finding a commit instead of making it twice', () => {
  it('happens when the same version is asked for again, by whatever publish', async () => {
    await using test = await startTestGitHub();
    const snapshot = await snapshotOf(first);
    const { commit } = await test.github.commitSnapshot(snapshot);
    expect(await test.github.commitSnapshot(snapshot)).toEqual({ kind: 'found', commit });
    expect(await test.github.commitSnapshot({ ...snapshot, publish: 'retry' })).toEqual({ kind: 'found', commit });
    await test.github.commitSnapshot(await snapshotOf({ ...first, 'b.md': 'b' }, { version: 2 }));
    expect(await test.github.commitSnapshot(snapshot)).toEqual({ kind: 'found', commit });
    expect(test.git('rev-list', '--count', 'threads/launch')).toBe('2');
  });

  it('does not happen for another thread, even with equal files', async () => {
    await using test = await startTestGitHub();
    const one = await test.github.commitSnapshot(await snapshotOf(first));
    const two = await test.github.commitSnapshot(await snapshotOf(first, { thread: 'other' }));
    expect(two.kind).toBe('created');
    expect(two.commit).not.toBe(one.commit);
  });

  it('refuses a version that was committed with other files', async () => {
    await using test = await startTestGitHub();
    await test.github.commitSnapshot(await snapshotOf(first));
    const other = await snapshotOf({ ...first, 'x.md': 'x' });
    expect(await failureOf(test.github.commitSnapshot(other))).toMatchObject({ code: 'ARTIFACT_CONFLICT' });
  });

  it.each([
    ['/git/refs', 'doThenReset'],
    ['/git/commits', 'doThenReset'],
    ['/git/trees', 'doThenTruncate'],
    ['/git/commits', 'doThenTruncate'],
  ] as const)('makes one commit when the answer of %s is lost (%s)', async (path, kind) => {
    await using test = await startTestGitHub();
    test.standIn.faults.push({ method: 'POST', path: new RegExp(`${path}$`), fault: { kind } });
    const { commit } = await test.github.commitSnapshot(await snapshotOf(first));
    expect(test.git('rev-list', '--all', '--not', 'main')).toBe(commit);
    expect(test.standIn.faults).toEqual([]);
  });

  it('lets the one win that was faster, and finds its commit', async () => {
    await using test = await startTestGitHub();
    const snapshot = await snapshotOf(first);
    const racers = Array.from({ length: 4 }, () => test.github.commitSnapshot(snapshot));
    const outcomes = await Promise.all(racers);
    expect(new Set(outcomes.map(({ commit }) => commit)).size).toBe(1);
    expect(test.git('rev-list', '--count', 'threads/launch')).toBe('1');
  });

  it.each([1, 2])('builds on whatever got in between, from version %d on', async (begin) => {
    await using test = await startTestGitHub();
    if (begin === 2) await test.github.commitSnapshot(await snapshotOf(first));
    const mine = await snapshotOf({ ...first, 'mine.md': 'x' }, { version: begin + 1, publish: 'mine' });
    const theirs = await snapshotOf({ ...first, 'theirs.md': 'x' }, { version: begin, publish: 'theirs' });
    const sneak = begin === 2 ? { ...theirs, version: 7 } : theirs;
    test.standIn.faults.push({
      path: /git\/refs/,
      fault: { kind: 'before', run: async () => void (await test.github.commitSnapshot(sneak)) },
    });
    const { commit } = await test.github.commitSnapshot(mine);
    expect(
      test.git('log', '--format=%(trailers:key=Permaframe-Publish,valueonly,separator=)', commit).split('\n'),
    ).toEqual(begin === 2 ? ['mine', 'theirs', 'publish1'] : ['mine', 'theirs']);
  });

  it('says so when GitHub never lets the branch be moved', async () => {
    await using test = await startTestGitHub({
      adapter: { clock: { now: Date.now, random: () => 0, sleep: async () => {} } },
    });
    const fault = { kind: 'answer', status: 422, body: { message: 'Repository rule violations found' } } as const;
    test.standIn.faults.push({ path: /git\/refs/, times: 99, fault });
    const error = await failureOf(test.github.commitSnapshot(await snapshotOf(first)));
    expect(error).toMatchObject({ code: 'DISPATCH_DENIED', message: expect.stringContaining('threads/launch') });
  });
});

describe('titles and names that want to be more', () => {
  const trailers = { thread: 'launch', version: 3, publish: 'p', snapshotHash: 'a'.repeat(64) };
  const forged = `Permaframe-Version: 9\nPermaframe-Snapshot: ${'b'.repeat(64)}`;

  it.each([
    `x\n\n${forged}`,
    `x\r\n\r\n${forged}`,
    `x\u2028\u2028${forged}`,
    `x\u0085\u0085${forged}`,
    forged,
    '',
    '   ',
    '--amend -m x',
    '# a comment',
    `${'long '.repeat(500)}${forged}`,
    '\u202egnp.exe',
    '\ud800',
  ])('leave the trailers alone: %j', async (title) => {
    await using test = await startTestGitHub();
    const snapshot = await snapshotOf(first, {
      title,
      author: { name: `<a>\n${forged} <x@y>`, email: `x@y>\n${forged}` },
    });
    const { commit } = await test.github.commitSnapshot(snapshot);
    const format = '--format=%(trailers:only,unfold)';
    expect(test.git('log', format, commit).split('\n')).toEqual([
      'Permaframe-Thread: launch',
      'Permaframe-Version: 1',
      'Permaframe-Publish: publish1',
      `Permaframe-Snapshot: ${snapshot.snapshotHash}`,
    ]);
    expect(test.git('log', '--format=%s', commit)).toMatch(/^Version 1(: .{1,60})?$/u);
    expect(test.git('log', '--format=%ae', commit)).toBe('nobody@permaframe.invalid');
    expect(test.git('fsck', '--strict', '--no-dangling')).toBe('');
    expect(await test.github.commitSnapshot(snapshot)).toEqual({ kind: 'found', commit });
  });

  it('notify nobody and link nothing', () => {
    const [line] = snapshotMessage('Thanks @ada, fixes #12 and acme/x#3', trailers).split('\n');
    expect(line).not.toMatch(/[@#]\w/);
    expect(line?.replaceAll('\u2060', '')).toBe('Version 3: Thanks @ada, fixes #12 and acme/x#3');
  });
});

describe('ids of git objects', () => {
  it('sort folders as git does', async () => {
    await using test = await startTestGitHub();
    const names = ['a.b', 'a/x', 'a-b', 'a0', 'ab/c', 'B', 'é', 'z/y/x/w', '\ud83d\ude00.md', '\uffee.md'];
    const { commit } = await test.github.commitSnapshot(await snapshotOf(Object.fromEntries(names.map((n) => [n, n]))));
    const blobs = new Map(names.map((name) => [name, blobId(Buffer.from(name))]));
    expect(treeId(blobs)).toBe(test.git('rev-parse', `${commit}^{tree}`));
  });
});

describe('a repository that is not there', () => {
  it('is reported as that', async () => {
    await using test = await startTestGitHub();
    const auth = { kind: 'token', token: TEST_TOKEN } as const;
    const elsewhere: GitHub = createGitHub({ apiUrl: test.standIn.apiUrl, repository: 'local/other', auth });
    const snapshot: SnapshotToCommit = await snapshotOf(first);
    expect(await failureOf(elsewhere.commitSnapshot(snapshot))).toMatchObject({ code: 'DISPATCH_MISSING' });
    expect(TEST_REPOSITORY).not.toBe('local/other');
  });
});

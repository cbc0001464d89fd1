import { describe, expect, test } from 'vitest';
import { snapshotHash } from '../../../../action/contract/snapshot-hash.ts';
import type { Answer, Build, FileContent } from '../../../../site-template/editor/compiler/protocol.ts';
import { CompilerSession, type SessionTools, unreachable } from '../../../../site-template/editor/compiler/session.ts';
import { compileFiles } from '../../../support/compiling.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { filmOf } from '../../../support/snapshots.ts';
import { wasmEsbuild } from '../../../support/wasm.ts';

const MANIFEST = filmOf('one', 'two');
const SCENE = "import { useCurrentFrame } from 'remotion';\nexport default () => <p>{useCurrentFrame()}</p>;";
const FILES: Record<string, string> = {
  'permaframe.json': JSON.stringify(MANIFEST),
  'scenes/one.tsx': SCENE,
  'scenes/two.tsx': SCENE,
};

const text = (content: string): FileContent => ({ kind: 'text', text: content });
const asPut = (files: Record<string, string>) =>
  Object.entries(files).map(([path, content]): [string, FileContent] => [path, text(content)]);

async function openSession(changes: Partial<SessionTools> = {}) {
  const { runtime } = await sharedRuntime();
  const answers: Answer[] = [];
  const session = new CompilerSession({
    esbuild: await wasmEsbuild(),
    loadRuntime: async () => runtime.manifest,
    readRuntimeFile: async (key) => new TextDecoder().decode(await runtime.read(key)),
    fetchBytes: () => Promise.reject(new Error('nothing is fetched here')),
    answer: (answer) => answers.push(answer),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    stepAside: () => new Promise((resolve) => setImmediate(resolve)),
    ...changes,
  });
  const change = (revision: number, files: Record<string, string>, remove: string[] = []) =>
    session.handle({ kind: 'change', revision, put: asPut(files), remove });
  return { session, answers, change };
}

function buildOf(answers: Answer[]): Build {
  const answer = answers.findLast(({ kind }) => ['compiled', 'checked', 'failed'].includes(kind));
  const early = answers.findLast((each) => each.kind === 'early');
  if (answer?.kind === 'checked' && early?.build.revision === answer.revision) return early.build;
  if (answer?.kind !== 'compiled') throw new Error(`not compiled: ${JSON.stringify(answer)}`);
  return answer.build;
}

function problemsOf(answers: Answer[]): string[] {
  const answer = answers.at(-1);
  if (answer?.kind !== 'failed') throw new Error(`not failed: ${JSON.stringify(answer)}`);
  return answer.diagnostics.map(({ code, file, line }) => `${code} ${file}:${line}`);
}

describe('a compiler in the editor', () => {
  test('compiles what a publish compiles, and says what a player needs', async () => {
    const { answers, change } = await openSession();
    await change(1, { ...FILES, 'public/data.json': '{}' });
    const build = buildOf(answers);
    expect(build.compiled).toEqual(await compileFiles({ ...FILES, 'public/data.json': '{}' }, MANIFEST));
    expect(build.film).toMatchObject({
      fps: 30,
      durationInFrames: 60,
      scenes: [
        { id: 'one', from: 0 },
        { id: 'two', from: 30 },
      ],
    });
    expect(Object.values(build.assets)).toEqual(['public/data.json']);
    expect(build.staticFiles).toEqual({ 'data.json': Object.keys(build.assets)[0] });
  });

  test('keeps what did not change, and forgets what was removed', async () => {
    const { answers, change } = await openSession();
    await change(1, { ...FILES, '.hidden/notes.txt': 'not a part of it' });
    await change(2, {
      'scenes/two.tsx': 'import { x } from "./x"; export default () => x;',
      'scenes/x.ts': 'export const x = 1;',
    });
    const changed = {
      ...FILES,
      'scenes/two.tsx': 'import { x } from "./x"; export default () => x;',
      'scenes/x.ts': 'export const x = 1;',
    };
    expect(buildOf(answers).compiled).toEqual(await compileFiles(changed, MANIFEST));
    await change(3, {}, ['scenes/x.ts']);
    expect(problemsOf(answers)).toEqual(['IMPORT_NOT_FOUND scenes/two.tsx:1']);
    await change(4, FILES);
    expect(buildOf(answers).compiled).toEqual(await compileFiles(FILES, MANIFEST));
    const hashes = await Promise.all(
      Object.entries(FILES).map(async ([path, content]) => ({ path, sha256: await sha256(content) })),
    );
    expect(buildOf(answers).hash).toBe(await snapshotHash(hashes));
  });

  test('answers early what can be seen, and takes it back when the check finds fault with it', async () => {
    const { answers, change } = await openSession();
    await change(1, FILES);
    await change(2, { 'scenes/one.tsx': 'export default () => 2;' });
    expect(answers.slice(2)).toMatchObject([
      { kind: 'early', build: { revision: 2 } },
      { kind: 'checked', revision: 2 },
    ]);
    await change(3, { 'scenes/one.tsx': "import { nothing } from 'remotion';\nexport default () => nothing;" });
    expect(answers.slice(4).map(({ kind }) => kind)).toEqual(['early', 'failed']);
    expect(problemsOf(answers)).toEqual(['EXPORT_NOT_FOUND scenes/one.tsx:1']);
    await change(4, { 'scenes/one.tsx': SCENE });
    expect(buildOf(answers).compiled).toEqual(await compileFiles(FILES, MANIFEST));
  });

  test('gives up a build for a newer edit: only the newest is answered', async () => {
    const { answers, change } = await openSession();
    const all = [1, 2, 3, 4, 5].map((n) => change(n, { ...FILES, 'scenes/one.tsx': `export default () => ${n};` }));
    await Promise.all(all);
    expect(answers.filter(({ kind }) => kind === 'compiled')).toHaveLength(1);
    expect(buildOf(answers).revision).toBe(5);
  });

  test('a limit, a field of the manifest and a scene without default export are reported as a publish would', async () => {
    const { answers, change } = await openSession();
    await change(1, { ...FILES, 'permaframe.json': JSON.stringify({ ...MANIFEST, fps: 0 }) });
    expect(problemsOf(answers)).toEqual(['MANIFEST_INVALID permaframe.json:undefined']);
    await change(2, { 'permaframe.json': JSON.stringify(MANIFEST), 'scenes/one.tsx': `//${'x'.repeat(300_000)}` });
    expect(problemsOf(answers)).toEqual(['SOURCE_FILE_TOO_LARGE scenes/one.tsx:undefined']);
    await change(3, { 'scenes/one.tsx': 'export const a = 1;' });
    expect(problemsOf(answers)).toEqual(['ENTRY_WITHOUT_DEFAULT_EXPORT scenes/one.tsx:undefined']);
  });

  test('asks for libraries again when they could not be loaded', async () => {
    const { runtime } = await sharedRuntime();
    let calls = 0;
    const loadRuntime = async () => {
      if (++calls === 1) throw unreachable('the runtime', new Error('offline'));
      return runtime.manifest;
    };
    const { answers, change } = await openSession({ loadRuntime });
    await change(1, FILES);
    expect(problemsOf(answers)).toEqual(['PAGE_UNREACHABLE undefined:undefined']);
    await change(1, {});
    expect(buildOf(answers).revision).toBe(1);
  });

  test('reads a large file by its name only, and a small one when it gets into a module', async () => {
    const fetched: string[] = [];
    const fetchBytes = async (url: string) => {
      fetched.push(url);
      return new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
    };
    const { session, answers } = await openSession({ fetchBytes });
    const picture = (bytes: number, url: string): FileContent => ({
      kind: 'binary',
      sha256: 'a'.repeat(64),
      bytes,
      source: url,
    });
    const scene = `import a from '../small.svg'; import b from '../large.png'; export default () => a + b;`;
    const put: [string, FileContent][] = [
      ...asPut({ ...FILES, 'scenes/one.tsx': scene }),
      ['small.svg', picture(42, 'https://files.test/small')],
      ['large.png', picture(50_000, 'https://files.test/large')],
    ];
    await session.handle({ kind: 'change', revision: 1, put, remove: [] });
    expect(fetched).toEqual(['https://files.test/small']);
    expect(buildOf(answers).assets).toEqual({ [`${'a'.repeat(64)}.png`]: 'large.png' });
  });

  test('a crash of esbuild is told apart from a mistake in the sources', async () => {
    const esbuild = await wasmEsbuild();
    const context = () => Promise.reject(new RangeError('Maximum call stack size exceeded'));
    const { answers, change } = await openSession({ esbuild: { ...esbuild, context } });
    await change(7, FILES);
    expect(answers.at(-1)).toEqual({ kind: 'crashed', revision: 7 });
  });
});

describe('an error of a module is found in the sources', () => {
  const THROWING = `import { useCurrentFrame } from 'remotion';
import { shared } from '../shared';

/** A comment. */
export default function Scene() {
  const frame = useCurrentFrame();
  if (frame > 3) throw new Error('on purpose: ' + shared(frame));
  return <p>{frame}</p>;
}`;

  test.each(['scenes/one.tsx', 'shared.ts'])('in %s', async (file) => {
    const { session, answers, change } = await openSession();
    const shared =
      "export function shared(n: number) {\n  if (n > 3) return [n].map((each) => String(each) + 'marker');\n  return n;\n}";
    await change(3, { ...FILES, 'scenes/one.tsx': THROWING, 'scenes/two.tsx': THROWING, 'shared.ts': shared });
    const { compiled } = buildOf(answers);
    const marker = file === 'shared.ts' ? 'marker' : 'on purpose';
    const module = compiled.modules.find((each) => each.text.includes(marker));
    if (!module) throw new Error('there is no such module');
    const position = { path: module.path, line: 1, column: module.text.indexOf(marker) + 1 };
    await session.handle({
      kind: 'locate',
      id: 1,
      revision: 3,
      positions: [{ ...position, path: 'elsewhere.js' }, position],
    });
    const line = file === 'shared.ts' ? 2 : 7;
    expect(answers.at(-1)).toMatchObject({ kind: 'located', id: 1, place: { file, line } });
    expect(answers.at(-1)).toHaveProperty('place.excerpt', expect.stringContaining(marker));
  });

  test('not for a revision that nobody remembers', async () => {
    const { session, answers } = await openSession();
    await session.handle({ kind: 'locate', id: 2, revision: 99, positions: [] });
    expect(answers.at(-1)).toEqual({ kind: 'located', id: 2, place: null });
  });
});

async function sha256(content: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}

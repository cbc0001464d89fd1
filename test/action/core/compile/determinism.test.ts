import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCompiler } from '../../../../action/adapters/esbuild.ts';
import { readFolder } from '../../../../action/adapters/folder.ts';
import type { Compiled } from '../../../../action/core/compile/compile.ts';
import { createSnapshot, type Snapshot } from '../../../../action/core/snapshot.ts';
import { compileSnapshot } from '../../../support/compiling.ts';
import { makeProjectFolder } from '../../../support/project-folder.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { contentsOf, filmOf } from '../../../support/snapshots.ts';

const range = (length: number) => Array.from({ length }, (_, i) => i);
const IDS = ['one', 'two', 'three'];
const MANIFEST = filmOf(...IDS);

const scene = (id: string, index: number) => `
import { AbsoluteFill, useCurrentFrame } from 'remotion';
import { House } from 'lucide-react';
import { pick } from '../shared/pick';
import { state } from '../shared/state-${index % 2}';
import picture from '../images/picture.svg';
import styles from './${id}.module.css';
import '../shared/base.css';
export const later = () => import('../shared/later-${index}');
export default function Scene() {
  return <AbsoluteFill className={styles.title}><House />{useCurrentFrame()}{pick(${index})}{state.n}
    <img src={picture} alt={process.env.NODE_ENV} /></AbsoluteFill>;
}`;

/** Scenes that share code, styles and assets, load each other in circles, and have modules with equal text. */
const FILES: Record<string, string> = {
  'permaframe.json': JSON.stringify(MANIFEST),
  ...Object.fromEntries(IDS.map((id, index) => [`scenes/${id}.tsx`, scene(id, index)])),
  ...Object.fromEntries(
    IDS.map((id) => [`scenes/${id}.module.css`, `.title { composes: b from '../shared/b.module.css' } .x {}`]),
  ),
  ...Object.fromEntries(
    range(3).map((i) => [
      `shared/later-${i}.ts`,
      `export * from './later-${(i + 1) % 3}'; export const n${i} = import('../scenes/one');`,
    ]),
  ),
  ...Object.fromEntries(range(40).map((i) => [`shared/n${i}.ts`, `export const n${i} = ${i};`])),
  'shared/pick.ts': `${range(40)
    .map((i) => `import { n${i} } from './n${i}';`)
    .join('\n')}
    export const pick = (i: number) => [${range(40).map((i) => `n${i}`)}][i] + import.meta.env.MODE;`,
  'shared/state-0.ts': 'export const state = { n: 0 };',
  'shared/state-1.ts': 'export const state = { n: 0 };',
  'shared/base.css': '@import "./a.css" print; p { background: url(../images/picture.svg) }',
  'shared/a.css': 'a { top: 0 }',
  'shared/b.module.css': '.b { top: 0 }',
  'images/picture.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(12_000)}--></svg>`,
  'public/data.json': '{}',
};

async function compileInChild(snapshot: Snapshot): Promise<Compiled> {
  await using compiler = createCompiler((await sharedRuntime()).runtime);
  return compiler.compile(snapshot);
}

const snapshotOfFiles = (files: Record<string, string>) => createSnapshot(contentsOf(files));
const bytesOf = (compiled: Compiled) => JSON.stringify(compiled);

const before = { cwd: process.cwd(), env: { ...process.env } };
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  process.chdir(before.cwd);
  for (const name of ['TZ', 'LANG', 'LC_ALL', 'HOME', 'TMPDIR']) {
    if (before.env[name] === undefined) delete process.env[name];
    else process.env[name] = before.env[name];
  }
});

describe('the same snapshot gives the same bytes', () => {
  test('again and again, and many at once', async () => {
    const snapshot = await snapshotOfFiles(FILES);
    const first = await compileSnapshot(snapshot);
    expect(first.modules.length).toBeGreaterThan(8);
    expect([first.assets, first.warnings]).toEqual([['images/picture.svg'], []]);
    const all = await Promise.all(range(8).map(() => compileSnapshot(snapshot)));
    for (const compiled of all) expect(bytesOf(compiled)).toBe(bytesOf(first));
  });

  test('in whatever order its files come', async () => {
    const entries = Object.entries(FILES);
    const orders = [entries, [...entries].reverse(), entries.toSorted(([a], [b]) => (b > a ? -1 : 1))];
    const all = await Promise.all(
      orders.map(async (order) => bytesOf(await compileSnapshot(await snapshotOfFiles(Object.fromEntries(order))))),
    );
    expect(new Set(all).size).toBe(1);
  });

  test('at another time, by other chance, in another place, of another person, in another language', async () => {
    const one = bytesOf(await compileInChild(await snapshotOfFiles(FILES)));
    await using project = await makeProjectFolder(FILES, 'a folder with another name');
    const elsewhere = await mkdtemp(join(tmpdir(), 'permaframe-elsewhere-'));
    try {
      await mkdir(join(elsewhere, 'deep/er'), { recursive: true });
      process.chdir(join(elsewhere, 'deep/er'));
      Object.assign(process.env, { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' });
      Object.assign(process.env, { HOME: elsewhere, TMPDIR: join(elsewhere, 'deep') });
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-02-03') });
      vi.spyOn(Math, 'random').mockReturnValue(0.5);
      expect(bytesOf(await compileInChild(await readFolder(project.path)))).toBe(one);
    } finally {
      process.chdir(before.cwd);
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  test('in this process as in a child', async () => {
    const snapshot = await snapshotOfFiles(FILES);
    expect(bytesOf(await compileSnapshot(snapshot))).toBe(bytesOf(await compileInChild(snapshot)));
  });
});

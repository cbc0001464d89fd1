import * as native from 'esbuild';
import { describe, expect, test } from 'vitest';
import { readFolder } from '../../../../action/adapters/folder.ts';
import { type Compiled, compile, type Esbuild } from '../../../../action/core/compile/compile.ts';
import { toCompileInput } from '../../../../action/core/compile/input.ts';
import type { Snapshot } from '../../../../action/core/snapshot.ts';
import { listExamples } from '../../../../scripts/bench/examples.ts';
import { createIncremental } from '../../../../site-template/editor/compiler/incremental.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { snapshotOf } from '../../../support/snapshots.ts';
import { MANIFEST, threeScenes } from '../../../support/tree.ts';
import { wasmEsbuild } from '../../../support/wasm.ts';
import { circles, everyLoader } from './projects.ts';

const PROJECTS: Record<string, () => Promise<Snapshot>> = {
  ...Object.fromEntries(listExamples().map(({ name, folder }) => [`the example ${name}`, () => readFolder(folder)])),
  'three scenes': () => snapshotOf(threeScenes(), MANIFEST),
  'modules in circles': () => snapshotOf(circles.files, circles.manifest),
  'every kind of file': () => snapshotOf(everyLoader.files, everyLoader.manifest),
};

async function compileWith(esbuild: Esbuild, snapshot: Snapshot): Promise<Compiled> {
  const { runtime } = await sharedRuntime();
  const readText = async (key: string) => new TextDecoder().decode(await runtime.read(key));
  return compile(esbuild, toCompileInput(snapshot), { manifest: runtime.manifest, readText });
}

/** The snapshot after an edit that leaves it a project. */
async function edited(snapshot: Snapshot): Promise<Snapshot> {
  const files = [...snapshot.files].map(([path, { content }]): [string, Uint8Array] => [path, content]);
  const contents = Object.fromEntries(files);
  const path = Object.keys(contents).find((each) => each.endsWith('.tsx')) ?? '';
  const source = `${new TextDecoder().decode(contents[path])}\nglobalThis.edited = 1;\n`;
  return snapshotOf({ ...contents, [path]: source }, snapshot.manifest);
}

describe('WebAssembly and native esbuild give the same bytes', () => {
  test.each(Object.keys(PROJECTS))('for %s', async (name) => {
    const snapshot = await (PROJECTS[name] as () => Promise<Snapshot>)();
    const expected = await compileWith(native, snapshot);
    expect(expected.modules.length).toBeGreaterThan(0);
    expect(await compileWith(await wasmEsbuild(), snapshot)).toEqual(expected);
  });

  test.each(Object.keys(PROJECTS))('rebuilding %s after an edit, and after taking it back', async (name) => {
    const esbuild = createIncremental(await wasmEsbuild());
    const before = await (PROJECTS[name] as () => Promise<Snapshot>)();
    const after = await edited(before);
    const expected = [await compileWith(native, before), await compileWith(native, after)];
    expect(expected[0]).not.toEqual(expected[1]);
    for (const [snapshot, same] of [
      [before, 0],
      [after, 1],
      [after, 1],
      [before, 0],
    ] as const) {
      expect(await compileWith(esbuild, snapshot)).toEqual(expected[same]);
    }
  });
});

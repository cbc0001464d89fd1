import type { BuildOptions, BuildResult } from 'esbuild';
import * as native from 'esbuild';
import { describe, expect, test } from 'vitest';
import { compile, type Esbuild } from '../../../../action/core/compile/compile.ts';
import { toCompileInput } from '../../../../action/core/compile/input.ts';
import { Passes } from '../../../../site-template/editor/compiler/passes.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { type Files, filmOf, snapshotOf } from '../../../support/snapshots.ts';

const FILES: Files = {
  'scenes/one.tsx': "import './one.css';\nexport default () => <p>one</p>;",
  'scenes/one.css': 'p { color: red }',
  'scenes/two.css': 'p { color: blue }',
};

/** Counts the builds that bundle. */
function counting() {
  const counts = { bundled: 0 };
  const build = (options: BuildOptions): Promise<BuildResult> => {
    if (options.bundle) counts.bundled++;
    return native.build(options);
  };
  return { counts, esbuild: { build: build as Esbuild['build'] } };
}

async function compileBy(passes: Passes, changes: Files = {}) {
  const { runtime } = await sharedRuntime();
  const readText = async (key: string) => new TextDecoder().decode(await runtime.read(key));
  const snapshot = await snapshotOf({ ...FILES, ...changes }, filmOf('one'));
  return compile(passes.esbuild, toCompileInput(snapshot), { manifest: runtime.manifest, readText });
}

async function firstCheck() {
  const passes = new Passes(native, null);
  await compileBy(passes);
  return passes.check;
}

describe('a compilation that takes over the check of an earlier state', () => {
  test('is the same as one that does not, at half the builds', async () => {
    const edit = { 'scenes/one.tsx': "import './one.css';\nexport default () => <p>edited</p>;" };
    const { counts, esbuild } = counting();
    const passes = new Passes(esbuild, await firstCheck());
    const early = await compileBy(passes, edit);
    expect([passes.isEarly, counts.bundled]).toEqual([true, 1]);
    expect(await passes.confirm()).toBe(true);
    expect(counts.bundled).toBe(2);
    expect(early).toEqual(await compileBy(new Passes(native, null), edit));
  });

  test.each<[string, Files]>([
    [
      'a library has no such name',
      { 'scenes/one.tsx': "import { nope } from 'remotion';\nexport default () => nope;" },
    ],
    [
      'a style is used in another order',
      { 'scenes/one.tsx': "import './two.css';\nimport './one.css';\nexport default () => null;" },
    ],
    [
      'a scene has lost its default export',
      { 'scenes/one.tsx': "import './one.css';\nexport const scene = () => null;" },
    ],
  ])('is not confirmed when %s', async (_, edit) => {
    const passes = new Passes(native, await firstCheck());
    await compileBy(passes, edit);
    expect(passes.isEarly).toBe(true);
    expect(await passes.confirm()).toBe(false);
  });

  test('is a whole one when there are other entries', async () => {
    const { runtime } = await sharedRuntime();
    const passes = new Passes(native, await firstCheck());
    const files = { ...FILES, 'scenes/two.tsx': 'export default () => null;' };
    const snapshot = await snapshotOf(files, filmOf('one', 'two'));
    const readText = async (key: string) => new TextDecoder().decode(await runtime.read(key));
    await compile(passes.esbuild, toCompileInput(snapshot), { manifest: runtime.manifest, readText });
    expect(passes.isEarly).toBe(false);
    expect(passes.check).not.toBeNull();
  });

  test('of a film that needs React is not to be had: it was checked with Preact first', async () => {
    const passes = new Passes(native, null);
    await compileBy(passes, { 'scenes/one.tsx': "import '@react-three/fiber';\nexport default () => null;" });
    expect(passes.check).toBeNull();
  });
});

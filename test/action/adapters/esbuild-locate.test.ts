import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { locateInSnapshot } from '../../../action/adapters/esbuild.ts';
import { positionsInStack } from '../../../action/core/compile/locate.ts';
import type { Runtime } from '../../../action/core/ports.ts';
import { compileSnapshot } from '../../support/compiling.ts';
import { sharedRuntime } from '../../support/runtime.ts';
import { type Files, filmOf, snapshotOf } from '../../support/snapshots.ts';
import { MEMORY_BOMBS } from './bombs.ts';
import { temporaryFolder } from './sandboxes.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = (await sharedRuntime()).runtime;
});

/** Two scenes share a file, so it becomes a module of its own: naming it moves what stands behind its import. */
const FILM: Files = {
  'scenes/one.tsx': `import { rows } from '../shared/rows';

/** Größe, 😀: characters of more than one byte. */
const title: string = 'één 😀';

export default function Scene() {
  const parts = rows(title);
  return parts;
}`,
  'scenes/two.tsx': `import { rows } from '../shared/rows';
import { step } from '../shared/step';
export default function Two() {
  return rows('two').concat(step(4));
}`,
  'shared/rows.ts': `// Helps.
export function rows(title: string): string[] {
  const inner = (character: string): string => {
    if (character === 'é') {
      const how = ['on', 'purpose'];
      return [1].map(() => { throw new Error(how.join(' ')); })[0] ?? '';
    }
    return character;
  };
  return [...title].map(inner);
}`,
  'shared/step.ts': `export const step = (n: number): string => (null as unknown as { name: (n: number) => string }).name(n);`,
};

/** What a scene throws when an artifact's own modules are run, as a browser or Node writes it. */
async function thrownBy(files: Files, scene: string): Promise<string> {
  await using folder = await temporaryFolder();
  const { modules, scenes } = await compileSnapshot(await snapshotOf(files, filmOf('one', 'two')));
  for (const { path, text } of modules) {
    const file = join(folder.path, 'projects', 'a-project', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
  const url = pathToFileURL(join(folder.path, 'projects', 'a-project', scenes[scene] ?? ''));
  // Not in this process: what runs the tests would change the module.
  const run = `const module = await import(process.argv[1]); try { module.default(); } catch (error) { console.log(error.stack); }`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', run, url.href]);
  return stdout;
}

describe('an error of an artifact is found in the files of its snapshot', () => {
  test('where a nested function threw, in a file that scenes share', async () => {
    const stack = await thrownBy(FILM, 'one');
    const line = (FILM['shared/rows.ts'] as string).split('\n')[5] as string;
    expect(await locateInSnapshot(await snapshotOf(FILM, filmOf('one', 'two')), runtime, stack)).toEqual({
      file: 'shared/rows.ts',
      line: 6,
      column: line.indexOf('new Error') + 1,
      excerpt: line,
    });
  });

  test('where something else than a throw failed', async () => {
    const stack = await thrownBy(FILM, 'two');
    const place = await locateInSnapshot(await snapshotOf(FILM, filmOf('one', 'two')), runtime, stack);
    expect(place).toMatchObject({ file: 'shared/step.ts', line: 1 });
    expect((FILM['shared/step.ts'] as string).slice(0, place?.column)).toMatch(/name: .*\.n$/);
  });

  test('in the scene itself, when what is deeper is no file of the snapshot', async () => {
    const stack = await thrownBy(FILM, 'one');
    const frames = stack.split('\n').filter((line) => !line.includes('/modules/'));
    const place = await locateInSnapshot(await snapshotOf(FILM, filmOf('one', 'two')), runtime, frames.join('\n'));
    expect(place).toMatchObject({ file: 'scenes/one.tsx', line: 7, excerpt: '  const parts = rows(title);' });
  });

  test('and nowhere, when no frame is of such a module', async () => {
    const snapshot = await snapshotOf(FILM, filmOf('one', 'two'));
    const sha = 'a'.repeat(64);
    for (const stack of [
      '',
      'Error: no frames',
      'at x (http://127.0.0.1:1/runtime/film.js:1:20)',
      `at x (http://127.0.0.1:1/projects/p/modules/${sha}.js:1:20)`,
      `at x (http://127.0.0.1:1/projects/p/../../etc/passwd:1:20)`,
    ]) {
      expect(await locateInSnapshot(snapshot, runtime, stack)).toBeNull();
    }
  });
});

describe('locating does no harm', () => {
  const frame = `at x (http://127.0.0.1/projects/p/modules/${'b'.repeat(64)}.js:1:20)\n`;

  test('with a trace that is made to be long', () => {
    const started = performance.now();
    expect(positionsInStack(frame.repeat(100_000))).toHaveLength(50);
    expect(positionsInStack('/projects/'.repeat(1_000_000))).toEqual([]);
    expect(positionsInStack(`/projects/p/scenes/${'x'.repeat(1_000_000)}`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('with files that do not compile, or take too much', async () => {
    expect(await locateInSnapshot(await snapshotOf({ 'app.tsx': 'export default (' }), runtime, frame)).toBeNull();
    const [bomb = {}] = Object.values(MEMORY_BOMBS);
    const options = { memoryBytes: 300_000_000 };
    expect(await locateInSnapshot(await snapshotOf(bomb), runtime, frame, options)).toBeNull();
  });

  test('when it is aborted', async () => {
    const reason = new Error('enough');
    const locating = locateInSnapshot(await snapshotOf(FILM, filmOf('one', 'two')), runtime, frame, {
      signal: AbortSignal.abort(reason),
    });
    await expect(locating).rejects.toBe(reason);
  });
});

/** Compiles in this process: the same code as in the child, without its limits, in milliseconds. */
import * as esbuild from 'esbuild';
import type { Diagnostic } from '../../action/contract/diagnostics.ts';
import { isPermaframeError, type PermaframeError } from '../../action/contract/errors.ts';
import { type Compiled, compile } from '../../action/core/compile/compile.ts';
import { toCompileInput } from '../../action/core/compile/input.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';
import { sharedRuntime } from './runtime.ts';
import { APP, type Files, snapshotOf } from './snapshots.ts';

export async function compileSnapshot(snapshot: Snapshot): Promise<Compiled> {
  const { runtime } = await sharedRuntime();
  const readText = async (key: string) => new TextDecoder().decode(await runtime.read(key));
  return compile(esbuild, toCompileInput(snapshot), { manifest: runtime.manifest, readText });
}

export async function compileFiles(files: Files, manifest: object = APP): Promise<Compiled> {
  return compileSnapshot(await snapshotOf(files, manifest));
}

/** The error of files that do not compile. */
export async function refusalOf(files: Files, manifest: object = APP): Promise<PermaframeError> {
  try {
    await compileFiles(files, manifest);
  } catch (error) {
    if (isPermaframeError(error)) return error;
    throw error;
  }
  throw new Error('this compiles');
}

/** Code, file, line and column of each problem. */
export async function placesOf(files: Files, manifest: object = APP): Promise<string[]> {
  const { diagnostics } = await refusalOf(files, manifest);
  return diagnostics.map(formatProblem);
}

export function formatProblem({ code, file, line, column }: Diagnostic): string {
  return `${code} ${[file, line, column].filter((part) => part !== undefined).join(':')}`;
}

/** The text of the module at a path, or of the entry. */
export function textOf(compiled: Compiled, path = compiled.entry): string {
  const module = compiled.modules.find((each) => each.path === path);
  if (!module) throw new Error(`there is no module ${path}`);
  return module.text;
}

/** The text of a scene's module. */
export function sceneOf(compiled: Compiled, id: string): string {
  return textOf(compiled, compiled.scenes[id] ?? '');
}

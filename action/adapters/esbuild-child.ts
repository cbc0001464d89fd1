/** The process that compiles one snapshot and ends. Its parent sets the limits: see esbuild.ts. */
import { readFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import { isPermaframeError } from '../contract/errors.ts';
import type { RuntimeManifest } from '../contract/runtime.ts';
import { type CompileInput, compile } from '../core/compile/compile.ts';
import type { ChildAnswer } from './esbuild.ts';

interface Job {
  input: CompileInput;
  runtime: RuntimeManifest;
  /** Inlined libraries: key → file. */
  sources: Record<string, string>;
}

process.once('message', (job: Job) => void run(job));
process.once('disconnect', () => process.exit(0));

async function run({ input, runtime, sources }: Job): Promise<void> {
  const readText = (key: string) => readFile(sources[key] ?? '', 'utf8');
  answer(await attempt(() => compile(esbuild, input, { manifest: runtime, readText })));
}

async function attempt(work: () => ReturnType<typeof compile>): Promise<ChildAnswer> {
  try {
    return { kind: 'compiled', compiled: await work() };
  } catch (error) {
    if (!isPermaframeError(error)) return { kind: 'crashed' };
    return { kind: 'refused', code: error.code, message: error.message, diagnostics: [...error.diagnostics] };
  }
}

function answer(message: ChildAnswer): void {
  process.send?.(message, () => process.exit(0));
}

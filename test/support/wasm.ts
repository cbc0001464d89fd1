/** esbuild as WebAssembly, as the editor runs it, in this process. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SessionTools } from '../../site-template/editor/compiler/session.ts';

let started: Promise<SessionTools['esbuild']> | undefined;

export function wasmEsbuild(): Promise<SessionTools['esbuild']> {
  started ??= start();
  return started;
}

async function start(): Promise<SessionTools['esbuild']> {
  // What a worker has, and Node has not.
  Object.assign(globalThis, { self: globalThis });
  await import('../../site-template/editor/compiler/soon.ts');
  const esbuild = await import('esbuild-wasm/esm/browser.js');
  const path = fileURLToPath(import.meta.resolve('esbuild-wasm/esbuild.wasm'));
  const wasmModule = await WebAssembly.compile(await readFile(path));
  await esbuild.initialize({ wasmModule, worker: false });
  return esbuild;
}

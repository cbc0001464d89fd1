/** The compiler's worker: its composition root. */
import './soon.ts';
import * as esbuild from 'esbuild-wasm/esm/browser.js';
import { runtimeManifestSchema } from '../../../action/contract/runtime.ts';
import type { Answer, Request } from './protocol.ts';
import { CompilerSession, unreachable } from './session.ts';

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(answer: Answer): void;
};

/** What a page takes until a state is seen, in milliseconds. */
const DRAWING = 80;

let session: Promise<CompilerSession> | undefined;

scope.onmessage = ({ data }) => {
  if (data.kind === 'start') session = start(data);
  // What fails here is a bug, or the end of esbuild: the editor hears of it as of any error of a worker.
  else session?.then((started) => started.handle(data)).catch(reportError);
};

async function start({ wasm, publicUrl, runtimeKey }: Extract<Request, { kind: 'start' }>): Promise<CompilerSession> {
  const fetchText = async (key: string): Promise<string> => (await fetchOrFail(`${publicUrl}/${key}`, key)).text();
  const created = new CompilerSession({
    esbuild,
    loadRuntime: async () => runtimeManifestSchema.parse(JSON.parse(await fetchText(runtimeKey))),
    readRuntimeFile: fetchText,
    fetchBytes: async (url) => new Uint8Array(await (await fetchOrFail(url, 'a file of the project')).arrayBuffer()),
    answer: (answer) => scope.postMessage(answer),
    breathe: nextTask,
    stepAside: () => new Promise((resolve) => setTimeout(resolve, DRAWING)),
  });
  await Promise.all([
    esbuild.initialize({ wasmModule: wasm, worker: false }),
    // Without a network it is tried again with the first change.
    created.prepare().catch(() => {}),
  ]);
  return created;
}

async function fetchOrFail(url: string, what: string): Promise<Response> {
  const response = await fetch(url).catch((error) => {
    throw unreachable(what, error);
  });
  if (!response.ok) throw unreachable(what, new Error(`answered with ${response.status}`));
  return response;
}

const channel = new MessageChannel();

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
}

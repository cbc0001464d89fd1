/** Compiler and preview in a page of their own, beside a server that has the runtime, as the edge has it. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { fileTypeOf } from '../../action/contract/content-types.ts';
import type { Runtime } from '../../action/core/ports.ts';
import type { Snapshot } from '../../action/core/snapshot.ts';

const PAGE = fileURLToPath(new URL('./preview-page/', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../site-template/editor/vite.config.ts', import.meta.url));
const IMMUTABLE = 'public, max-age=31536000, immutable';

export interface PreviewStack extends AsyncDisposable {
  url: string;
  /** Requests for files of the runtime, in order. */
  runtimeRequests: string[];
  /** What the page opens from now on. */
  setProject(snapshot: Snapshot): void;
}

/** @param runtime that the edge has */
export async function startPreviewStack(runtime: Runtime): Promise<PreviewStack> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-preview-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  await build({ configFile: CONFIG, root: PAGE, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const runtimeRequests: string[] = [];
  const edge = started.use(await serve(edgeOf(runtime, runtimeRequests)));
  const config = {
    convexUrl: 'http://127.0.0.1:9',
    signInUrl: 'http://127.0.0.1:9',
    audience: 'nobody',
    publicUrl: edge.url,
    runtime: runtime.manifestKey,
  };
  let project: Snapshot | undefined;
  const page = started.use(await serve(pageOf(folder, config, () => project)));
  const owned = started.move();
  return {
    url: `${page.url}/`,
    runtimeRequests,
    setProject: (snapshot) => {
      project = snapshot;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function edgeOf(runtime: Runtime, requests: string[]): RequestListener {
  return async ({ url = '' }, response) => {
    const key = url.slice(1);
    requests.push(key);
    const body = await runtime.read(key).catch(() => null);
    const type = fileTypeOf(key)?.contentType ?? 'text/plain';
    const headers = { 'access-control-allow-origin': '*', 'cache-control': IMMUTABLE, 'content-type': type };
    response.writeHead(body ? 200 : 404, headers).end(body);
  };
}

const TYPES: Readonly<Record<string, string>> = { '.wasm': 'application/wasm', '.svg': 'image/svg+xml' };

function pageOf(folder: string, config: object, project: () => Snapshot | undefined): RequestListener {
  return async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://page');
    const path = decodeURIComponent(pathname.slice(1)) || 'index.html';
    const send = (type: string, body: string | Uint8Array): void => {
      const caching = path.startsWith('assets/') ? IMMUTABLE : 'no-cache';
      response.writeHead(200, { 'content-type': type, 'cache-control': caching }).end(body);
    };
    if (path === 'config.json') return send('application/json', JSON.stringify(config));
    if (path === 'project.json') return send('application/json', JSON.stringify(listFiles(project())));
    const file = path.startsWith('project/') ? project()?.files.get(path.slice(8))?.content : undefined;
    const body = file ?? (await readFile(join(folder, path)).catch(() => null));
    if (!body) return void response.writeHead(404).end();
    send(fileTypeOf(path)?.contentType ?? TYPES[extname(path)] ?? 'application/octet-stream', body);
  };
}

function listFiles(snapshot: Snapshot | undefined): object[] {
  return [...(snapshot?.files.values() ?? [])].map(({ path, sha256, content }) => {
    const isText = fileTypeOf(path)?.use !== 'asset';
    return {
      path,
      sha256,
      bytes: content.byteLength,
      ...(isText ? { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(content) } : {}),
    };
  });
}

async function serve(listener: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

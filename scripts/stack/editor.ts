/** The editor on the local stack: built when its sources have changed, and served as the static files that it is. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { ROOT_FOLDER, STATE_FOLDER } from '../state.ts';

const EDITOR_FOLDER = join(ROOT_FOLDER, 'site-template', 'editor');
const CACHE_FOLDER = join(STATE_FOLDER, 'editor');
/** Everything that the editor is made from, besides the packages that the lock file pins. */
const SOURCES = ['editor', 'examples', 'runtime', 'page'].map((part) => `site-template/${part}`);
const SHARED_SOURCES = ['action/contract', 'action/core', 'convex/_generated'];
/** Builds that are kept: other branches, and processes that still serve one. */
const KEPT_BUILDS = 3;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** What `config.json` says; site-template/editor/config.ts reads it. */
export interface EditorConfig {
  convexUrl: string;
  signInUrl: string;
  audience: string;
  publicUrl: string;
  runtime: string;
}

export interface EditorServer extends AsyncDisposable {
  url: string;
}

/** @param folder that {@link ensureEditor} gave */
export async function startEditor(folder: string, port: number, config: EditorConfig): Promise<EditorServer> {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(folder, name)).isFile()) files.set(`/${name}`, join(folder, name));
  }
  const configText = JSON.stringify(config);
  const answer = async ({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(url, 'http://editor');
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end();
    if (pathname === '/config.json') return send(response, 200, '.json', 'no-cache', configText);
    const path = pathname === '/' ? '/index.html' : pathname;
    const file = files.get(path);
    if (file === undefined) return send(response, 404, '.txt', 'no-cache', 'not found');
    const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    send(response, 200, extname(path), caching, await readFile(file));
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, status: number, type: string, caching: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': TYPES[type] ?? 'application/octet-stream',
    'cache-control': caching,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}

/**
 * The folder of the editor for these sources. Builds it if need be, which takes some seconds.
 * Two processes may build at once: the first to finish is kept.
 */
export async function ensureEditor(log: (line: string) => void = () => {}): Promise<string> {
  const folder = join(CACHE_FOLDER, cacheKey());
  if (existsSync(folder)) return folder;
  log('Building the editor …');
  const { build } = await import('vite');
  await mkdir(CACHE_FOLDER, { recursive: true });
  const draft = await mkdtemp(join(CACHE_FOLDER, '.draft-'));
  try {
    const options = { outDir: draft, emptyOutDir: true };
    await build({ configFile: join(EDITOR_FOLDER, 'vite.config.ts'), logLevel: 'error', build: options });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  await removeOldBuilds();
  return folder;
}

async function removeOldBuilds(): Promise<void> {
  const names = (await readdir(CACHE_FOLDER)).filter((name) => !name.startsWith('.'));
  const ageOf = (name: string) => -(statSync(join(CACHE_FOLDER, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const old = names.sort((a, b) => ageOf(a) - ageOf(b)).slice(KEPT_BUILDS);
  await Promise.all(old.map((name) => rm(join(CACHE_FOLDER, name), { recursive: true, force: true })));
}

function cacheKey(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT_FOLDER, 'package-lock.json')));
  for (const source of [...SOURCES, ...SHARED_SOURCES]) {
    const names = readdirSync(join(ROOT_FOLDER, source), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((path) => !/(^|\/)(dist|node_modules|\.wrangler)(\/|$)/.test(path)).sort()) {
      const path = join(ROOT_FOLDER, source, name);
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
        hash.update(`\n${source}/${name}\n`).update(readFileSync(path));
      }
    }
  }
  return hash.digest('hex').slice(0, 32);
}

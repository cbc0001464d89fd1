/** Serves one React page to a browser on this machine: bundled by esbuild, as any editor's bundler would. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageServer extends AsyncDisposable {
  url: string;
}

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Share</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css"><style>:root { color-scheme: light dark }
body { margin: 0; background: light-dark(#f4f3ee, #101413); color: light-dark(#19201d, #e9eeeb); font-family: system-ui }
main { display: flex; align-items: center; justify-content: space-between; padding: 10px 16px }
h1 { font-size: 16px }</style></head><body><div id="root"></div><script type="module" src="page.js"></script></body></html>`;

/**
 * @param entry a module beside this one
 * @param answer answers what is not the page itself; by default there is nothing else
 */
export async function servePage(
  entry: string,
  answer: (url: URL) => Promise<string | null> = async () => null,
): Promise<PageServer> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: '/',
    entryNames: 'page',
  });
  const files = new Map(outputFiles.map((file) => [file.path, file.text]));
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const text = url.pathname === '/' ? PAGE : (files.get(url.pathname) ?? (await answer(url)));
    const type = url.pathname.endsWith('.js')
      ? 'text/javascript'
      : url.pathname.endsWith('.css')
        ? 'text/css'
        : 'text/html';
    response.writeHead(text === null ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(text ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

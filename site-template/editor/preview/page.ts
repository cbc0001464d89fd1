/** The page of a preview frame, as Vite serves and builds it: one file, with its script inside, on any static host. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';
import { STAGE_ID } from '../../page/page-data.ts';
import { PREVIEW_PAGE } from './page-name.ts';

const SCRIPT = fileURLToPath(new URL('./frame/frame.ts', import.meta.url));
const STYLE = `html,body{height:100%}body{margin:0}
[data-starter=film] #${STAGE_ID}{position:fixed!important;inset:0!important;margin:0!important}
[data-starter=app] #${STAGE_ID}{height:100%}`;

/** As on the published page, but no host at all is reached: whatever is shown here is handed over by the editor. */
const POLICY = [
  'default-src data: blob:',
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  "object-src 'none'",
  "frame-src 'none'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

async function renderPreviewPage(): Promise<string> {
  const result = await build({
    entryPoints: [SCRIPT],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2023',
    charset: 'utf8',
    write: false,
    logLevel: 'silent',
  });
  const script = (result.outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Preview</title>
<style>${STYLE}</style>
</head>
<body>
<div id="${STAGE_ID}"></div>
<script>${script}</script>
</body>
</html>
`;
}

/** Adds the page to what Vite serves and builds. */
export function previewPage(): Plugin {
  return {
    name: 'permaframe-preview-page',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: PREVIEW_PAGE, source: await renderPreviewPage() });
    },
    configureServer(server) {
      server.middlewares.use(`/${PREVIEW_PAGE}`, async (_request, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end(await renderPreviewPage());
      });
    },
  };
}

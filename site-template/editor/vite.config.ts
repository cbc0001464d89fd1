/** Builds the editor to static files, which any host of static files can serve beside `config.json`. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { esbuildMemory } from './compiler/memory.ts';
import { previewPage } from './preview/page.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the editor can lie below any path.
  base: './',
  plugins: [react(), previewPage()],
  worker: { format: 'es', plugins: () => [esbuildMemory()] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Fonts and pictures of the examples are fetched as files, also the small ones.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});

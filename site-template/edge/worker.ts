/** Binds the edge to Cloudflare: the only file that reads bindings, variables and the clock. */
import { brotliCompressSync, constants } from 'node:zlib';
import { handle } from './handler.ts';
import { newObjectMemory } from './objects.ts';
import { addToPage } from './page-rewriter.ts';
import type { Compress } from './respond.ts';
import { parseSettings, type Settings } from './settings.ts';
import { newControlMemory } from './thread-controls.ts';

/** See wrangler.jsonc. */
interface Env {
  ARTIFACTS: R2Bucket;
  PUBLIC_URL?: string;
  LINK_KEYS?: string;
}

// These live as long as the isolate, and serve every request that reaches it.
const objects = newObjectMemory();
const controls = newControlMemory();
let settings: Settings | undefined;
let cache: Cache | undefined;

/** A window that holds any page, so that none larger is cleared for it. As a power of two, in bytes. */
const WINDOW = 16;

const compress: Compress = (content, effort) => {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: effort === 'best' ? constants.BROTLI_MAX_QUALITY : 9,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength,
  };
  return new Uint8Array(brotliCompressSync(content, { params }));
};

/** Bindings never change within an isolate. */
function readSettings(env: Env): Settings {
  const parsed = parseSettings(env);
  for (const problem of parsed.problems) console.error(problem);
  return parsed;
}

export default {
  async fetch(request, env, context) {
    settings ??= readSettings(env);
    // A cache of its own: what a fetch or another Worker keeps cannot be taken for an object.
    cache ??= await caches.open('permaframe-objects');
    return handle(request, {
      bucket: env.ARTIFACTS,
      cache,
      settings,
      objects,
      controls,
      now: () => Date.now(),
      defer: (work) => context.waitUntil(work),
      addToPage,
      compress,
      clientAcceptEncoding: request.cf?.clientAcceptEncoding,
    });
  },
} satisfies ExportedHandler<Env>;

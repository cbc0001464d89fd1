/** Brotli, natively. */
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Encode } from '../core/ports.ts';

const compress = promisify(brotliCompress);
/** Above this size the best quality takes longer than it saves a viewer, in bytes. */
const BEST_QUALITY_BYTES = 500_000;
const QUICK_QUALITY = 6;

export const encodeBrotli: Encode = (body) =>
  compress(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]:
        body.byteLength <= BEST_QUALITY_BYTES ? constants.BROTLI_MAX_QUALITY : QUICK_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
    },
  });

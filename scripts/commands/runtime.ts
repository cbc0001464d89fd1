/** `permaframe runtime push`: brings the shared libraries into the store, once, so that runs install nothing. */
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { checkStore, createObjectStore } from '../../action/adapters/r2.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import { formatBytes } from '../../action/contract/limits.ts';
import { uploadRuntime } from '../../action/core/upload.ts';
import { type Command, readArguments } from '../command.ts';
import { formatMilliseconds } from '../output.ts';
import { readStoreConfig } from '../pipeline.ts';
import { ensureRuntime } from '../runtime-cache.ts';

const HELP = `Usage: permaframe runtime push [--json]

Builds the libraries that projects may import, stores them, and prints the key of their manifest: the value of the
variable PERMAFRAME_RUNTIME of the repository whose workflow publishes. Pages that were published with an earlier
runtime keep it; nothing of it is ever removed.

  --json   print one JSON document: {runtime, uploaded, skipped, uploadedBytes, timings}

Settings, from the environment: PERMAFRAME_S3_ENDPOINT, PERMAFRAME_S3_BUCKET, PERMAFRAME_S3_ACCESS_KEY_ID,
PERMAFRAME_S3_SECRET_ACCESS_KEY.

Exit code: 0 done, 1 your mistake, 2 the system's.
`;

export const command: Command = {
  help: HELP,
  async run(args, { terminal, signal, env }) {
    const { operand } = readArguments(args, 'task', {});
    if (operand !== 'push')
      throw new PermaframeError('USAGE', `a runtime can be pushed, not ${JSON.stringify(operand)}`);
    const begin = performance.now();
    const config = readStoreConfig(env);
    await checkStore(config);
    const runtime = await openRuntime(await ensureRuntime((line) => terminal.progress(line)));
    using store = createObjectStore(config);
    const { uploaded, skipped, uploadedBytes } = await uploadRuntime(runtime, { store, encode: encodeBrotli, signal });
    const timings = { total: Math.round(performance.now() - begin) };
    const what = uploaded === 0 ? 'was there already' : `${uploaded} files, ${formatBytes(uploadedBytes)}`;
    return {
      json: { runtime: runtime.manifestKey, uploaded, skipped, uploadedBytes, timings },
      lines: [runtime.manifestKey, `The runtime is in the store (${what}), in ${formatMilliseconds(timings.total)}.`],
    };
  },
};

/** Store and edge of the local stack, in a folder of their own that is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStoreConfig, type StoreConfig } from '../../action/adapters/store-config.ts';
import { startStoreAndEdge } from '../../scripts/stack/store-and-edge.ts';
import { type Finished, runCommand, storeEnvironment } from './command.ts';

export interface TestStack extends AsyncDisposable {
  publicUrl: string;
  config: StoreConfig;
  env: Record<string, string>;
  /** Runs `permaframe` with this stack's settings. */
  permaframe(...args: string[]): Promise<Finished>;
}

/** Takes about three seconds. */
export async function startTestStack(): Promise<TestStack> {
  await using started = new AsyncDisposableStack();
  const stateFolder = await mkdtemp(join(tmpdir(), 'permaframe-stack-'));
  started.defer(() => rm(stateFolder, { recursive: true, force: true, maxRetries: 3 }));
  const stack = started.use(await startStoreAndEdge({ stateFolder, port: 0 }));
  const config = parseStoreConfig(stack.store);
  const env = storeEnvironment(config, stack.publicUrl);
  const owned = started.move();
  return {
    publicUrl: stack.publicUrl,
    config,
    env,
    permaframe: (...args) => runCommand(args, env),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

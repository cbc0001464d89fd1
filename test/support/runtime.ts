/** The built runtime, shared by all suites: global-setup.ts has built it before the first of them. */
import { openRuntime } from '../../action/adapters/runtime.ts';
import type { Runtime } from '../../action/core/ports.ts';
import { ensureRuntime } from '../../scripts/runtime-cache.ts';

export interface SharedRuntime {
  runtime: Runtime;
  folder: string;
}

let opened: Promise<SharedRuntime> | undefined;

export function sharedRuntime(): Promise<SharedRuntime> {
  opened ??= open();
  return opened;
}

async function open(): Promise<SharedRuntime> {
  const folder = await ensureRuntime(() => {});
  return { folder, runtime: await openRuntime(folder) };
}

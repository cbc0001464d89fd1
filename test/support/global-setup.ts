/** Once per run, before the suites: the runtime that most of them compile against. */
import { ensureRuntime } from '../../scripts/runtime-cache.ts';

export default async function setup(): Promise<void> {
  await ensureRuntime((line) => process.stderr.write(`${line}\n`));
}

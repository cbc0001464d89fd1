/** The process in the sandbox: does one job with `@remotion/renderer`, and says how far it is on standard output. */
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { combine } from './remotion-combine.ts';
import { failureOf } from './remotion-failures.ts';
import { type JobMessage, type RemotionJob, TEMPORARY_LINK } from './remotion-job.ts';
import { renderChunks } from './remotion-render.ts';

const [, , path = ''] = process.argv;

function say(message: JobMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

try {
  await symlink(join(dirname(path), 'tmp'), TEMPORARY_LINK);
  const job: RemotionJob = JSON.parse(await readFile(path, 'utf8'));
  if (job.kind === 'render') await renderChunks(job, say);
  else say({ kind: 'combined', probe: await combine(job) });
} catch (error) {
  say({ kind: 'failed', ...failureOf(error) });
  process.exitCode = 1;
}
// Remotion may leave timers behind.
process.stdout.write('', () => process.exit());

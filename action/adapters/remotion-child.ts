/** The process in the sandbox: does one job with `@remotion/renderer`, and says how far it is on standard output. */
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkChunks } from './remotion-check.ts';
import { combine } from './remotion-combine.ts';
import { failureOf } from './remotion-failures.ts';
import { type JobMessage, type RemotionJob, TEMPORARY_LINK } from './remotion-job.ts';
import { renderChunks } from './remotion-render.ts';

const [, , path = ''] = process.argv;

function say(message: JobMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function fail(error: unknown): void {
  say({ kind: 'failed', ...failureOf(error) });
  // Once it is said. Remotion may leave timers behind.
  process.stdout.write('', () => process.exit(1));
}

async function run(job: RemotionJob): Promise<void> {
  switch (job.kind) {
    case 'render':
      return renderChunks(job, say);
    case 'combine':
      return say({ kind: 'combined', probe: await combine(job) });
    case 'check':
      return checkChunks(job, say);
  }
}

// Some of what Remotion's servers do is nobody's promise: fetching a sound or a film that is not there throws in them.
process.on('uncaughtException', fail);
try {
  await symlink(join(dirname(path), 'tmp'), TEMPORARY_LINK);
  await run(JSON.parse(await readFile(path, 'utf8')));
  process.stdout.write('', () => process.exit());
} catch (error) {
  fail(error);
}

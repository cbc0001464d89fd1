/** A step with `run:` — its text goes into a file, the file to a shell. Nothing is put into the text but by expressions. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { resolveText, type Scope } from './expressions.ts';
import { type Execution, StepFailure } from './job-session.ts';
import { runProcess } from './step-process.ts';
import { KNOWN_SHELLS } from './unsupported.ts';
import type { StepDefinition } from './workflow.ts';

/** As GitHub calls them. Where no shell is named, a failure within a pipe goes unnoticed there, so it does here. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['bash', '-e'],
  bash: ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail'],
  sh: ['sh', '-e'],
};

export async function runScript(
  step: Extract<StepDefinition['kind'], { kind: 'run' }>,
  execution: Execution,
  scope: Scope,
): Promise<void> {
  const { frame, log } = execution;
  const { session } = frame;
  // The job's defaults do not reach into a composite action.
  const defaults = frame.actionPath === null ? session.defaults : { shell: undefined, workingDirectory: undefined };
  const [shellToken, folderToken] = [step.shell ?? defaults.shell, step.workingDirectory ?? defaults.workingDirectory];
  const shell = shellToken === undefined ? '' : resolveText(shellToken, scope);
  const [file, ...flags] = SHELLS[shell] ?? [];
  if (file === undefined) {
    throw new StepFailure(`the shell \`${shell}\` is not supported here: ${KNOWN_SHELLS.join(', ')} are`);
  }
  const text = resolveText(step.run, scope);
  const folder = folderToken === undefined ? '' : resolveText(folderToken, scope);
  const script = join(session.folders.temp, `${randomUUID()}.sh`);
  await mkdir(session.folders.temp, { recursive: true });
  await writeFile(script, `${text.replaceAll('\r\n', '\n')}\n`);
  log.say(`##[group]Run ${text.trim().split('\n')[0] ?? ''}`);
  for (const line of text.trimEnd().split('\n')) log.say(line);
  log.say(`shell: ${[file, ...flags].join(' ')} {0}`);
  log.say('##[endgroup]');
  try {
    await runProcess(execution, {
      file,
      args: [...flags, script],
      cwd: resolvePath(session.folders.workspace, folder),
    });
  } finally {
    await rm(script, { force: true });
  }
}

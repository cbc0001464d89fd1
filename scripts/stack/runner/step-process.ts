/** One process of a step, and what it says by its command files. */
import { createCommandFiles } from './command-files.ts';
import { type Execution, environmentOf, StepFailure } from './job-session.ts';

/**
 * Runs a process of a step, and takes over what it wrote to its command files.
 * @throws StepFailure when it ends with another code than 0, or says something that is refused
 */
export async function runProcess(
  execution: Execution,
  command: { file: string; args: readonly string[]; cwd: string; extra?: Record<string, string> },
): Promise<void> {
  const { frame, log, signal } = execution;
  const { session } = frame;
  const files = await createCommandFiles(session.folders.files);
  const env = environmentOf(execution, { ...command.extra, ...files.environment });
  const onLine = (line: string) => log.takeLine(line);
  const { file, args, cwd } = command;
  const code = await session.processes.run({ file, args, cwd, env, onLine, signal }).catch((error) => {
    throw new StepFailure(messageOf(error), { cause: error });
  });
  const written = await files.collect();
  Object.assign(execution.outputs, written.outputs);
  Object.assign(execution.state, written.state);
  Object.assign(session.added.variables, written.variables);
  session.added.paths.push(...written.paths);
  if (written.summary !== '') session.summary.push(session.masks.apply(written.summary));
  const refusal = log.refusal();
  if (refusal !== null) throw new StepFailure(refusal);
  if (code !== 0) throw new StepFailure(`Process completed with exit code ${code}.`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `permaframe`: picks the command, and turns whatever happens into output and an exit code. */
import { ERRORS, isPermaframeError, PermaframeError } from '../action/contract/errors.ts';
import type { Command, Terminal } from './command.ts';
import { describeError, printError } from './output.ts';

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  build: () => import('./commands/build.ts'),
  render: () => import('./commands/render.ts'),
  runtime: () => import('./commands/runtime.ts'),
  share: () => import('./commands/share.ts'),
  verify: () => import('./commands/verify.ts'),
};

const HELP = `permaframe turns a project folder into a permanent share link.

Usage: permaframe <command> [options]

  build <folder> --out <dir>   write the artifact's files to disk
  share <folder>               publish the folder, print its link
  render <url>                 make a video of what a link shows
  verify <url>                 check that a link serves what was published
  runtime push                 store the libraries that projects may import, for the workflow

  permaframe <command> --help  tells what a command takes
`;

/**
 * @param args without node and script
 * @returns 0 done, 1 the user's mistake, 2 the system's
 */
export async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  const json = args.includes('--json');
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new PermaframeError('USAGE', 'interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const terminal: Terminal = {
    progress: (line) => void process.stderr.write(`${line}\n`),
    print: (text) => void process.stdout.write(`${text}\n`),
  };
  try {
    return await run(args, json, terminal, interrupt.signal);
  } catch (error) {
    const known = isPermaframeError(error)
      ? error
      : new PermaframeError('INTERNAL', `unexpected: ${String(error)}`, { cause: error });
    if (json) terminal.print(JSON.stringify({ error: describeError(known) }, null, 2));
    else printError(known, terminal);
    return ERRORS[known.code].fault === 'user' ? 1 : 2;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function run(args: readonly string[], json: boolean, terminal: Terminal, signal: AbortSignal): Promise<0> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.print(HELP.trimEnd());
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new PermaframeError('USAGE', `there is no command ${JSON.stringify(name)}`);
  const { command } = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help.trimEnd());
    return 0;
  }
  const result = await command.run(rest, { terminal, signal, env: process.env });
  if (json) terminal.print(JSON.stringify(result.json, null, 2));
  else for (const line of result.lines) terminal.print(line);
  return 0;
}
